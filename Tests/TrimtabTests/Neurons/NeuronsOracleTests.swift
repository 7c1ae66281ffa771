import Foundation
import Testing

@testable import Trimtab

/// Runs `body` with a row-major view of float64 values.
func withView<Result>(
  _ values: [Double], _ shape: [Int], _ body: (TensorView) throws -> Result
) throws -> Result {
  try values.withUnsafeBytes { try body(try TensorView($0.baseAddress, .float64, shape: shape)) }
}

/// Normal deviates from a printed seed.
struct Deviates {
  private var state: UInt64

  init(seed: UInt64 = .random(in: 1...UInt64.max), _ name: String = #function) {
    state = seed
    print("\(name): seed \(seed)")
  }

  mutating func bits() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }
  mutating func below(_ count: Int) -> Int { Int(bits() % UInt64(count)) }
  mutating func normal() -> Double { sqrt(-2 * log(1 - uniform())) * cos(2 * .pi * uniform()) }
}

@Suite struct NeuronsOracleTests {
  private let oracle: [Double] = [1, -1, -1, -1, 1, 1, -1, -1, 1, -1, -1, -1, 1, -1, -1, 1]

  @Test func theFourByFourExample() throws {
    let activity = try Activity()
    try withView(oracle, [4, 4]) { try activity.add($0) }
    #expect((0..<4).map(activity.activeFraction) == [1, 0.25, 0, 0.25])
    let scores = (0..<4).map(activity.dormancyScore)
    for (score, wanted) in zip(scores, [1, 0.25, 0, 0.25].map { $0 / (0.375 + 1e-9) }) {
      #expect(abs(score - wanted) < 1e-14)
    }
    #expect(abs(scores[0] - 2.6667) < 5e-5 && abs(scores[1] - 0.6667) < 5e-5)
    let report = activity.report()
    #expect(report.deadCount == 1 && report.deadFraction == 0.25)
    #expect(report.outcome == .insufficient && report.verdict == .unknown)
    #expect(report.meanPreactivation == -0.25 && report.preactivationScale == 1 && report.meanActiveFraction == 0.375)
    #expect(activity.flags(of: 2) == [.dead, .inactive, .dormant])
  }

  /// SageMaker's DeadRelu: strictly below 1 percent is inactive, strictly more than 50 percent of the layer fires.
  @Test func thresholdsAreStrict() throws {
    // 1000 samples: unit 0 fires 10 times (exactly 1 %), unit 1 9 times, units 2 and 3 always.
    var values = [Double](repeating: 1, count: 4000)
    for sample in 0..<1000 {
      values[sample * 4] = sample < 10 ? 1 : -1
      values[sample * 4 + 1] = sample < 9 ? 1 : -1
    }
    #expect(try withView(values, [1000, 4]) { try deadNeurons(in: $0) }.inactiveCount == 1)
    // 10 units: 5 dead is exactly 50 %, a warning; 6 are critical; 1 is exactly 10 %, healthy; 2 a warning.
    for (dead, verdict) in [(1, Verdict.healthy), (2, .warning), (5, .warning), (6, .critical)] {
      let layer = (0..<10_000).map { $0 % 10 < dead ? -1.0 - Double($0 / 10 % 2) : 1.0 }
      let report = try withView(layer, [1000, 10]) { try deadNeurons(in: $0) }
      #expect(report.deadCount == dead && report.verdict == verdict && report.outcome == .ok)
    }
  }

  @Test func confidenceNeeds998Samples() throws {
    #expect(ActivityOptions().neededSamples == 998)
    for (samples, outcome) in [(1, Outcome.insufficient), (997, .insufficient), (998, .ok)] {
      let report = try withView([Double](repeating: -1, count: samples), [samples, 1]) { try deadNeurons(in: $0) }
      #expect(report.outcome == outcome && report.deadCount == 1)
      #expect(abs(report.confidence - (1 - pow(0.997, Double(samples)))) < 1e-14)
      #expect((report.verdict == .critical) == (outcome == .ok))
    }
  }

  /// A unit N(-b, 1) fires with probability Phi(-b): 0.00135 at b = 3.
  @Test func gaussianUnitFiresAsOftenAsItsTail() throws {
    var deviates = Deviates()
    let activity = try Activity()
    for _ in 0..<40 {
      try withView((0..<10_000).map { _ in deviates.normal() - 2 }, [10_000, 1]) { try activity.add($0) }
    }
    let expected = 0.022750131948
    let deviation = sqrt(expected * (1 - expected) / 400_000)
    #expect(abs(activity.activeFraction(of: 0) - expected) < 5 * deviation)
    #expect(abs(activity.report().meanPreactivation + 2) < 5 / sqrt(400_000))
    #expect(abs(activity.report().preactivationScale - sqrt(5)) < 0.01)
  }

  @Test func outputsFollowTheActivation() throws {
    let points: [Double] = [-30, -4, -1, -0.1, 0, 0.2, 1, 5, 40]
    let outputs: [(Activation, (Double) -> Double)] = [
      (.relu, { max($0, 0) }), (.leakyRelu, { $0 > 0 ? $0 : 0.01 * $0 }), (.elu, { $0 > 0 ? $0 : expm1($0) }),
      (.silu, { $0 / (1 + exp(-$0)) }), (.gelu, { $0 / 2 * erfc(-$0 / 2.0.squareRoot()) }), (.tanh, { tanh($0) }),
      (.sigmoid, { 1 / (1 + exp(-$0)) }), (.identity, { $0 }),
    ]
    for (activation, output) in outputs {
      var options = ActivityOptions()
      options.activation = activation
      for z in points {
        let activity = try Activity(options: options)
        try withView([z, z], [2, 1]) { try activity.add($0) }
        let found = activity.record(0).meanOutput
        #expect(abs(found - abs(output(z))) <= 1e-15 + 1e-14 * abs(output(z)), "\(activation) at \(z)")
        let isActive = activation == .tanh || activation == .sigmoid || (activation == .identity ? z != 0 : z > 0)
        #expect(activity.activeFraction(of: 0) == (isActive ? 1 : 0), "\(activation) at \(z)")
      }
    }
  }

  @Test func saturationBoundsOfTanhAndSigmoid() throws {
    for (activation, inside, outside) in [
      (Activation.tanh, [-9.4999, 9.4999, 0, 1], [-9.5, 9.5, 100, -100]),
      (.sigmoid, [-23, 16.99999, 0, 1], [-23.001, 17, 100, -100]),
    ] {
      var options = ActivityOptions()
      options.activation = activation
      let samples = 1000
      let layer = (0..<samples).flatMap { [inside[$0 % 4], outside[$0 % 4]] }
      let report = try withView(layer, [samples, 2]) { try deadNeurons(in: $0, options: options) }
      #expect(report.saturatedCount == 1 && report.deadCount == 0 && report.verdict == .warning)
      #expect(report.cause == .saturation && report.saturatedFraction == 0.5)
    }
  }

  @Test func channelsOfAConvolutionAreUnits() throws {
    var deviates = Deviates()
    let shape = [6, 5, 4, 3]
    let values = (0..<360).map { _ in deviates.normal() - 1 }
    var options = ActivityOptions()
    options.unitAxis = 1
    let activity = try Activity(options: options)
    try withView(values, shape) { try activity.add($0) }
    for channel in 0..<5 {
      let own = (0..<360).filter { $0 / 12 % 5 == channel }.map { values[$0] }
      #expect(activity.activeFraction(of: channel) == Double(own.count { $0 > 0 }) / 72)
      #expect(abs(activity.record(channel).mean - own.reduce(0, +) / 72) < 1e-14)
    }
    #expect(activity.report().sampleCount == 72)
  }
}
