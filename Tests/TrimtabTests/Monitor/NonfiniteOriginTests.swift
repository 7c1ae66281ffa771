import Testing

@testable import Trimtab

/// Three layers with a weight each, registered from the output to the input: only `order` says which comes first.
private struct Net {
  let run: MonitorRun
  var layers: [Int] = []
  var weights: [Int] = []

  init(_ change: (inout MonitorOptions) -> Void = { _ in }) throws {
    run = try MonitorRun(change)
    layers = [0, 0, 0]
    weights = [0, 0, 0]
    for place in [2, 1, 0] {
      layers[place] = try run.register("layer\(place)", .hidden, order: 2 * place + 1) { $0.activation = .relu }
      weights[place] = try run.register("weight\(place)", .weight, order: 2 * place)
    }
  }

  /// A step in which everything is finite but what `change` makes of it.
  @discardableResult
  func step(
    loss: Double = 1, scale: Double? = nil, _ change: (Quantity, Int, inout [Double]) -> Void = { _, _, _ in }
  ) throws -> Decision {
    try run.step {
      for place in 0..<3 {
        for (entry, quantity) in [
          (layers[place], Quantity.preactivation), (layers[place], .output), (layers[place], .outputGradient),
          (weights[place], .gradient), (weights[place], .weight),
        ] {
          var values = (0..<6).map { 0.1 * Double($0 + run.number % 2) - 0.2 }
          change(quantity, place, &values)
          try run.show(entry, quantity, values, shape: [2, 3])
        }
      }
      try run.monitor.observe(.loss, loss)
      if let scale { try run.monitor.observe(.lossScale, scale) }
    }
  }
}

@Suite struct NonfiniteOrigin {
  @Test func theForwardPassComesBeforeAllThatFollowsFromIt() throws {
    let net = try Net()
    try net.step()
    let decision = try net.step(loss: .nan) { quantity, place, values in
      if quantity == .weight { return }
      if quantity == .preactivation && place == 1 { values[4] = .nan }
      if quantity == .output && place >= 1 || quantity == .preactivation && place == 2 {
        values = values.map { _ in .nan }
      }
      if quantity == .gradient || quantity == .outputGradient { values = values.map { _ in .nan } }
    }
    #expect(decision.action == .skip && decision.rule == .nonfinite && decision.entry == net.layers[1])
    #expect(net.run.findings.count == 1)
    let finding = try #require(net.run.findings.first)
    #expect(net.run.name(of: finding) == "layer1" && finding.quantity == .preactivation)
    #expect(finding.index == 4 && finding.value == 1)
    #expect(finding.cause == .nonfiniteActivation && finding.verdict == .critical)
  }

  @Test func theLossComesBeforeTheBackwardPass() throws {
    let net = try Net()
    let decision = try net.step(loss: .infinity) { quantity, _, values in
      if quantity == .gradient || quantity == .outputGradient { values[0] = .nan }
    }
    #expect(decision.action == .skip && decision.loss == .infinity)
    let finding = try #require(net.run.findings.first)
    #expect(net.run.findings.count == 1)
    #expect(finding.entry == -1 && finding.quantity == nil && finding.cause == .nonfiniteLoss && finding.index == -1)
  }

  @Test(arguments: [0, 1, 2])
  func theBackwardPassStartsAtTheOutput(place: Int) throws {
    let net = try Net()
    // A NaN that arises at `place` goes on towards the input.
    let decision = try net.step { quantity, found, values in
      if quantity == .gradient && found <= place { values[3] = .infinity }
      if quantity == .outputGradient && found < place { values[2] = .nan }
    }
    #expect(decision.action == .skip && decision.entry == net.weights[place])
    let finding = try #require(net.run.findings.first)
    #expect(net.run.findings.count == 1)
    #expect(net.run.name(of: finding) == "weight\(place)" && finding.quantity == .gradient && finding.index == 3)
    #expect(finding.cause == .nonfiniteGradient)
  }

  @Test func aPoisonedWeightComesBeforeWhatIsComputedWithIt() throws {
    for mayRollBack in [false, true] {
      let net = try Net { $0.mayRollBack = mayRollBack }
      try net.step()
      let decision = try net.step(loss: .nan) { quantity, place, values in
        if quantity == .weight && place == 1 { values[5] = .nan }
        if place >= 1 && (quantity == .preactivation || quantity == .output) { values[0] = .nan }
        if quantity == .gradient { values[0] = .nan }
      }
      // To leave out the step would change nothing.
      #expect(decision.action == (mayRollBack ? .rollBack : .stop))
      let finding = try #require(net.run.findings.first)
      #expect(net.run.name(of: finding) == "weight1" && finding.quantity == .weight && finding.index == 5)
      #expect(finding.cause == .nonfiniteWeight)
      #expect(net.run.findings(.guardian).map(\.cause) == [.nonfiniteWeight])
    }
  }

  @Test func aNaNBeforeThePoisonedWeightIsTheOrigin() throws {
    let net = try Net()
    try net.step(loss: .nan) { quantity, place, values in
      if quantity == .preactivation && place == 0 { values[1] = .nan }
      if quantity == .weight && place == 2 { values[0] = .nan }
    }
    let finding = try #require(net.run.findings.first)
    #expect(net.run.name(of: finding) == "layer0" && finding.quantity == .preactivation)
  }

  @Test func saysTheTrendBefore() throws {
    let net = try Net()
    for exponent in 0..<6 {
      try net.step { quantity, place, values in
        if quantity == .output && place == 2 { values[1] = -Double(1 << exponent) }
      }
    }
    try net.step { quantity, place, values in
      if quantity == .output && place == 2 { values[1] = -.infinity }
    }
    let finding = try #require(net.run.findings.first)
    #expect(finding.before == SIMD4(4, 8, 16, 32))
    // In the very first step there is no trend.
    let first = try Net()
    try first.step { quantity, place, values in if quantity == .output && place == 2 { values[1] = .nan } }
    #expect(try #require(first.run.findings.first).before[3].isNaN)
  }

  @Test func float16ThatRanOutOfRangeIsSaid() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    for magnitude in [1000.0, 4000, 16000] {
      try run.step { try run.showHalves(layer, .output, [magnitude, 1, 2, 3]) }
    }
    try run.step { try run.showHalves(layer, .output, [.infinity, 1, 2, 3]) }
    let finding = try #require(run.findings(.nonfinite).first)
    #expect(finding.cause == .rangeOverflow && finding.before[3] == 16000)
    // The same Inf out of small numbers is a division by zero or the like, not a want of range.
    let other = try MonitorRun()
    let small = try other.register("layer", .hidden)
    try other.step { try other.showHalves(small, .output, [1, 1, 2, 3]) }
    try other.step { try other.showHalves(small, .output, [.infinity, 1, 2, 3]) }
    #expect(try #require(other.findings(.nonfinite).first).cause == .nonfiniteActivation)
  }

  @Test func summariesMadeElsewhereAreLookedAtToo() throws {
    let net = try Net()
    let bad: [Double] = [1, 2, .nan]
    let summary = try withTensor(bad.span, shape: [3, 1]) { view throws(TrimtabError) in summarize(view) }
    let decision = try net.run.step {
      try net.run.monitor.observe(net.weights[1], .gradient, summary: summary, rank: 2)
    }
    #expect(decision.action == .skip)
    #expect(try #require(net.run.findings.first).index == 2)
  }
}

@Suite struct NonfiniteScalars {
  @Test func aNormMadeElsewhereAndARateThatIsNaNStopTheStep() throws {
    for (scalar, cause) in [(Scalar.gradientNorm, Cause.nonfiniteGradient), (.learningRate, .learningRateTooHigh)] {
      let run = try MonitorRun()
      let decision = try run.step { try run.monitor.observe(scalar, .nan) }
      #expect(decision.action == .skip)
      #expect(run.findings.map(\.cause) == [cause] && run.first.entry == -1)
      for _ in 0..<3 { #expect(try run.step { try run.monitor.observe(scalar, 0.1) }.action == .proceed) }
      #expect(!run.first.isStanding)
    }
  }

  @Test func aValidationLossThatIsNaNIsSaidButPoisonsNothing() throws {
    let run = try MonitorRun()
    let decision = try run.step {
      try run.monitor.observe(.loss, 1)
      try run.monitor.observe(.validationLoss, .nan)
    }
    #expect(decision.action == .proceed && decision.verdict == .critical)
    #expect(run.findings.map(\.rule) == [.nonfinite])
  }
}

@Suite struct LossScale {
  @Test func aScaleThatFallsUntilItFitsIsNoFinding() throws {
    let net = try Net()
    var scale = 65536.0
    for _ in 0..<14 {
      let decision = try net.step(scale: scale) { quantity, _, values in
        if quantity == .gradient { values[0] = .infinity }
      }
      #expect(decision.action == .skip)
      scale /= 2
    }
    #expect(try net.step(scale: scale).action == .proceed)
    // And again, when the scale has grown.
    #expect(
      try net.step(scale: 2 * scale) { quantity, _, values in if quantity == .gradient { values[0] = .infinity } }
        .action
        == .skip)
    #expect(net.run.findings.isEmpty)
  }

  @Test func aScaleThatStaysExplainsNothing() throws {
    let net = try Net { $0.greatestSkips = 4 }
    var actions: [Action] = []
    for _ in 0..<7 {
      actions.append(
        try net.step(scale: 1024) { quantity, _, values in if quantity == .gradient { values[0] = .nan } }.action)
    }
    #expect(actions == [.skip, .skip, .skip, .skip, .skip, .stop, .stop])
    #expect(net.run.findings(.nonfinite).count == 1)
  }

  @Test func itExcusesGradientsAlone() throws {
    let net = try Net()
    try net.step(loss: .nan, scale: 65536)
    #expect(net.run.findings.map(\.cause) == [.nonfiniteLoss])
  }
}
