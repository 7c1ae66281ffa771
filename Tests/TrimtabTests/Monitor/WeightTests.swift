import Testing

@testable import Trimtab

/// Three weights that random steps move by `ratio` of themselves at every step, but for what `change` makes of it.
private func train(
  steps: Int, every: Int = 1, ratio: Double = 1e-3, role: Role = .weight, rate: Double? = nil,
  cooledAfter: Int = .max, size: Int = 60, _ change: (Int, Int, inout [Double]) throws -> Void = { _, _, _ in }
) throws -> MonitorRun {
  var numbers = SeededNumbers(17)
  let run = try MonitorRun()
  let entries = try (0..<3).map { try run.register("weight\($0)", role) }
  var weights = entries.map { _ in numbers.normals(size) }
  // A constant direction: over n steps the change is n times that of one.
  let directions = entries.map { _ in numbers.normals(size) }
  for number in 1...steps {
    try run.step {
      if let rate { try run.monitor.observe(.learningRate, number > cooledAfter ? 1e-3 * rate : rate) }
      for place in 0..<3 {
        try run.show(entries[place], .gradient, directions[place])
        if number % every == 1 % every { try run.show(entries[place], .weight, weights[place], shape: [size, 1]) }
        var next = weights[place]
        for index in 0..<size { next[index] += ratio * directions[place][index] }
        try change(number, place, &next)
        weights[place] = next
      }
    }
  }
  return run
}

@Suite struct UpdateRatios {
  @Test(arguments: [1, 10])
  func growthIsTheRatioOfOneStep(every: Int) throws {
    let run = try train(steps: 300, every: every, ratio: 0, rate: 0.1) { _, _, values in
      values = values.map { $0 * 1.2 }
    }
    #expect(run.findings.map(\.rule) == [.updateRatio, .updateRatio, .updateRatio])
    // Over ten steps 1.2^10 - 1, shared out.
    let wanted = every == 1 ? 0.2 : 0.51917364224
    for finding in run.findings {
      #expect(finding.cause == .learningRateTooHigh && finding.quantity == .weight && finding.firstStep > 25)
      #expect(abs(finding.value - wanted) < 1e-9 && finding.threshold == 0.1)
    }
  }

  @Test func theRatioIsMeasured() throws {
    let run = try train(steps: 40, ratio: 0, rate: 0.1) { _, _, values in values = values.map { $0 * -0.75 } }
    // A change of -1.75 times the weight.
    #expect(run.findings.count == 3)
    for finding in run.findings { #expect(abs(finding.value - 1.75) < 1e-12) }
  }

  @Test func theFirstAdamStep() throws {
    // Adam's first step moves every element by the learning rate: 1e-3 beside weights of rms 1 / sqrt 512.
    let run = try MonitorRun {
      $0.warmUp = 1
    }
    let weight = try run.register("weight")
    let start = (0..<512).map { $0 % 2 == 0 ? 1 / 512.0.squareRoot() : -1 / 512.0.squareRoot() }
    try run.step { try run.show(weight, .weight, start) }
    try run.step { try run.show(weight, .weight, start.map { $0 + 1e-3 }) }
    let sample = try #require(run.monitor.entries[weight].sample)
    #expect(abs(sample.changeRatio - 0.02263) < 1e-5)
  }

  @Test(arguments: [1e-2, 1e-3, 1e-4])
  func usualRatiosAreHealthy(ratio: Double) throws {
    #expect(try train(steps: 120, ratio: ratio, rate: 0.1).findings.isEmpty)
    #expect(try train(steps: 400, every: 10, ratio: ratio, rate: 0.1).findings.isEmpty)
  }

  @Test func tooSmallIsANotice() throws {
    let run = try train(steps: 60, ratio: 1e-8, rate: 0.1)
    #expect(run.findings.count == 3)
    #expect(run.findings.allSatisfy { $0.verdict == .notice && $0.cause == .learningRateTooLow && $0.value < 2e-8 })
  }

  @Test func theEndOfAScheduleMayBeSmall() throws {
    let run = try train(steps: 100, ratio: 0, rate: 0.1, cooledAfter: 40) { number, _, values in
      values = values.map { $0 * (number <= 40 ? 1.001 : 1.00000001) }
    }
    #expect(run.findings.isEmpty)
  }

  @Test func biasesAreNotJudged() throws {
    for role in [Role.bias, .normalisation, .embedding] {
      #expect(try train(steps: 60, ratio: 0.7, role: role, rate: 0.1).findings.isEmpty)
    }
  }

  @Test func whatIsNotLookedAtBetweenIsSharedOut() throws {
    // 4 % a step, looked at every tenth: 40 % between two looks, and healthy.
    #expect(try train(steps: 60, every: 10, ratio: 0.04, rate: 0.1).findings.isEmpty)
  }

  @Test func theShardsOfAWeightAreNotComparedWithEachOther() throws {
    var numbers = SeededNumbers(2)
    let run = try MonitorRun()
    let weight = try run.register("weight")
    let shards = [numbers.normals(40), numbers.normals(40)]
    for number in 1...60 {
      try run.step {
        for shard in shards { try run.show(weight, .weight, shard.map { $0 * (1 + 1e-3 * Double(number)) }) }
      }
    }
    #expect(run.findings.allSatisfy { $0.rule == .missingGradient })
  }

  @Test func afterARestoreNothingIsComparedWithBefore() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    var numbers = SeededNumbers(4)
    for number in 1...120 {
      // Every other time weights of quite another size come back.
      if number % 4 == 0 { try run.monitor.restored(to: run.number) }
      let values = numbers.normals(30, scale: 0, shift: number % 8 < 4 ? 1 : 100)
      try run.step { try run.show(weight, .weight, values.map { $0 * (1 + 1e-3 * Double(number)) }) }
    }
    #expect(run.findings(.updateRatio).isEmpty)
  }
}

@Suite struct UnchangedParameters {
  @Test func oneThatStandsStillWhileOthersMove() throws {
    var first: [Double]?
    let run = try train(steps: 6, rate: 0.1) { _, place, values in
      guard place == 1 else { return }
      first = first ?? values
      values = first ?? values
    }
    #expect(run.findings.map(\.rule) == [.unchangedParameter])
    #expect(run.name(of: run.first) == "weight1" && run.first.cause == .frozenParameter)
    // First seen moved at look 2; unchanged at looks 3, 4 and 5.
    #expect(run.first.firstStep == 5)
  }

  @Test func allOfThemIsAMissingOptimizerStep() throws {
    let run = try train(steps: 6, ratio: 0)
    #expect(run.findings.map(\.cause) == [.missingOptimizerStep])
    #expect(run.first.entry == -1 && run.first.verdict == .critical && run.first.value == 3)
    #expect(run.first.firstStep == 4)
  }

  @Test func aLearningRateOfZeroExplainsIt() throws {
    #expect(try train(steps: 30, ratio: 0, rate: 0).findings.isEmpty)
  }

  @Test func aBitThatChangesIsAChange() throws {
    let run = try train(steps: 30, ratio: 0, rate: 1e-9) { _, _, values in values[7] = values[7].nextUp }
    #expect(run.findings(.unchangedParameter).isEmpty)
  }

  @Test func largeWeightsAreSampledFromEndToEnd() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    var values = (0..<100_000).map(Double.init)
    for number in 1...10 {
      // Only the last element moves.
      values[99_999] += Double(number)
      try run.step { try run.show(weight, .weight, values) }
    }
    #expect(run.findings(.unchangedParameter).isEmpty)
  }
}
