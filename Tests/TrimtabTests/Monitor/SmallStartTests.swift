import Testing

@testable import Trimtab

/// Weights that start next to nothing.
@Suite struct SmallStarts {
  /// A net of `layers` weights of 20 by 20, of which the first `small` start at 1e-3 and the others at 0.2, and whose loss
  /// stays at that of a guess.
  ///
  /// - Parameters:
  ///   - growth: what a step multiplies them by.
  ///   - frozen: the first so many are.
  private func run(
    layers: Int, small: Int, growth: Double = 1, frozen: Int = 0, steps: Int = 200, lost: Int? = nil
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(14)
    let run = try MonitorRun()
    let entries = try (0..<layers).map { place in
      try run.register("weight\(place)") { $0.isFrozen = place < frozen }
    }
    var weights = (0..<layers).map { numbers.normals(400, scale: $0 < small ? 1e-3 : 0.2) }
    for number in 1...steps {
      for place in weights.indices where place >= frozen {
        for index in weights[place].indices {
          weights[place][index] *= growth * (1 + 1e-3 * numbers.normal())
        }
      }
      if number == lost { weights[layers - 1] = numbers.normals(400) }
      let noise = numbers.normal()
      try run.step {
        try run.monitor.observe(.loss, 1 + 0.1 * noise)
        if number % 10 == 1 { try run.monitor.observe(ObjectiveFacts.regression(guess: 1)) }
        for (entry, values) in zip(entries, weights) { try run.show(entry, .weight, values, shape: [20, 20]) }
      }
    }
    return run
  }

  @Test(arguments: [(1, 1, 0, 0), (2, 2, 0, 1), (3, 2, 0, 1), (4, 2, 0, 0), (5, 3, 3, 0), (5, 3, 2, 0), (4, 2, 2, 0)])
  func mostOfTheTrainedWeightsAndTwoAtLeast(layers: Int, small: Int, frozen: Int, count: Int) throws {
    let found = try run(layers: layers, small: small, frozen: frozen, steps: 1).findings(.weightStart)
      .filter { $0.cause == .smallInitialisation }
    #expect(found.count == count)
    // The gain of 20 inputs at 1e-3, within a tenth for 400 draws.
    #expect(found.allSatisfy { $0.verdict == .notice && abs($0.value / 4.47e-3 - 1) < 0.1 && $0.threshold == 0.05 })
  }

  /// They are the cause while they are so; where they have grown it is something else.
  @Test func theCauseOfARunThatLearnsNothing() throws {
    let small = try run(layers: 3, small: 3)
    #expect(small.findings(.learning).map(\.cause) == [.smallInitialisation])
    let grown = try run(layers: 3, small: 3, growth: 1.06, steps: 150)
    #expect(!grown.findings(.learning).isEmpty)
    #expect(!grown.findings(.learning).contains { $0.cause == .smallInitialisation })
    let usual = try run(layers: 3, small: 0)
    #expect(!usual.findings(.learning).contains { $0.cause == .smallInitialisation })
  }

  /// A weight that is overwritten late is lost, however small it was.
  @Test(arguments: [(50, Cause.smallInitialisation), (150, .weightsLost)])
  func aWeightThatLeaps(lost: Int, cause: Cause) throws {
    #expect(try run(layers: 3, small: 3, lost: lost).findings(.weightJump).map(\.cause) == [cause])
  }
}
