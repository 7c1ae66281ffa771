import Testing

@testable import Trimtab

/// What is worth knowing of a healthy run is a notice; what is new in it a warning.
@Suite struct WatchedSeverity {
  private func run(_ values: [(loss: Double, norm: Double)]) throws -> MonitorRun {
    let run = try MonitorRun()
    for value in values {
      try run.step {
        try run.monitor.observe(.loss, value.loss)
        try run.monitor.observe(.gradientNorm, value.norm)
      }
    }
    return run
  }

  /// A loss that falls from 1 to about `end` in 200 steps and stays there.
  private func falling(to end: Double, steps: Int = 500) -> [(loss: Double, norm: Double)] {
    var numbers = SeededNumbers(4)
    return (0..<steps).map { step in
      let level = end + (1 - end) * max(0, 1 - Double(step) / 200)
      return (level * (1 + 0.05 * numbers.normal()), level * (1 + 0.05 * numbers.normal()))
    }
  }

  @Test func aSpikeWithinWhatTheRunHasSeenIsANotice() throws {
    var values = falling(to: 0.01, steps: 300)
    values.append((0.2, 0.2))
    let run = try run(values)
    #expect(run.findings.map(\.rule) == [.lossSpike, .gradientSpike])
    #expect(run.findings.allSatisfy { $0.verdict == .notice && $0.firstStep == 301 })
  }

  @Test func aSpikeAboveAllThatIsAWarningFromThatStepOn() throws {
    var values = falling(to: 0.01, steps: 300)
    values.append((0.2, 0.2))
    values += [(loss: Double, norm: Double)](repeating: (0.01, 0.01), count: 20)
    values.append((30, 30))
    let run = try run(values)
    #expect(run.findings(.lossSpike).map(\.verdict) == [.warning])
    #expect(run.findings(.gradientSpike).map(\.firstStep) == [322])
  }

  /// What was all but solved and gets a new part has gradients of another size; a bad batch stands out farther.
  @Test(arguments: [(1.7, Verdict.notice), (30, .warning)])
  func aGradientAboveAllThatWithALossAsBefore(norm: Double, verdict: Verdict) throws {
    var values = falling(to: 0.01, steps: 300)
    values.append((0.2, norm))
    #expect(try run(values).findings(.gradientSpike).map(\.verdict) == [verdict])
  }

  @Test func aWildBeginningIsForgotten() throws {
    var values = [(loss: Double, norm: Double)](repeating: (1e300, 1e300), count: 3)
    values += falling(to: 1, steps: 300)
    values.append((25, 25))
    let found = try run(values).findings.filter { $0.lastStep == 304 && $0.rule != .learning }
    #expect(found.map(\.rule) == [.lossSpike, .gradientSpike] && found.allSatisfy { $0.verdict == .warning })
  }

  @Test func aSpikeOverALargeOffsetIsNew() throws {
    var values = falling(to: 1, steps: 300).map { (loss: 1e8 + 1e-3 * $0.loss, norm: 1e8 + 1e-3 * $0.norm) }
    values.append((1e8 + 1, 1e8 + 1))
    #expect(try run(values).findings(.lossSpike).map(\.verdict) == [.warning])
  }

  @Test func theGuardLeavesANoticeAlone() throws {
    for (height, action) in [(0.2, Action.proceed), (30, Action.skip)] {
      let run = try MonitorRun()
      for value in falling(to: 0.01, steps: 300) {
        try run.step { try run.monitor.observe(.gradientNorm, value.norm) }
      }
      #expect(try run.step { try run.monitor.observe(.gradientNorm, height) }.action == action)
    }
  }

  @Test func theWorstOfAFindingLiesOnItsOwnSide() throws {
    var values = falling(to: 1, steps: 300)
    values.append((25, 25))
    // Far below the threshold, and farther from it than the spike was above.
    values += [(loss: Double, norm: Double)](repeating: (1e-9, 1e-9), count: 3)
    let finding = try run(values).findings(.lossSpike)[0]
    #expect(finding.value > finding.threshold)
  }

  @Test func singleHardSamplesAreNoDivergence() throws {
    var numbers = SeededNumbers(8)
    let values = falling(to: 0.004, steps: 1500).map { value -> (loss: Double, norm: Double) in
      let isHard = numbers.unit() < 0.08
      return (isHard ? 0.3 + 0.1 * numbers.unit() : value.loss, value.norm)
    }
    #expect(try run(values).findings(.lossDivergence).isEmpty)
  }

  /// Two layers, the gradient of the first one's weight as `scale` says, step by step.
  private func gradients(steps: Int, _ scale: (Int) -> Double) throws -> MonitorRun {
    var numbers = SeededNumbers(5)
    let run = try MonitorRun()
    let first = try run.register("first")
    let second = try run.register("second")
    for step in 0..<steps {
      try run.step {
        try run.show(first, .gradient, numbers.normals(64, scale: scale(step)), shape: [8, 8])
        try run.show(second, .gradient, numbers.normals(64), shape: [8, 8])
      }
    }
    return run
  }

  @Test func whatFadesIsANoticeAndWhatBreaksAWarning() throws {
    let fading = try gradients(steps: 700) { exponential(-0.04 * Double($0)) }
    #expect(fading.findings.map(\.verdict) == [.notice] && fading.first.rule == .vanishingGradient)
    let breaking = try gradients(steps: 200) { $0 < 100 ? 1 : 1e-9 }
    #expect(breaking.findings.map(\.verdict) == [.warning] && breaking.first.rule == .vanishingGradient)
    let broken = try gradients(steps: 60) { _ in 1e-9 }
    #expect(broken.findings.map(\.verdict) == [.warning])
    let cut = try gradients(steps: 200) { $0 < 100 ? 1 : 0 }
    #expect(cut.findings.map(\.rule) == [.zeroGradient] && cut.first.verdict == .warning)
  }

  /// A loss that stays, and a slope from the first step on or from the 80th, is another matter than one that comes late.
  @Test func aSlopeOfANetThatHasLearnedIsANotice() throws {
    for (end, start, verdict) in [
      (0.1, 250, Verdict.notice), (1, 250, .notice), (1, 80, .critical), (1, 1, .critical),
    ] {
      var numbers = SeededNumbers(6)
      let run = try MonitorRun()
      let layers = try (0..<6).map { try run.register("layer \($0)") }
      for value in falling(to: end, steps: 300) {
        try run.step {
          try run.monitor.observe(.loss, value.loss)
          for layer in layers {
            let scale = run.number < start ? 1 : exponential(2 * Double(layer))
            try run.show(layer, .gradient, numbers.normals(64, scale: scale), shape: [8, 8])
          }
        }
      }
      #expect(run.findings(.vanishingGradient).map(\.verdict) == [verdict])
    }
  }
}
