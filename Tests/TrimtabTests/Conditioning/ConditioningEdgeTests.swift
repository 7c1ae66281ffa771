import Testing

@testable import Trimtab

@Suite struct ConditioningEdges {
  @Test func oneSampleIsInsufficient() throws {
    let report = try SampleMatrix([[1, 2, 3]]).report()
    #expect(report.outcome == .insufficient && report.verdict == .unknown)
    #expect(report.sampleCount == 1)
  }

  @Test func noSampleIsInsufficient() throws {
    #expect(try SampleMatrix(0, 3) { _, _ in 0 }.report().outcome == .insufficient)
    #expect(try Covariance().report().outcome == .insufficient)
  }

  @Test func noFeatureIsDegenerate() throws {
    let report = try SampleMatrix(5, 0) { _, _ in 0 }.report()
    #expect(report.outcome == .degenerate && report.sampleCount == 5)
  }

  @Test func constantFeaturesAreListedAndLeftOut() throws {
    var gaussian = Gaussian(seed: 3)
    let x = gaussian.matrix(1000, 4)
    for i in 0..<1000 { x[i, 1] = 1e8 + 0.1 }
    for i in 0..<1000 { x[i, 3] = x[i, 3] + 1e8 }
    let report = try x.report()
    #expect(report.constantFeatureCount == 1)
    #expect(report.rank == 3)
    #expect(report.conditionNumber < 2)
    #expect(report.verdict == .notice && report.cause == .constantFeature)
    #expect(report.blamedFeatures == [1] && report.blamedShares == [1])
    let covariance = try Covariance()
    try x.add(to: covariance)
    var values = [Double](repeating: 1, count: 16)
    values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { covariance.covariance(to: base) } }
    #expect(values[5] == 0)
  }

  @Test func allConstantIsDegenerate() throws {
    let report = try SampleMatrix(10, 3) { _, j in Double(j) * 1e300 }.report()
    #expect(report.outcome == .degenerate && report.constantFeatureCount == 3)
  }

  @Test func rowsWithNaNAreLeftOutAndCounted() throws {
    var gaussian = Gaussian(seed: 5)
    let clean = gaussian.matrix(600, 5)
    let dirty = SampleMatrix(603, 5) { i, j in
      switch (i, j) {
      case (0, 2): .nan
      case (300, 4): .infinity
      case (602, 0): -.infinity
      default: clean[min(max(i - (i > 300 ? 2 : 1), 0), 599), j]
      }
    }
    let report = try dirty.report()
    #expect(report.nonfiniteSampleCount == 3 && report.sampleCount == 600)
    #expect(close(report.conditionNumber, try clean.report().conditionNumber, 1e-12))
    let none = try SampleMatrix(4, 2) { _, _ in .nan }.report()
    #expect(none.outcome == .insufficient && none.nonfiniteSampleCount == 4)
  }

  @Test func duplicatedFeaturesAreANotice() throws {
    var gaussian = Gaussian(seed: 6)
    let base = gaussian.matrix(500, 4)
    let x = SampleMatrix(500, 5) { base[$0, $1 == 4 ? 2 : $1] }
    let report = try x.report()
    #expect(report.rank == 4 && report.conditionNumber == .infinity)
    #expect(report.verdict == .notice && report.cause == .redundantFeature)
    #expect(Set(report.blamedFeatures) == [2, 4])
    #expect(report.blamedShares.allSatisfy { abs($0 - 0.5) < 1e-6 })
  }

  @Test func nearlyDependentFeaturesAreBlamedOnCorrelation() throws {
    var gaussian = Gaussian(seed: 7)
    let base = gaussian.matrix(500, 6)
    let x = SampleMatrix(500, 6) { $1 == 5 ? base[$0, 1] + 1e-3 * base[$0, 5] : base[$0, $1] }
    let report = try x.report()
    #expect(report.verdict == .critical && report.cause == .featureCorrelation)
    #expect(Set(report.blamedFeatures.prefix(2)) == [1, 5])
  }

  @Test func scaleBeyondTheRankIsCritical() throws {
    var gaussian = Gaussian(seed: 8)
    let base = gaussian.matrix(500, 3)
    let report = try SampleMatrix(500, 3) { base[$0, $1] * ($1 == 0 ? 1e12 : 1) }.report()
    #expect(report.verdict == .critical && report.cause == .featureScale)
    #expect(report.blamedFeatures.first == 0)
  }

  @Test func oneFeature() throws {
    let report = try SampleMatrix([[1], [2], [4]]).report()
    #expect(report.conditionNumber == 1 && report.rank == 1 && report.verdict == .healthy)
    let values: [Double] = [1, 2, 4]
    try values.withUnsafeBufferPointer { buffer in
      let view = try TensorView(buffer.baseAddress, .float64, shape: [3])
      #expect(try conditionNumber(of: view).featureCount == 1)
    }
  }

  @Test func axesAfterTheFirstAreFlattened() throws {
    var gaussian = Gaussian(seed: 9)
    let x = gaussian.matrix(40, 6)
    let view = try TensorView(x.values, .float64, shape: [40, 2, 3])
    #expect(try conditionNumber(of: view).conditionNumber == x.report().conditionNumber)
  }

  @Test func otherFeatureCountsAreRefusedAndChangeNothing() throws {
    let covariance = try Covariance()
    try SampleMatrix([[1, 2], [3, 5]]).add(to: covariance)
    let before = covariance.save()
    #expect(throws: TrimtabError.self) { try SampleMatrix([[1, 2, 3]]).add(to: covariance) }
    let other = try Covariance()
    try SampleMatrix([[1, 2, 3]]).add(to: other)
    #expect(throws: TrimtabError.self) { try covariance.merge(other) }
    #expect(covariance.save() == before)
  }

  @Test func limitsAreKept() throws {
    var options = ConditioningOptions()
    options.maximumFeatures = 4
    #expect(throws: TrimtabError.self) { try SampleMatrix(3, 5) { Double($0 + $1) }.report(options) }
    // Stride 0: a shape that no memory stands behind must be refused, not allocated.
    var strides = Extents()
    strides[0] = 0
    var shape = Extents()
    (shape[0], shape[1]) = (2, 1 << 40)
    let one = SampleMatrix([[1]])
    let huge = try TensorView(base: one.values, elementType: .float64, rank: 2, shape: shape, strides: strides)
    #expect(throws: TrimtabError.self) { try conditionNumber(of: huge) }
    #expect(throws: TrimtabError.self) { try matrixCondition(of: huge) }
  }

  @Test(arguments: [Double.nan, 0, -1, .infinity])
  func badThresholdsAreRefused(value: Double) {
    var options = ConditioningOptions()
    options.warningConditionNumber = value
    #expect(throws: TrimtabError.self) { try Covariance(options: options) }
  }
}
