import Trimtab

/// Tells by its values what was laid down and not learned: masks, and positional encodings of sines and cosines.
struct StructureContent {
  /// What the tensor is, or nil where nothing speaks against learned weights.
  let description: String?

  /// - Parameter tensor: [.., d], read as rows of its last axis.
  init(_ tensor: TensorView) throws {
    guard tensor.rank >= 2, tensor.count > 0 else {
      description = nil
      return
    }
    let columns = tensor.shape[tensor.rank - 1]
    let row = try Storage<Double>(count: columns, for: "row")
    let precision = tensor.elementType.epsilon > 0x1p-20 ? 2e-2 : 1e-3
    var mask = MaskContent()
    var waves = WaveContent(columns: columns, tolerance: precision)
    withExtendedLifetime(row) {
      for start in stride(from: 0, to: tensor.count, by: columns) {
        tensor.copy(from: start, count: columns, to: row.pointer)
        let values = UnsafeBufferPointer(start: row.pointer, count: columns)
        mask.add(values)
        waves.add(values)
        if !mask.isPossible && !waves.isPossible { break }
      }
    }
    description =
      mask.isMask
      ? "a mask, with no value but \(mask.words)" : waves.isEncoding ? "sines and cosines of the position" : nil
  }
}

/// Two values throughout: 0 with 1, or 0 with -Inf or what stands for it.
private struct MaskContent {
  private var values: [Double] = []
  private(set) var isPossible = true

  mutating func add(_ row: UnsafeBufferPointer<Double>) {
    guard isPossible else { return }
    for value in row where !values.contains(value) {
      isPossible = values.count < 2 && (value == 0 || value == 1 || value <= -1e4)
      guard isPossible else { return }
      values.append(value)
    }
  }

  var isMask: Bool { isPossible && values.count == 2 && values.contains(0) }
  var words: String { values.sorted(by: >).map { figure($0) }.joined(separator: " and ") }
}

/// Columns that are waves, x[t+1] + x[t-1] = 2 cos(f) x[t], or pairs of columns that are sine and cosine of one angle.
private struct WaveContent {
  private struct Column {
    var older = 0.0
    var old = 0.0
    var signChanges = 0
    // Of y = x[t-1] + x[t+1] on x[t]: the sums that the least-squares factor and its residual need.
    var product = 0.0
    var square = 0.0
    var response = 0.0
  }

  private var columns: [Column]
  private var rowCount = 0
  private let tolerance: Double
  /// Distances between the columns of a pair that still fit: neighbours, halves, quarters (of a plane's two axes).
  private var distances: [Int]
  private(set) var isPossible: Bool

  init(columns count: Int, tolerance: Double) {
    columns = Array(repeating: Column(), count: count)
    self.tolerance = tolerance
    distances = count % 2 == 0 ? [1, count / 2] + (count % 4 == 0 ? [count / 4] : []) : []
    isPossible = count >= 2
  }

  mutating func add(_ row: UnsafeBufferPointer<Double>) {
    guard isPossible else { return }
    // Scaled encodings go a little beyond 1.
    isPossible = row.allSatisfy { abs($0) <= 2 }
    distances = distances.filter { pairsFit(row, $0) }
    for (index, value) in row.enumerated() {
      var column = columns[index]
      if rowCount > 1 {
        let sum = value + column.older
        column.product += sum * column.old
        column.square += column.old * column.old
        column.response += sum * sum
      }
      if rowCount > 0, (value < 0) != (column.old < 0) { column.signChanges += 1 }
      (column.older, column.old) = (column.old, value)
      columns[index] = column
    }
    rowCount += 1
  }

  private func pairsFit(_ row: UnsafeBufferPointer<Double>, _ distance: Int) -> Bool {
    // A row of zeros stands for a token without a place.
    if row.allSatisfy({ $0 == 0 }) { return true }
    return row.indices.allSatisfy { index in
      guard index / distance % 2 == 0, index + distance < row.count else { return true }
      return abs(row[index] * row[index] + row[index + distance] * row[index + distance] - 1) <= tolerance
    }
  }

  var isEncoding: Bool {
    guard isPossible, rowCount >= 8 else { return false }
    if !distances.isEmpty { return columns.contains { $0.signChanges > 0 } }
    let turning = columns.filter { $0.signChanges >= 2 }.count
    return turning * 4 >= columns.count && columns.allSatisfy(isWave)
  }

  private func isWave(_ column: Column) -> Bool {
    guard column.square > 0 else { return column.response == 0 }
    let factor = column.product / column.square
    let residual = column.response - factor * column.product
    return abs(factor) <= 2 + tolerance && residual <= tolerance * tolerance * max(column.response, column.square)
  }
}
