/// What the front of a table shows of its columns.
struct TableSurvey {
  static let greatestRowCount = 2000

  private(set) var rowCount = 0
  /// Rows that have one cell more than the header: R and data frames give the row numbers no name.
  private(set) var shiftedCount = 0
  /// By candidate.
  private(set) var valueCounts: [Int]
  private(set) var textCounts: [Int]
  /// Numbers that are whole and below 2^53.
  private(set) var wholeCounts: [Int]
  /// Numbers that are more than the one before.
  private(set) var riseCounts: [Int]
  /// Numbers that are less than the one before.
  private(set) var fallCounts: [Int]
  /// Words for no value, such as None, between two numbers.
  private(set) var voidRecoveries: [Int]
  private(set) var voidCounts: [Int]
  /// NaN that a finite number follows in the same column.
  private(set) var recoveries: [Int]
  /// Rows in which the first candidate for the validation loss is a number: with a loss of NaN, and with another.
  private(set) var aloneCount = 0
  private(set) var besideCount = 0
  /// The numbers rise from row to row, and are whole.
  private(set) var rises: [Bool]

  /// The last that was said in the column is a word for no value.
  private var isVoid: [Bool]

  init(_ front: LogFront, _ header: TableHeader, headerLine: Int) {
    let count = header.candidates.count
    valueCounts = [Int](repeating: 0, count: count)
    textCounts = valueCounts
    recoveries = valueCounts
    wholeCounts = valueCounts
    riseCounts = valueCounts
    fallCounts = valueCounts
    voidRecoveries = valueCounts
    voidCounts = valueCounts
    isVoid = [Bool](repeating: false, count: count)
    rises = [Bool](repeating: true, count: count)
    let places = Dictionary(header.places.enumerated().map { ($1, $0) }) { first, _ in first }
    var last = [Double?](repeating: nil, count: count)
    var line = 0
    front.forEachLine { bytes in
      line += 1
      guard line > headerLine, !bytes.isEmpty, bytes[0] != UInt8(ascii: "#") else { return true }
      let shift = header.cellCount + 1 == TableSurvey.width(bytes, header.delimiter) ? 1 : 0
      rowCount += 1
      shiftedCount += shift
      var cursor = CellCursor(bytes, delimiter: header.delimiter)
      var cell = -shift
      var row = [Double?](repeating: nil, count: count)
      while let range = cursor.next() {
        if let place = places[cell] {
          // A step needs no decimal mark.
          let commas = header.candidates[place].match.quantity != .step
          take(UnsafeBufferPointer(rebasing: bytes[range]), place, commas: commas, &last[place], &row[place])
        }
        cell += 1
      }
      compare(row, header.candidates)
      return rowCount < TableSurvey.greatestRowCount
    }
  }

  private mutating func take(
    _ text: UnsafeBufferPointer<UInt8>, _ place: Int, commas: Bool, _ last: inout Double?,
    _ found: inout Double?
  ) {
    switch LogValue(text, commas: commas) {
    case .number(let value):
      valueCounts[place] += 1
      if let last {
        if last.isNaN, !value.isNaN { recoveries[place] += 1 }
        if !(value > last) { rises[place] = false }
        if value > last { riseCounts[place] += 1 }
        if value < last { fallCounts[place] += 1 }
        if isVoid[place] { voidRecoveries[place] += 1 }
      }
      isVoid[place] = false
      if StepNumbering.whole(value) == nil { rises[place] = false } else { wholeCounts[place] += 1 }
      last = value
      found = value
    case .missing: break
    case .void:
      isVoid[place] = true
      voidCounts[place] += 1
    case .text: textCounts[place] += 1
    }
  }

  private mutating func compare(_ row: [Double?], _ candidates: [ColumnCandidate]) {
    let validation = row.indices.contains {
      row[$0]?.isNaN == false && candidates[$0].match.quantity == .validationLoss
    }
    guard validation else { return }
    for place in row.indices where candidates[place].match.quantity == .loss {
      guard let loss = row[place] else { continue }
      if loss.isNaN { aloneCount += 1 } else { besideCount += 1 }
    }
  }

  /// Whether words such as None stand for cells that nothing is written into, and not for NaN: they come and go, and are
  /// more than a few.
  func isSparse(_ place: Int) -> Bool {
    voidRecoveries[place] >= 2 && 20 * voidCounts[place] >= valueCounts[place] + voidCounts[place]
  }

  /// The cells of a line; an empty one behind the last delimiter is none.
  private static func width(_ line: UnsafeBufferPointer<UInt8>, _ delimiter: UInt8) -> Int {
    var cursor = CellCursor(line, delimiter: delimiter)
    var count = 0
    var last = 0..<0
    while let range = cursor.next() {
      count += 1
      last = range
    }
    return last.isEmpty ? count - 1 : count
  }
}
