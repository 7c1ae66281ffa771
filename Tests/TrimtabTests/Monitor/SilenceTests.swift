import Testing

@testable import Trimtab

/// What healthy nets do by construction, and a monitor must keep silent about.
@Suite struct Silences {
  private func gradients(_ special: [Double], role: Role, isZero: Bool, steps: Int = 40) throws -> MonitorRun {
    var numbers = SeededNumbers(12)
    let run = try MonitorRun()
    for place in 0..<4 { try run.register("weight\(place)") }
    let entry = try run.register("special", role) { $0.hasZeroGradient = isZero }
    var weights = (0..<4).map { _ in numbers.normals(30) }
    let still = numbers.normals(special.count)
    for _ in 0..<steps {
      try run.step {
        for place in 0..<4 {
          try run.show(place, .gradient, numbers.normals(30))
          for index in weights[place].indices { weights[place][index] += 1e-3 * numbers.normal() }
          try run.show(place, .weight, weights[place])
        }
        try run.show(entry, .gradient, special)
        try run.show(entry, .weight, still)
      }
    }
    return run
  }

  /// Rounding is all that is left of a gradient that is zero by construction, or it is exactly zero.
  @Test(arguments: [1e-9, 0])
  func aBiasBeforeBatchNormAndAnAttentionKeyBias(size: Double) throws {
    #expect(try gradients([size, -size, size], role: .bias, isZero: true).findings.isEmpty)
  }

  @Test func theSameOfAWeightIsFound() throws {
    #expect(try gradients([0, 0, 0], role: .weight, isZero: false).findings.map(\.rule) == [.zeroGradient])
    #expect(try gradients([1e-9, -1e-9], role: .weight, isZero: false).findings.map(\.rule) == [.vanishingGradient])
  }

  @Test func theOutputLayersUnitsAreNotJudged() throws {
    for (role, count) in [(Role.output, 0), (.hidden, 1)] {
      let run = try MonitorRun { $0.warmUp = 1 }
      let layer = try run.register("layer", role) { $0.activation = .relu }
      let values = (0..<20_000).map { $0 % 10 < 8 ? -3.0 : 1 }
      for _ in 0..<5 { try run.step { try run.show(layer, .preactivation, values, shape: [2000, 10]) } }
      #expect(run.findings.count == count)
      #expect(run.findings.allSatisfy { $0.rule == .deadUnits })
      let zeros = try MonitorRun()
      let other = try zeros.register("layer", role)
      for _ in 0..<5 { try zeros.step { try zeros.show(other, .output, [0.0, 0, 0]) } }
      #expect(zeros.findings.count == count)
    }
  }

  @Test func sparseReLULayersAreHealthy() throws {
    // Each unit fires on 2 % of the samples, none on no sample at all.
    var numbers = SeededNumbers(9)
    let run = try MonitorRun()
    let layer = try run.register("layer", .hidden) { $0.activation = .relu }
    for _ in 0..<20 {
      try run.step { try run.show(layer, .preactivation, numbers.normals(512 * 32, shift: -2.05), shape: [512, 32]) }
    }
    let units = try #require(run.monitor.entries[layer].units)
    #expect(units.windowCount > 5 && (units.report?.meanActiveFraction ?? 1) < 0.03)
    #expect(run.findings.isEmpty)
  }

  @Test func biasesStayOutOfTheDepthSlope() throws {
    var numbers = SeededNumbers(7)
    let run = try MonitorRun()
    for place in 0..<8 { try run.register("bias\(place)", .bias) }
    for _ in 0..<10 {
      try run.step {
        for place in 0..<8 {
          try run.show(place, .gradient, numbers.normals(20, scale: exponential(-2 * Double(8 - place))))
        }
      }
    }
    #expect(run.findings.isEmpty)
  }
}

@Suite struct SignalToNoise {
  @Test func isReadBack() throws {
    let run = try MonitorRun()
    #expect(run.monitor.noise.scale.isNaN && run.monitor.noise.signalToNoise.isNaN)
    // |G|² = 1, tr S = 100: the scale is 100, and a batch of 400 has four times the signal.
    try run.step {
      try run.monitor.observeNoise(smallBatch: 20, smallSquare: 1 + 5, bigBatch: 400, bigSquare: 1 + 0.25)
    }
    #expect(abs(run.monitor.noise.scale - 100) < 1e-9 && abs(run.monitor.noise.signalToNoise - 4) < 1e-9)
  }
}

@Suite struct NarrowTypes {
  private func run(_ type: ElementType, _ quantity: Quantity, _ role: Role, _ bytes: [UInt8], size: Int) throws
    -> MonitorRun
  {
    let run = try MonitorRun()
    let entry = try run.register("entry", role)
    for _ in 0..<4 {
      try run.step {
        try bytes.withUnsafeBytes { raw in
          let view = try TensorView(raw.baseAddress, type, shape: [bytes.count / size])
          try run.monitor.observe(entry, quantity, view)
        }
      }
    }
    return run
  }

  /// e4m3fn: greatest 0x7e, subnormal below 0x08; e5m2: greatest 0x7b, subnormal below 0x04.
  @Test(arguments: [(ElementType.float8e4m3fn, UInt8(0x7e), UInt8(0x03)), (.float8e5m2, 0x7b, 0x02)])
  func eightBits(type: ElementType, greatest: UInt8, tiny: UInt8) throws {
    // Scaled to the end, as it should be: one element in 200 there, of either sign.
    var bytes = [UInt8](repeating: 0x30, count: 400)
    bytes[7] = greatest
    bytes[9] = greatest | 0x80
    #expect(try run(type, .output, .hidden, bytes, size: 1).findings.isEmpty)
    for place in 0..<5 { bytes[20 + place] = greatest }
    let over = try run(type, .output, .hidden, bytes, size: 1)
    #expect(over.findings.map(\.rule) == [.overflow] && abs(over.first.value - 7.0 / 400) < 1e-12)
    #expect(over.first.threshold == 0.01)
    var small = [UInt8](repeating: tiny, count: 300)
    for place in 0..<160 { small[place] = 0x30 }
    #expect(try run(type, .gradient, .weight, small, size: 1).findings.isEmpty)
    for place in 0..<40 { small[place] = tiny }
    let under = try run(type, .gradient, .weight, small, size: 1)
    #expect(under.findings.map(\.rule) == [.underflow] && abs(under.first.value - 0.6) < 1e-12)
  }

  @Test func bfloat16AndFloat32() throws {
    // 0x0010 is subnormal in bfloat16, 0x3f80 is 1.
    let bytes: [UInt8] = [0x10, 0x00, 0x10, 0x00, 0x10, 0x00, 0x80, 0x3f]
    let run = try run(.bfloat16, .gradient, .weight, bytes, size: 2)
    #expect(run.findings.map(\.rule) == [.underflow] && run.first.value == 0.75)
    let wide = try MonitorRun()
    let weight = try wide.register("weight")
    for _ in 0..<5 { try wide.step { try wide.show(weight, .gradient, [Float(1e-40), 1e-40, 1]) } }
    #expect(wide.findings.isEmpty)
  }
}
