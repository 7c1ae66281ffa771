import Testing

@testable import Trimtab

/// What the host tells of loss, mode and optimizer: the facts, and the harm that makes a warning of them.
@Suite struct SetUpRules {
  private func facts(_ change: (inout ObjectiveFacts) -> Void = { _ in }) -> ObjectiveFacts {
    var facts = ObjectiveFacts()
    facts.loss = .squaredError
    facts.reduction = .mean
    facts.activation = .none
    (facts.sampleCount, facts.elementCount, facts.outputCount, facts.distinctCount) = (32, 32, 1, 64)
    (facts.scale, facts.meanLoss, facts.guessLoss) = (1, 0.5, 1)
    (facts.targetMean, facts.targetDeviation, facts.targetMinimum, facts.targetMaximum) = (0, 1, -2, 2)
    (facts.integerShare, facts.unreachableShare, facts.zeroOutputShare) = (0, 0, 0)
    (facts.outputDeviation, facts.outputMinimum, facts.outputMaximum) = (1, -2, 2)
    change(&facts)
    return facts
  }

  /// Facts in every tenth step of `steps`, under a loss that `loss` gives.
  private func run(
    _ objective: ObjectiveFacts?, _ setUp: SetUpFacts? = nil, steps: Int = 120, loss: (Int) -> Double = { _ in 0.5 }
  ) throws -> MonitorRun {
    let run = try MonitorRun()
    for step in 1...steps {
      try run.step {
        try run.monitor.observe(.loss, loss(step))
        guard step == 1 || step % 10 == 0 else { return }
        if let objective { try run.monitor.observe(objective) }
        if let setUp { try run.monitor.observe(setUp) }
      }
    }
    return run
  }

  @Test func aHealthyRegressionIsSilent() throws { #expect(try run(facts(), SetUpFacts()).findings.isEmpty) }

  @Test func nothingKnownIsNothingSaid() throws { #expect(try run(ObjectiveFacts(), SetUpFacts()).findings.isEmpty) }

  @Test(arguments: [OutputActivation.relu, .sigmoid, .softmax])
  func targetsOutOfReach(_ activation: OutputActivation) throws {
    let bad = facts {
      $0.activation = activation
      $0.outputCount = 3
      $0.unreachableShare = 0.3
    }
    let found = try run(bad, steps: 1).first
    #expect(found.rule == .outputActivation && found.cause == .outputActivation && found.value == 0.3)
    let good = facts {
      $0.activation = activation
      $0.outputCount = 3
      $0.unreachableShare = 0.01
    }
    #expect(try run(good).findings.isEmpty)
  }

  @Test func aSumIsANoticeUntilTheRunSuffers() throws {
    let sum = facts {
      $0.reduction = .sum
      $0.scale = 32
    }
    let calm = try run(sum, loss: { _ in 16 })
    #expect(calm.findings.map(\.verdict) == [.notice])
    let thrown = try run(sum, loss: { step in step < 60 ? 16 : 1e6 })
    let found = try #require(thrown.findings(.summedLoss).first)
    #expect(found.verdict == .warning && found.firstStep >= 60)
    // Named first, though it is the leap that made a warning of it.
    #expect(thrown.first.cause == .summedLoss)
  }

  @Test func aTurnedSignIsANoticeUntilTheLossClimbs() throws {
    let turned = facts { $0.scale = -1 }
    #expect(try run(turned, loss: { _ in -0.7 }).findings.map(\.verdict) == [.notice])
    let climbing = try run(turned, loss: { step in -0.5 - 0.1 * Double(step) })
    #expect(try #require(climbing.findings(.gradientAscent).first).verdict == .warning)
  }

  @Test func farTargetsAreANoticeUntilTheyAreNotReached() throws {
    let far = facts {
      ($0.targetMean, $0.targetDeviation, $0.guessLoss, $0.outputDeviation) = (0, 100, 1e4, 90)
    }
    #expect(try run(far, loss: { _ in 1e3 }).findings.map(\.verdict) == [.notice])
    var missed = far
    missed.outputDeviation = 1
    #expect(try run(missed, loss: { _ in 1e4 }).first.verdict == .warning)
    #expect(try run(missed, steps: 30, loss: { _ in 1e4 }).first.verdict == .notice)
  }

  @Test func aGraphOfManyNodesIsNoRepetition() throws {
    let same = facts { $0.inputFingerprint = 9 }
    var setUp = SetUpFacts()
    (setUp.evaluationRows, setUp.trainingRows) = (500, 500)
    #expect(try run(same, setUp).findings.isEmpty)
    setUp.trainingRows = 32
    #expect(try run(same, setUp).first.cause == .repeatedBatch)
  }

  @Test func anotherBatchNowAndThenIsNoRepetition() throws {
    let run = try MonitorRun()
    var setUp = SetUpFacts()
    (setUp.evaluationRows, setUp.trainingRows) = (500, 32)
    for step in 1...40 {
      try run.step {
        try run.monitor.observe(facts { $0.inputFingerprint = step % 4 == 0 ? 1 : 9 })
        try run.monitor.observe(setUp)
      }
    }
    #expect(run.findings.isEmpty)
  }

  @Test func decayNeedsShrinkageAndALossThatIsStuck() throws {
    let run = try MonitorRun()
    for step in 1...120 {
      try run.step {
        try run.monitor.observe(.loss, 1)
        guard step % 10 == 0 else { return }
        try run.monitor.observe(facts { $0.meanLoss = 1 })
        var setUp = SetUpFacts()
        (setUp.weightDecay, setUp.learningRate, setUp.isDecoupled) = (10, 1e-2, true)
        (setUp.weightNorm, setUp.gradientNorm) = (10.0 / Double(step), 1)
        try run.monitor.observe(setUp)
      }
    }
    #expect(run.findings.map(\.cause) == [.weightDecayTooStrong])
    // Told in every tenth step, and judged after thirty.
    #expect(run.first.firstStep == 40)
  }

  @Test func factsAreForOpenSteps() throws {
    let monitor = try Monitor()
    #expect(throws: TrimtabError.self) { try monitor.observe(ObjectiveFacts()) }
    #expect(throws: TrimtabError.self) { try monitor.observe(SetUpFacts()) }
    try monitor.beginStep(1)
    #expect(throws: TrimtabError.self) { try monitor.observe(facts { $0.outputCount = -1 }) }
  }

  @Test func everyCauseHasWords() {
    for value in Int32(640)...651 {
      let cause = Cause(rawValue: value)
      #expect(cause.map { "\($0.key)" != "none" && !"\($0.text)".isEmpty && !"\($0.cure)".isEmpty } == true)
    }
  }
}
