import Testing

@testable import Trimtab

/// What findings are laid to, and what looks gradients ask for.
@Suite struct Causes {
  /// Twelve dozen gradients of a bias, `dead` of ten of which are zero from a step on, under a budget that drops most looks.
  private func run(dead: Int, from start: Int, steps: Int) throws -> (run: MonitorRun, wanted: [Int]) {
    let run = try MonitorRun { $0.budget = 1e-9 }
    let bias = try run.register("bias", .bias)
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    var numbers = SeededNumbers(3)
    var wanted: [Int] = []
    for step in 1...steps {
      let values = (0..<120).map { step >= start && $0 % 10 < dead ? 0 : numbers.normal() }
      try run.step {
        if try run.monitor.wants(layer, .preactivation) {
          wanted.append(step)
          try run.show(layer, .preactivation, values, shape: [12, 10])
        }
        try run.show(bias, .gradient, values)
        try run.monitor.observe(.overheadSeconds, 1)
      }
    }
    return (run, wanted)
  }

  @Test func gradientsThatBecomeZeroAskForLooks() throws {
    let calm = try run(dead: 0, from: 1, steps: 400).wanted
    #expect(calm.filter { $0 > 200 }.count < 60)
    let late = try run(dead: 6, from: 300, steps: 400).wanted
    #expect(late.filter { $0 > 300 }.count >= 24)
    // Those that were so from the start, and those of the first steps, that may come back, do not.
    #expect(try run(dead: 6, from: 1, steps: 400).wanted == calm)
    #expect(try run(dead: 6, from: 30, steps: 99).wanted == calm.filter { $0 < 100 })
  }

  @Test func aHintThatComesToNothingIsFollowedLessAndLess() {
    var suspicion = Suspicion()
    var begins: [Int] = []
    for serial in 1...10_000 {
      let until = suspicion.until
      suspicion.add(0.5, serial: serial)
      if suspicion.until != until { begins.append(serial) }
    }
    #expect(begins.count < 16)
    #expect(zip(begins.dropFirst(), begins).map { $0 - $1 }.allSatisfy { $0 <= 1024 + 25 })
    // But one that grows is.
    suspicion.add(0.8, serial: 10_001)
    #expect(suspicion.until > 10_000)
  }

  @Test func aGradientThatIsGoneForGood() throws {
    let run = try MonitorRun()
    let first = try run.register("first")
    let second = try run.register("second")
    for step in 1...90 {
      try run.step {
        try run.show(first, .gradient, [1.0, 2, 3])
        if step <= 40 { try run.show(second, .gradient, [1.0, 2, 3]) }
      }
    }
    #expect(run.findings.map(\.rule) == [.missingGradient] && run.first.cause == .frozenParameter)
    #expect(run.name(of: run.first) == "second" && run.first.firstStep > 70 && run.first.firstStep <= 90)
  }

  @Test func aSurgeTakesTwoStepsInARow() {
    var one = LossProgress()
    for loss in [2.0, 1, 0.5, 9, 0.5, 9, 0.5] { one.add(loss, ceiling: -.infinity) }
    #expect(!one.hasSurged && one.surge == 0)
    for loss in [9.0, 9] { one.add(loss, ceiling: -.infinity) }
    #expect(one.hasSurged && one.surge == 2)
    var noisy = LossProgress()
    for loss in [2.0, 1, 0.5, 9, 9, 9] { noisy.add(loss, ceiling: 10) }
    #expect(!noisy.hasSurged)
    var signed = LossProgress()
    for loss in [-2.0, 9, 9, 9, .nan, .infinity] { signed.add(loss, ceiling: -.infinity) }
    #expect(!signed.hasSurged)
  }

  @Test func inputsOfNoExtentAreTaken() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    try run.step { try run.show(layer, .output, [Double](), shape: [0, 4]) }
    try run.step { try run.show(layer, .output, [Double](), shape: [4, 0]) }
    try run.step { try run.show(layer, .output, [.nan, .infinity, 0, 1], shape: [2, 2]) }
    #expect(run.findings.map(\.rule) == [.nonfinite])
  }
}
