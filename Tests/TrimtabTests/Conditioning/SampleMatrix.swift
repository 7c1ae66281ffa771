import Foundation
import Testing

@testable import Trimtab

/// A row-major float64 matrix that owns its memory and can be viewed as a tensor.
final class SampleMatrix {
  let rows: Int
  let columns: Int
  let values: UnsafeMutablePointer<Double>

  init(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Double) {
    self.rows = rows
    self.columns = columns
    values = .allocate(capacity: max(rows * columns, 1))
    for i in 0..<rows { for j in 0..<columns { values[i * columns + j] = element(i, j) } }
  }

  convenience init(_ table: [[Double]]) {
    self.init(table.count, table.first?.count ?? 0) { table[$0][$1] }
  }

  deinit { values.deallocate() }

  subscript(i: Int, j: Int) -> Double {
    get { values[i * columns + j] }
    set { values[i * columns + j] = newValue }
  }

  func view() throws -> TensorView { try TensorView(values, .float64, shape: [rows, columns]) }

  func add(to covariance: Covariance) throws {
    try withExtendedLifetime(self) { try covariance.add(try view()) }
  }

  func part(_ range: Range<Int>) -> SampleMatrix {
    SampleMatrix(range.count, columns) { self[range.lowerBound + $0, $1] }
  }

  func report(_ options: ConditioningOptions = .init()) throws -> ConditioningReport {
    try withExtendedLifetime(self) { try conditionNumber(of: try view(), options: options) }
  }

  func condition(
    _ method: MatrixMethod = .automatic, norm: MatrixNorm = .two
  ) throws -> MatrixReport {
    var options = MatrixOptions()
    options.method = method
    options.norm = norm
    return try withExtendedLifetime(self) { try matrixCondition(of: try view(), options: options) }
  }

  /// 2 d samples, plus and minus sqrt(d) times the columns of C's Cholesky factor: their covariance is C.
  static func samples(withCovariance c: SampleMatrix) -> SampleMatrix {
    let d = c.rows
    let lower = SampleMatrix(d, d) { _, _ in 0 }
    for j in 0..<d {
      for i in j..<d {
        var sum = c[i, j]
        for k in 0..<j { sum -= lower[i, k] * lower[j, k] }
        lower[i, j] = i == j ? sum.squareRoot() : sum / lower[j, j]
      }
    }
    let root = Double(d).squareRoot()
    return SampleMatrix(2 * d, d) { row, j in (row < d ? root : -root) * lower[j, row % d] }
  }
}

/// Reproducible Gaussian numbers; a failing test prints the seed.
struct Gaussian {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64 = UInt64.random(in: 1...UInt64.max)) {
    self.seed = seed
    state = seed
  }

  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (Double((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53
  }

  mutating func next() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform()) }

  mutating func matrix(_ rows: Int, _ columns: Int) -> SampleMatrix { SampleMatrix(rows, columns) { _, _ in next() } }
}

func close(_ a: Double, _ b: Double, _ relative: Double) -> Bool {
  abs(a - b) <= relative * max(abs(a), abs(b)) || a == b
}

func repositoryFile(_ path: String) -> URL {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: path)
}
