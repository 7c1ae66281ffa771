/// What a run log or a flight record holds: every line that is intact, whatever became of the others.
public struct RunFile: Sendable {
  static let greatestRunCount = 256
  static let greatestFindingCount = 8192
  /// Sound lines of another program, with none of ours among them, that settle what the file is.
  static let greatestStrangerCount = 1000

  public let path: String
  public let byteCount: Int
  public private(set) var kind: RunKind?
  /// In the order of the file; a header opens a run.
  public private(set) var runs: [Run] = []
  /// Runs beyond those.
  public private(set) var leftOutRunCount = 0
  public private(set) var damage = LineDamage()
  /// Sound lines of a kind that this version does not know.
  public private(set) var unknownLineCount = 0
  /// The greatest format that a header names.
  public private(set) var version = 0
  /// Why reading stopped before the end; nil where it did not.
  public private(set) var failure: FormatError?

  /// The format that this version writes.
  public static let knownVersion = 1

  private var isLeftOut = false

  /// Reads a file once from front to back, in constant memory.
  ///
  /// - Parameter progress: told now and then how many of how many bytes are read.
  /// - Throws: `FormatError` where it cannot be opened, is empty, or holds not one line of a log.
  public init(path: String, progress: (Int, Int) -> Void = { _, _ in }) throws(FormatError) {
    let file = try InputFile(path: path)
    self.path = path
    byteCount = file.byteCount
    guard byteCount > 0 else { throw FormatError(path, "is empty") }
    let reader = LineReader(RegionStream(file, offset: 0, count: byteCount))
    var parser = RunLineParser()
    var done = 0
    var isOurs = false
    do throws(FormatError) {
      while try reader.next({ bytes in
        done += bytes.count + 1
        if take(bytes, reader, &parser) { isOurs = true }
      }) {
        if reader.number & 0xfff == 0 { progress(done, byteCount) }
        if !isOurs, unknownLineCount >= RunFile.greatestStrangerCount { break }
      }
    } catch {
      guard isOurs else { throw error }
      failure = error
    }
    tellCutFinding()
    guard isOurs else {
      throw FormatError(path, "found no line of a run log or flight record of trimtab")
    }
  }

  /// Answers whether the line is one of ours.
  private mutating func take(
    _ bytes: UnsafeBufferPointer<UInt8>, _ reader: LineReader, _ parser: inout RunLineParser
  ) -> Bool {
    guard !reader.isTooLong else {
      damage.add(line: reader.number, isLast: reader.isUnended)
      return false
    }
    var isAny = false
    var salvaged = 0
    let state = parser.parseLine(bytes) { line, _ in
      guard add(line) else { return false }
      isAny = true
      salvaged += 1
      return true
    }
    if state == .damaged {
      damage.add(line: reader.number, isLast: reader.isUnended)
      damage.salvagedCount += salvaged
    }
    return isAny
  }

  private mutating func add(_ line: RunLine) -> Bool {
    switch line {
    case .header(let header): begin(header)
    case .step(let step): change { $0.add(step) }
    case .finding(let finding):
      let hasRoom = runs.reduce(0) { $0 + $1.findings.count } < RunFile.greatestFindingCount
      change { $0.add(finding, hasRoom: hasRoom) }
    case .restored(let step): change { $0.addRestore(to: step) }
    case .closing(let closing): change { $0.close(closing) }
    case .other:
      unknownLineCount += 1
      return false
    }
    return true
  }

  private mutating func begin(_ header: RunHeader) {
    if kind == nil { kind = header.kind }
    version = max(version, header.version)
    if header.isContinued, !runs.isEmpty {
      change { $0.entryCount = max($0.entryCount, header.entryCount) }
      return
    }
    tellCutFinding()
    isLeftOut = runs.count >= RunFile.greatestRunCount
    if isLeftOut {
      leftOutRunCount += 1
      return
    }
    var run = Run(hasHeader: true)
    run.entryCount = header.entryCount
    runs.append(run)
  }

  private mutating func tellCutFinding() {
    if !runs.isEmpty { change { $0.tellCutFinding() } }
  }

  private mutating func change(_ body: (inout Run) -> Void) {
    if isLeftOut { return }
    if runs.isEmpty { runs.append(Run(hasHeader: false)) }
    body(&runs[runs.count - 1])
  }
}

/// Lines that could not be read.
public struct LineDamage: Sendable, Equatable {
  static let greatestLineCount = 8

  /// Damaged lines, the last of the file left out.
  public private(set) var count = 0
  /// The first of them, from 1.
  public private(set) var firstLines: [Int] = []
  /// The file ends in the middle of a line: that one was being written.
  public private(set) var tornLine: Int?
  /// Whole lines that stood on damaged ones.
  public internal(set) var salvagedCount = 0

  public init() {}

  mutating func add(line: Int, isLast: Bool) {
    if isLast {
      tornLine = line
      return
    }
    count += 1
    if firstLines.count < LineDamage.greatestLineCount { firstLines.append(line) }
  }
}

extension RunFile {
  /// Whether a name promises lines of JSON.
  public static func isNamedAsOne(_ path: String) -> Bool { path.lowercased().hasSuffix(".jsonl") }

  /// Whether a file is to be read as lines of JSON: by its name, or by its front where the name promises nothing.
  public static func isOne(_ path: String) -> Bool {
    if isNamedAsOne(path) { return true }
    guard TensorFile.format(ofName: path) == nil, let file = try? InputFile(path: path),
      let front = try? file.bytes(at: 0, count: min(file.byteCount, 4096))
    else { return false }
    return front.withUnsafeBufferPointer { RunLineParser.nextMarker($0, from: 0) != nil }
  }
}
