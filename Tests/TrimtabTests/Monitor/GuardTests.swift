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
      #expect(try step(run, bad: false) == .proceed)
    }
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
