import Testing

@testable import Trimtab

/// Whether anything is learnt, and whether it holds for other data.
@Suite struct LearningRuleTests {
  /// A run of 400 steps under a loss and, in every twentieth step, a validation loss.
  ///
  /// - Parameters:
  ///   - guess: what a constant guess comes to; nil: the host does not tell.
  ///   - mean: of the targets, whose deviation is 1.
  ///   - ratio: the share of a weight that a step replaces; nil: no weight is shown.
  ///   - start: the weight's own deviation; a step's is 1.
  private func run(
    guess: Double? = nil, mean: Double = 0, ratio: Double? = nil, start: Double = 1,
    rate: (Int) -> Double? = { _ in nil },
    validation: (Int) -> Double? = { _ in nil }, loss: (Int) -> Double
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(31)
    let run = try MonitorRun()
    let entry = try run.register("weight")
    var weight = numbers.normals(64).map { start * $0 }
    for number in 1...400 {
      // A step of another direction each time, as noise has it.
      let direction = numbers.normals(64)
      try run.step {
        try run.monitor.observe(.loss, loss(number) * (1 + 0.02 * numbers.normal()))
        if let rate = rate(number) { try run.monitor.observe(.learningRate, rate) }
        if number % 20 == 0, let validation = validation(number) {
          try run.monitor.observe(.validationLoss, validation * (1 + 0.005 * numbers.normal()))
        }
        if let guess, number % 10 == 1 { try run.monitor.observe(ObjectiveFacts.regression(guess: guess, mean: mean)) }
        guard let ratio else { return }
        try run.show(entry, .gradient, direction, shape: [8, 8])
        if number % 10 == 1 { try run.show(entry, .weight, weight, shape: [8, 8]) }
        for place in 0..<64 { weight[place] = (1 - ratio) * weight[place] + ratio * direction[place] }
      }
    }
    return run
  }

  /// Falls from `start` to a tenth of it with this time constant.
  private func falling(_ steps: Double, from start: Double = 1) -> (Int) -> Double {
    { number in start * (0.1 + 0.9 / (1 + Double(number) / steps)) }
  }

  @Test func aRunThatLearnsIsSilent() throws {
    let fall = falling(20)
    #expect(try run(validation: { 1.1 * fall($0) }, loss: fall).findings.isEmpty)
    #expect(try run(guess: 1, ratio: 1e-3, validation: { 1.1 * fall($0) }, loss: fall).findings.isEmpty)
  }

  /// Ten steps that move a weight by some seventy times itself leave nothing of its start: it is said, and held against a
  /// loss that stays near a guess.
  @Test func aStartThatIsThrownAway() throws {
    let fall = falling(20)
    for (start, least, verdict) in [
      (0.01, 0.6, Verdict.warning), (0.01, 0.0, .notice), (1.0, 0.6, nil), (1.0, 0.0, nil),
    ] as [(Double, Double, Verdict?)] {
      let found = try run(guess: 1, ratio: 0.5, start: start, loss: { max(fall($0), least) }).findings(.learning)
      #expect(found.map(\.verdict) == (verdict.map { [$0] } ?? []))
      #expect(found.allSatisfy { $0.cause == .learningRateTooHigh && $0.value > 3 && $0.threshold == 3 })
    }
  }

  @Test func aFirstLossFarAboveAGuessIsANotice() throws {
    // Targets far from zero make it high in every net: 1 + mean * mean where outputs start at zero.
    for (start, mean, count) in [(3.0, 0.0, 1), (1.5, 0, 0), (5, 1, 1), (5, 2, 0)] {
      let found = try run(guess: 1, mean: mean, ratio: 1e-3, loss: falling(5, from: start)).findings(.learning)
      #expect(found.count == count)
      #expect(found.allSatisfy { $0.verdict == .notice && $0.cause == .largeInitialisation && $0.threshold == 2 })
    }
  }

  /// One evaluation is no trend.
  @Test func oneEvaluationFarAboveAGuessIsANotice() throws {
    let fall = falling(20)
    for (validation, count) in [(2.0, 1), (1.2, 0)] {
      let found = try run(guess: 1, ratio: 1e-3, validation: { $0 == 60 ? validation : nil }, loss: fall)
      #expect(found.findings(.learning).count == count)
      #expect(found.findings(.learning).allSatisfy { $0.verdict == .notice && $0.cause == .targetMismatch })
    }
  }

  /// Overfitting is another rule's: the validation loss was good once.
  @Test func whatHeldOnceIsNoMatterOfTargets() throws {
    let fall = falling(20)
    let overfit = try run(validation: { $0 < 100 ? fall($0) : 0.5 + 0.01 * Double($0) }, loss: fall)
    #expect(overfit.findings(.learning).isEmpty)
  }

  @Test func nothingIsLearnt() throws {
    // Without anything that tells what a guess comes to, and without a validation, it is a notice.
    let unknown = try run(loss: { _ in 1 })
    #expect(unknown.findings(.learning).map(\.verdict) == [.notice])
    for found in [
      try run(guess: 1, loss: { _ in 1 }), try run(validation: { _ in 1 }, loss: { _ in 1 }),
      try run(guess: 1, ratio: 1e-3, validation: { _ in 1 }, loss: { _ in 1 }),
    ] {
      let finding = try #require(found.findings(.learning).first)
      #expect(finding.verdict == .warning && finding.cause == .unrelatedTargets && finding.firstStep >= 96)
      #expect(finding.value > 0.9 && finding.threshold == 0.9)
      #expect(finding.entry == -1)
    }
  }

  /// Steps too small to move the weights, or so large that they are thrown about: the idle run has a cause.
  @Test(arguments: [(1e-6, Cause.learningRateTooLow), (1.0, Cause.learningRateTooHigh)])
  func idlenessHasACause(ratio: Double, cause: Cause) throws {
    let idle = try run(guess: 1, ratio: ratio, loss: { _ in 1 })
    let finding = try #require(idle.findings(.learning).first)
    #expect(finding.cause == cause && finding.verdict == .warning)
  }

  @Test func aRateTooLowIsNamedWhereTheLossCreeps() throws {
    let creep = { (number: Int) in 1 - 5e-4 * Double(number) }
    let slow = try #require(try run(ratio: 1e-6, rate: { _ in 1e-6 }, loss: creep).findings(.learning).first)
    #expect(slow.cause == .learningRateTooLow && slow.value < 1e-4 && slow.threshold == 1e-4)
    #expect(try run(ratio: 1e-3, rate: { _ in 1e-3 }, loss: creep).findings(.learning).isEmpty)
    // In a warm-up small steps are meant.
    #expect(try run(ratio: 1e-6, rate: { 1e-6 * Double($0) }, loss: creep).findings(.learning).isEmpty)
  }

  /// Many passes over the data, and nothing that holds: what was learnt is the samples, not what tells the targets.
  @Test func whatIsLearntByHeart() throws {
    let learnt = { (number: Int) in number < 150 ? 1 : max(0.1, 1 - 0.01 * Double(number - 150)) }
    let memorised = try run(validation: { 1 + 0.001 * Double($0) }, loss: learnt)
    #expect(memorised.findings(.learning).contains { $0.cause == .unrelatedTargets && $0.verdict >= .warning })
    #expect(!memorised.findings(.learning).contains { $0.cause == .targetMismatch })
  }

  /// Too sure of what it has learnt: near a guess, though most answers are right.
  @Test(arguments: [(1.1, 0), (1.25, 1)])
  func aNetThatIsTooSure(validation: Double, count: Int) throws {
    let found = try run(guess: 1, validation: { _ in validation }, loss: falling(5)).findings(.learning)
    #expect(found.filter { $0.cause == .targetMismatch }.count == count)
  }

  /// Learnt before the second evaluation, and wrong on all other data.
  @Test func targetsThatDiffer() throws {
    let mismatch = try run(guess: 1, validation: { _ in 3 }, loss: falling(5))
    let finding = try #require(mismatch.findings(.learning).first)
    #expect(finding.cause == .targetMismatch && finding.verdict == .critical)
    #expect(finding.value > 2.5 && finding.threshold < 1)
    // The same training under a validation that holds.
    #expect(try run(guess: 1, validation: { _ in 0.3 }, loss: falling(5)).findings(.learning).isEmpty)
  }

  /// Two evaluations suffice where they are far worse than a guess, and it takes three where they are not.
  @Test(arguments: [(3.0, 2, true), (1.2, 2, false), (1.2, 3, true)])
  func howManyEvaluationsItTakes(loss: Double, count: Int, isNamed: Bool) throws {
    let fall = falling(5)
    let found = try run(
      validation: { $0 % 60 == 0 && $0 <= 60 * count ? loss : nil }, loss: { $0 < 30 ? 1 : fall($0 - 30) })
    #expect(found.findings(.learning).isEmpty != isNamed)
  }

  @Test func outputsFarOffFromTheStart() throws {
    let far = try run(guess: 1, loss: { 50 / (1 + Double($0) / 100) })
    let finding = try #require(far.findings(.learning).first)
    #expect(finding.cause == .largeInitialisation && finding.verdict == .warning && finding.value > 1.5)
    // What is gone by then is a notice.
    let gone = try run(guess: 1, loss: { 50 / (1 + Double($0 * $0)) }).findings(.learning)
    #expect(gone.map(\.verdict) == [.notice] && gone.map(\.cause) == [.largeInitialisation])
  }

  @Test func theGeneralPresetHasNoSuchRule() throws {
    let run = try MonitorRun { $0.preset = .sagemaker }
    for _ in 1...200 { try run.step { try run.monitor.observe(.loss, 1 + 0.01 * Double(run.number % 3)) } }
    #expect(run.findings(.learning).isEmpty)
  }

  @Test func everyCauseHasWords() {
    for value in Int32(660)...662 {
      let cause = Cause(rawValue: value)
      #expect(
        cause.map { "\($0.key)" != "none" && !"\($0.text)".isEmpty && !"\($0.cure)".isEmpty && !"\($0.check)".isEmpty }
          == true)
    }
  }
}

/// Weights as they are at the first look, before any step.
@Suite struct WeightStartTests {
  private func started(_ weights: [[Double]], _ change: (inout MonitorEntry) -> Void = { _ in }) throws -> MonitorRun {
    let run = try MonitorRun()
    let entries = try weights.indices.map { try run.register("weight\($0)", .weight, order: $0, change) }
    for _ in 1...3 {
      try run.step {
        for (entry, weight) in zip(entries, weights) { try run.show(entry, .weight, weight, shape: [16, 32]) }
      }
    }
    return run
  }

  /// As layers are made: uniform within 1 / sqrt(32).
  private func fresh(_ seed: UInt64) -> [Double] {
    var numbers = SeededNumbers(seed)
    return (0..<512).map { _ in (2 * numbers.unit() - 1) / 32.0.squareRoot() }
  }

  private func constant(_ value: Double) -> [Double] { [Double](repeating: value, count: 512) }

  @Test func weightsOfOneValue() throws {
    let run = try started([fresh(1), constant(0.05), fresh(2)])
    let found = run.findings(.weightStart)
    #expect(found.map { run.name(of: $0) } == ["weight1"])
    #expect(found.map(\.cause) == [.constantInitialisation] && found.map(\.verdict) == [.warning])
    #expect(found.first?.value == 0.05 && found.first?.firstStep == 1)
  }

  /// A layer of zeros is the last of a residual branch; a net of zeros never leaves them.
  @Test func zeros() throws {
    #expect(try started([fresh(1), constant(0), fresh(2)]).findings(.weightStart).isEmpty)
    #expect(try started([constant(0)]).findings(.weightStart).isEmpty)
    let found = try started([constant(0), constant(0)]).findings(.weightStart)
    #expect(found.map(\.cause) == [.constantInitialisation] && found.map(\.verdict) == [.critical])
    #expect(found.first?.entry == -1 && found.first?.value == 2)
  }

  @Test func aWeightThatIsFrozenAsItWasMade() throws {
    let frozen = try started([fresh(1)]) { $0.isFrozen = true }.findings(.weightStart)
    #expect(frozen.map(\.cause) == [.frozenParameter] && frozen.map(\.verdict) == [.notice])
    let held = try started([fresh(1)]) { ($0.isFrozen, $0.isHeld) = (true, true) }.findings(.weightStart)
    #expect(held.map(\.cause) == [.frozenParameter] && held.map(\.verdict) == [.warning])
    // One that was learnt or loaded, and frozen weights of one value, say nothing.
    var numbers = SeededNumbers(7)
    let learnt = numbers.normals(512, scale: 0.1)
    #expect(try started([learnt]) { ($0.isFrozen, $0.isHeld) = (true, true) }.findings(.weightStart).isEmpty)
    #expect(try started([constant(0.05)]) { $0.isFrozen = true }.findings(.weightStart).isEmpty)
    #expect(try started([fresh(1)]).findings(.weightStart).isEmpty)
  }
}

/// What the others follow from comes first.
@Suite struct DiagnosisOrder {
  private func order(_ run: MonitorRun, room: Int? = nil) -> [Int] {
    let buffer = UnsafeMutableBufferPointer<Int>.allocate(capacity: room ?? run.monitor.findingCount)
    defer { buffer.deallocate() }
    buffer.initialize(repeating: -1)
    run.monitor.diagnose(buffer)
    return Array(buffer)
  }

  /// A NaN in step 2, no learning at all from step 96 on, and in between an optimizer that lost its state.
  private func troubled() throws -> MonitorRun {
    let run = try MonitorRun()
    var numbers = SeededNumbers(3)
    for number in 1...130 {
      try run.step {
        let loss = number == 2 ? Double.nan : 1 + 0.02 * numbers.normal()
        try run.monitor.observe(.loss, loss)
        var setUp = SetUpFacts()
        setUp.isStateLost = number >= 50
        if number % 10 == 0 { try run.monitor.observe(setUp) }
      }
    }
    return run
  }

  @Test func rootsComeFirstAndNoticesLast() throws {
    let run = try troubled()
    let told = order(run).map { run.findings[$0] }
    #expect(run.findings.map(\.cause) == [.nonfiniteLoss, .optimizerStateLost, .unrelatedTargets])
    #expect(told.map(\.cause) == [.optimizerStateLost, .nonfiniteLoss, .unrelatedTargets])
    #expect(told.last?.verdict == .notice)
  }

  @Test func everyFindingIsThereOnce() throws {
    let run = try troubled()
    #expect(order(run).sorted() == Array(0..<run.monitor.findingCount))
    #expect(order(run, room: run.monitor.findingCount + 3).suffix(3) == [-1, -1, -1])
    #expect(order(try MonitorRun()).isEmpty)
  }
}
