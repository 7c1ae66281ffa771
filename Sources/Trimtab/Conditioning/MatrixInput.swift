/// A matrix read into float64, scaled by a power of two to near 1, with its exactly zero rows and columns left out.
final class MatrixInput {
  let rows: Int
  let columns: Int
  private(set) var nonfiniteCount = 0
  private(set) var zeroRows = 0
  private(set) var zeroColumns = 0
  /// What is left, smaller than the tensor where rows or columns were zero.
  let matrix: Matrix
  /// Elements of `matrix` times this are the tensor's.
  let unit: Double
  private(set) var isSymmetric = false
  private(set) var frobeniusSquare = 0.0

  init(_ tensor: TensorView, rows: Int, columns: Int) throws(TrimtabError) {
    self.rows = rows
    self.columns = columns
    let full = try Matrix(rows: rows, columns: columns, for: "matrix")
    var largest = 0.0
    var bad = 0
    for i in 0..<rows {
      tensor.copy(from: i &* columns, count: columns, to: full.row(i))
      for j in 0..<columns {
        let size = abs(full.row(i)[j])
        if size < .infinity { largest = max(largest, size) } else { bad = bad &+ 1 }
      }
    }
    nonfiniteCount = bad
    let exponent = binaryExponent(largest)
    unit = powerOfTwo(exponent)
    guard bad == 0, largest > 0 else {
      matrix = full
      return
    }
    if exponent != 0 {
      full.scale(by: powerOfTwo(-(exponent / 2)))
      full.scale(by: powerOfTwo(exponent / 2 &- exponent))
    }
    matrix = full
    (zeroRows, zeroColumns) = try removeZeros(full)
    isSymmetric = zeroRows == 0 && zeroColumns == 0 && rows == columns && Self.isSymmetric(full)
    for i in 0..<rows { frobeniusSquare += kernels.dotProduct(full.row(i), full.row(i), columns) }
  }

  private func removeZeros(_ full: Matrix) throws(TrimtabError) -> (rows: Int, columns: Int) {
    // Scaling may have flushed what is 2^-1022 times smaller than the largest: such a row is zero beside it.
    let sums = try Storage<Double>(count: max(columns, 1), for: "column sums")
    var zeroRows = 0
    for i in 0..<rows {
      var sum = 0.0
      for j in 0..<columns {
        let size = abs(full.row(i)[j])
        sum += size
        sums.pointer[j] += size
      }
      if sum == 0 { zeroRows = zeroRows &+ 1 }
    }
    var zeroColumns = 0
    for j in 0..<columns where sums.pointer[j] == 0 { zeroColumns = zeroColumns &+ 1 }
    return (zeroRows, zeroColumns)
  }

  private static func isSymmetric(_ matrix: Matrix) -> Bool {
    // Square by square: down a column, every element stands in another cache line.
    for top in stride(from: 0, to: matrix.rows, by: 16) {
      for left in stride(from: 0, through: top, by: 16) {
        for i in top..<min(top &+ 16, matrix.rows) {
          for j in left..<min(left &+ 16, matrix.rows) where matrix.row(i)[j] != matrix.row(j)[i] { return false }
        }
      }
    }
    return true
  }

  /// The vectors that one-sided methods start from: rows or columns of what is left, whichever are fewer.
  func shortSideVectors() throws(TrimtabError) -> Matrix {
    let keptRows = rows &- zeroRows
    let keptColumns = columns &- zeroColumns
    let byRows = keptRows <= keptColumns
    let vectors = try Matrix(
      rows: byRows ? keptRows : keptColumns, columns: byRows ? keptColumns : keptRows, for: "singular vectors")
    let columnIndex = try FeatureList(capacity: columns)
    for j in 0..<columns {
      for i in 0..<rows where matrix.row(i)[j] != 0 {
        columnIndex.append(j)
        break
      }
    }
    var to = 0
    for i in 0..<rows {
      var isZero = true
      for position in 0..<columnIndex.count {
        let value = matrix.row(i)[columnIndex[position]]
        if value != 0 { isZero = false }
        if to < keptRows {
          if byRows { vectors.row(to)[position] = value } else { vectors.row(position)[to] = value }
        }
      }
      if !isZero { to = to &+ 1 }
    }
    return vectors
  }
}
