import Testing

@testable import Trimtab

/// The rules about the loss as a whole, through the monitor: what each finds, and that it finds it once.
@Suite struct WatchedLoss {
  private func run(
    _ losses: [Double], enabling rule: Rule? = nil, _ change: (inout MonitorOptions) -> Void = { _ in }
  ) throws -> MonitorRun {
    let run = try MonitorRun(change)
    if let rule {
      var settings = run.monitor.settings(of: rule)
      settings.isEnabled = true
      try run.monitor.set(rule, settings)
    }
    for loss in losses { try run.step { try run.monitor.observe(.loss, loss) } }
    return run
  }

  private func noisy(_ count: Int, seed: UInt64 = 7, _ level: (Int) -> Double) -> [Double] {
    var numbers = SeededNumbers(seed)
    return (0..<count).map { level($0) * (1 + 0.03 * numbers.normal()) }
  }

  @Test func aLossThatLeavesItsBestDiverges() throws {
    // Falls to 0.5 in 300 steps, then grows by 3 % a step: a factor of four above its best at about step 350.
    let losses = noisy(500) {
      $0 < 300 ? 0.5 + 1.5 * exponential(-Double($0) / 60) : 0.5 * exponential(0.03 * Double($0 - 300))
    }
    let run = try run(losses)
    let found = run.findings(.lossDivergence)
    #expect(found.count == 1 && found[0].cause == .divergence && found[0].entry == -1)
    #expect(found[0].firstStep > 310 && found[0].firstStep < 420)
    #expect(found[0].value > found[0].threshold)
    #expect(try self.run(noisy(500) { 0.5 + 1.5 * exponential(-Double($0) / 60) }).findings.isEmpty)
  }

  @Test(arguments: [0.02, 0.2, 30])
  func aDivergenceStandsWhileTheLossIsAway(growth: Double) throws {
    let end = 1e300
    let losses =
      noisy(300) { 0.5 + 1.5 * exponential(-Double($0) / 60) }
      + (0..<4000).map { min(0.5 * exponential(min(growth * Double($0), 690)), end) }
    let found = try run(losses).findings(.lossDivergence)
    #expect(found.count == 1 && found[0].isStanding && found[0].verdict == .critical)
    #expect(found[0].lastStep == losses.count && found[0].count > 3700)
    let back = try run(losses + noisy(200) { _ in 0.5 }).findings(.lossDivergence)
    #expect(back.count == 1 && !back[0].isStanding)
  }

  @Test func aDivergenceOfASignedLossStands() throws {
    var numbers = SeededNumbers(12)
    let losses = (0..<800).map { _ in 0.1 * numbers.normal() } + (0..<3000).map { _ in 50 + 0.1 * numbers.normal() }
    let found = try run(losses).findings(.lossDivergence)
    #expect(found.count == 1 && found[0].isStanding && found[0].count > 2900)
  }

  @Test func aRestartOfTheRateForgivesNoDivergence() throws {
    let run = try MonitorRun()
    for (index, loss) in (noisy(350) { _ in 1 } + noisy(400) { _ in 20 }).enumerated() {
      try run.step {
        try run.monitor.observe(.loss, loss)
        try run.monitor.observe(.learningRate, 0.1 * (1.01 - Double(index % 100) / 100))
      }
    }
    #expect(run.findings(.lossDivergence).map(\.isStanding) == [true])
  }

  @Test func aFitByHeartThatSlipsIsANotice() throws {
    let learnt = noisy(1000) { 2.3 * exponential(-max(Double($0) - 10, 0) / 25) + 1e-6 }
    let slipped = try run(learnt + noisy(300) { _ in 1e-4 }) { $0.mayRollBack = true }
    #expect(slipped.findings(.lossDivergence).map(\.verdict) == [.notice])
    #expect(slipped.findings(.guardian).isEmpty)
    // What was learnt is lost all the same when the loss goes back to where it began.
    let lost = try run(learnt + noisy(300) { _ in 1e-4 } + noisy(100) { _ in 2.3 }) { $0.mayRollBack = true }
    let found = lost.findings(.lossDivergence)
    #expect(found.map(\.verdict) == [.critical] && found.first.map { $0.firstStep > 1300 } == true)
    #expect(lost.findings(.guardian).count == 1)
  }

  @Test func aDivergenceAsksForTheLastGoodSnapshot() throws {
    let losses = noisy(300) { _ in 1 } + noisy(200, seed: 8) { 1 * exponential(0.05 * Double($0)) }
    let run = try MonitorRun { $0.mayRollBack = true }
    var actions: [Action] = []
    for loss in losses { actions.append(try run.step { try run.monitor.observe(.loss, loss) }.action) }
    #expect(actions.firstIndex(of: .rollBack).map { $0 > 310 && $0 < 400 } == true)
  }

  @Test func aLossThatNoLongerFallsIsAPlateau() throws {
    let losses = noisy(6000) { 1 + 2 * exponential(-Double($0) / 200) }
    #expect(try run(losses).findings.isEmpty)
    let found = try run(losses, enabling: .lossPlateau).findings(.lossPlateau)
    #expect(found.count == 1 && found[0].cause == .plateau && found[0].firstStep > 1000)
    let falling = noisy(6000) { 3 - 0.0004 * Double($0) }
    #expect(try run(falling, enabling: .lossPlateau).findings(.lossPlateau).isEmpty)
  }

  @Test func aLossThatGoesUpAndDownOscillates() throws {
    let losses = noisy(300) { _ in 1 } + noisy(300, seed: 9) { $0 % 2 == 0 ? 1.4 : 0.6 }
    let found = try run(losses).findings(.lossOscillation)
    #expect(found.count == 1 && found[0].cause == .oscillation && found[0].value > 0.8)
    #expect(found[0].firstStep > 300 && found[0].firstStep <= 300 + 2 * 128)
    // That it stays where it is, is a notice of another rule.
    let level = try run(noisy(3000) { _ in 1 })
    #expect(level.findings.allSatisfy { $0.rule == .learning && $0.verdict == .notice })
  }

  @Test func twoTasksInTurnsAreNoFault() throws {
    let learning = noisy(600) { ($0 % 2 == 0 ? 2.0 : 1.0) * (0.4 + exponential(-Double($0) / 100)) }
    #expect(try run(learning).findings.allSatisfy { $0.verdict == .notice })
    // From the start, and it learns nothing: a rate that is too high.
    let stuck = try run(noisy(400) { $0 % 2 == 0 ? 2.0 : 1.0 })
    #expect(stuck.findings(.lossOscillation).map(\.verdict) == [.warning])
  }

  @Test func aLearningRateThatLeapsIsBlamed() throws {
    for (before, after, cause) in [(0.05, 20.0, Cause.learningRateTooHigh), (0.05, 0.05, .badBatch)] {
      let run = try MonitorRun()
      for (index, loss) in (noisy(200) { _ in 1 } + [1, 40, 1600]).enumerated() {
        try run.step {
          try run.monitor.observe(.loss, loss)
          try run.monitor.observe(.learningRate, index < 200 ? before : after)
        }
      }
      let found = try #require(run.findings.first { $0.rule != .learning })
      #expect(found.rule == .lossSpike && found.cause == cause && found.firstStep == 202)
    }
  }

  @Test func aWarmRestartIsNoLeap() throws {
    let run = try MonitorRun()
    var numbers = SeededNumbers(3)
    for index in 0..<600 {
      // The rate falls to a hundredth and comes back; the loss rises by a half with it.
      let phase = Double(index % 100) / 100
      try run.step {
        try run.monitor.observe(.loss, (1.5 - 0.5 * phase) * (1 + 0.02 * numbers.normal()))
        try run.monitor.observe(.learningRate, 0.1 * (1.01 - phase))
      }
    }
    #expect(run.findings.allSatisfy { $0.verdict == .notice })
  }
}
