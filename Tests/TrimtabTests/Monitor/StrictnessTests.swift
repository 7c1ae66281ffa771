import Testing

@testable import Trimtab

/// What the promise about false alarms makes of thresholds that no history has set.
@Suite struct StrictnessTests {
  private func settings(_ promise: Double, _ preset: MonitorOptions.Preset = .trimtab) -> [RuleSettings] {
    var options = MonitorOptions()
    (options.falseAlarmsPerMillion, options.preset) = (promise, preset)
    return Rule.allCases.map { $0.settings(options) }
  }

  // Powers of ten within a few units in the last place of the logarithm and of its exponential.
  @Test(arguments: [(1e5, 0.1), (1e-5, 10), (1, 1), (1e-12, 100), (1e-300, 100)])
  func theFactorIsARootOfThePromise(promise: Double, factor: Double) {
    let found = Strictness(falseAlarmsPerMillion: promise).factor
    #expect(abs(found / factor - 1) < 1e-14)
    #expect(promise != 1 || found == 1)
  }

  @Test func theDefaultPromiseLeavesEveryThreshold() {
    #expect(settings(1) == Rule.allCases.map { $0.settings(.trimtab) })
    #expect(settings(1e5, .sagemaker) == Rule.allCases.map { $0.settings(.sagemaker) })
  }

  /// Below some thresholds a value is bad.
  private func isFloor(_ rule: Rule, isCritical: Bool) -> Bool {
    switch rule {
    case .attentionEntropy, .rankCollapse: true
    case .vanishingGradient, .updateRatio: !isCritical
    default: false
    }
  }

  @Test(arguments: [1e5, 10, 0.1, 1e-6, 1e-300])
  func everyThresholdGoesToItsOwnSide(promise: Double) {
    var changed = 0
    for (rule, (found, usual)) in zip(Rule.allCases, zip(settings(promise), settings(1))) where usual.isEnabled {
      for (isCritical, found, usual) in [(false, found.warning, usual.warning), (true, found.critical, usual.critical)]
      where usual > 0 && usual.isFinite && usual != 1 {
        let isSooner = isFloor(rule, isCritical: isCritical) ? found > usual : found < usual
        // A share above 1 is never reached, and stays so.
        if usual < 1 || rule != .clipFraction { #expect(isSooner == (promise > 1), "\(rule) \(usual) to \(found)") }
        changed += 1
      }
      #expect((try? found.check()) != nil)
    }
    #expect(changed > 25)
  }

  @Test(arguments: [1e5, 1, 1e-3, 1e-300])
  func sharesStayShares(promise: Double) {
    for (rule, found) in zip(Rule.allCases, settings(promise))
    where [.deadUnits, .saturatedUnits, .lossOscillation, .underflow].contains(rule) {
      #expect(found.warning > 0 && found.warning < 1)
    }
  }

  /// Four of ten units are dead in a net that does not learn.
  @Test(arguments: [(1e5, Verdict.critical), (1, .warning), (1e-3, nil)] as [(Double, Verdict?)])
  func aRuleOfAShare(promise: Double, verdict: Verdict?) throws {
    var numbers = SeededNumbers(8)
    let run = try MonitorRun { ($0.falseAlarmsPerMillion, $0.warmUp) = (promise, 1) }
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    for _ in 0..<20 {
      let values = (0..<1000).map { $0 % 10 < 4 ? -3 + numbers.unit() : numbers.normal() }
      try run.step { try run.show(layer, .preactivation, values, shape: [100, 10]) }
    }
    #expect(run.findings(.deadUnits).map(\.verdict) == (verdict.map { [$0] } ?? []))
  }

  /// A loss that stays at 0.95 of a guess.
  @Test(arguments: [(1e5, 1), (1, 1), (1e-3, 0)])
  func aRuleOfLearning(promise: Double, count: Int) throws {
    var numbers = SeededNumbers(9)
    let run = try MonitorRun { $0.falseAlarmsPerMillion = promise }
    for number in 1...200 {
      try run.step {
        try run.monitor.observe(.loss, 0.95 * (1 + 0.1 * numbers.normal()))
        if number % 10 == 1 { try run.monitor.observe(ObjectiveFacts.regression(guess: 1)) }
      }
    }
    #expect(run.findings(.learning).filter { $0.verdict == .warning }.count == count)
  }

  /// What has no threshold has to last.
  @Test(arguments: [(1.0, 3), (1e-5, 30)])
  func aRuleWithoutAThreshold(promise: Double, first: Int) throws {
    let run = try MonitorRun { $0.falseAlarmsPerMillion = promise }
    let layer = try run.register("layer", .hidden)
    for _ in 0..<40 { try run.step { try run.show(layer, .output, [0.0, 0, 0, 0], shape: [2, 2]) } }
    #expect(abs((run.findings(.allZero).first?.firstStep ?? 0) - first) <= 1)
  }
}
