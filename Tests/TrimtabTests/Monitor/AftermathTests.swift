import Testing

@testable import Trimtab

/// One bad value costs one step, and nothing after it is different from a run that never had it.
@Suite struct Aftermath {
  private func decisions(
    _ clipping: MonitorOptions.Clipping, bad: Double?, at steps: Set<Int>
  ) throws -> (kept: [Decision], bad: [Decision], run: MonitorRun) {
    var numbers = SeededNumbers(11)
    let run = try MonitorRun {
      $0.clipping = clipping
      $0.maximumNorm = clipping == .adaptive ? 0 : 12
    }
    let weights = try (0..<3).map { try run.register("weight\($0)") }
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    var kept: [Decision] = []
    var left: [Decision] = []
    for number in 1...400 {
      // Once in a while the norm leaps, so that clipping has something to do.
      let scale = number % 50 == 49 ? 6.0 : 1
      let gradients = weights.map { _ in numbers.normals(12, scale: scale) }
      let preactivations = numbers.normals(40)
      let isBad = steps.contains(number)
      if isBad && bad == nil { continue }
      let decision = try run.step {
        for (place, weight) in weights.enumerated() {
          var values = gradients[place]
          if isBad, let bad { values[place] = bad }
          try run.show(weight, .gradient, values)
        }
        var values = preactivations
        if isBad, let bad { values[7] = bad }
        try run.show(layer, .preactivation, values, shape: [10, 4])
        try run.monitor.observe(.loss, isBad ? .nan : 1 / Double(number))
      }
      if isBad { left.append(decision) } else { kept.append(decision) }
    }
    return (kept, left, run)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [MonitorOptions.Clipping.none, .fixed, .adaptive, .perTensor])
  func nothingAfterItIsDifferent(bad: Double, clipping: MonitorOptions.Clipping) throws {
    let steps: Set<Int> = [3, 26, 120, 121, 300]
    let clean = try decisions(clipping, bad: nil, at: steps)
    let other = try decisions(clipping, bad: bad, at: steps)
    #expect(other.bad.count == 5 && other.bad.allSatisfy { $0.action == .skip })
    #expect(other.kept.map(\.action) == clean.kept.map(\.action))
    #expect(other.kept.map(\.clipFactor) == clean.kept.map(\.clipFactor))
    #expect(other.kept.map(\.gradientNorm) == clean.kept.map(\.gradientNorm))
    #expect(clean.run.findings.isEmpty)
    #expect(other.run.findings.map(\.rule) == [.nonfinite] && other.run.first.count == 5)
    #expect(!other.run.first.isStanding && other.kept.last?.verdict == .healthy)
    if clipping != .none { #expect(clean.kept.contains { $0.action == .clip }) }
  }

  @Test func unitsAreStillJudgedAfterwards() throws {
    let run = try MonitorRun { $0.warmUp = 1 }
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    var numbers = SeededNumbers(5)
    for number in 1...40 {
      try run.step {
        var values = (0..<1000).map { place in place % 10 < 8 ? -5 + 0.1 * numbers.normal() : numbers.normal() }
        if number % 3 == 0 { values[number] = .nan }
        try run.show(layer, .preactivation, values, shape: [100, 10])
      }
    }
    #expect(run.findings(.deadUnits).count == 1)
    #expect(abs((try #require(run.findings(.deadUnits).first)).value - 0.8) < 1e-12)
  }

  @Test func whatWasSkippedIsNoParameterThatStandsStill() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    var numbers = SeededNumbers(6)
    let values = numbers.normals(30)
    for number in 1...8 {
      try run.step {
        try run.show(weight, .weight, values)
        try run.show(weight, .gradient, number > 2 ? [Double.nan] : [1.0])
      }
    }
    #expect(run.findings(.unchangedParameter).isEmpty)
  }
}
