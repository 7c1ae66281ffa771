internal import Trimtab

extension TableLog {
  func forEachRow(
    _ file: InputFile, _ front: (isCompressed: Bool, markCount: Int), progress: (Int, Int) -> Void,
    _ body: (LogRow) throws -> Void
  ) throws -> LogReading {
    let (stream, region) = try LogFront.open(file, isCompressed: front.isCompressed)
    let lines = LineReader(stream, takesReturns: true, longestLine: LogFront.longestLine)
    var pass = TablePass(self)
    var told = 0
    var failure: FormatError?
    while lines.goOn(&failure, { pass.take($0, lines) }) {
      if let row = pass.row { try body(row) }
      if lines.number & 0xfff == 0 || lines.byteCount - told > 1 << 22 {
        told = lines.byteCount
        progress(region.offset, file.byteCount)
      }
    }
    pass.reading.failure = failure
    progress(file.byteCount, file.byteCount)
    return pass.finish()
  }
}

/// One pass over the lines of a table.
private struct TablePass {
  var reading = LogReading()
  /// What the last line says.
  private(set) var row: LogRow?

  private let table: TableLog
  private var reader: TableRow
  private var builder = LogRowBuilder()
  private var numbering: StepNumbering
  private var previousLength = 0

  init(_ table: TableLog) {
    self.table = table
    reader = TableRow(
      delimiter: table.header.delimiter, cellCount: table.header.cellCount, shift: table.shift, columns: table.columns,
      phase: table.header.phase)
    numbering = StepNumbering(table.way)
    reading.columns = table.named
  }

  mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ lines: LineReader) {
    row = nil
    guard lines.number > table.headerLine else { return }
    reading.lineCount += 1
    guard !lines.isTooLong else {
      reading.addDamage(line: lines.number, "longer than \(LogFront.longestLine >> 20) MiB")
      return
    }
    guard let first = line.first(where: { $0 > 32 }), first != UInt8(ascii: "#") else {
      reading.passedOverCount += 1
      return
    }
    // A line drawn under the header.
    if table.header.delimiter == UInt8(ascii: "|"), line.allSatisfy({ $0 <= 32 || "-|:+=".utf8.contains($0) }) {
      reading.passedOverCount += 1
      return
    }
    builder.reset()
    let state = reader.read(line, into: &builder)
    switch state {
    case .sound where reader.texts.isEmpty: break
    case .sound, .wrongWidth, .unclosedQuote:
      if takeHeader(line, lines.number) { return }
    }
    if lines.isUnended, isTorn(state) {
      reading.tornLine = lines.number
      return
    }
    switch state {
    case .sound: break
    case .wrongWidth(let count)
    where count < reader.cellCount + reader.shift && reader.isShort && builder.hasValue:
      reading.addShortRow(line: lines.number)
    case .unclosedQuote:
      return reading.addDamage(line: lines.number, "a quote is opened and never closed")
    case .wrongWidth(let count):
      return reading.addDamage(
        line: lines.number,
        "\(count) \(count == 1 ? "cell" : "cells") where the header has \(reader.cellCount + reader.shift)")
    }
    let isUnread = !reader.texts.isEmpty && addTexts(line, lines.number)
    previousLength = reader.lastCellLength
    reader.keepLengths()
    finishRow(lines.number, isUnread: isUnread)
  }

  /// Answers whether the line does not say its step or its loss for it.
  private mutating func addTexts(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) -> Bool {
    var isUnread = false
    for (column, range) in reader.texts {
      let text = UnsafeBufferPointer(rebasing: line[range])
      reading.addText(text, inColumn: reader.columns[column].name, line: number)
      let quantity = reader.columns[column].quantity
      guard !isUnread, quantity == .step || quantity == .loss else { continue }
      isUnread = true
      reading.addUnread(
        line: number, LogReading.unreadReason(text, quantity, reader.columns[column].name) ?? "text for a number")
    }
    return isUnread
  }

  private mutating func finishRow(_ line: Int, isUnread: Bool) {
    switch builder.finish(&numbering) {
    case .row(let row):
      self.row = row
      reading.rowCount += 1
    case .empty: reading.passedOverCount += 1
    case .withoutStep: reading.addWithoutStep(line: line, isUnread: isUnread)
    }
  }

  /// Whether the end of the file cuts the line: it has too few cells, or its last one is shorter than the one above by
  /// more than a digit.
  private func isTorn(_ state: TableRow.State) -> Bool {
    switch state {
    case .sound: reader.lastCellLength + 2 <= previousLength
    case .wrongWidth(let count): count < reader.cellCount + reader.shift
    case .unclosedQuote: true
    }
  }

  /// A header in mid-file, as a restart writes it: its columns hold from here on.
  private mutating func takeHeader(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) -> Bool {
    guard let first = line.first(where: { $0 > 34 }), first >= 65 else { return false }
    guard let header = TableHeader(line, delimiter: reader.delimiter, loss: table.loss) else { return false }
    let choice = ColumnChoice(header.candidates)
    guard header.makesLog(choice) else { return false }
    reading.addHeader(line: number)
    let before = Dictionary(reader.columns.map { ($0.name, $0) }) { first, _ in first }
    var columns: [TableRow.Column] = []
    for quantity in LoggedQuantity.allCases {
      // The column that was read before, if it is there still.
      let same = header.candidates.indices.first { before[header.candidates[$0].name]?.quantity == quantity }
      guard let place = same ?? choice[quantity] else { continue }
      let name = header.candidates[place].name
      columns.append(
        TableRow.Column(
          cell: header.places[place], quantity: quantity, name: name,
          takesNaNForMissing: before[name]?.takesNaNForMissing ?? false,
          takesVoidForNaN: before[name]?.takesVoidForNaN ?? (quantity == .loss),
          isExponential: header.candidates[place].match.isExponential,
          isLeftOutOfEvaluations: before[name]?.isLeftOutOfEvaluations ?? false))
      if before[name] == nil, quantity != .epoch {
        reading.columns.append((quantity.key, name))
      }
    }
    let old = reader
    reader = TableRow(
      delimiter: reader.delimiter, cellCount: header.cellCount, shift: reader.shift, columns: columns,
      phase: header.phase)
    reader.goOn(from: old)
    return true
  }

  mutating func finish() -> LogReading {
    if reader.groupedSteps.isUsed { reading.addNote("steps have commas between their thousands") }
    if reader.hasDecimalCommas { reading.addNote("decimal commas") }
    if numbering.isWithinEpochs { reading.addNote("steps begin again with every epoch: they are counted through") }
    return reading
  }
}

extension LineReader {
  /// `next`, with what it throws kept: the rows before it stand.
  func goOn(_ failure: inout FormatError?, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Bool {
    do throws(FormatError) { return try next(body) } catch {
      failure = error
      return false
    }
  }
}
