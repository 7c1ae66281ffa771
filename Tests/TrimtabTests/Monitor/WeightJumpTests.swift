import Testing

@testable import Trimtab

@Suite struct WeightJumps {
  /// A weight of 400 elements that moves by `ratio` of itself at each step, and becomes `lost` at step 30.
  private func run(
    every: Int = 1, ratio: Double = 1e-3, role: Role = .weight, steps: Int = 60, start: Double = 1,
    _ lost: (inout [Double], inout SeededNumbers) -> Void
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(3)
    let run = try MonitorRun()
    let weight = try run.register("weight", role)
    var values = numbers.normals(400, scale: start)
    for number in 1...steps {
      for place in values.indices { values[place] += ratio * numbers.normal() }
      if number == 30 { lost(&values, &numbers) }
      try run.step {
        if number % every == 0 { try run.show(weight, .weight, values, shape: [20, 20]) }
      }
    }
    return run
  }

  @Test(arguments: [1, 5])
  func weightsThatAreOverwrittenOrZeroed(every: Int) throws {
    let overwritten = try run(every: every) { values, numbers in values = numbers.normals(400) }
    let zeroed = try run(every: every) { values, _ in values = values.map { _ in 0 } }
    for run in [overwritten, zeroed] {
      #expect(run.findings(.weightJump).count == 1)
      let found = try #require(run.findings(.weightJump).first)
      #expect(found.cause == .weightsLost && found.firstStep == 30 && found.value > 100 / Double(every))
      #expect(!found.isStanding && found.count == 1)
    }
  }

  @Test func usualStepsAreSilent() throws {
    for ratio in [1e-5, 1e-3, 0.03] { #expect(try run(ratio: ratio) { _, _ in }.findings(.weightJump).isEmpty) }
    // A step of a quarter of the weight is large, and not lost weights.
    #expect(try run { values, _ in values = values.map { $0 * 1.25 } }.findings(.weightJump).isEmpty)
  }

  @Test func weightsThatStartAtZeroAreSilent() throws {
    #expect(try run(start: 0) { _, _ in }.findings(.weightJump).isEmpty)
  }

  @Test func biasesAndRestoresAreSilent() throws {
    #expect(try run(role: .bias) { values, numbers in values = numbers.normals(400) }.findings(.weightJump).isEmpty)
    var numbers = SeededNumbers(4)
    let run = try MonitorRun()
    let weight = try run.register("weight")
    var values = numbers.normals(100)
    for number in 1...60 {
      for place in values.indices { values[place] += 1e-3 * numbers.normal() }
      if number == 40 {
        values = numbers.normals(100)
        try run.restored(to: run.number)
      }
      try run.step { try run.show(weight, .weight, values) }
    }
    #expect(run.findings(.weightJump).isEmpty)
  }
}
