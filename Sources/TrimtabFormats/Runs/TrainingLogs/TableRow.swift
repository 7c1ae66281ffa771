/// Reads the cells of one line that matter.
struct TableRow {
  struct Column: Sendable {
    var cell: Int
    var quantity: LoggedQuantity
    var name: String
    /// NaN stands for a cell that nothing was written into.
    var takesNaNForMissing = false
    /// A word for no value, such as None, stands for NaN once there was a number.
    var takesVoidForNaN = false
    /// The values are exponentials of what is read.
    var isExponential = false
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
  private var hasLoss = false
  /// The line has a word for no value where NaN is meant.
  private var hasVoid = false
  /// Bytes that each column had in the line before, and has in this one.
  private var lengths: [Int]
  private var previousLengths: [Int]
  /// The column that the last cell of the line is.
  private var lastColumn: Int?

  /// What is text where a number should be: the column, and where it stands in the line.
  private(set) var texts: [(column: Int, range: Range<Int>)] = []
  private(set) var hasDecimalCommas = false
  private(set) var groupedSteps = GroupedSteps()
  private(set) var lastCellLength = 0

  init(delimiter: UInt8, cellCount: Int, shift: Int = 0, columns: [Column], phase: Int?) {
    self.delimiter = delimiter
    self.cellCount = cellCount
    self.shift = shift
    self.columns = columns.sorted { $0.cell < $1.cell }
    self.phase = phase
    leavesOut = columns.contains(where: \.isLeftOutOfEvaluations)
    lengths = [Int](repeating: 0, count: columns.count)
    previousLengths = lengths
  }

  /// Goes on where another header ended the columns before.
  mutating func goOn(from before: TableRow) {
    hasDecimalCommas = before.hasDecimalCommas
    groupedSteps = before.groupedSteps
    hasLoss = before.hasLoss
  }

  /// Whether a line of too few cells says what its cells say: its last one is not shorter than the one above by more
  /// than a digit, as one that was cut off is. Between spaces nobody can tell which cell is missing.
  var isShort: Bool {
    delimiter != CellCursor.spaces && (lastColumn.map { lengths[$0] + 2 > previousLengths[$0] } ?? true)
  }

  /// Keeps what the next line is held against.
  mutating func keepLengths() { swap(&lengths, &previousLengths) }

  mutating func read(_ line: UnsafeBufferPointer<UInt8>, into builder: inout LogRowBuilder) -> State {
    if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    var cursor = CellCursor(line, delimiter: delimiter)
    var cell = -shift
    var next = 0
    var awaited = columns.isEmpty ? -1 : columns[0].cell
    var last = 0..<0
    hasVoid = false
    lastColumn = nil
    while let range = cursor.next() {
      if cell == awaited {
        lengths[next] = range.count
        lastColumn = next
        take(line, range, isQuoted: cursor.isQuoted, next, &builder)
        next += 1
        awaited = next < columns.count ? columns[next].cell : -1
      } else {
        lastColumn = nil
        if cell == phase, ColumnName.isValidation(UnsafeBufferPointer(rebasing: line[range])) {
          builder.isValidation = true
        }
      }
      cell += 1
      last = range
    }
    if leavesOut || hasVoid { builder.leaveOutOfEvaluation() }
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
    case .void where columns[column].takesVoidForNaN && hasLoss:
      builder.set(quantity, .nan)
      hasVoid = true
    case .number(let value):
      if value.isNaN, columns[column].takesNaNForMissing { return builder.mention(quantity) }
      if quantity == .step {
        guard StepNumbering.whole(value) != nil else { return texts.append((column, range)) }
        groupedSteps.note(value)
        builder.set(.step, value)
      } else {
        set(quantity, value, columns[column].isExponential, &builder)
      }
    case .missing, .void: builder.mention(quantity)
    case .text:
      builder.mention(quantity)
      let bare = UnsafeBufferPointer(rebasing: line[range.lowerBound..<TableRow.end(of: range, line)])
      if quantity == .step || quantity == .epoch, let value = TableRow.partOfTotal(bare) {
        return builder.set(quantity, value)
      }
      if quantity == .step, delimiter != UInt8(ascii: ",") || isQuoted, let value = groupedSteps.read(bare) {
        return builder.set(.step, value)
      }
      // Where cells are separated by commas, only quotes make one a part of a number; a step needs no decimal mark.
      if delimiter != UInt8(ascii: ",") || isQuoted, quantity != .step,
        case .number(let value) = LogValue(text, commas: true)
      {
        hasDecimalCommas = true
        set(quantity, value, columns[column].isExponential, &builder)
      } else {
        texts.append((column, range.lowerBound..<(range.lowerBound + bare.count)))
      }
    }
  }
  private mutating func set(
    _ quantity: LoggedQuantity, _ value: Double, _ isExponential: Bool, _ builder: inout LogRowBuilder
  ) {
    if quantity == .loss { hasLoss = true }
    if isExponential { builder.set(quantity, logarithmOf: value) } else { builder.set(quantity, value) }
  }

  /// Where the cell ends without the spaces behind it.
  private static func end(of range: Range<Int>, _ line: UnsafeBufferPointer<UInt8>) -> Int {
    var end = range.upperBound
    while end > range.lowerBound, line[end - 1] <= 32 { end -= 1 }
    return end
  }

  /// The first number of 3/100.
  private static func partOfTotal(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let (value, count) = DecimalNumber.parse(text, commas: false), count < text.count,
      text[count] == UInt8(ascii: "/"), StepNumbering.whole(value) != nil
    else { return nil }
    let rest = UnsafeBufferPointer(rebasing: text[(count + 1)...])
    guard let (total, length) = DecimalNumber.parse(rest, commas: false), length == rest.count, value <= total else {
      return nil
    }
    return value
  }
}
