import Foundation
import Testing

@testable import Trimtab

/// Runs `body` with a view of labels.
func withLabels<Result>(_ labels: [Int], _ body: (TensorView) throws -> Result) throws -> Result {
  try labels.map(Int64.init).withUnsafeBytes { try body(try TensorView($0.baseAddress, .int64, shape: [labels.count])) }
}

/// Adds a round of labels; ids are the row numbers unless given.
func add(_ labels: [Int], ids: [Int]? = nil, round: Int, to drift: LabelDrift) throws {
  try withLabels(labels) { predictions in
    guard let ids else { return try drift.add(round: round, predictions: predictions) }
    try withLabels(ids) { try drift.add(round: round, ids: $0, predictions: predictions) }
  }
}

@Suite struct DriftOracleTests {
  private func compare(_ p: [Double], _ q: [Double], _ shape: [Int], _ options: DriftOptions = DriftOptions()) throws
    -> DriftReport
  {
    try withView(p, shape) { first in
      try withView(q, shape) { try pseudoLabelDrift(before: first, after: $0, options: options) }
    }
  }

  @Test func theTwoByTwoExample() throws {
    let report = try compare([0.9, 0.1, 0.5, 0.5], [0.1, 0.9, 0.5, 0.5], [2, 2])
    #expect(report.flipRate == 0.5 && report.sampleCount == 2)
    #expect(abs(report.totalVariation - 0.4) < 1e-15)
    #expect(abs(report.kullbackLeibler - 0.4 * log(9)) < 1e-14 && abs(report.kullbackLeibler - 0.8788898) < 5e-8)
    #expect(abs(report.jensenShannon - 0.1840321) < 5e-8)
    #expect(report.outcome == .ok && report.verdict == .critical && report.hasProbabilities)
  }

  @Test func aHardFlip() throws {
    let report = try compare([1, 0], [0, 1], [1, 2])
    #expect(abs(report.jensenShannon - log(2)) < 1e-15 && report.totalVariation == 1)
    #expect(abs(report.kullbackLeibler - log(1e12)) < 1e-10)
    #expect(report.gateCoverage == 1 && report.confidentSampleCount == 1 && report.confidentFlipRate == 1)
  }

  @Test func rowsAreNormalisedAndTiesGoToTheLowestIndex() throws {
    let report = try compare([2, 2, 0, 1e300, 1e300, 0], [1, 1, 0, 3, 0, 0], [2, 3])
    #expect(report.flipRate == 0 && report.nonfiniteCount == 0)
    #expect(abs(report.totalVariation - 0.25) < 1e-15)
  }

  @Test func periodTwoFlipsAndSwingsBackAlways() throws {
    let drift = try LabelDrift()
    for round in 0..<6 { try add((0..<50).map { ($0 + round) % 2 }, round: round, to: drift) }
    let report = drift.report()
    #expect(report.flipRate == 1 && report.oscillationRate == 1 && report.oscillationShare == 1)
    #expect(report.oscillationSampleCount == 50 && report.meanFlipRate == 1 && report.roundCount == 6)
    #expect(report.verdict == .critical && report.cause == .targetOscillation)
    #expect(try drift.report(round: 0).outcome == .insufficient)
    let second = try drift.report(round: 1)
    #expect(second.oscillationSampleCount == 0 && second.flipRate == 1 && second.cause == .unstableTargets)
  }

  /// Independent uniform labels of C classes: flip 1 - 1/C, oscillation (C - 1)/C^2, their ratio 1/C.
  @Test func independentLabelsGiveTheNull() throws {
    var deviates = Deviates()
    let drift = try LabelDrift()
    let samples = 40_000
    for round in 0..<3 { try add((0..<samples).map { _ in deviates.below(3) }, round: round, to: drift) }
    let report = drift.report()
    let five = 5 / Double(samples).squareRoot()
    #expect(abs(report.flipRate - 2.0 / 3) < five * 0.48)
    #expect(abs(report.oscillationRate - 2.0 / 9) < five * 0.42)
    #expect(abs(report.oscillationShare - 1.0 / 3) < five * 0.6 && report.oscillationNull == 1.0 / 3)
    #expect(report.cause == .unstableTargets)
  }

  /// Random rows against the formulas written out anew.
  @Test func randomRowsAgreeWithTheFormulas() throws {
    var deviates = Deviates()
    let (n, c) = (200, 5)
    func rows() -> [Double] {
      (0..<n).flatMap { _ -> [Double] in
        let row = (0..<c).map { _ in exp(3 * deviates.normal()) }
        let sum = row.reduce(0, +)
        return row.map { $0 / sum }
      }
    }
    let (p, q) = (rows(), rows())
    var (variation, shannon, leibler) = (0.0, 0.0, 0.0)
    for (a, b) in zip(p, q) {
      variation += abs(a - b) / 2
      leibler += b * log(b / a)
      shannon += 0.5 * (a * log(2 * a / (a + b)) + b * log(2 * b / (a + b)))
    }
    let report = try compare(p, q, [n, c])
    #expect(abs(report.totalVariation - variation / Double(n)) < 1e-12)
    #expect(abs(report.jensenShannon - shannon / Double(n)) < 1e-12)
    #expect(abs(report.kullbackLeibler - leibler / Double(n)) < 1e-11)
    // The stream keeps float16 rows: the same to about three digits, and exactly the same flips.
    let drift = try LabelDrift()
    try withView(p, [n, c]) { try drift.add(round: 0, predictions: $0) }
    try withView(q, [n, c]) { try drift.add(round: 1, predictions: $0) }
    let streamed = drift.report()
    #expect(streamed.flipRate == report.flipRate && streamed.gateCoverage == report.gateCoverage)
    #expect(streamed.confidentFlipRate == report.confidentFlipRate && streamed.classShift == report.classShift)
    #expect(abs(streamed.totalVariation / report.totalVariation - 1) < 1e-3)
    #expect(abs(streamed.jensenShannon / report.jensenShannon - 1) < 2e-3)
  }

  @Test func verdictsInTheirOrder() throws {
    func report(_ flips: Int, back: Int, of samples: Int = 1000, _ options: DriftOptions = DriftOptions()) throws
      -> DriftReport
    {
      // Class 9 - class keeps the shares even; the first `back` of the flips return, the others are new.
      let first = (0..<samples).map { $0 % 10 }
      let drift = try LabelDrift(options: options)
      try add((0..<samples).map { $0 < back ? 9 - first[$0] : first[$0] }, round: 0, to: drift)
      try add(first, round: 1, to: drift)
      try add((0..<samples).map { $0 < flips ? 9 - first[$0] : first[$0] }, round: 2, to: drift)
      return drift.report()
    }
    #expect(try report(50, back: 0).verdict == .healthy)
    let warned = try report(51, back: 0)
    #expect(warned.verdict == .warning && warned.cause == .unstableTargets && warned.threshold == 0.05)
    let critical = try report(201, back: 0)
    #expect(critical.verdict == .critical && critical.cause == .unstableTargets && critical.measurement == 0.201)
    let swinging = try report(30, back: 16)
    #expect(swinging.verdict == .warning && swinging.cause == .targetOscillation && swinging.measurement == 16.0 / 30)
    #expect(try report(30, back: 15).verdict == .healthy)
    #expect(try report(20, back: 20).verdict == .healthy)
    var options = DriftOptions()
    options.classPrior = [0.5, 0.5] + [Double](repeating: 0, count: 8)
    let collapsed = try report(0, back: 0, options)
    #expect(
      collapsed.verdict == .warning && collapsed.cause == .classCollapse && abs(collapsed.measurement - 0.8) < 1e-12)
  }

  @Test func anEmptyGateIsNamed() throws {
    let hesitant = (0..<200).map { $0 % 4 == 0 || $0 % 4 == 3 ? 0.6 : 0.4 }
    let report = try compare(hesitant, hesitant, [100, 2])
    #expect(report.verdict == .warning && report.cause == .emptyGate && report.gateCoverage == 0)
    var options = DriftOptions()
    options.confidenceGate = 0.6
    #expect(try compare(hesitant, hesitant, [100, 2], options).verdict == .healthy)
  }
}
