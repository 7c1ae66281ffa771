internal import Trimtab

/// A training log of JSON objects: one a line, in a list, or Hugging Face's state of a trainer.
struct JSONLog: Sendable {
  enum Shape: Sendable { case lines, list, sequence, history }

  let shape: Shape
  private(set) var names: LoggedNames
  private(set) var way = StepNumbering.Way.rows
  private(set) var named: [(quantity: String, name: String)] = []
  private(set) var notes: [String] = []

  /// Nil where the front is not that of such a log.
  init?(_ front: LogFront, loss: String?) {
    guard let shape = JSONLog.shape(front) else { return nil }
    self.shape = shape
    let stream = MemoryStream(front.bytes, from: front.markCount)
    var pass = JSONPass(LoggedNames(loss: loss), StepNumbering(.rows))
    pass.surveys = true
    JSONLog.walk(shape, stream, &pass) { _, _ in true }
    // One object over many lines is what a program says at its end.
    if shape == .sequence, pass.lossCount < 2 { return nil }
    names = pass.parser.names
    guard let (choice, candidates) = names.settle() else { return nil }
    way = choice[.step] != nil ? .steps : pass.epochsRise && choice[.epoch] != nil ? .epochs : .rows
    named = choice.columns(candidates, way: way)
    notes = choice.notes
    if way == .epochs { notes.append("steps are epochs") }
    if way == .rows { notes.append("the log does not number its steps: its rows are counted from 0") }
  }

  private static func shape(_ front: LogFront) -> Shape? {
    let first = front.bytes.dropFirst(front.markCount).first { $0 > 32 }
    if first == UInt8(ascii: "[") { return .list }
    guard first == UInt8(ascii: "{") else { return nil }
    var lineCount = 0
    var wholeCount = 0
    var beginsWhole = false
    front.forEachLine { line in
      guard line.contains(where: { $0 > 32 }) else { return true }
      lineCount += 1
      var scanner = JSONScanner(line, takesPythonWords: true)
      if line.first(where: { $0 > 32 }) == UInt8(ascii: "{"), scanner.skip(), scanner.isAtEnd() { wholeCount += 1 }
      if lineCount == 1 { beginsWhole = wholeCount == 1 }
      return lineCount < 64
    }
    let hasHistory = contains(front.bytes, "\"log_history\"")
    if hasHistory, lineCount == 0 || wholeCount <= 1 { return .history }
    if beginsWhole || wholeCount > 0 && 2 * wholeCount >= lineCount { return .lines }
    return lineCount > 1 ? .sequence : nil
  }

  private static func contains(_ bytes: [UInt8], _ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      (0...(bytes.count - count)).contains { start in
        bytes[start] == word.utf8Start[0] && (1..<count).allSatisfy { bytes[start + $0] == word.utf8Start[$0] }
      }
    }
  }

  func forEachRow(
    _ file: InputFile, _ front: (isCompressed: Bool, markCount: Int), progress: (Int, Int) -> Void,
    _ body: (LogRow) throws -> Void
  ) throws -> LogReading {
    let (stream, region) = try LogFront.open(file, isCompressed: front.isCompressed)
    var pass = JSONPass(names, StepNumbering(way))
    pass.reading.columns = named
    var told = 0
    var thrown: (any Error)?
    JSONLog.walk(shape, stream, &pass) { rows, byteCount in
      do { for row in rows { try body(row) } } catch { thrown = error }
      if byteCount - told > 1 << 20 {
        told = byteCount
        progress(region.offset, file.byteCount)
      }
      return thrown == nil
    }
    if let thrown { throw thrown }
    progress(file.byteCount, file.byteCount)
    return pass.finish()
  }

  /// Hands on the rows of each line or object until `take` answers false.
  private static func walk(
    _ shape: Shape, _ stream: any ByteStream, _ pass: inout JSONPass, _ take: ([LogRow], Int) -> Bool
  ) {
    var failure: FormatError?
    defer { pass.reading.failure = failure }
    guard shape != .lines else {
      let lines = LineReader(stream, takesReturns: true, longestLine: LogFront.longestLine)
      while lines.goOn(&failure, { pass.takeLine($0, lines) }), take(pass.rows, lines.byteCount) {}
      return
    }
    let objects = JSONObjectReader(
      stream, at: shape == .list ? .document : shape == .history ? .key("log_history") : .sequence)
    while objects.goOn(&failure, { pass.takeObject($0, objects) }), take(pass.rows, objects.byteCount) {}
    if objects.isTorn, pass.reading.tornLine == nil { pass.reading.tornLine = objects.line }
  }
}

extension JSONObjectReader {
  /// `next`, with what it throws kept: the rows before it stand.
  func goOn(_ failure: inout FormatError?, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Bool {
    do throws(FormatError) { return try next(body) } catch {
      failure = error
      return false
    }
  }
}
