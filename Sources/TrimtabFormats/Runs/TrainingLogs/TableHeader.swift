/// The first line of a table: which of its columns may be a run's.
struct TableHeader: Sendable {
  static let greatestUnusedCount = 256

  let delimiter: UInt8
  private(set) var cellCount = 0
  private(set) var candidates: [ColumnCandidate] = []
  /// The cell of each candidate.
  private(set) var places: [Int] = []
  /// The column that tells the part of the data.
  private(set) var phase: Int?
  /// Names of other columns, the first of them.
  private(set) var strangers: [String] = []
  private(set) var strangerCount = 0
  /// Names that are logged beside a loss.
  private(set) var companionCount = 0
  /// Names of what rises as a run gets better, the first of them.
  private(set) var rising: [String] = []

  /// Nil where the line is no header: a cell is a number, or no name is one of a run.
  ///
  /// - Parameter loss: the name that the user gave the loss.
  init?(_ line: UnsafeBufferPointer<UInt8>, delimiter: UInt8, loss: String?) {
    self.delimiter = delimiter
    var cursor = CellCursor(line, delimiter: delimiter)
    while let range = cursor.next() {
      let cell = UnsafeBufferPointer(rebasing: line[range])
      defer { cellCount += 1 }
      if let match = ColumnName.match(cell, loss: loss), candidates.count < 1024 {
        if TableHeader.isPhrase(cell) { return nil }
        candidates.append(ColumnCandidate(name: TableHeader.name(cell), match: match))
        places.append(cellCount)
        continue
      }
      if delimiter == CellCursor.spaces, TableHeader.isProse(cell) { return nil }
      if phase == nil, ColumnName.isPhase(cell) { phase = cellCount } else { addStranger(cell) }
    }
    guard !candidates.isEmpty, !cursor.isUnclosed, !cursor.hasTail else { return nil }
  }

  func makesLog(_ choice: ColumnChoice) -> Bool {
    choice.makesLog(candidates, strangerCount: strangerCount, risingCount: rising.count)
  }

  private mutating func addStranger(_ cell: UnsafeBufferPointer<UInt8>) {
    // Only what says something is one: the row numbers of a data frame have no name.
    guard !cell.isEmpty, !cell.starts(with: "Unnamed: ".utf8) else { return }
    if strangerCount < 4096, ColumnName.isCompanion(cell) {
      companionCount += 1
      if rising.count < 16, ColumnName.isRising(cell) { rising.append(TableHeader.name(cell)) }
    } else {
      strangerCount += 1
    }
    if strangers.count < TableHeader.greatestUnusedCount { strangers.append(TableHeader.name(cell)) }
  }

  private static func name(_ cell: UnsafeBufferPointer<UInt8>) -> String {
    var name = String(decoding: cell.prefix(1024), as: UTF8.self)
    while name.last == " " || name.last == "\t" { name.removeLast() }
    return name
  }

  /// A name with its value: what JSON and programs print.
  private static func isPhrase(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    cell.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "{") }
  }

  /// Words between spaces are a header only where none of them is a number or ends a phrase.
  private static func isProse(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    if case .number = LogValue(cell) { return true }
    return cell.contains(UInt8(ascii: "=")) || cell.last == UInt8(ascii: ":") || cell.last == UInt8(ascii: ",")
  }
}
