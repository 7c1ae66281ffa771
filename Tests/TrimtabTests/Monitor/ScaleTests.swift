import Testing

@testable import Trimtab

@Suite struct WidthSlopes {
  private func run(_ role: Role, width: Int = 0, _ scale: (Double) -> Double) throws -> MonitorRun {
    let run = try MonitorRun()
    let layer = try run.register("layer", role) { $0.width = width }
    try run.step {
      if width > 0 { try run.show(layer, .output, [scale(Double(width)), -scale(Double(width))]) }
      for other in [64, 128, 256, 512] {
        try run.monitor.observeWidth(layer, width: other, meanMagnitude: scale(Double(other)))
      }
    }
    return run
  }

  // Oracle: standard parametrisation .77 (hidden) and .93 (output), muP .03 and .19.
  @Test(arguments: [(Role.hidden, 0.77, true), (.output, 0.93, true), (.hidden, 0.03, false), (.output, 0.19, false)])
  func theMeasuredSlopes(role: Role, slope: Double, isFound: Bool) throws {
    let run = try run(role) { exponential(slope * logarithm($0)) }
    #expect(run.findings.map(\.rule) == (isFound ? [.widthSlope] : []))
    if isFound {
      #expect(abs(run.first.value - slope) < 1e-9 && run.first.cause == .widthScaling)
      #expect(run.first.verdict == (slope > 0.8 ? .critical : .warning))
    }
  }

  @Test func theEntrysOwnWidthCounts() throws {
    let run = try run(.hidden, width: 1024) { $0 < 1000 ? 1 : 16 }
    // Points (6..9, 0) and (10, 4): least squares give 0.8.
    #expect(abs(run.first.value - 0.8) < 1e-9)
  }

  @Test func outputAndAttentionMayShrink() throws {
    for role in [Role.output, .attention] {
      #expect(try run(role) { 1 / $0.squareRoot() }.findings.isEmpty)
    }
    #expect(try run(.hidden) { 1 / $0.squareRoot() }.findings.map(\.rule) == [.widthSlope])
  }

  @Test func twoWidthsOrNearlyEqualOnesSayNothing() throws {
    for widths in [[64, 128], [64, 70, 80], [64, 64, 64]] {
      let run = try MonitorRun()
      let layer = try run.register("layer", .hidden)
      for _ in 0..<3 {
        try run.step {
          for width in widths { try run.monitor.observeWidth(layer, width: width, meanMagnitude: Double(width)) }
        }
      }
      #expect(run.findings.isEmpty)
    }
  }

  @Test func refusesWhatCannotBe() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    let weight = try run.register("weight")
    #expect(throws: TrimtabError.self) { try run.monitor.observeWidth(layer, width: 8, meanMagnitude: 1) }
    try run.monitor.beginStep(1)
    for (entry, width, mean) in [
      (layer, 0, 1.0), (layer, 8, -1), (layer, 8, .nan), (layer, 8, .infinity), (weight, 8, 1), (9, 8, 1),
    ] {
      #expect(throws: TrimtabError.self) { try run.monitor.observeWidth(entry, width: width, meanMagnitude: mean) }
    }
  }
}

@Suite struct ActivationScales {
  private func run(factor: Double, layers: Int = 8, output: Double = 1) throws -> MonitorRun {
    let run = try MonitorRun()
    for place in 0..<layers { try run.register("layer\(place)", .hidden) }
    try run.register("output", .output)
    for _ in 0..<6 {
      try run.step {
        var size = 1.0
        for place in 0..<layers {
          try run.show(place, .preactivation, [size, -size, 0.5 * size])
          size *= factor
        }
        try run.show(layers, .preactivation, [output, -output])
      }
    }
    return run
  }

  @Test func growsOrShrinksWithDepth() throws {
    for (factor, cause) in [(2.5, Cause.largeInitialisation), (0.4, .smallInitialisation)] {
      let run = try run(factor: factor)
      #expect(run.findings.map(\.rule) == [.activationScale] && run.first.cause == cause)
      #expect(run.first.firstStep == 3 && abs(run.first.value - decimalLogarithm(factor)) < 1e-9)
    }
    #expect(try run(factor: 12).first.verdict == .critical)
  }

  @Test func theOutputAndShallowNetsAreSilent() throws {
    #expect(try run(factor: 1, output: 1e6).findings.isEmpty)
    #expect(try run(factor: 3, layers: 3).findings.isEmpty)
    // Half a decade in all is no slope, however steep.
    #expect(try run(factor: 1.9, layers: 8).findings.isEmpty)
  }
}

@Suite struct EffectiveRanks {
  private func rank(_ values: [Double], _ shape: [Int]) throws -> Double {
    var found = Double.nan
    try withTensor(values.span, shape: shape) { view throws(TrimtabError) in
      if let place = try EffectiveRank.make(for: view) { found = try place.measure(view) }
    }
    return found
  }

  // Oracle: diag(1, .5): 1.8899; the identity: its size; zero: 0.
  @Test func knownMatrices() throws {
    #expect(abs(try rank([1, 0, 0, 0.5], [2, 2]) - 1.8898815748423097) < 1e-12)
    #expect(abs(try rank([1, 0, 0, 0, 0.5, 0], [2, 3]) - 1.8898815748423097) < 1e-12)
    #expect(abs(try rank([1, 0, 0, 0.5, 0, 0], [3, 2]) - 1.8898815748423097) < 1e-12)
    #expect(abs(try rank((0..<100).map { $0 % 11 == 0 ? 1.0 : 0 }, [10, 10]) - 10) < 1e-9)
    #expect(try rank([0, 0, 0, 0], [2, 2]) == 0)
    #expect(abs(try rank([1, 2, 3, 2, 4, 6], [2, 3]) - 1) < 1e-6)
    #expect(try rank([1, .nan, 0, 1], [2, 2]).isNaN)
  }

  @Test func againstAllSingularValues() throws {
    var numbers = SeededNumbers(8)
    let values = numbers.normals(40 * 25)
    let matrix = try Matrix(rows: 25, columns: 40, for: "test")
    for row in 0..<25 { for column in 0..<40 { matrix.row(row)[column] = values[column * 25 + row] } }
    let singular = try singularValues(matrix)
    let total = (0..<25).reduce(0.0) { $0 + singular.pointer[$1] }
    let entropy = (0..<25).reduce(0.0) { sum, place in
      let share = singular.pointer[place] / total
      return sum - share * logarithm(share)
    }
    #expect(abs(try rank(values, [40, 25]) - exponential(entropy)) < 1e-9)
    // The same memory as a convolution's weight of four axes.
    #expect(abs(try rank(values, [40, 5, 5, 1]) - exponential(entropy)) < 1e-9)
  }

  @Test func largeOnesAreLeftOut() throws {
    #expect(try rank(Array(repeating: 1, count: 65 * 65), [65, 65]).isNaN)
    #expect(try rank(Array(repeating: 1, count: 8), [8]).isNaN)
  }

  @Test func aCollapseIsCriticalWhereTheEntropySaysSoToo() throws {
    // One direction far above the rest is a warning; one direction and nothing else is critical.
    for (rest, verdict) in [(0.05, Verdict.warning), (1e-6, .critical)] {
      let run = try MonitorRun()
      let weight = try run.register("weight")
      for number in 1...80 {
        let size = number < 20 ? 1 : rest
        let values = (0..<256).map { $0 == 0 ? 1.0 : $0 % 17 == 0 ? size : 0 }
        try run.step {
          try run.show(weight, .weight, values.map { $0 * (1 + 1e-4 * Double(number)) }, shape: [16, 16])
        }
      }
      let found = run.findings(.rankCollapse)
      #expect(found.map(\.verdict) == [verdict], "rest \(rest)")
      #expect(try run.monitor.spectrum(of: weight).effectiveRank > 0.99)
    }
  }
}
