import Testing

@testable import Trimtab

/// ZClip as its authors wrote it, over a list of the whole past: warm-up statistics in two passes, then an EMA whose
/// variance is about the new mean.
private struct ZClipReference {
  let warmUp: Int
  let maximumNorm: Double?
  private var buffer: [Double] = []
  private var mean = 0.0
  private var variance = 0.0
  private var isInitialised = false

  init(warmUp: Int, maximumNorm: Double?) {
    self.warmUp = warmUp
    self.maximumNorm = maximumNorm
  }

  /// The norm after clipping.
  mutating func step(_ norm: Double) -> Double {
    let cap = maximumNorm ?? .infinity
    guard isInitialised else {
      buffer.append(min(norm, cap))
      if buffer.count == warmUp {
        mean = buffer.reduce(0, +) / Double(warmUp)
        variance = buffer.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(warmUp)
        isInitialised = true
      }
      return min(norm, cap)
    }
    let deviation = max(variance.squareRoot(), 1e-3 * mean + 1e-12)
    let z = (norm - mean) / deviation
    var clipped = norm
    if z > 2.5 { clipped = mean + 2.5 * deviation / (z / 2.5) }
    clipped = min(clipped, cap)
    mean = 0.97 * mean + 0.03 * clipped
    variance = 0.97 * variance + 0.03 * (clipped - mean) * (clipped - mean)
    return clipped
  }
}

@Suite struct Clipping {
  /// Shows a gradient of the given norm.
  private func step(_ run: MonitorRun, _ norm: Double) throws -> Decision {
    try run.step { try run.show(0, .gradient, [0.6 * norm, 0.8 * norm]) }
  }

  @Test func fixedIsAsTorchDoes() throws {
    let run = try MonitorRun {
      $0.clipping = .fixed
      $0.maximumNorm = 2
    }
    try run.register("weight")
    for norm in [0, 1.0, 1.999, 2.5, 1e6, 1e300] {
      let decision = try step(run, norm)
      let wanted = min(1, 2 / (norm + 1e-6))
      #expect(decision.action == (wanted < 1 ? .clip : .proceed))
      #expect(abs(decision.clipFactor - wanted) <= 1e-14 * wanted)
    }
  }

  @Test func noneClipsNothing() throws {
    let run = try MonitorRun()
    try run.register("weight")
    for norm in [1, 1e6, 1e-6, 1e200] { #expect(try step(run, norm).clipFactor == 1) }
  }

  @Test(arguments: [1, 2, 3], [nil, 1.2] as [Double?])
  func adaptiveIsZClip(seed: UInt64, maximumNorm: Double?) throws {
    var numbers = SeededNumbers(seed)
    var reference = ZClipReference(warmUp: 25, maximumNorm: maximumNorm)
    let run = try MonitorRun {
      $0.clipping = .adaptive
      $0.maximumNorm = maximumNorm ?? 0
    }
    try run.register("weight")
    var clippedCount = 0
    for number in 1...400 {
      var norm = 1 + 0.1 * numbers.normal()
      if number % 37 == 0 { norm *= 5 }
      let decision = try step(run, norm)
      let wanted = reference.step(norm)
      // torch's own clip divides by the norm plus 1e-6.
      let found = decision.clipFactor < 1 ? decision.clipFactor * (norm + 1e-6) : norm
      #expect(abs(found - wanted) <= 1e-9, "step \(number)")
      if decision.action == .clip { clippedCount += 1 }
    }
    #expect(clippedCount >= 10)
  }

  @Test func theDefaultCapHolds() throws {
    let run = try MonitorRun { $0.clipping = .adaptive }
    try run.register("weight")
    #expect(try step(run, 4).clipFactor == 1 / (4 + 1e-6))
  }

  @Test func perTensorIsAdaGC() throws {
    var numbers = SeededNumbers(21)
    let run = try MonitorRun {
      $0.clipping = .perTensor
      $0.maximumNorm = 2
    }
    let entries = [try run.register("first"), try run.register("second")]
    var moving: [Double?] = [nil, nil]
    for number in 1...300 {
      var norms = [1 + 0.1 * numbers.normal(), 3 + 0.3 * numbers.normal()]
      if number == 150 { norms[0] *= 10 }
      let decision = try run.step {
        for (entry, norm) in zip(entries, norms) { try run.show(entry, .gradient, [0.6 * norm, -0.8 * norm]) }
      }
      let global = (norms[0] * norms[0] + norms[1] * norms[1]).squareRoot()
      var isClipped = false
      for place in 0..<2 {
        var factor = 1.0
        if number <= 100 {
          factor = global > 2 ? 2 / (global + 1e-6) : 1
          moving[place] = min(moving[place] ?? .infinity, factor * norms[place])
        } else if let past = moving[place] {
          factor = min(1, 1.05 * past / norms[place])
          moving[place] = 0.98 * past + 0.02 * factor * norms[place]
        }
        if factor < 1 { isClipped = true }
        #expect(abs(try run.monitor.clipFactor(of: entries[place]) - factor) <= 1e-9, "step \(number)")
      }
      // One factor for all is not what is wanted; each entry's own is.
      #expect(decision.clipFactor == 1)
      #expect(decision.action == (isClipped ? .clip : .proceed), "step \(number)")
    }
  }

  @Test func factorsAreOneWithoutPerTensorClipping() throws {
    let run = try MonitorRun { $0.clipping = .fixed }
    try run.register("weight")
    #expect(try step(run, 100).action == .clip)
    #expect(try run.monitor.clipFactor(of: 0) == 1)
  }

  @Test func aNormMadeElsewhereCounts() throws {
    let run = try MonitorRun {
      $0.clipping = .fixed
      $0.maximumNorm = 1
    }
    try run.register("weight")
    let decision = try run.step {
      try run.show(0, .gradient, [0.1])
      try run.monitor.observe(.gradientNorm, 10)
    }
    #expect(decision.gradientNorm == 10 && decision.clipFactor == 1 / (10 + 1e-6))
  }

  @Test func whenMostStepsAreClippedItIsSaid() throws {
    let run = try MonitorRun {
      $0.clipping = .fixed
      $0.maximumNorm = 1
    }
    try run.register("weight")
    for number in 1...200 { _ = try step(run, number % 4 == 0 ? 0.5 : 3) }
    #expect(run.findings.map(\.rule) == [.clipFraction] && run.first.cause == .clippingRules)
    #expect(abs(run.first.value - 0.75) < 0.05 && run.first.verdict == .notice)
    #expect(run.first.firstStep >= 100)
    let other = try MonitorRun {
      $0.clipping = .fixed
      $0.maximumNorm = 1
    }
    try other.register("weight")
    for number in 1...200 { _ = try step(other, number % 4 == 0 ? 3 : 0.5) }
    #expect(other.findings.isEmpty)
  }
}
