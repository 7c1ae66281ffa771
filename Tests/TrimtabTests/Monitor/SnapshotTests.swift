import Testing

@testable import Trimtab

/// A run with two tensors under snapshot.
private final class KeptRun {
  let run: MonitorRun
  var weights: [Float]
  var moments: [Double]

  init(_ change: (inout MonitorOptions) -> Void = { _ in }) throws {
    run = try MonitorRun(change)
    weights = [1, 2, 3, 4]
    moments = [5, 6]
  }

  private func tensors(_ body: ((Int) throws(TrimtabError) -> TensorView) throws -> Void) throws {
    try weights.withUnsafeMutableBytes { first in
      try moments.withUnsafeMutableBytes { second in
        let (first, second) = (UnsafeRawPointer(first.baseAddress), UnsafeRawPointer(second.baseAddress))
        try body { place throws(TrimtabError) in
          place == 0
            ? try TensorView(first, .float32, shape: [2, 2]) : try TensorView(second, .float64, shape: [2])
        }
      }
    }
  }

  func keep(_ healthySteps: Int = 3) throws {
    try tensors { try run.monitor.keep(2, healthySteps: healthySteps, $0) }
  }

  func restore() throws -> Int {
    var step = -1
    try tensors { step = try run.monitor.restore(2, $0) }
    return step
  }

  @discardableResult
  func step(_ loss: Double = 1) throws -> Action {
    weights = weights.map { $0 + 1 }
    moments = moments.map { $0 * 2 }
    return try run.step { try run.monitor.observe(.loss, loss) }.action
  }
}

@Suite struct Snapshots {
  @Test func aCopyIsGoodAfterHealthySteps() throws {
    let kept = try KeptRun()
    try kept.step()
    #expect(throws: TrimtabError.self) { try kept.restore() }
    try kept.keep(3)
    for _ in 0..<2 { try kept.step() }
    #expect(throws: TrimtabError.self) { try kept.restore() }
    try kept.step()
    #expect(try kept.restore() == 1)
    #expect(kept.weights == [2, 3, 4, 5] && kept.moments == [10, 12])
    // Steps go on from there, and it can be had again.
    #expect(kept.run.monitor.step == 1)
    kept.weights = [0, 0, 0, 0]
    #expect(try kept.restore() == 1)
    #expect(kept.weights == [2, 3, 4, 5])
  }

  @Test func whileOneWaitsNothingIsCopied() throws {
    let kept = try KeptRun()
    try kept.step()
    try kept.keep(4)
    for _ in 0..<3 {
      try kept.step()
      try kept.keep(4)
    }
    try kept.step()
    #expect(try kept.restore() == 1)
  }

  @Test(arguments: [Double.nan, 1e6])
  func aBadStepDropsTheCopyThatWaits(bad: Double) throws {
    let kept = try KeptRun()
    for _ in 0..<60 { try kept.step() }
    try kept.keep(0)
    for _ in 0..<5 { try kept.step() }
    try kept.keep(3)
    try kept.step(bad)
    for _ in 0..<10 { try kept.step() }
    #expect(try kept.restore() == 60)
  }

  @Test func changedTensorsAreRefused() throws {
    let kept = try KeptRun()
    try kept.step()
    try kept.keep(0)
    let other = [Float](repeating: 7, count: 6)
    for (type, shape) in [(ElementType.float32, [3, 2]), (.float32, [4]), (.bfloat16, [2, 2])] {
      try other.withUnsafeBytes { bytes in
        let base = UnsafeRawPointer(bytes.baseAddress)
        let view = { (place: Int) throws(TrimtabError) -> TensorView in try TensorView(base, type, shape: shape) }
        #expect(throws: TrimtabError.self) { try kept.run.monitor.keep(2, healthySteps: 0, view) }
        #expect(throws: TrimtabError.self) { _ = try kept.run.monitor.restore(2, view) }
        #expect(throws: TrimtabError.self) { try kept.run.monitor.keep(1, healthySteps: 0, view) }
      }
    }
    #expect(throws: TrimtabError.self) { try kept.keep(-1) }
    try kept.run.monitor.beginStep(9)
    #expect(throws: TrimtabError.self) { try kept.keep() }
    #expect(throws: TrimtabError.self) { try kept.restore() }
    _ = try kept.run.monitor.endStep()
    #expect(try kept.restore() == 1)
  }

  @Test func anyLayoutIsCopiedElementByElement() throws {
    // Every second column of a matrix, from its end, beside elements that must not be touched.
    var values = (0..<24).map { UInt16($0) }
    let before = values
    let monitor = try MonitorRun().monitor
    try values.withUnsafeMutableBytes { bytes in
      let base = UnsafeRawPointer(bytes.baseAddress).map { $0 + 2 * 5 }
      var (shape, strides) = (Extents(), Extents())
      (shape[0], shape[1], strides[0], strides[1]) = (4, 3, 6, -2)
      let view = { (place: Int) throws(TrimtabError) -> TensorView in
        try TensorView(base: base, elementType: .uint16, rank: 2, shape: shape, strides: strides)
      }
      try monitor.keep(1, healthySteps: 0, view)
      for place in 0..<24 { bytes.storeBytes(of: 1000 + UInt16(place), toByteOffset: 2 * place, as: UInt16.self) }
      _ = try monitor.restore(1, view)
    }
    for place in 0..<24 {
      #expect(values[place] == (place % 2 == 1 ? before[place] : 1000 + UInt16(place)))
    }
  }

  @Test func aRollbackEndsInTheLastGoodState() throws {
    let kept = try KeptRun {
      $0.mayRollBack = true
      $0.greatestSkips = 2
    }
    for _ in 0..<10 { try kept.step() }
    try kept.keep(2)
    for _ in 0..<5 { try kept.step() }
    #expect(try (0..<3).map { _ in try kept.step(.nan) } == [.skip, .skip, .rollBack])
    #expect(try kept.restore() == 10)
    #expect(kept.weights == [11, 12, 13, 14])
  }
}

@Suite struct WiderThresholds {
  private func step(_ run: MonitorRun, _ norm: Double) throws -> Action {
    try run.step { try run.monitor.observe(.gradientNorm, norm) }.action
  }

  /// The norm at which a step is first skipped `after` so many steps.
  private func limit(restoring: Bool, after: Int) throws -> Double {
    var (low, high) = (1.0, 1e4)
    for _ in 0..<14 {
      let middle = (low * high).squareRoot()
      var numbers = SeededNumbers(21)
      let run = try MonitorRun { $0.warmUp = 30 }
      for _ in 0..<200 { _ = try step(run, 1 + 0.05 * numbers.normal()) }
      // A detector that starts anew on its own is what it is held against.
      if restoring { try run.restored(to: run.number) } else { run.monitor.series.gradientSpike.reset() }
      for _ in 0..<after { _ = try step(run, 1 + 0.05 * numbers.normal()) }
      if try step(run, middle) == .skip { high = middle } else { low = middle }
    }
    return high
  }

  @Test func areWiderAfterARestoreAndGoBack() throws {
    // In logarithms half as much again.
    for after in [60, 118] {
      let ratio =
        logarithm(try limit(restoring: true, after: after)) / logarithm(try limit(restoring: false, after: after))
      #expect(abs(ratio - 1.5) < 0.02, "after \(after): \(ratio)")
    }
    // 4 * 30 steps later they are what they were.
    for after in [121, 150] {
      let ratio =
        logarithm(try limit(restoring: true, after: after)) / logarithm(try limit(restoring: false, after: after))
      #expect(abs(ratio - 1) < 0.02, "after \(after): \(ratio)")
    }
  }
}
