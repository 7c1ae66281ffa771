/// What reading a training log through found, beside its rows.
public struct LogReading: Sendable {
  static let greatestListCount = 8

  /// A line, or a record of an event file, that could not be read; counted from 1.
  public struct Damage: Sendable, Equatable {
    public let line: Int
    /// "3 cells where the header has 4".
    public let reason: String
  }

  /// A column of numbers that holds text here and there.
  public struct TextColumn: Sendable, Equatable {
    public let name: String
    public internal(set) var count: Int
    public let firstLine: Int
    /// What stands there, cut off after 40 characters.
    public let firstText: String
  }

  /// Rows handed out.
  public internal(set) var rowCount = 0
  /// Lines, records or objects seen, damaged ones too.
  public internal(set) var lineCount = 0
  /// Lines that say nothing of a step: other output in a text log, comments, other records.
  public internal(set) var passedOverCount = 0
  /// Lines that should be rows and could not be read.
  public private(set) var damagedCount = 0
  /// The first eight of them.
  public private(set) var damages: [Damage] = []
  public private(set) var textColumns: [TextColumn] = []
  /// The file ends in the middle of this line or record.
  public internal(set) var tornLine: Int?
  /// Headers after the first: how many, and where the first eight stand.
  public private(set) var repeatedHeaderCount = 0
  public private(set) var repeatedHeaderLines: [Int] = []
  /// Records of an event file whose checksum does not fit.
  public internal(set) var checksumFailureCount = 0
  /// Bytes of an event file passed over to where the next sound record begins.
  public internal(set) var lostByteCount = 0
  /// Rows that hold a loss and no step, in a log that numbers its steps; not handed out.
  public private(set) var withoutStepCount = 0
  /// Lines and records that should tell of a step and do not say which, or do not say its loss: damaged ones, and text
  /// for a number.
  public private(set) var unreadCount = 0
  /// The first of them.
  public private(set) var firstUnread: Damage?
  /// Rows that end before the last column, and were read up to there.
  public private(set) var shortRowCount = 0
  public private(set) var firstShortLine: Int?
  /// Lines of a progress bar that said the same step again; the last of them was handed out.
  public internal(set) var repeatedProgressCount = 0
  /// Why reading stopped before the end: a truncated gzip file. The rows before it were handed out.
  public internal(set) var failure: FormatError?
  /// As in `TrainingLog`, with the columns that first came later in the file.
  public internal(set) var columns: [(quantity: String, name: String)] = []
  /// Choices made while reading, for people.
  public private(set) var notes: [String] = []

  /// Whether every line was read as it stands.
  public var isSound: Bool {
    damagedCount == 0 && textColumns.isEmpty && tornLine == nil && checksumFailureCount == 0 && lostByteCount == 0
      && failure == nil && withoutStepCount == 0 && shortRowCount == 0
  }

  /// Lines and records that should tell of a step.
  public var tellingCount: Int {
    max(lineCount - passedOverCount - repeatedHeaderCount, rowCount) + checksumFailureCount
  }

  init() {}

  mutating func addDamage(line: Int, _ reason: @autoclosure () -> String) {
    damagedCount += 1
    addUnread(line: line, reason())
    if damages.count < LogReading.greatestListCount { damages.append(Damage(line: line, reason: reason())) }
  }

  mutating func addUnread(line: Int, _ reason: @autoclosure () -> String) {
    unreadCount += 1
    if firstUnread == nil { firstUnread = Damage(line: line, reason: reason()) }
  }

  /// - Parameter isUnread: whether the line is counted as one that could not be read.
  mutating func addWithoutStep(line: Int, isUnread: Bool = false) {
    withoutStepCount += 1
    if !isUnread { addUnread(line: line, "a loss without a step") }
  }

  mutating func addShortRow(line: Int) {
    shortRowCount += 1
    firstShortLine = firstShortLine ?? line
  }

  /// Why text is no value of the step or the loss; nil for other quantities.
  static func unreadReason(
    _ text: UnsafeBufferPointer<UInt8>, _ quantity: LoggedQuantity?, _ name: String
  ) -> String? {
    switch quantity {
    case .step: "found \"\(shown(text))\" in \(name), allowed whole numbers below 2^53, without separators"
    case .loss: "found \"\(shown(text))\" in \(name), allowed numbers"
    default: nil
    }
  }

  /// What stands there, cut off after 40 characters.
  private static func shown(_ text: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: text.prefix(160), as: UTF8.self).unicodeScalars.prefix(40)
      .map { $0.value < 32 || $0.value == 127 ? "\u{FFFD}" : String($0) }.joined()
  }

  mutating func addHeader(line: Int) {
    repeatedHeaderCount += 1
    if repeatedHeaderLines.count < LogReading.greatestListCount { repeatedHeaderLines.append(line) }
  }

  mutating func addText(_ text: UnsafeBufferPointer<UInt8>, inColumn name: String, line: Int) {
    if let place = textColumns.firstIndex(where: { $0.name == name }) {
      textColumns[place].count += 1
    } else if textColumns.count < 64 {
      textColumns.append(
        TextColumn(name: name, count: 1, firstLine: line, firstText: LogReading.shown(text)))
    }
  }

  mutating func addNote(_ note: String) {
    if !notes.contains(note), notes.count < 64 { notes.append(note) }
  }
}
