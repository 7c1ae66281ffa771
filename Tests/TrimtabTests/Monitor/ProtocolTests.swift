import Testing

@testable import Trimtab

@Suite struct MonitorProtocol {
  @Test func stepsMustGrowAndNotNest() throws {
    let run = try MonitorRun()
    let weight = try run.register("w")
    try run.monitor.beginStep(5)
    #expect(throws: TrimtabError.self) { try run.monitor.beginStep(6) }
    // The refused call changed nothing: the step that was open still is.
    #expect(run.monitor.step == 5 && run.monitor.isOpen)
    try run.show(weight, .gradient, [1.0, 2.0])
    #expect(try run.monitor.endStep().step == 5)
    for number in [5, 4, Int.min] {
      #expect(throws: TrimtabError.self) { try run.monitor.beginStep(number) }
      #expect(!run.monitor.isOpen)
    }
    try run.monitor.beginStep(Int.max)
    #expect(try run.monitor.endStep().step == Int.max)
    #expect(throws: TrimtabError.self) { try run.monitor.beginStep(Int.max) }
  }

  @Test func nothingIsObservedWithoutAStep() throws {
    let run = try MonitorRun()
    let weight = try run.register("w")
    #expect(throws: TrimtabError.self) { try run.show(weight, .gradient, [Double.nan]) }
    #expect(throws: TrimtabError.self) { try run.monitor.observe(.loss, .nan) }
    #expect(throws: TrimtabError.self) {
      try run.monitor.observeNoise(smallBatch: 1, smallSquare: 1, bigBatch: 2, bigSquare: 1)
    }
    #expect(throws: TrimtabError.self) { try run.monitor.endStep() }
    // None of it reached the next step.
    let decision = try run.step { try run.show(weight, .gradient, [3.0, 4.0]) }
    #expect(decision.action == .proceed && decision.gradientNorm == 5 && decision.loss.isNaN)
    #expect(run.findings.isEmpty)
  }

  @Test func entriesThatAreNotThere() throws {
    let run = try MonitorRun()
    let weight = try run.register("w")
    try run.monitor.beginStep(1)
    for index in [-1, 1, Int.max, Int.min] {
      #expect(throws: TrimtabError.self) { try run.show(index, .gradient, [Double.nan]) }
      #expect(throws: TrimtabError.self) { try run.monitor.wants(index, .gradient) }
      #expect(throws: TrimtabError.self) {
        try run.monitor.observe(index, .gradient, summary: Summary.identity, rank: 2)
      }
    }
    try run.show(weight, .gradient, [3.0, 4.0])
    #expect(try run.monitor.endStep().gradientNorm == 5)
    for index in [-1, 1, Int.max] {
      #expect(throws: TrimtabError.self) { try run.monitor.clipFactor(of: index) }
      #expect(throws: TrimtabError.self) { try run.monitor.coverage(of: index, .gradient) }
    }
    #expect(run.monitor.finding(0) == nil && run.monitor.finding(-1) == nil)
    #expect(run.monitor.name(of: 1) == nil && run.monitor.name(of: -1) == nil)
  }

  @Test func quantitiesOfTheOtherKind() throws {
    let run = try MonitorRun()
    let weight = try run.register("w")
    let layer = try run.register("layer", .hidden)
    try run.monitor.beginStep(1)
    for quantity in [Quantity.preactivation, .output, .outputGradient, .attention, .attentionLogits] {
      #expect(throws: TrimtabError.self) { try run.show(weight, quantity, [Double.nan]) }
    }
    for quantity in [Quantity.gradient, .weight] {
      #expect(throws: TrimtabError.self) { try run.show(layer, quantity, [Double.nan]) }
    }
    #expect(throws: TrimtabError.self) { try run.show(weight, .gradient, [Int32(1)]) }
    #expect(try run.monitor.endStep().action == .proceed)
    #expect(run.findings.isEmpty)
  }

  @Test func summariesThatNoDataGive() throws {
    let run = try MonitorRun()
    let weight = try run.register("w")
    try run.monitor.beginStep(1)
    var broken = Summary.identity
    broken.count = -1
    #expect(throws: TrimtabError.self) { try run.monitor.observe(weight, .gradient, summary: broken, rank: 2) }
    for rank in [-1, 9, Int.max] {
      #expect(throws: TrimtabError.self) {
        try run.monitor.observe(weight, .gradient, summary: Summary.identity, rank: rank)
      }
    }
    #expect(try run.monitor.coverage(of: weight, .gradient).lookCount == 0)
    _ = try run.monitor.endStep()
  }

  @Test func namesTakenEmptyOrTooLong() throws {
    let run = try MonitorRun()
    try run.register("w")
    for name in ["w", "", String(repeating: "x", count: 513)] {
      #expect(throws: TrimtabError.self) { try run.register(name) }
    }
    #expect(run.monitor.entryCount == 1)
    let longest = String(repeating: "é", count: 256)
    #expect(try run.register(longest) == 1)
    #expect(String(cString: try #require(run.monitor.name(of: 1))) == longest)
    try run.monitor.beginStep(1)
    #expect(throws: TrimtabError.self) { try run.register("late") }
    _ = try run.monitor.endStep()
    #expect(try run.register("late") == 2)
  }

  @Test(
    arguments: [
      { $0.order = -1 }, { $0.width = -1 }, { $0.unitAxis = -2 }, { $0.unitAxis = 8 },
    ] as [@Sendable (inout MonitorEntry) -> Void])
  func entriesOutOfRange(change: @Sendable (inout MonitorEntry) -> Void) throws {
    let run = try MonitorRun()
    #expect(throws: TrimtabError.self) { try run.register("w", .hidden, order: 0, change) }
    #expect(run.monitor.entryCount == 0)
  }

  @Test(
    arguments: [
      { $0.budget = -0.1 }, { $0.budget = 1.1 }, { $0.budget = .nan }, { $0.warmUp = 0 }, { $0.warmUp = 1_000_001 },
      { $0.auditInterval = 0 }, { $0.greatestSkips = 0 }, { $0.greatestSkips = .max }, { $0.recorderSteps = -1 },
      { $0.falseAlarmsPerMillion = 0 }, { $0.falseAlarmsPerMillion = .infinity }, { $0.maximumNorm = -1 },
      { $0.maximumNorm = .nan }, { $0.maximumNorm = .infinity },
      {
        $0.clipping = .fixed
        $0.maximumNorm = 0
      },
    ] as [@Sendable (inout MonitorOptions) -> Void])
  func optionsOutOfRange(change: @Sendable (inout MonitorOptions) -> Void) {
    #expect(throws: TrimtabError.self) { try MonitorRun(change) }
  }

  @Test func rulesAreSetBetweenStepsAndChecked() throws {
    let run = try MonitorRun()
    let before = run.monitor.settings(of: .deadUnits)
    var other = before
    other.patience = 0
    #expect(throws: TrimtabError.self) { try run.monitor.set(.deadUnits, other) }
    other = before
    other.warning = .nan
    #expect(throws: TrimtabError.self) { try run.monitor.set(.deadUnits, other) }
    other = before
    other.warning = 0.9
    try run.monitor.beginStep(1)
    #expect(throws: TrimtabError.self) { try run.monitor.set(.deadUnits, other) }
    #expect(run.monitor.settings(of: .deadUnits) == before)
    _ = try run.monitor.endStep()
    try run.monitor.set(.deadUnits, other)
    #expect(run.monitor.settings(of: .deadUnits) == other)
    #expect(throws: TrimtabError.self) { try run.monitor.silence(.deadUnits, about: 0) }
  }

  @Test func aLayerWhoseUnitsChangeKeepsItsFirst() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    try run.monitor.beginStep(1)
    try run.show(layer, .preactivation, [1.0, 2, 3, 4], shape: [2, 2])
    #expect(throws: TrimtabError.self) { try run.show(layer, .preactivation, [1.0, 2, 3], shape: [1, 3]) }
    try run.show(layer, .preactivation, [5.0, 6], shape: [1, 2])
    #expect(try run.monitor.endStep().action == .proceed)
    #expect(run.monitor.entries[layer].look(.preactivation).pointee.summary.count == 6)
  }

  @Test func restoringIsForBetweenSteps() throws {
    let run = try MonitorRun()
    try run.monitor.beginStep(7)
    #expect(throws: TrimtabError.self) { try run.monitor.restored(to: 3) }
    _ = try run.monitor.endStep()
    try run.monitor.restored(to: 3)
    try run.monitor.beginStep(4)
    #expect(try run.monitor.endStep().step == 4)
  }

  @Test func aStepOfNothingProceeds() throws {
    let run = try MonitorRun { $0.clipping = .adaptive }
    try run.register("w", .weight) { $0.isFrozen = true }
    for _ in 0..<200 { #expect(try run.step().action == .proceed) }
    #expect(run.findings.isEmpty)
  }
}
