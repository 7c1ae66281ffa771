import Foundation
import Testing

@testable import Trimtab

@Suite struct NeuronsEdgeTests {
  @Test func nonFiniteValuesAreLeftOut() throws {
    // Unit 0 never finite, unit 1 finite and dead on 998 samples, unit 2 alive with some NaN and infinities.
    var values: [Double] = []
    for sample in 0..<1200 {
      values += [
        [.nan, .infinity, -.infinity][sample % 3], sample < 1000 ? -1.0 - Double(sample % 2) : .nan,
        sample % 100 == 0 ? .infinity : 1,
      ]
    }
    let activity = try Activity()
    try withView(values, [1200, 3]) { try activity.add($0) }
    let report = activity.report()
    #expect(report.nonfiniteCount == 1200 + 200 + 12)
    #expect(report.outcome == .nonfinite)
    #expect(activity.flags(of: 0) == .unseen)
    #expect(report.deadCount == 1 && activity.flags(of: 1).contains(.dead))
    #expect(activity.activeFraction(of: 2) == 1)
    // One unseen unit must not hide a dead one: 1 of 3 is above 10 %.
    #expect(report.verdict == .warning && report.cause == .negativeBias)
    #expect(report.preactivationScale.isFinite && report.meanPreactivation.isFinite)
    let blind = try withView([Double](repeating: .nan, count: 2000), [1000, 2]) { try deadNeurons(in: $0) }
    #expect(blind.outcome == .nonfinite && blind.verdict == .unknown && blind.deadCount == 0)
  }

  @Test func emptyShapes() throws {
    let none = try withView([], [0, 4]) { try deadNeurons(in: $0) }
    #expect(none.outcome == .insufficient && none.unitCount == 4 && none.verdict == .unknown && none.deadCount == 0)
    let noUnit = try withView([], [4, 0]) { try deadNeurons(in: $0) }
    #expect(noUnit.outcome == .degenerate && noUnit.sampleCount == 4)
    #expect(try Activity().report().outcome == .insufficient)
    let vector = try withView([1, -1, 0], [3]) { try deadNeurons(in: $0) }
    #expect(
      vector.sampleCount == 1 && vector.unitCount == 3 && vector.deadCount == 2 && vector.outcome == .insufficient)
  }

  @Test func zerosAreInactiveAndSilent() throws {
    let report = try withView([Double](repeating: 0, count: 4000), [1000, 4]) { try deadNeurons(in: $0) }
    #expect(report.deadCount == 4 && report.dormantCount == 4 && report.verdict == .critical)
    #expect(report.cause == .silentInput)
  }

  @Test func refusals() throws {
    func status(_ body: () throws -> Void) -> Status? {
      do {
        try body()
        return nil
      } catch let error as TrimtabError {
        #expect(error.message.contains("found") && error.message.contains("allowed"))
        return error.status
      } catch { return nil }
    }
    #expect(status { try withView([1], []) { _ = try deadNeurons(in: $0) } } == .shape)
    var options = ActivityOptions()
    options.unitAxis = 2
    #expect(status { try withView([1], [1, 1]) { _ = try deadNeurons(in: $0, options: options) } } == .invalidArgument)
    let integers: [Int32] = [1]
    #expect(
      status {
        try integers.withUnsafeBytes { _ = try deadNeurons(in: try TensorView($0.baseAddress, .int32, shape: [1, 1])) }
      } == .dtype)
    // Strides of 0: a shape of 2^40 units over one element.
    var shape = Extents()
    shape[0] = 1
    shape[1] = 1 << 40
    #expect(
      status {
        try withUnsafeBytes(of: 1.0) {
          _ = try deadNeurons(
            in: TensorView(
              base: $0.baseAddress, elementType: .float64, rank: 2, shape: shape, strides: Extents()))
        }
      } == .shape)
    for change: (inout ActivityOptions) -> Void in [
      { $0.confidence = 1 }, { $0.confidence = .nan }, { $0.leastActiveFraction = 0 }, { $0.inactiveFraction = -1 },
      { $0.layerWarningFraction = 0.9 }, { $0.saturationLow = 1 }, { $0.leak = .infinity }, { $0.unitAxis = -2 },
      { $0.dormantThreshold = .nan }, { $0.saturatedFraction = 2 },
    ] {
      var options = ActivityOptions()
      change(&options)
      #expect(status { _ = try Activity(options: options) } == .invalidArgument)
    }
  }

  @Test func aRefusedBatchChangesNothing() throws {
    let activity = try Activity()
    try withView([1, -1], [1, 2]) { try activity.add($0) }
    let before = activity.save()
    #expect(throws: TrimtabError.self) { try withView([1, 2, 3], [1, 3]) { try activity.add($0) } }
    #expect(activity.save() == before)
  }

  @Test func valuesAtTheEndOfTheRange() throws {
    let huge = Double.greatestFiniteMagnitude
    let values = (0..<2000).map { $0 % 2 == 0 ? ($0 % 4 == 0 ? huge : -huge) : -huge }
    let activity = try Activity()
    try withView(values, [1000, 2]) { try activity.add($0) }
    let report = activity.report()
    #expect(report.meanPreactivation.isFinite && report.preactivationScale == huge)
    #expect(activity.dormancyScore(of: 0).isFinite && report.deadCount == 1)
    #expect(report.verdict == .warning && report.cause == .learningRateTooHigh)
  }

  /// Means near 1e8 are held to half an ulp, 7.5e-9, and a merge squares their difference, below 0.7 of a deviation
  /// here; the relative error of the deviation is thus below 0.7 * 1.5e-8.
  @Test func aFarOffsetKeepsItsSpread() throws {
    var deviates = Deviates()
    let values = (0..<30_000).map { _ in deviates.normal() + 1e8 }
    let activity = try Activity()
    for batch in 0..<100 {
      try withView(Array(values[batch * 300..<batch * 300 + 300]), [100, 3]) { try activity.add($0) }
    }
    for unit in 0..<3 {
      let own = values.indices.filter { $0 % 3 == unit }.map { values[$0] - 1e8 }
      let mean = own.reduce(0, +) / 10_000
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
      #expect(abs(activity.record(unit).deviation / variance.squareRoot() - 1) < 1.05e-8)
    }
  }
}
