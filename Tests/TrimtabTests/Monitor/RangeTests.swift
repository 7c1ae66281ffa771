import Testing

@testable import Trimtab

@Suite struct Ranges {
  @Test func float16CloseToItsEnd() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    for magnitude in [1000.0, 16000, 17000, 40000, 100, 100, 100] {
      try run.step { try run.showHalves(layer, .output, [magnitude, -1, 2]) }
    }
    #expect(run.findings.map(\.rule) == [.overflow] && run.first.cause == .rangeOverflow)
    let finding = run.first
    // A quarter of 65504.
    #expect(finding.threshold == 16376 && finding.firstStep == 3 && finding.lastStep == 4 && finding.count == 2)
    #expect(finding.value == 40000 && finding.quantity == .output && !finding.isStanding)
  }

  @Test func oneQuantityInRangeDoesNotHideAnother() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    for _ in 0..<5 {
      try run.step {
        try run.showHalves(layer, .preactivation, [50000, 1])
        try run.showHalves(layer, .output, [1, 1])
        try run.showHalves(layer, .outputGradient, [1, 1])
      }
    }
    #expect(run.findings.map(\.quantity) == [.preactivation])
    #expect(run.first.isStanding && run.first.count == 5)
  }

  @Test func wideTypesHaveRoom() throws {
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden)
    for _ in 0..<5 {
      try run.step {
        try run.show(layer, .output, [Float(60000), 1e30])
        try run.show(layer, .preactivation, [1e300, 1])
      }
    }
    #expect(run.findings.isEmpty)
  }

  @Test func gradientsThatLoseTheirDigits() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    let other = try run.register("other")
    for _ in 0..<4 {
      try run.step {
        // Two of three nonzero values below 2^-14 = 6.1e-5; zeros do not count.
        try run.showHalves(weight, .gradient, [1e-5, 2e-6, 1e-3, 0, 0, 0])
        try run.showHalves(other, .gradient, [1e-3, 1e-4, 1e-5, 0])
      }
    }
    #expect(run.findings.map(\.rule) == [.underflow] && run.name(of: run.first) == "weight")
    #expect(abs(run.first.value - 2.0 / 3) < 1e-12 && run.first.firstStep == 3)
    #expect(run.first.cause == .rangeUnderflow)
  }
}
