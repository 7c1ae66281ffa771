import Testing

@testable import Trimtab

@Suite struct RuleSwitches {
  /// Six weights, of which the second has gradients of 1e-9 and the third none but zeros.
  private func run(_ change: (MonitorRun) throws -> Void = { _ in }) throws -> MonitorRun {
    let run = try MonitorRun()
    for place in 0..<6 { try run.register("weight\(place)") }
    try change(run)
    for _ in 0..<15 {
      try run.step {
        for place in 0..<6 {
          let value = place == 1 ? 1e-9 : place == 2 ? 0 : 1
          try run.show(place, .gradient, [value, -value])
        }
      }
    }
    return run
  }

  @Test func bothAreSaidByDefault() throws {
    #expect(Set(try run().findings.map(\.rule)) == [.vanishingGradient, .zeroGradient])
  }

  @Test func aRuleIsSilencedForOneEntry() throws {
    let run = try run { try $0.monitor.silence(.vanishingGradient, about: 1) }
    #expect(run.findings.map(\.rule) == [.zeroGradient])
    let other = try self.run { try $0.monitor.silence(.vanishingGradient, about: 3) }
    #expect(other.findings.count == 2)
  }

  @Test func allRulesAreSilencedForOneEntry() throws {
    let run = try run { try $0.monitor.silence(nil, about: 2) }
    #expect(run.findings.map(\.rule) == [.vanishingGradient])
  }

  @Test func aRuleIsSwitchedOff() throws {
    let run = try run {
      var settings = $0.monitor.settings(of: .zeroGradient)
      settings.isEnabled = false
      try $0.monitor.set(.zeroGradient, settings)
    }
    #expect(run.findings.map(\.rule) == [.vanishingGradient])
  }

  @Test func patienceAndThresholdAreTheUsers() throws {
    let patient = try run {
      var settings = $0.monitor.settings(of: .zeroGradient)
      settings.patience = 2
      try $0.monitor.set(.zeroGradient, settings)
    }
    #expect(try #require(patient.findings(.zeroGradient).first).firstStep == 2)
    let lower = try run {
      var settings = $0.monitor.settings(of: .vanishingGradient)
      settings.warning = 1e-10
      try $0.monitor.set(.vanishingGradient, settings)
    }
    #expect(lower.findings.map(\.rule) == [.zeroGradient])
  }

  @Test func aSilentNonfiniteRuleStillSkips() throws {
    let run = try MonitorRun()
    try run.register("weight")
    try run.monitor.silence(nil, about: 0)
    #expect(try run.step { try run.show(0, .gradient, [Double.nan]) }.action == .skip)
    #expect(run.findings.isEmpty)
  }

  @Test func theRunAsAWholeIsEntryMinusOne() throws {
    let run = try MonitorRun()
    try run.monitor.silence(.nonfinite, about: -1)
    #expect(try run.step { try run.monitor.observe(.loss, .nan) }.action == .skip)
    #expect(run.findings.isEmpty)
  }

  @Test func everyRuleHasAName() {
    #expect(Set(Rule.allCases.map { "\($0.key)" }).count == Rule.count && Rule.allCases.count == Rule.count)
  }
}

@Suite struct Presets {
  private func units(_ preset: MonitorOptions.Preset, dead: Int) throws -> [Finding] {
    let run = try MonitorRun { ($0.preset, $0.warmUp) = (preset, 1) }
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    var numbers = SeededNumbers(3)
    let values = (0..<20_000).map { $0 % 10 < dead ? -2 - numbers.unit() : numbers.normal() }
    for _ in 0..<6 { try run.step { try run.show(layer, .preactivation, values, shape: [2000, 10]) } }
    return run.findings
  }

  @Test func deadUnits() throws {
    // DeadRelu speaks above 50 %, this above 30 %.
    #expect(try units(.trimtab, dead: 4).map(\.verdict) == [.warning])
    #expect(try units(.sagemaker, dead: 4).isEmpty)
    #expect(try units(.sagemaker, dead: 6).map(\.threshold) == [0.5])
  }

  @Test func vanishingGradient() throws {
    for (preset, count) in [(MonitorOptions.Preset.trimtab, 0), (.sagemaker, 3)] {
      let run = try MonitorRun { $0.preset = preset }
      for place in 0..<3 { try run.register("weight\(place)") }
      // Tiny everywhere, as after convergence: the published rule does not ask what the others are like.
      for _ in 0..<5 { try run.step { for place in 0..<3 { try run.show(place, .gradient, [1e-9, -1e-9]) } } }
      let found = run.findings(.vanishingGradient)
      #expect(found.count == count && found.allSatisfy { $0.firstStep == 1 && $0.threshold == 1e-7 })
      if preset == .trimtab { #expect(run.findings.isEmpty) }
    }
  }

  @Test func weightUpdateRatio() throws {
    // 0.5 a step: too much here, and far below the published 10.
    for (preset, count) in [(MonitorOptions.Preset.trimtab, 1), (.sagemaker, 0)] {
      let run = try MonitorRun { $0.preset = preset }
      try run.register("weight")
      var value = 1.0
      for _ in 0..<40 {
        try run.step { try run.show(0, .weight, [value, -value]) }
        value *= 1.5
      }
      #expect(run.findings(.updateRatio).count == count)
    }
  }

  @Test func overfit() throws {
    let run = try MonitorRun { $0.preset = .sagemaker }
    for _ in 0..<3 {
      try run.step {
        try run.monitor.observe(.loss, 1)
        try run.monitor.observe(.validationLoss, 1.2)
      }
    }
    #expect(run.findings.map(\.rule) == [.overfitting] && run.first.firstStep == 1)
    #expect(abs(run.first.value - 0.2) < 1e-12)
  }

  @Test func whatTheOtherSetDoesNotKnowIsOff() throws {
    let known: Set<Rule> = [
      .nonfinite, .vanishingGradient, .updateRatio, .deadUnits, .saturatedUnits, .unchangedParameter, .allZero,
      .lossPlateau, .overfitting, .poorInitialisation, .overtraining, .stalled,
    ]
    let monitor = try MonitorRun { $0.preset = .sagemaker }.monitor
    for rule in Rule.allCases { #expect(monitor.settings(of: rule).isEnabled == known.contains(rule)) }
    // Three steps are two comparisons.
    #expect(monitor.settings(of: .unchangedParameter).patience == 2)
  }
}

@Suite struct Overfitting {
  private func run(_ validation: (Int) -> Double, training: (Int) -> Double) throws -> MonitorRun {
    let run = try MonitorRun()
    for number in 1...400 {
      try run.step {
        try run.monitor.observe(.loss, training(number))
        if number % 10 == 0 { try run.monitor.observe(.validationLoss, validation(number)) }
      }
    }
    return run
  }

  @Test func validationThatRisesWhileTrainingFalls() throws {
    let run = try run(
      { $0 < 200 ? 0.6 - 0.0025 * Double($0) : 0.1 + 0.0025 * Double($0 - 200) }, training: { 2 / Double($0) + 0.1 })
    #expect(run.findings.map(\.rule) == [.overfitting] && run.first.cause == .overfitting)
    #expect(run.first.firstStep > 200)
  }

  @Test func bothFallingOrValidationNoisyIsHealthy() throws {
    #expect(try run({ 1.3 / Double($0) + 0.3 }, training: { 1 / Double($0) + 0.1 }).findings.isEmpty)
    var numbers = SeededNumbers(7)
    #expect(
      try run({ 1 / Double($0) + 0.5 + 0.004 * numbers.normal() }, training: { 1 / Double($0) + 0.1 }).findings.isEmpty)
  }

  @Test func aLossThatLeavesForGoodIsNotOverfitting() throws {
    #expect(try run({ 0.01 * Double($0) }, training: { 0.01 * Double($0) + 0.1 }).findings(.overfitting).isEmpty)
  }
}
