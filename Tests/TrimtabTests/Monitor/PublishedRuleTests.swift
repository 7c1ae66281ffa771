import Testing

@testable import Trimtab

/// Each rule of the preset `sagemaker` at both sides of its published threshold.
@Suite struct PublishedRules {
  private func published() throws -> MonitorRun {
    let run = try MonitorRun { $0.preset = .sagemaker }
    // It speaks of the first steps of nearly every run; it has tests of its own.
    try off(run, .poorInitialisation)
    return run
  }

  private func off(_ run: MonitorRun, _ rule: Rule) throws {
    var settings = run.monitor.settings(of: rule)
    settings.isEnabled = false
    try run.monitor.set(rule, settings)
  }

  @Test func names() {
    let names = Rule.allCases.compactMap { $0.publishedName.map { "\($0)" } }
    #expect(
      Set(names) == [
        "DeadRelu", "ExplodingTensor", "VanishingGradient", "WeightUpdateRatio", "PoorWeightInitialization",
        "SaturatedActivation", "TensorVariance", "UnchangedTensor", "AllZero", "LossNotDecreasing", "Overfit",
        "Overtraining", "StalledTraining",
      ])
    #expect(names.count == 13)
    #expect(Rule.deadUnits.publishedName.map { "\($0)" } == "DeadRelu" && Rule.lossSpike.publishedName == nil)
  }

  @Test(arguments: [Double.nan, .infinity])
  func explodingTensor(bad: Double) throws {
    let run = try published()
    let weight = try run.register("weight")
    try run.step { try run.show(weight, .gradient, [1e300, 1]) }
    #expect(run.findings(.nonfinite).isEmpty)
    try run.step { try run.show(weight, .gradient, [bad, 1]) }
    #expect(run.findings(.nonfinite).count == 1)
  }

  @Test(arguments: [Role.weight, .bias, .normalisation, .embedding])
  func vanishingGradient(role: Role) throws {
    let run = try published()
    let entry = try run.register("entry", role)
    try run.step { try run.show(entry, .gradient, [1.5e-7, -0.5e-7]) }
    #expect(run.findings.isEmpty)
    try run.step { try run.show(entry, .gradient, [1.5e-7, -0.4e-7]) }
    #expect(run.findings.map(\.rule) == [.vanishingGradient] && run.first.firstStep == 2 && run.first.threshold == 1e-7)
  }

  /// Units that fire on `active` of 1000 samples, `share` of ten of them; the others fire half of the time.
  private func relu(active: Int, share: Int) throws -> MonitorRun {
    let run = try published()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    let values = (0..<10_000).map { place in
      let (sample, unit) = (place / 10, place % 10)
      return sample < (unit < share ? active : 500) ? 1.0 : -1
    }
    try run.step { try run.show(layer, .preactivation, values, shape: [1000, 10]) }
    return run
  }

  @Test func deadRelu() throws {
    // Below 1 % active, in more than 50 % of the units: both strict.
    #expect(try relu(active: 9, share: 6).findings.map(\.rule) == [.deadUnits])
    #expect(try relu(active: 9, share: 5).findings.isEmpty)
    #expect(try relu(active: 10, share: 6).findings.isEmpty)
  }

  private func saturated(_ activation: Activation, _ value: Double, inside: Int, share: Int) throws -> Int {
    let run = try published()
    let layer = try run.register("layer", .hidden) { $0.activation = activation }
    let values = (0..<10_000).map { place in
      let (sample, unit) = (place / 10, place % 10)
      return unit < share && sample >= inside ? value : 0.5
    }
    try run.step { try run.show(layer, .preactivation, values, shape: [1000, 10]) }
    return run.findings(.saturatedUnits).count
  }

  @Test func saturatedActivation() throws {
    let bounds: [(Activation, Double, Double)] = [
      (.tanh, 9.5, 9.4998), (.tanh, -9.5, -9.4998), (.sigmoid, 17, 16.9999), (.sigmoid, -23.001, -22.999),
    ]
    for (activation, outside, within) in bounds {
      #expect(try saturated(activation, outside, inside: 9, share: 6) == 1)
      #expect(try saturated(activation, within, inside: 9, share: 6) == 0)
      #expect(try saturated(activation, outside, inside: 10, share: 6) == 0)
      #expect(try saturated(activation, outside, inside: 9, share: 5) == 0)
    }
  }

  private func weights(_ values: [[Double]], _ role: Role = .weight) throws -> MonitorRun {
    let run = try published()
    let entry = try run.register("entry", role)
    for one in values { try run.step { try run.show(entry, .weight, one) } }
    return run
  }

  @Test func weightUpdateRatio() throws {
    for (factor, isFound) in [(11.01, true), (10.99, false), (1 + 0.9e-8, true), (1 + 1.1e-8, false)] {
      let run = try weights([[1, -1], [factor, -factor]], .bias)
      #expect(run.findings(.updateRatio).count == (isFound ? 1 : 0), "factor \(factor)")
    }
  }

  @Test func unchangedTensor() throws {
    // |difference| <= 1e-8 + 1e-5 |value| over three steps: two comparisons.
    #expect(try weights([[1, 2], [1, 2]]).findings(.unchangedParameter).isEmpty)
    #expect(try weights([[1, 2], [1, 2], [1, 2]]).findings(.unchangedParameter).count == 1)
    #expect(try weights([[1, 2], [1.000009, 2], [1.000018, 2]]).findings(.unchangedParameter).count == 1)
    #expect(try weights([[1, 2], [1.000011, 2], [1.000022, 2]]).findings(.unchangedParameter).isEmpty)
    #expect(try weights([[0, 2], [0.9e-8, 2], [0, 2]]).findings(.unchangedParameter).count == 1)
    #expect(try weights([[0, 2], [1.1e-8, 2], [0, 2]]).findings(.unchangedParameter).isEmpty)
  }

  @Test func allZero() throws {
    for (values, count) in [([0.0, -0.0, 0], 1), ([0, 0, 5e-324], 0)] {
      let run = try published()
      let layer = try run.register("layer", .hidden)
      let weight = try run.register("weight")
      try run.step { try run.show(layer, .output, values) }
      #expect(run.findings(.allZero).count == count)
      try run.step { try run.show(weight, .gradient, values) }
      #expect(run.findings(.allZero).count == 2 * count)
    }
  }

  private func losses(_ values: [Double], validation: [Int: Double] = [:]) throws -> MonitorRun {
    let run = try published()
    for (place, value) in values.enumerated() {
      try run.step {
        try run.monitor.observe(.loss, value)
        if let found = validation[place] { try run.monitor.observe(.validationLoss, found) }
      }
    }
    return run
  }

  @Test func lossNotDecreasing() throws {
    // Over ten steps by less than 0.1 %; more than 5 % the other way is critical.
    for (last, verdict) in [
      (0.9991, Verdict.warning), (0.9989, nil), (1.04, .warning), (1.06, .critical), (0.5, nil),
    ] as [(Double, Verdict?)] {
      let values = (0...10).map { $0 == 10 ? last : 1.0 }
      let found = try losses(values).findings(.lossPlateau)
      #expect(found.map(\.verdict) == (verdict.map { [$0] } ?? []), "last \(last)")
      #expect(try losses(Array(values.dropFirst())).findings(.lossPlateau).isEmpty)
    }
  }

  @Test func overfit() throws {
    for (validation, count) in [(1.101, 1), (1.099, 0)] {
      let run = try losses([1.5, 1.2, 1], validation: [2: validation])
      #expect(run.findings(.overfitting).count == count)
    }
  }

  @Test func overtraining() throws {
    // Five steps without a loss better by 0.01, or ten evaluations.
    #expect(try losses([1, 1, 1, 1, 1]).findings(.overtraining).isEmpty)
    #expect(try losses([1, 1, 1, 1, 1, 1]).findings(.overtraining).count == 1)
    #expect(try losses([1, 1, 0.991, 1, 1, 0.9905]).findings(.overtraining).count == 1)
    #expect(try losses([1, 1, 0.989, 1, 1, 1, 1]).findings(.overtraining).isEmpty)
    let falling = (0..<12).map { 1 - 0.05 * Double($0) }
    let evaluations = Dictionary(uniqueKeysWithValues: (0..<11).map { ($0, 1.0) })
    #expect(try losses(falling, validation: evaluations).findings(.overtraining).count == 1)
    #expect(try losses(falling, validation: evaluations.filter { $0.key < 10 }).findings(.overtraining).isEmpty)
  }

  private func start(
    variances: (Double, Double) = (1, 4), gradient: Double = 1, loss: (Int) -> Double = { 1 / Double($0) },
    steps: Int = 1,
    idle: Int = 0
  ) throws -> Int {
    let run = try MonitorRun { $0.preset = .sagemaker }
    let layers = try (0..<2).map { try run.register("layer\($0)", .hidden) { $0.activation = .relu } }
    let weight = try run.register("weight")
    for _ in 0..<idle { try run.step() }
    for number in 1...steps {
      try run.step {
        for (layer, variance) in [(layers[0], variances.0), (layers[1], variances.1)] {
          let size = variance.squareRoot()
          try run.show(layer, .preactivation, (0..<100).map { $0 % 2 == 0 ? 3 + size : 3 - size }, shape: [50, 2])
        }
        try run.show(weight, .gradient, (0..<101).map { gradient * Double($0) })
        try run.monitor.observe(.loss, loss(number))
      }
    }
    return run.findings(.poorInitialisation).count
  }

  @Test func poorWeightInitialization() throws {
    #expect(try start() == 0)
    #expect(try start(variances: (1, 10.1)) == 1)
    #expect(try start(variances: (9.9, 1)) == 0)
    // Of 0, g, ..., 100 g the 5th and 95th percentile are 90 g apart.
    #expect(try start(gradient: 0.99e-3 / 90) == 1)
    #expect(try start(gradient: 1.01e-3 / 90) == 0)
    #expect(try start(loss: { _ in 1 }, steps: 5) == 0)
    #expect(try start(loss: { _ in 1 }, steps: 6) == 1)
    // Only the first ten steps.
    #expect(try start(variances: (1, 100), idle: 9) == 1)
    #expect(try start(variances: (1, 100), idle: 10) == 0)
  }

  @Test func tensorVariance() throws {
    // It publishes no bounds: off until it has some.
    for (scale, count) in [(0.99, 1), (1.01, 0), (1.99, 0), (2.01, 1)] {
      let run = try published()
      let layer = try run.register("layer", .hidden)
      let values = [7 + scale, 7 - scale]
      try run.step { try run.show(layer, .output, values) }
      #expect(run.findings.isEmpty)
      try run.monitor.set(.tensorVariance, RuleSettings(warning: 1, critical: 4))
      try run.step { try run.show(layer, .output, values) }
      #expect(run.findings(.tensorVariance).count == count, "scale \(scale)")
    }
  }

  @Test func stalledTraining() throws {
    #expect(try published().monitor.settings(of: .stalled).warning == 1800)
    for (pause, count) in [(1801.0, 1), (1799, 0)] {
      let run = try published()
      try run.step()
      // As if the last call had been so long ago.
      run.monitor.lastCall -= pause
      try run.step()
      #expect(run.findings(.stalled).count == count)
      if count > 0 { #expect(run.first.cause == .stalled && run.first.value >= 1801) }
    }
  }
}
