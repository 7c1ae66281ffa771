/// A dense row-major float64 matrix, rows and columns padded with zeros to multiples of sixteen so that tiles need no
/// edges.
final class Matrix {
  let rows: Int
  let columns: Int
  /// Elements from one row to the next; never a multiple of 4096 bytes, which would put a column's elements in one
  /// cache set.
  let stride: Int
  private let storage: Storage<Double>
  let pointer: UnsafeMutablePointer<Double>

  /// All zero.
  init(rows: Int, columns: Int, for name: StaticText) throws(TrimtabError) {
    let width = Matrix.padded(columns)
    let stride = width % 512 == 0 ? width &+ 16 : width
    let (count, overflow) = Matrix.padded(rows).multipliedReportingOverflow(by: stride)
    guard !overflow, rows &>> 58 == 0, columns &>> 58 == 0 else {
      throw TrimtabError(.outOfMemory, "%: found % x % elements, more memory than can be had", name, rows, columns)
    }
    self.rows = rows
    self.columns = columns
    self.stride = stride
    storage = try Storage(count: count, for: name)
    pointer = storage.pointer
  }

  /// The next multiple of sixteen, at least sixteen.
  static func padded(_ count: Int) -> Int { max(count &+ 15, 16) & ~15 }

  func row(_ index: Int) -> UnsafeMutablePointer<Double> { pointer + index &* stride }
  var panelCount: Int { Matrix.padded(rows) / 16 }

  /// Copies everything, padding included, from a matrix of the same shape.
  func copy(from other: Matrix) {
    pointer.update(from: other.pointer, count: min(storage.count, other.storage.count))
  }

  func fillWithZeros() { pointer.update(repeating: 0, count: storage.count) }

  func scale(by factor: Double) {
    for index in 0..<storage.count { pointer[index] *= factor }
  }

  /// Copies the lower triangle onto the upper one and clears the padding that products left behind.
  func mirrorLowerTriangle() {
    for i in 0..<rows {
      for j in (i &+ 1)..<max(stride, i &+ 1) { row(i)[j] = j < columns ? row(j)[i] : 0 }
    }
    for i in rows..<Matrix.padded(rows) { row(i).update(repeating: 0, count: stride) }
  }

  /// Whether no element on or below the diagonal is NaN or infinite.
  var lowerTriangleIsFinite: Bool {
    for i in 0..<rows where !kernels.matrix.allFinite(row(i), min(i &+ 1, columns)) { return false }
    return true
  }

  /// Adds to the diagonal.
  func addToDiagonal(_ value: Double) {
    for index in 0..<min(rows, columns) { row(index)[index] += value }
  }
}

/// The greatest power of two that does not exceed |x|, as an exponent; 0 for 0.
func binaryExponent(_ x: Double) -> Int {
  x != 0 && x.isFinite ? Int(x.exponent) : 0
}

/// 2^exponent, held inside the normal numbers.
func powerOfTwo(_ exponent: Int) -> Double {
  Double(bitPattern: UInt64(truncatingIfNeeded: min(max(exponent, -1022), 1023) &+ 1023) << 52)
}
