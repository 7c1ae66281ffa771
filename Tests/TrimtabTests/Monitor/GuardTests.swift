import Testing

@testable import Trimtab

@Suite struct Guards {
  private func step(_ run: MonitorRun, bad: Bool) throws -> Action {
    try run.step { try run.monitor.observe(.loss, bad ? .nan : 1) }.action
  }

  private func actions(_ run: MonitorRun, bad: Int) throws -> [Action] {
    try (0..<bad).map { _ in try step(run, bad: true) }
  }

  @Test func stopsAfterTheGreatestNumberOfSkips() throws {
    let run = try MonitorRun { $0.greatestSkips = 3 }
    #expect(try actions(run, bad: 5) == [.skip, .skip, .skip, .stop, .stop])
    #expect(run.findings.map(\.rule) == [.nonfinite, .guardian])
    let finding = run.findings[1]
    #expect(finding.cause == .skippedTooOften && finding.value == 5 && finding.threshold == 3 && finding.firstStep == 4)
  }

  @Test func theDefaultIsEight() throws {
    #expect(try actions(try MonitorRun(), bad: 9) == Array(repeating: .skip, count: 8) + [.stop])
  }

  @Test func aStepThatIsTakenStartsTheCountAnew() throws {
    let run = try MonitorRun { $0.greatestSkips = 3 }
    for _ in 0..<20 {
      #expect(try actions(run, bad: 3) == [.skip, .skip, .skip])
      for _ in 0..<8 { #expect(try step(run, bad: false) == .proceed) }
    }
    #expect(run.findings(.guardian).isEmpty)
  }

  @Test(arguments: [1, 2, 3, 5])
  func neverSkipsAShareOfStepsForEver(taken: Int) throws {
    let run = try MonitorRun()
    var ended: Int?
    for number in 1...600 where ended == nil {
      let action = try step(run, bad: number % (taken + 1) == 0)
      if action == .stop { ended = number }
    }
    // Every other step, and up to two in five; a third of the steps and less are paid back by the others.
    #expect((ended != nil) == (taken == 1))
    #expect(run.findings(.guardian).count == (taken == 1 ? 1 : 0))
    guard let ended, let finding = run.findings(.guardian).first else { return }
    #expect(ended <= 66 && finding.value > finding.threshold && finding.threshold == 16)
    #expect(finding.cause == .skippedTooOften && finding.verdict == .critical)
  }

  @Test func aShareOfSkippedStepsRollsBackToo() throws {
    let run = try MonitorRun { $0.mayRollBack = true }
    var actions: [Action] = []
    for number in 1...600 {
      actions.append(try step(run, bad: number % 2 == 0))
      if actions.last == .rollBack { try run.restored(to: run.number) }
      if actions.last == .stop { break }
    }
    #expect(actions.filter { $0 == .rollBack }.count == 2 && actions.last == .stop)
  }

  @Test func leapsThatAlternateAreTheNewNorm() throws {
    let run = try MonitorRun()
    var numbers = SeededNumbers(5)
    var actions: [Action] = []
    for number in 1...600 {
      let norm = (number > 200 && number % 2 == 0 ? 30 : 1) * (1 + 0.05 * numbers.normal())
      actions.append(try run.step { try run.monitor.observe(.gradientNorm, norm) }.action)
    }
    #expect(actions.contains(.skip) && actions.suffix(200).allSatisfy { $0 == .proceed })
    #expect(run.findings(.guardian).isEmpty)
  }

  @Test func rollsBackTwiceAndThenStops() throws {
    let run = try MonitorRun {
      $0.greatestSkips = 2
      $0.mayRollBack = true
    }
    for _ in 0..<2 {
      #expect(try actions(run, bad: 3) == [.skip, .skip, .rollBack])
      try run.restored(to: 0)
      #expect(try step(run, bad: false) == .proceed)
    }
    #expect(try actions(run, bad: 3) == [.skip, .skip, .stop])
  }

  @Test func aCalmStretchForgivesRollbacks() throws {
    let run = try MonitorRun {
      $0.greatestSkips = 1
      $0.mayRollBack = true
      $0.warmUp = 5
    }
    for _ in 0..<6 {
      #expect(try actions(run, bad: 2) == [.skip, .rollBack])
      try run.restored(to: run.number - 2)
      for _ in 0..<20 { #expect(try step(run, bad: false) == .proceed) }
    }
    // One step short of it does not.
    for wanted in [Action.rollBack, .rollBack, .stop] {
      #expect(try actions(run, bad: 2) == [.skip, wanted])
      if wanted == .rollBack { try run.restored(to: run.number) }
      for _ in 0..<19 { _ = try step(run, bad: false) }
    }
  }

  @Test func aLearningRateThatStartsAnewIsNoRollback() throws {
    let run = try MonitorRun {
      $0.greatestSkips = 1
      $0.mayRollBack = true
    }
    for _ in 0..<5 { try run.restored(to: run.number) }
    #expect(try actions(run, bad: 2) == [.skip, .rollBack])
  }

  @Test func theGuardsFindingEndsWithTheTrouble() throws {
    let run = try MonitorRun {
      $0.greatestSkips = 1
      $0.mayRollBack = true
    }
    _ = try actions(run, bad: 2)
    try run.restored(to: 0)
    for _ in 0..<4 { _ = try step(run, bad: false) }
    #expect(run.findings.allSatisfy { !$0.isStanding })
    #expect(try run.step().verdict == .healthy)
  }

  @Test func restoringForgetsHalfAWindowOfUnits() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    let dead = Array(repeating: -3.0, count: 4000)
    var numbers = SeededNumbers(2)
    try run.step { try run.show(layer, .preactivation, Array(dead[0..<1600]), shape: [400, 4]) }
    try run.restored(to: 1)
    // 400 dead and 1100 living samples would make a window; the dead ones belong to the weights that are gone.
    for _ in 0..<3 {
      try run.step { try run.show(layer, .preactivation, numbers.normals(4000), shape: [1000, 4]) }
    }
    #expect(run.findings.isEmpty)
    let units = try #require(run.monitor.entries[layer].units)
    #expect(units.windowCount == 1 || units.windowCount == 3)
    #expect(try #require(units.report).deadFraction == 0)
  }
}
