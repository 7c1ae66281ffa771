/// Reads the cells of one line that matter.
struct TableRow {
  struct Column: Sendable {
    var cell: Int
    var quantity: LogQuantity
    var name: String
    /// NaN stands for a cell that nothing was written into.
    var takesNaNForMissing = false
    /// NaN stands for no value in a row that has a validation loss.
    var isLeftOutOfEvaluations = false
  }

  enum State {
    case sound
    /// The cells that the line has.
    case wrongWidth(Int)
    case unclosedQuote
  }

  let delimiter: UInt8
  let cellCount: Int
  /// Cells before the first that the header has a name for.
  let shift: Int
  /// In the order of their cells.
  let columns: [Column]
  let phase: Int?
  private let leavesOut: Bool

  /// What is text where a number should be: the column, and where it stands in the line.
  private(set) var texts: [(column: Int, range: Range<Int>)] = []
  private(set) var hasDecimalCommas = false
  private(set) var lastCellLength = 0

  init(delimiter: UInt8, cellCount: Int, shift: Int = 0, columns: [Column], phase: Int?) {
    self.delimiter = delimiter
    self.cellCount = cellCount
    self.shift = shift
    self.columns = columns.sorted { $0.cell < $1.cell }
    self.phase = phase
    leavesOut = columns.contains(where: \.isLeftOutOfEvaluations)
  }

  mutating func read(_ line: UnsafeBufferPointer<UInt8>, into builder: inout LogRowBuilder) -> State {
    if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    var cursor = CellCursor(line, delimiter: delimiter)
    var cell = -shift
    var next = 0
    var awaited = columns.isEmpty ? -1 : columns[0].cell
    var last = 0..<0
    while let range = cursor.next() {
      if cell == awaited {
        take(line, range, isQuoted: cursor.isQuoted, next, &builder)
        next += 1
        awaited = next < columns.count ? columns[next].cell : -1
      } else if cell == phase {
        if ColumnName.isValidation(UnsafeBufferPointer(rebasing: line[range])) { builder.isValidation = true }
      }
      cell += 1
      last = range
    }
    if leavesOut { builder.leaveOutOfEvaluation() }
    if cursor.isUnclosed { return .unclosedQuote }
    lastCellLength = last.count
    // A delimiter behind the last cell opens none.
    if cell == cellCount + 1, last.isEmpty { cell -= 1 }
    return cell == cellCount ? .sound : .wrongWidth(cell + shift)
  }

  private mutating func take(
    _ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isQuoted: Bool, _ column: Int,
    _ builder: inout LogRowBuilder
  ) {
    let text = UnsafeBufferPointer(rebasing: line[range])
    let quantity = columns[column].quantity
    switch LogValue(text) {
    case .number(let value):
      if value.isNaN, columns[column].takesNaNForMissing { return builder.mention(quantity) }
      if quantity == .step, StepNumbering.whole(value) == nil {
        texts.append((column, range))
      } else {
        builder.set(quantity, value)
      }
    case .missing: builder.mention(quantity)
    case .text:
      builder.mention(quantity)
      // Where cells are separated by commas, only quotes make one a part of a number; a step needs no decimal mark.
      if delimiter != UInt8(ascii: ",") || isQuoted, quantity != .step,
        case .number(let value) = LogValue(text, commas: true)
      {
        hasDecimalCommas = true
        builder.set(quantity, value)
      } else {
        texts.append((column, range))
      }
    }
  }
}
