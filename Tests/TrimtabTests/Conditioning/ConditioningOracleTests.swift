import Foundation
import Testing

@testable import Trimtab

@Suite struct ConditioningOracles {
  @Test func equicorrelated() throws {
    let c = SampleMatrix(50, 50) { $0 == $1 ? 1 : 0.9 }
    let report = try SampleMatrix.samples(withCovariance: c).report()
    #expect(close(report.conditionNumber, 451, 1e-11))
    #expect(close(report.conditionNumberOfCorrelation, 451, 1e-11))
    #expect(close(report.largestEigenvalue, 1 + 49 * 0.9, 1e-12))
    #expect(close(report.smallestEigenvalue, 0.1, 1e-12))
  }

  @Test func autoregressive() throws {
    let c = SampleMatrix(50, 50) { pow(0.9, Double(abs($0 - $1))) }
    #expect(abs(try SampleMatrix.samples(withCovariance: c).report().conditionNumber - 302.401) < 5e-4)
  }

  @Test(arguments: [(10.0, 0.818181818181818181), (100, 0.980198019801980198), (1000, 0.998001998001998002)])
  func gradientDescentRates(kappa: Double, rate: Double) throws {
    let report = try SampleMatrix.samples(withCovariance: SampleMatrix([[kappa, 0], [0, 1]])).report()
    #expect(close(report.conditionNumber, kappa, 4e-15))
    #expect(close(report.gradientDescentRate, rate, 4e-15))
    #expect(close(report.largestStableLearningRate, 2 / kappa, 4e-15))
  }

  /// scikit-learn: empirical_covariance([[0, 1], [1, 0]]).
  @Test func empiricalCovarianceOfTwoRows() throws {
    let covariance = try Covariance()
    try SampleMatrix([[0, 1], [1, 0]]).add(to: covariance)
    var values = [Double](repeating: 0, count: 4)
    values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { covariance.covariance(to: base) } }
    #expect(values == [0.25, -0.25, -0.25, 0.25])
  }

  /// Ten thousand samples near 1e8: the naive E[x^2] - E[x]^2 has no correct digit, and is shown to fail.
  @Test func keepsVarianceUnderAHugeOffset() throws {
    var gaussian = Gaussian(seed: 37)
    let noise = SampleMatrix(10_000, 3) { _, _ in (gaussian.next() * 1024).rounded() / 1024 }
    let samples = SampleMatrix(10_000, 3) { noise[$0, $1] + 1e8 }
    let covariance = try Covariance()
    for chunk in 0..<37 {
      try samples.part(chunk * 10_000 / 37..<(chunk + 1) * 10_000 / 37).add(to: covariance)
    }
    var values = [Double](repeating: 0, count: 9)
    values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { covariance.covariance(to: base) } }
    for j in 0..<3 {
      // The noise is a multiple of 2^-10, so that adding 1e8 lost nothing and its own variance is the truth.
      let mean = (0..<10_000).reduce(0) { $0 + noise[$1, j] } / 10_000
      let exact = (0..<10_000).reduce(0) { $0 + (noise[$1, j] - mean) * (noise[$1, j] - mean) } / 10_000
      #expect(close(values[j * 4], exact, 1e-12))
      let squares = (0..<10_000).reduce(0) { $0 + samples[$1, j] * samples[$1, j] } / 10_000
      let sum = (0..<10_000).reduce(0) { $0 + samples[$1, j] } / 10_000
      #expect(abs(squares - sum * sum - exact) > 0.5)
    }
  }

  @Test func nullOfMarchenkoAndPastur() throws {
    var gaussian = Gaussian(seed: 4)
    let report = try gaussian.matrix(400, 100).report()
    #expect(close(report.nullConditionNumber, 9, 1e-14))
    #expect(report.conditionNumber > 5 && report.conditionNumber < 12)
    #expect(report.verdict == .healthy)
  }

  @Test func fewerSamplesThanFeatures() throws {
    var gaussian = Gaussian(seed: 20)
    let report = try gaussian.matrix(20, 50).report()
    #expect(report.rank == 19)
    #expect(report.conditionNumber == .infinity)
    #expect(report.conditionNumberOnSupport > 2 && report.conditionNumberOnSupport < 18)
    #expect(report.shrinkage > 0.8 && report.shrinkage <= 1)
    #expect(report.conditionNumberShrunk < 2)
    #expect(report.nullConditionNumber == .infinity)
    #expect(report.verdict == .notice && report.cause == .tooFewSamples)
  }

  /// Values of scikit-learn 1.9 and numpy 2.4 on the same files.
  @Test func wine() throws {
    let raw = try table("examples/data/wine/features_raw.csv").report()
    #expect(close(raw.shrinkage, 0.010511181855745037, 1e-10))
    #expect(close(raw.conditionNumber, 12092318.2864, 1e-8))
    #expect(close(raw.conditionNumberOfCorrelation, 45.5208379014421, 1e-9))
    #expect(raw.verdict == .critical && raw.cause == .featureScale)
    // Proline, whose variance is 1e5, bears most of the blame.
    #expect(raw.blamedFeatures.first == 12)
    #expect(raw.blamedShares.reduce(0, +) <= 1)

    let values = try table("examples/data/wine/features_raw.csv")
    let scaled = SampleMatrix(values.rows, values.columns) { _, _ in 0 }
    for j in 0..<values.columns {
      let column = (0..<values.rows).map { values[$0, j] }
      let mean = column.reduce(0, +) / Double(column.count)
      let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)).squareRoot()
      for i in 0..<values.rows { scaled[i, j] = (values[i, j] - mean) / deviation }
    }
    let standardised = try scaled.report()
    #expect(close(standardised.conditionNumber, 45.5208379014421, 1e-10))
    #expect(standardised.verdict == .healthy && standardised.cause == .none)
    #expect(standardised.blamedFeatures.isEmpty)
  }

  private func table(_ path: String) throws -> SampleMatrix {
    let text = try String(contentsOf: repositoryFile(path), encoding: .utf8)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst()
    return SampleMatrix(rows.map { $0.split(separator: ",").map { Double($0) ?? .nan } })
  }
}
