import Foundation
import Testing

@testable import Trimtab

@Suite struct FeatureScaleTests {
  private func scale(_ values: [Double], _ shape: [Int]) throws -> FeatureScaleReport {
    try withView(values, shape) { try featureScale(of: $0) }
  }

  /// Independent normal numbers, rows and columns times e to some.
  private func entries(_ n: Int, _ d: Int, row: (Int) -> Double = { _ in 0 }, column: (Int) -> Double = { _ in 0 })
    -> [Double]
  {
    let numbers = RandomNumbers(seed: 1, stream: 1)
    return (0..<(n * d)).map { numbers.normal(at: UInt64($0)) * exp(row($0 / d) + column($0 % d)) }
  }

  @Test func theTwoByTwoOracle() throws {
    let report = try scale([0, 1, 2, 3].map { exp($0) }, [2, 2])
    #expect((report.nodeShare - 0.8).magnitude < 1e-12 && (report.featureShare - 0.2).magnitude < 1e-12)
    #expect((report.nodeDeviation - 2.0.squareRoot()).magnitude < 1e-12)
    #expect((report.featureDeviation - 0.5.squareRoot()).magnitude < 1e-12)
    #expect(report.residualDeviation == 0 && report.advice == .nodeWise && report.cause == .nodeScale)
  }

  @Test func theAdviceNamesTheAxis() throws {
    let alike = try scale(entries(500, 32), [500, 32])
    #expect(alike.advice == .none && alike.verdict == .healthy)
    #expect((alike.residualDeviation - 1.1107).magnitude < 0.03 && alike.nodeShare > 0.025)
    let nodes = try scale(entries(400, 32, row: { $0 % 20 == 0 ? log(100) : 0 }), [400, 32])
    #expect(nodes.advice == .nodeWise && nodes.outlierNodeCount == 20 && nodes.outlierNodes.count == 8)
    let features = try scale(entries(400, 32, column: { $0 == 3 ? log(1000) : 0 }), [400, 32])
    #expect(features.advice == .featureWise && features.outlierFeatures == [3])
    let both = try scale(
      entries(400, 32, row: { Double($0 % 5) }, column: { Double($0 % 5) }), [400, 32])
    #expect(both.advice == .both)
  }

  @Test func noNodeOfIndependentEntriesStandsOut() throws {
    for (n, d) in [(20_000, 4), (5000, 16), (400, 32)] {
      let report = try scale(entries(n, d), [n, d])
      #expect(report.outlierNodeCount == 0 && report.outlierFeatureCount == 0, "\(n) x \(d)")
    }
  }

  @Test func rowsAddWithEntriesMissing() throws {
    var values = entries(60, 70)
    for place in values.indices where place % 3 == place / 70 % 2 { values[place] = 0 }
    values[5] = .nan
    let whole = try scale(values, [60, 70])
    let (first, second) = (try FeatureScale(), try FeatureScale())
    try withView(Array(values.prefix(1400)), [20, 70]) { try first.add($0) }
    try withView(Array(values.dropFirst(1400)), [40, 70]) { try second.add($0) }
    let loaded = try second.save().withUnsafeBytes { try FeatureScale.load($0) }
    try first.merge(loaded)
    let merged = try first.report()
    #expect(merged.entryCount == whole.entryCount && merged.nonfiniteCount == 1)
    #expect((merged.nodeDeviation - whole.nodeDeviation).magnitude < 1e-9)
    #expect((merged.residualDeviation - whole.residualDeviation).magnitude < 1e-9)
    #expect((merged.nodeProbability - whole.nodeProbability).magnitude < 1e-9)
  }

  @Test func everyByteOfAStateIsGuarded() throws {
    let one = try FeatureScale()
    try withView([1, 0, 2, .nan, 3, 4], [2, 3]) { try one.add($0) }
    let bytes = one.save()
    for place in bytes.indices {
      var broken = bytes
      broken[place] ^= 4
      #expect(throws: TrimtabError.self) { try broken.withUnsafeBytes { _ = try FeatureScale.load($0) } }
      #expect(throws: TrimtabError.self) {
        try bytes.prefix(place).withUnsafeBytes { _ = try FeatureScale.load($0) }
      }
    }
  }

  @Test func probabilitiesOfFisher() {
    // scipy.stats.f.sf
    #expect((fisherTail(1, 5, 10) - 0.46511942653780036).magnitude < 1e-12)
    #expect((fisherTail(3.3258345, 5, 10) - 0.05).magnitude < 1e-7)
    #expect(fisherTail(0, 5, 10) == 1 && fisherTail(.infinity, 5, 10) == 0)
  }

  @Test func stepsOfGradientDescent() {
    for (k, rate) in [(10.0, 0.8181818181818182), (100, 0.9801980198019802), (1000, 0.998001998001998)] {
      let steps = gradientDescentSteps(conditionNumber: k, tolerance: 1e-6)
      #expect((exp(log(1e-6) / steps) - rate).magnitude < 1e-13)
    }
    #expect(gradientDescentSteps(conditionNumber: 1, tolerance: 0.1) == 1)
    #expect(gradientDescentSteps(conditionNumber: .infinity, tolerance: 0.1) == .infinity)
    #expect((gradientDescentSteps(conditionNumber: 1e12, tolerance: exp(-2)) / 1e12 - 1).magnitude < 1e-14)
  }
}
