import Testing

@testable import Trimtab

@Suite struct WatchedUnits {
  /// A ReLU layer of ten units, `dead` of which lie at `mean` with `deviation`, looked at 100 samples a step.
  private func run(
    dead: Int, mean: Double = -2, deviation: Double = 0.5, steps: Int = 60, role: Role = .hidden,
    activation: Activation = .relu, _ change: (inout MonitorOptions) -> Void = { _ in }
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(9)
    // Long enough ago that what is dead is not a passing thing of the first steps.
    let run = try MonitorRun {
      $0.warmUp = 1
      change(&$0)
    }
    let layer = try run.register("layer", role) { $0.activation = activation }
    for _ in 0..<steps {
      let values = (0..<1000).map { place in
        // The dead lie within two deviations of their mean; the others about 0.
        place % 10 < dead ? mean + deviation * (4 * numbers.unit() - 2) : numbers.normal()
      }
      try run.step { try run.show(layer, .preactivation, values, shape: [100, 10]) }
    }
    return run
  }

  @Test func deadUnitsAreCounted() throws {
    let most = try run(dead: 6)
    #expect(most.findings.map(\.rule) == [.deadUnits])
    let finding = most.first
    #expect(most.name(of: finding) == "layer" && finding.quantity == .preactivation)
    #expect(finding.value == 0.6 && finding.verdict == .critical && finding.threshold == 0.5)
    #expect(finding.confidence >= 0.95 && finding.confidence <= 1)
    let some = try run(dead: 4)
    #expect(some.findings.map(\.value) == [0.4] && some.first.verdict == .warning)
    #expect(some.first.threshold == 0.3)
  }

  /// A net that learns with the rest of a layer is sparse; of a loss without a known guess a fall to half tells.
  @Test(
    arguments: [(1.0, 0.7, .notice), (1, 0.9, .warning), (nil, 0.45, .notice), (nil, 0.7, .warning)]
      as [(Double?, Double, Verdict)])
  func deadUnitsOfANetThatLearns(guess: Double?, level: Double, verdict: Verdict) throws {
    var numbers = SeededNumbers(6)
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    for number in 1...300 {
      let values = (0..<1000).map { place in
        place % 10 < 4 && number > 150 ? -3 + numbers.unit() : numbers.normal()
      }
      try run.step {
        try run.monitor.observe(.loss, number <= 10 ? 1 : level)
        if let guess { try run.monitor.observe(ObjectiveFacts.regression(guess: guess)) }
        try run.show(layer, .preactivation, values, shape: [100, 10])
      }
    }
    #expect(run.findings(.deadUnits).map(\.verdict) == [verdict])
  }

  @Test func aGradedActivationMayComeBack() throws {
    let some = try run(dead: 6, activation: .gelu)
    #expect(some.findings.map(\.verdict) == [.notice])
    #expect(try run(dead: 10, activation: .gelu).findings.map(\.verdict) == [.critical])
  }

  @Test func whatIsDeadInTheFirstStepsMayComeBack() throws {
    #expect(try run(dead: 8, steps: 100) { $0.warmUp = 25 }.findings.isEmpty)
    #expect(try run(dead: 8, steps: 120) { $0.warmUp = 25 }.first.firstStep > 100)
    #expect(try run(dead: 10, steps: 20) { $0.warmUp = 25 }.first.verdict == .critical)
  }

  @Test(arguments: [0, 1, 3])
  func fewDeadUnitsAreHealthy(dead: Int) throws {
    #expect(try run(dead: dead).findings.isEmpty)
  }

  @Test func nothingIsSaidBeforeThereAreSamplesEnough() throws {
    #expect(try run(dead: 9, steps: 9).findings.isEmpty)
    let run = try run(dead: 9)
    let needed = Int(ActivityOptions().neededSamples)
    #expect(run.first.firstStep == (needed + 99) / 100)
  }

  @Test func theCauseIsWhatTheyLookLike() throws {
    // Four deviations below zero; thrown far below; driven by large inputs. The spread of ±2 d is 1.15 d.
    #expect(try run(dead: 6, mean: -2, deviation: 0.5).findings.map(\.cause) == [.negativeBias])
    #expect(try run(dead: 6, mean: -60, deviation: 0.5).findings.map(\.cause) == [.learningRateTooHigh])
    #expect(try run(dead: 6, mean: -300, deviation: 100).findings.map(\.cause) == [.unscaledInput])
  }

  @Test func saturatedUnits() throws {
    let run = try run(dead: 7, mean: -15, deviation: 0.5, activation: .tanh)
    #expect(run.findings.map(\.rule) == [.saturatedUnits])
    #expect(run.first.value == 0.7 && run.first.cause == .saturation)
    #expect(try self.run(dead: 7, mean: -2, activation: .tanh).findings.isEmpty)
  }

  @Test func theOutputLayerIsNotJudged() throws {
    #expect(try run(dead: 10, role: .output).findings.isEmpty)
  }

  @Test func aLayerThatRecoversIsHealthyAgain() throws {
    var numbers = SeededNumbers(1)
    let run = try MonitorRun { $0.warmUp = 1 }
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    for number in 1...60 {
      // A window is one look of 1500 samples.
      let values = (0..<6000).map { place in number <= 5 && place % 4 < 3 ? -3 : numbers.normal() }
      try run.step { try run.show(layer, .preactivation, values, shape: [1500, 4]) }
      if number == 5 { #expect(run.findings.first?.isStanding == true) }
    }
    #expect(run.findings.count == 1 && !run.first.isStanding && run.first.lastStep == 5)
  }
}

@Suite struct AllZeroOutputs {
  @Test func aLayerOfZerosIsNamedAfterThree() throws {
    let run = try MonitorRun()
    let first = try run.register("first", .hidden)
    let second = try run.register("second", .hidden)
    for _ in 0..<3 {
      #expect(run.findings.isEmpty)
      try run.step {
        try run.show(first, .output, [1.0, 0, 0, 0])
        try run.show(second, .output, [0.0, 0, -0.0, 0])
      }
    }
    #expect(run.findings.map(\.rule) == [.allZero] && run.name(of: run.first) == "second")
    #expect(run.first.verdict == .critical && run.first.quantity == .output)
  }

  @Test func anEmptyOutputIsNotAllZero() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    for _ in 0..<9 { try run.step { try run.show(layer, .output, [Double](), shape: [0, 4]) } }
    #expect(run.findings.isEmpty)
  }

  @Test func deadUnitsBeforeItExplainIt() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    let next = try run.register("next", .hidden)
    var numbers = SeededNumbers(8)
    for _ in 0..<6 {
      // 24 samples a step: far too few for a verdict on units by itself, until the next layer gets nothing.
      let values = (0..<240).map { _ in -100 + numbers.unit() }
      try run.step {
        try run.show(layer, .preactivation, values, shape: [24, 10])
        try run.show(next, .output, Array(repeating: 0.0, count: 240), shape: [24, 10])
      }
    }
    #expect(run.findings.map(\.rule) == [.deadUnits])
    let finding = run.first
    #expect(run.name(of: finding) == "layer" && finding.value == 1 && finding.cause == .learningRateTooHigh)
    // The confidence says how few samples that was.
    #expect(finding.confidence < 0.95)
  }
}
