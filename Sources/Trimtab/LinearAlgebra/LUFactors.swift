/// P A = L U with partial pivoting, L below the diagonal and U on and above it.
///
/// Source: Golub & Van Loan, 3.4.
final class LUFactors {
  private let matrix: Matrix
  private let pivots: Storage<Int>
  /// Whether a pivot was exactly zero.
  private(set) var isSingular = false

  /// Destroys `matrix`, which is square.
  init(_ matrix: Matrix) throws(TrimtabError) {
    self.matrix = matrix
    let order = matrix.rows
    pivots = try Storage(count: order, for: "pivots")
    for k in 0..<order {
      var best = k
      for i in k..<order where abs(matrix.row(i)[k]) > abs(matrix.row(best)[k]) { best = i }
      pivots.pointer[k] = best
      if best != k { swapRows(k, best) }
      let pivot = matrix.row(k)[k]
      guard abs(pivot) > 0 else {
        isSingular = true
        continue
      }
      for i in (k &+ 1)..<max(order, k &+ 1) {
        let row = matrix.row(i)
        let factor = row[k] / pivot
        row[k] = factor
        if factor != 0 { kernels.addScaled(-factor, matrix.row(k) + (k &+ 1), row + (k &+ 1), order &- k &- 1) }
      }
    }
  }

  private func swapRows(_ a: Int, _ b: Int) {
    let (x, y) = (matrix.row(a), matrix.row(b))
    for index in 0..<matrix.columns {
      let value = x[index]
      x[index] = y[index]
      y[index] = value
    }
  }

  /// x = A^-1 x.
  func solve(_ x: UnsafeMutablePointer<Double>) {
    let order = matrix.rows
    for k in 0..<order where pivots.pointer[k] != k { (x[k], x[pivots.pointer[k]]) = (x[pivots.pointer[k]], x[k]) }
    for i in 0..<order { x[i] -= kernels.dotProduct(matrix.row(i), x, i) }
    for i in Swift.stride(from: order &- 1, through: 0, by: -1) {
      let row = matrix.row(i)
      x[i] = (x[i] - kernels.dotProduct(row + (i &+ 1), x + (i &+ 1), order &- i &- 1)) / row[i]
    }
  }

  /// x = A^-T x.
  func solveTransposed(_ x: UnsafeMutablePointer<Double>) {
    let order = matrix.rows
    for i in 0..<order {
      let row = matrix.row(i)
      x[i] /= row[i]
      kernels.addScaled(-x[i], row + (i &+ 1), x + (i &+ 1), order &- i &- 1)
    }
    for i in Swift.stride(from: order &- 1, through: 0, by: -1) { kernels.addScaled(-x[i], matrix.row(i), x, i) }
    for k in Swift.stride(from: order &- 1, through: 0, by: -1) where pivots.pointer[k] != k {
      (x[k], x[pivots.pointer[k]]) = (x[pivots.pointer[k]], x[k])
    }
  }

  /// Norms of the inverse, by solving for each of its columns. Complexity: n^3 multiply-adds.
  @inline(never)
  func inverseNorms() throws(TrimtabError) -> MatrixNorms {
    let order = matrix.rows
    let column = try Storage<Double>(count: max(order, 1), for: "a column of the inverse")
    var norms = try MatrixNormSums(order: order)
    for j in 0..<order {
      column.pointer.update(repeating: 0, count: order)
      column.pointer[j] = 1
      solve(column.pointer)
      norms.addColumn(column.pointer, order)
    }
    return norms.norms
  }

  /// A lower bound of |A^-1|_1, nearly always within a factor of 3. Complexity: about 5 solves.
  /// Source: Hager 1984; Higham 1988, algorithm 4.1.
  @inline(never)
  func inverseOneNormEstimate() throws(TrimtabError) -> Double {
    let order = matrix.rows
    guard order > 0 else { return 0 }
    let memory = try Storage<Double>(count: 2 &* order, for: "1-norm estimate")
    let x = memory.pointer
    let signs = memory.pointer + order
    x.update(repeating: 1 / Double(order), count: order)
    var estimate = 0.0
    var chosen = -1
    for _ in 0..<5 {
      solve(x)
      let size = absoluteSum(x, order)
      if chosen >= 0 && !(size > estimate) { break }
      estimate = size
      for i in 0..<order { signs[i] = x[i] < 0 ? -1 : 1 }
      solveTransposed(signs)
      var best = 0
      for i in 0..<order where abs(signs[i]) > abs(signs[best]) { best = i }
      if best == chosen { break }
      chosen = best
      x.update(repeating: 0, count: order)
      x[best] = 1
    }
    for i in 0..<order {
      let value = 1 + Double(i) / Double(max(order &- 1, 1))
      x[i] = i & 1 == 0 ? value : -value
    }
    solve(x)
    return max(estimate, 2 * absoluteSum(x, order) / (3 * Double(order)))
  }

  private func absoluteSum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    var total = 0.0
    for index in 0..<count { total += abs(x[index]) }
    return total
  }
}

/// Norms that need only sums over elements.
struct MatrixNorms {
  var one = 0.0
  var infinity = 0.0
  var frobenius = 0.0
}

/// Gathers `MatrixNorms` column by column.
struct MatrixNormSums {
  private let rowSums: Storage<Double>
  private var largestColumn = 0.0
  private var squares = 0.0
  private let order: Int

  init(order: Int) throws(TrimtabError) {
    self.order = order
    rowSums = try Storage(count: max(order, 1), for: "row sums")
  }

  mutating func addColumn(_ column: UnsafePointer<Double>, _ count: Int) {
    var total = 0.0
    for i in 0..<min(count, order) {
      let size = abs(column[i])
      total += size
      squares += size * size
      rowSums.pointer[i] += size
    }
    largestColumn = max(largestColumn, total)
  }

  var norms: MatrixNorms {
    var largestRow = 0.0
    for i in 0..<order { largestRow = max(largestRow, rowSums.pointer[i]) }
    return MatrixNorms(one: largestColumn, infinity: largestRow, frobenius: squares.squareRoot())
  }
}
