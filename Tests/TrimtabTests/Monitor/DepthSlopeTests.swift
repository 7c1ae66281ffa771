import Testing

@testable import Trimtab

@Suite struct WatchedDepthSlopes {
  /// Weights whose gradients have the given root mean squares from the input to the output, `steps` times.
  private func run(
    gradients: [Double], weightScale: Double = 0.1, steps: Int = 3, width: Int = 100
  ) throws -> MonitorRun {
    let run = try MonitorRun()
    let entries = try gradients.indices.map { try run.register("weight\($0)") }
    for _ in 0..<steps {
      try run.step {
        for (entry, rootMeanSquare) in zip(entries, gradients) {
          // Signs that alternate: the root mean square is exact, and the mean is not what is looked at.
          let signs = (0..<width).map { $0 % 2 == 0 ? 1.0 : -1.0 }
          try run.show(entry, .gradient, signs.map { rootMeanSquare * $0 }, shape: [10, width / 10])
          try run.show(entry, .weight, signs.map { weightScale * $0 }, shape: [10, width / 10])
        }
      }
    }
    return run
  }

  private func ladder(_ decades: Double, _ depth: Int) -> [Double] {
    var values: [Double] = []
    // Ten to the power of a multiple of a tenth, by repeated multiplication.
    var value = 1.0
    for _ in 0..<depth {
      values.append(value)
      value *= exponential(decades * 2.302585092994046)
    }
    return values
  }

  @Test func gradientsThatVanishTowardsTheInput() throws {
    let run = try run(gradients: ladder(0.5, 8).map { $0 * 1e-4 }, weightScale: 0.3)
    #expect(run.findings.count == 1)
    let finding = try #require(run.findings.first)
    #expect(finding.rule == .vanishingGradient && finding.entry == -1 && finding.verdict == .critical)
    #expect(abs(finding.value - 0.5) < 1e-9 && finding.threshold == 0.3)
    // rms 0.3 over ten inputs is a gain of 0.95: the start was right, so something else is the cause.
    #expect(finding.cause == .vanishingGradient)
    #expect(finding.firstStep == 3)
  }

  @Test func aSlopeBetweenTheThresholdsIsAWarning() throws {
    let run = try run(gradients: ladder(0.2, 14))
    #expect(run.findings.map(\.verdict) == [.warning])
    #expect(abs(run.first.value - 0.2) < 1e-9 && run.first.threshold == 0.1)
  }

  @Test(arguments: [(0.35, 60.0, Verdict.notice), (0.35, 1e9, .critical), (0.2, 1e9, .warning), (0.9, 60, .critical)])
  func aNetThatIsShownToLearnHasTimeToProveIt(decades: Double, time: Double, verdict: Verdict) throws {
    let run = try MonitorRun()
    let weights = try (0..<9).map { try run.register("weight\($0)") }
    let scales = ladder(decades, 9)
    for number in 1...150 {
      try run.step {
        for (weight, scale) in zip(weights, scales) { try run.show(weight, .gradient, [scale, -scale, scale, scale]) }
        try run.monitor.observe(.loss, 2.3 * exponential(-Double(number) / time))
      }
    }
    if decades == 0.2 {
      // Eight places of 0.2 decades are below the two that the rule asks for.
      #expect(run.findings.isEmpty)
    } else {
      #expect(run.findings(.vanishingGradient).filter { $0.entry == -1 }.map(\.verdict) == [verdict])
    }
  }

  /// A slope that was not there while the net was young is a part of it that has done its work.
  @Test(arguments: [(1, Verdict.critical), (90, .critical), (110, .notice)])
  func aSlopeThatComesLateIsANotice(first: Int, verdict: Verdict) throws {
    let run = try MonitorRun()
    let weights = try (0..<9).map { try run.register("weight\($0)") }
    for number in 1...150 {
      try run.step {
        for (weight, scale) in zip(weights, ladder(number < first ? 0 : 0.35, 9)) {
          try run.show(weight, .gradient, [scale, -scale, scale, scale])
        }
        // Two players, whose losses stay.
        try run.monitor.observe(.loss, 2)
      }
    }
    #expect(run.findings(.vanishingGradient).filter { $0.entry == -1 }.map(\.verdict) == [verdict])
  }

  @Test func gradientsThatExplodeTowardsTheInput() throws {
    let run = try run(gradients: ladder(-0.4, 8), weightScale: 0.3)
    #expect(run.findings.map(\.rule) == [.explodingGradient] && run.first.verdict == .critical)
    #expect(run.first.cause == .explodingGradient)
    #expect(abs(run.first.value - 0.4) < 1e-9)
  }

  @Test func theInitialisationIsNamedWhereItShowsInTheWeights() throws {
    let small = try run(gradients: ladder(0.5, 8), weightScale: 0.01)
    #expect(small.findings(.vanishingGradient).map(\.cause) == [.smallInitialisation])
    // It shows before any gradient does, too.
    #expect(small.findings(.weightStart).map(\.cause) == [.smallInitialisation])
    #expect(small.findings(.weightStart).map(\.verdict) == [.notice] && small.findings.count == 2)
    #expect(try run(gradients: ladder(-0.5, 8), weightScale: 2).findings.map(\.cause) == [.largeInitialisation])
  }

  @Test func waitsForItsPatience() throws {
    #expect(try run(gradients: ladder(0.5, 8), steps: 2).findings.isEmpty)
  }

  @Test(arguments: [(0.05, 30), (0.5, 2), (0.15, 6), (-0.05, 30), (-0.15, 6), (0, 10)])
  func silentWhereItIsFlatOrShortOrShallow(decades: Double, depth: Int) throws {
    // The weights stand still here, which is a finding of its own.
    let found = try run(gradients: ladder(decades, depth), steps: 10).findings.filter { $0.rule != .unchangedParameter }
    #expect(found.isEmpty)
  }

  @Test func endsWhenTheSlopeDoes() throws {
    let run = try MonitorRun()
    let entries = try (0..<6).map { try run.register("weight\($0)") }
    for number in 1...12 {
      try run.step {
        for (place, value) in ladder(number <= 5 ? 0.7 : 0, 6).enumerated() {
          try run.show(entries[place], .gradient, [value, -value])
        }
      }
      if number == 5 { #expect(run.findings.first?.isStanding == true) }
    }
    #expect(run.findings.count == 1 && run.first.isStanding == false)
    #expect(run.first.lastStep == 5 && run.first.count == 3)
  }
}

@Suite struct LoneGradients {
  /// Gradients of about 1 in six weights for `steps` steps, but for what `change` makes of them; nil: none at all.
  private func run(
    steps: Int, _ change: (Int, Int, [Double]) -> [Double]?,
    entry: (Int, inout MonitorEntry) -> Void = { _, _ in }, role: (Int) -> Role = { _ in .weight }
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(3)
    let run = try MonitorRun()
    let entries = try (0..<6).map { place in
      try run.register("tensor\(place)", role(place)) { entry(place, &$0) }
    }
    for number in 1...steps {
      try run.step {
        for place in 0..<6 {
          if let values = change(number, place, numbers.normals(20)) {
            try run.show(entries[place], .gradient, values, shape: [4, 5])
          }
        }
      }
    }
    return run
  }

  @Test(arguments: 0..<6)
  func oneTensorFarBelowTheOthersIsNamedItself(place: Int) throws {
    let run = try run(steps: 20) { _, found, values in found == place ? values.map { $0 * 1e-9 } : values }
    #expect(run.findings.count == 1)
    let finding = try #require(run.findings.first)
    #expect(finding.rule == .vanishingGradient && run.name(of: finding) == "tensor\(place)")
    #expect(finding.quantity == .gradient && finding.value < 1e-7 && finding.threshold == 1e-7)
    #expect(finding.firstStep == 3 && finding.isStanding && finding.count == 18)
  }

  @Test func tinyEverywhereIsARunThatHasConverged() throws {
    #expect(try run(steps: 20) { _, _, values in values.map { $0 * 1e-12 } }.findings.isEmpty)
  }

  @Test func biasesAndFrozenWeightsMayBeTiny() throws {
    #expect(
      try run(
        steps: 20, { _, place, values in place == 2 ? values.map { $0 * 1e-9 } : values },
        entry: { place, entry in entry.isFrozen = place == 2 }
      ).findings.isEmpty)
    for silent in [Role.bias, .normalisation, .embedding] {
      #expect(
        try run(
          steps: 20, { _, place, values in place == 2 ? values.map { $0 * 1e-9 } : values },
          role: { $0 == 2 ? silent : .weight }
        ).findings.isEmpty)
    }
  }

  @Test func exactlyZeroIsNotSmall() throws {
    let run = try run(steps: 12) { _, place, values in place == 4 ? values.map { _ in 0 } : values }
    #expect(run.findings.map(\.rule) == [.zeroGradient] && run.name(of: run.first) == "tensor4")
    #expect(run.first.firstStep == 10 && run.first.cause == .zeroGradient)
  }

  @Test func zeroNowAndThenIsHealthy() throws {
    let run = try run(steps: 60) { number, place, values in
      place == 4 && number % 10 != 0 ? values.map { _ in 0 } : values
    }
    #expect(run.findings.isEmpty)
  }

  @Test func zeroByConstructionIsExpected() throws {
    let run = try run(
      steps: 30, { _, place, values in place == 4 ? values.map { _ in 0 } : values },
      entry: { place, entry in entry.hasZeroGradient = place == 4 }, role: { $0 == 4 ? .bias : .weight })
    #expect(run.findings.isEmpty)
  }

  @Test func zeroEverywhereIsNoFaultOfOneParameter() throws {
    #expect(try run(steps: 30) { _, _, values in values.map { _ in 0 } }.findings.isEmpty)
  }

  @Test func noGradientIsNotAZeroGradient() throws {
    let run = try run(steps: 30) { _, place, values in place == 1 ? nil : values }
    #expect(run.findings.map(\.rule) == [.missingGradient] && run.name(of: run.first) == "tensor1")
    #expect(run.first.firstStep == 10 && run.first.cause == .missingGradient)
  }

  @Test func aGradientThatComesNowAndThenIsNotMissing() throws {
    #expect(
      try run(steps: 100) { number, place, values in place == 1 && number % 9 != 1 ? nil : values }.findings.isEmpty)
  }

  @Test func frozenParametersNeedNone() throws {
    #expect(
      try run(
        steps: 30, { _, place, values in place == 1 ? nil : values },
        entry: { place, entry in entry.isFrozen = place == 1 }
      ).findings.isEmpty)
  }

  @Test func withoutAnyGradientNothingIsSaidOfOne() throws {
    #expect(try run(steps: 30) { _, _, _ in nil }.findings.isEmpty)
  }
}
