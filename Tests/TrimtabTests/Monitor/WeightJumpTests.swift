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

  /// What a training run does to a layer: large steps while the rate is high, small ones later, looks every ten steps.
  private func trained(
    peak: Double = 0.02, steps: Int = 600, role: Role = .weight, restart: Bool = false, at lost: Int = 400,
    _ change: ((inout [Double], inout SeededNumbers) -> Void)? = nil
  ) throws -> MonitorRun {
    var numbers = SeededNumbers(11)
    let run = try MonitorRun()
    let weight = try run.register("weight", role)
    var values = numbers.normals(400)
    for number in 1...steps {
      let phase = Double(restart ? number % 200 : number) / Double(restart ? 200 : steps)
      let rate = peak * min(Double(number) / 50, 1) * max(1 - phase, 0.01)
      // One direction for a while, as momentum does.
      for place in values.indices { values[place] += rate * (numbers.normal() + (place % 3 == 0 ? 1 : -0.5)) }
      for place in values.indices { values[place] *= 1 - 0.3 * rate }
      if number == lost { change?(&values, &numbers) }
      try run.step {
        try run.monitor.observe(.learningRate, rate)
        try run.show(weight, .gradient, [rate, -rate])
        if try run.monitor.wants(weight, .weight) { try run.show(weight, .weight, values, shape: [20, 20]) }
      }
    }
    return run
  }

  @Test(arguments: [Role.weight, .embedding])
  func aLayerLostAfterLargeStepsIsNamed(role: Role) throws {
    for peak in [0.005, 0.02, 0.05] {
      let lost = try [
        trained(peak: peak, role: role) { values, numbers in values = numbers.normals(400) },
        trained(peak: peak, role: role) { values, numbers in values = numbers.normals(400, scale: 0.3) },
        trained(peak: peak, role: role) { values, _ in values = values.map { _ in 0 } },
      ].map { $0.findings(.weightJump) }
      for findings in lost {
        let found = try #require(findings.first, "peak \(peak)")
        #expect(findings.count == 1 && found.cause == .weightsLost && found.entry == 0)
        #expect(found.firstStep >= 400 && found.firstStep <= 410)
      }
    }
  }

  @Test func healthySchedulesAreSilent() throws {
    for peak in [0.005, 0.02, 0.05, 0.2] {
      for restart in [false, true] {
        #expect(try trained(peak: peak, restart: restart).findings(.weightJump).isEmpty, "peak \(peak)")
      }
    }
    // A weight that doubles within its usual steps is no loss of what was learnt.
    #expect(try trained(peak: 0.05) { values, _ in values = values.map { 2.2 * $0 } }.findings(.weightJump).isEmpty)
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
