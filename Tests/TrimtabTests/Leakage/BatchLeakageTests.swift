import Testing

@testable import Trimtab

/// A batch norm of one feature, without epsilon.
private func batchNorm(
  _ x: UnsafePointer<Double>, _ rows: Int, _ features: Int, _ y: UnsafeMutablePointer<Double>, _ width: Int
) throws(TrimtabError) {
  let mean = (0..<rows).reduce(0) { $0 + x[$1 * features] } / Double(rows)
  let variance = (0..<rows).reduce(0) { $0 + (x[$1 * features] - mean) * (x[$1 * features] - mean) } / Double(rows)
  for row in 0..<rows { y[row * width] = (x[row * features] - mean) / variance.squareRoot() }
}

@Suite struct BatchLeakageTests {
  private func leakage(
    _ x: [Double], _ shape: [Int], _ options: LeakageOptions = LeakageOptions(), targets: [Double]? = nil,
    _ function: @escaping BatchFunction = batchNorm
  ) throws -> BatchLeakage {
    let leakage = try BatchLeakage(options: options)
    try withView(x, shape) { inputs in
      guard let targets else { return try leakage.add(function, inputs: inputs) }
      try withView(targets, [targets.count]) { try leakage.add(function, inputs: inputs, targets: $0) }
    }
    return leakage
  }

  /// dy_i/dx_j = (delta_ij - 1/B - y_i y_j / B) / sigma, so that |J|^2 sigma^2 = B - 2: a share of 3/8 here.
  @Test func scalarBatchNorm() throws {
    var options = LeakageOptions()
    (options.directionCount, options.step) = (0, 1e-5)
    let report = try leakage([1, 2, 3, 6], [4, 1], options).report()
    #expect((report.crossShare - 0.375).magnitude < 1e-9)
    #expect((report.jacobianNorm * report.jacobianNorm * 4 * 3.5 - 2).magnitude < 1e-8)
    #expect(report.commonResponse < 1e-15 && report.cause == .batchDependence && report.verdict == .notice)
  }

  @Test func rowsByThemselves() throws {
    let report = try leakage([1, 2, 3, 6, 5, 4], [3, 2]) { x, rows, features, y, width throws(TrimtabError) in
      for row in 0..<rows { y[row * width] = x[row * features] * x[row * features + 1] }
    }.report()
    #expect(report.crossShare == 0 && report.replayRatio == 0 && report.verdict == .healthy)
    #expect((report.commonResponse - 1).magnitude < 1e-12)
  }

  @Test func statesAreSafeAndAddUp() throws {
    var options = LeakageOptions()
    options.batchSize = 4
    let x = (0..<64).map { Double(($0 * 37) % 64) }
    let targets = (0..<64).map { Double($0 % 2) }
    let one = try leakage(x, [64, 1], options, targets: targets)
    let bytes = one.save()
    let loaded = try bytes.withUnsafeBytes { try BatchLeakage.load($0) }
    #expect(loaded.save() == bytes)
    try loaded.merge(one)
    #expect(loaded.report().sampleCount == 128 && loaded.report().probeCount == 2 * one.report().probeCount)
    #expect(loaded.report().naturalAccuracy == one.report().naturalAccuracy)
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x40
      #expect(throws: TrimtabError.self) { try damaged.withUnsafeBytes { try BatchLeakage.load($0) } }
    }
    #expect(throws: TrimtabError.self) { try loaded.merge(try BatchLeakage()) }
  }

  @Test func failuresLeaveItAsItWas() throws {
    let leakage = try BatchLeakage()
    try withView([1, 2, 3, 4], [4, 1]) { inputs in
      #expect(throws: TrimtabError.self) {
        try leakage.add({ _, _, _, _, _ throws(TrimtabError) in throw TrimtabError(.callback, "no") }, inputs: inputs)
      }
    }
    #expect(leakage.report().probeCount == 0 && leakage.report().outcome == .insufficient)
    var options = LeakageOptions()
    options.step = 0
    #expect(throws: TrimtabError.self) { try BatchLeakage(options: options) }
  }
}
