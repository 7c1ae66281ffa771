import Foundation
import Testing

@testable import Trimtab

@Suite struct Factorisations {
  private func matrix(_ source: SampleMatrix) throws -> Matrix {
    let matrix = try Matrix(rows: source.rows, columns: source.columns, for: "test")
    for i in 0..<source.rows { for j in 0..<source.columns { matrix.row(i)[j] = source[i, j] } }
    return matrix
  }

  private func gram(_ order: Int, _ gaussian: inout Gaussian) -> SampleMatrix {
    let x = gaussian.matrix(order + 5, order)
    let s = SampleMatrix(order, order) { _, _ in 0 }
    for i in 0..<order { for j in 0..<order { s[i, j] = (0..<order + 5).reduce(0) { $0 + x[$1, i] * x[$1, j] } } }
    return s
  }

  @Test(arguments: [1, 2, 15, 16, 17, 63, 64, 65, 130, 200])
  func choleskyRebuildsTheMatrix(order: Int) throws {
    var gaussian = Gaussian()
    let s = gram(order, &gaussian)
    let lower = try matrix(s)
    #expect(factorCholesky(lower, try CholeskyWorkspace(order: order)))
    let largest = (0..<order).map { s[$0, $0] }.max() ?? 0
    for i in 0..<order {
      for j in 0...i {
        let sum = (0...j).reduce(0) { $0 + lower.row(i)[$1] * lower.row(j)[$1] }
        #expect(abs(sum - s[i, j]) <= 1e-14 * Double(order) * largest, "seed \(gaussian.seed)")
      }
    }
  }

  @Test(arguments: [3, 70])
  func choleskyRefusesIndefiniteAndNaN(order: Int) throws {
    for last in [-1e-3, Double.nan] {
      let s = try matrix(SampleMatrix(order, order) { $0 == $1 ? ($0 == order - 1 ? last : 1) : 0 })
      #expect(!factorCholesky(s, try CholeskyWorkspace(order: order)))
    }
  }

  /// The second difference: eigenvalues 2 - 2 cos(k pi / (n + 1)).
  @Test(arguments: [1, 2, 3, 20, 100])
  func eigenvaluesOfTheSecondDifference(order: Int) throws {
    let eigen = try SymmetricEigen(try matrix(SampleMatrix(order, order) { $0 == $1 ? 2 : abs($0 - $1) == 1 ? -1 : 0 }))
    try eigen.solve(vectors: nil)
    sortDescending(eigen.values.pointer, order)
    for k in 1...order {
      let exact = 2 - 2 * cos(Double(order + 1 - k) * .pi / Double(order + 1))
      #expect(abs(eigen.values.pointer[k - 1] - exact) <= 2e-14)
    }
  }

  @Test(arguments: [1, 2, 3, 16, 33, 120])
  func eigenvectorsSatisfyTheirEquation(order: Int) throws {
    var gaussian = Gaussian()
    let half = gaussian.matrix(order, order)
    let a = SampleMatrix(order, order) { half[$0, $1] + half[$1, $0] }
    let eigen = try SymmetricEigen(try matrix(a))
    let vectors = try matrix(SampleMatrix(order, order) { $0 == $1 ? 1 : 0 })
    try eigen.solve(vectors: vectors)
    for k in 0..<order {
      let v = vectors.row(k)
      for i in 0..<order {
        let product = (0..<order).reduce(0) { $0 + a[i, $1] * v[$1] }
        #expect(abs(product - eigen.values.pointer[k] * v[i]) <= 1e-13 * Double(order), "seed \(gaussian.seed)")
      }
      for other in 0...k {
        let dot = (0..<order).reduce(0) { $0 + v[$1] * vectors.row(other)[$1] }
        #expect(abs(dot - (other == k ? 1 : 0)) <= 1e-13, "seed \(gaussian.seed)")
      }
    }
  }

  @Test func singularValuesOfADiagonalKeepTheirRelativeAccuracy() throws {
    var gaussian = Gaussian()
    let rotation = try SymmetricEigen(try matrix(gram(8, &gaussian)))
    let vectors = try matrix(SampleMatrix(8, 8) { $0 == $1 ? 1 : 0 })
    try rotation.solve(vectors: vectors)
    // Rows of an orthogonal matrix times powers of ten: the singular values are those powers, over fourteen decades.
    let scaled = SampleMatrix(8, 8) { vectors.row($0)[$1] * pow(10, -2 * Double($0)) }
    let values = try singularValues(try matrix(scaled))
    for k in 0..<8 { #expect(close(values.pointer[k], pow(10, -2 * Double(k)), 1e-13), "seed \(gaussian.seed)") }
  }

  @Test func luSolvesBothWays() throws {
    var gaussian = Gaussian()
    let order = 37
    let a = gaussian.matrix(order, order)
    let factors = try LUFactors(try matrix(a))
    let truth = (0..<order).map { _ in gaussian.next() }
    let x = try Storage<Double>(count: order, for: "test")
    for i in 0..<order { x.pointer[i] = (0..<order).reduce(0) { $0 + a[i, $1] * truth[$1] } }
    factors.solve(x.pointer)
    for i in 0..<order { #expect(abs(x.pointer[i] - truth[i]) < 1e-9, "seed \(gaussian.seed)") }
    for i in 0..<order { x.pointer[i] = (0..<order).reduce(0) { $0 + a[$1, i] * truth[$1] } }
    factors.solveTransposed(x.pointer)
    for i in 0..<order { #expect(abs(x.pointer[i] - truth[i]) < 1e-9, "seed \(gaussian.seed)") }
  }

  @Test func sortsDescending() throws {
    var gaussian = Gaussian()
    for count in [0, 1, 2, 3, 10, 1000] {
      let values = try Storage<Double>(count: count, for: "test")
      for index in 0..<count { values.pointer[index] = gaussian.next() }
      let expected = values.buffer.sorted(by: >)
      sortDescending(values.pointer, count)
      #expect(Array(values.buffer) == expected)
    }
  }
}
