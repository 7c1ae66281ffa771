import Testing

@testable import Trimtab

/// A tensor over an array that lives as long as the closure.
private func report(
  _ tensors: [(values: [Double], shape: [Int])], options: GradientOptions = GradientOptions()
) throws -> GradientReport {
  let accumulator = try Gradients(options: options)
  var parts: [TensorView] = []
  let memory = try tensors.map { tensor in
    let storage = try Storage<Double>(count: tensor.values.count, for: "test")
    for (index, value) in tensor.values.enumerated() { storage.pointer[index] = value }
    parts.append(try TensorView(storage.pointer, .float64, shape: tensor.shape))
    return storage
  }
  defer { withExtendedLifetime(memory) {} }
  try accumulator.add(parts)
  return accumulator.report()
}

private func constant(_ value: Double, _ count: Int) -> (values: [Double], shape: [Int]) {
  (Array(repeating: value, count: count), [count, 1])
}

@Suite struct GradientNorms {
  @Test func clipsAsTorchDoes() throws {
    // torch's own test: arange(1...100) as 10 x 10 and ones(10) / 1000, max_norm 2.
    var options = GradientOptions()
    options.maximumNorm = 2
    let result = try report(
      [((1...100).map(Double.init), [10, 10]), (Array(repeating: 1e-3, count: 10), [10])], options: options)
    let exact = (338350.0 + 1e-5).squareRoot()
    #expect(abs(result.globalNorm - exact) <= 1e-13 * exact)
    let after = result.clipFactor * result.globalNorm
    #expect(after <= 2 && after >= 2 - 1e-6)
  }

  @Test func leavesSmallGradientsAlone() throws {
    #expect(try report([constant(1e-3, 10)]).clipFactor == 1)
  }

  @Test func isExactWhereSquaresLeaveFloat64() throws {
    let large = try report([constant(2e200, 10)])
    #expect(abs(large.globalNorm - 40.0.squareRoot() * 1e200) <= 1e-14 * large.globalNorm)
    let small = try report([constant(2e-200, 10)])
    #expect(abs(small.globalNorm - 40.0.squareRoot() * 1e-200) <= 1e-14 * small.globalNorm)
    #expect(small.outcome == .ok)
  }

  @Test func isExactWhereFloat32Overflows() throws {
    for (value, norm) in [(Float(1e20), 1e20 * 1000.0.squareRoot()), (1e-30, 1e-30 * 1000.0.squareRoot())] {
      let values = Array(repeating: value, count: 1000)
      let result = try withTensor(values.span, shape: [1000]) { view throws(TrimtabError) in
        try gradientNorm(of: [view]).report
      }
      // float32 itself rounds the value by up to 2^-24.
      #expect(abs(result.globalNorm - norm) <= 6e-8 * norm)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func locatesTheFirstNonfiniteValue(bad: Double) throws {
    var second = Array(repeating: 1.0, count: 12)
    second[7] = bad
    second[9] = .nan
    let result = try report([constant(1, 6), (second, [3, 4]), constant(.nan, 2)])
    #expect(result.outcome == .nonfinite)
    #expect(result.verdict == .critical)
    #expect(result.cause == .nonfiniteGradient)
    #expect(result.firstNonfiniteTensor == 1 && result.firstNonfiniteIndex == 7)
    #expect(result.nonfiniteCount == 4 && result.nonfiniteTensorCount == 2)
    #expect(result.clipFactor == 0)
    #expect(result.globalNorm == 16.0.squareRoot())
  }

  @Test func cannotTellFromNothing() throws {
    for empty in [[], [(values: [Double](), shape: [0, 4])]] {
      let result = try report(empty)
      #expect(result.outcome == .insufficient && result.verdict == .unknown)
    }
  }

  @Test func refusesIntegers() throws {
    let values: [Int32] = [1, 2]
    #expect(throws: TrimtabError.self) {
      try withTensor(values.span, shape: [2]) { view throws(TrimtabError) in _ = try gradientNorm(of: [view]) }
    }
  }
}

@Suite struct DepthSlopes {
  /// The slopes of definitions 11: 2x-He -.146, Xavier on ReLU .147, sigmoid .626 a layer, over 30 layers.
  @Test(arguments: [
    (-0.146, Verdict.warning, Cause.explodingGradient), (0.147, .warning, .vanishingGradient),
    (0.626, .critical, .vanishingGradient), (-0.005, .healthy, .none), (0.021, .healthy, .none),
  ])
  func judgesByTheLine(slope: Double, verdict: Verdict, cause: Cause) throws {
    let layers = (0..<30).map { constant(exponential(2.302585092994046 * slope * Double($0)), 64) }
    let result = try report(layers)
    #expect(abs(result.depthSlope - slope) <= 1e-12)
    #expect(result.depth == 30)
    #expect(result.verdict == verdict && result.cause == cause)
    let ratio = exponential(-2.302585092994046 * slope * 29)
    #expect(abs(result.depthRatio - ratio) <= 1e-9 * ratio)
  }

  @Test func fitsScatteredPointsByLeastSquares() throws {
    // log10 rms 0, 3, 1, 2 against 0, 1, 2, 3: slope by hand 0.4.
    let result = try report([constant(1, 4), constant(1000, 4), constant(10, 4), constant(100, 4)])
    #expect(abs(result.depthSlope - 0.4) <= 1e-12)
  }

  @Test func doesNotJudgeAShallowNetByItsOutputLayer() throws {
    // A healthy three-layer net: slope .35 a layer, but only .7 decades in all.
    let result = try report([constant(0.02, 100), constant(0.045, 100), constant(0.1, 100)])
    #expect(result.depthSlope > 0.3 && result.verdict == .healthy)
  }

  @Test func looksAtWeightsOnly() throws {
    let layers = (0..<12).flatMap { layer in
      [constant(1, 16), (values: Array(repeating: exponential(-Double(layer)), count: 4), shape: [4])]
    }
    let result = try report(layers)
    #expect(result.depth == 12 && result.depthSlope.magnitude <= 1e-15 && result.verdict == .healthy)
  }

  @Test func reachesBeyondTheRangeOfFloat64Squares() throws {
    let result = try report([constant(1e-250, 4), constant(1, 4), constant(1e250, 4)])
    #expect(abs(result.depthSlope - 250) <= 1e-10)
  }
}

@Suite struct ZeroAndVanishingGradients {
  /// One step cannot tell it from weights that start at zero.
  @Test func oneZeroWeightIsANotice() throws {
    let result = try report([constant(0, 8), constant(1, 8), constant(1, 8)])
    #expect(result.verdict == .notice && result.cause == .zeroGradient && result.zeroTensorCount == 1)
  }

  @Test func allZeroIsCritical() throws {
    let result = try report([constant(0, 8), constant(0, 8), ([1.0], [1])])
    #expect(result.verdict == .critical && result.cause == .zeroGradient)
  }

  @Test func aZeroBiasIsNoFinding() throws {
    // A bias in front of batch normalisation has zero gradient by construction.
    let result = try report([constant(1, 8), ([0, 0, 0], [3]), constant(1, 8)])
    #expect(result.verdict == .healthy && result.zeroTensorCount == 1)
  }

  @Test func aTinyFirstLayerIsAWarning() throws {
    let result = try report([constant(1e-9, 8), constant(1, 8)])
    #expect(result.verdict == .warning && result.cause == .tinyGradient && result.vanishingTensorCount == 1)
  }

  /// The layers of a converging net pass the threshold one after the other; residual branches that start at zero are
  /// five decades below the head for some steps.
  @Test func aTensorThatIsSmallAmongTheSmallIsANotice() throws {
    for others in [2e-7, 1e-6, 1e-3, 1e-2] {
      let result = try report([constant(9e-9, 8), constant(others, 8)])
      #expect(result.verdict == .notice && result.cause == .tinyGradient && result.vanishingTensorCount == 1)
    }
    #expect(try report([constant(9e-9, 8), constant(0.1, 8)]).verdict == .warning)
  }

  /// Whatever the unit of the loss, as long as the mean magnitude is below the threshold too.
  @Test func theGreatestIsWhatATinyTensorIsHeldAgainst() throws {
    for scale in [1e-6, 1, 1e3] {
      let result = try report([constant(1e-8 * scale, 8), constant(scale, 8)])
      #expect(result.verdict == (scale > 1 ? .healthy : .warning), "scale \(scale)")
    }
  }

  @Test func theThresholdItselfDoesNotVanish() throws {
    // SageMaker's rule is a strict "below".
    #expect(try report([constant(1e-7, 8), constant(1, 8)]).vanishingTensorCount == 0)
  }

  @Test func tinyEverywhereIsOnlyANotice() throws {
    #expect(try report([constant(1e-9, 8), constant(2e-9, 8)]).verdict == .notice)
  }
}

@Suite struct GradientAccumulators {
  private func summaries(_ values: [Double], split: Int) throws -> (Summary, Summary) {
    try withTensor(values.span, shape: [values.count]) { view throws(TrimtabError) in
      let first = try TensorView(view.base, .float64, shape: [split])
      let second = try TensorView(view.base.map { $0 + split * 8 }, .float64, shape: [values.count - split])
      return (summarize(first), summarize(second))
    }
  }

  @Test func shardsAddToTheWhole() throws {
    var generator = SystemRandomNumberGenerator()
    let seed = generator.next()
    print("seed \(seed)")
    var state = seed
    let values = (0..<1000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int64(bitPattern: state) >> 20) * 1e-10
    }
    let whole = try Gradients()
    try withTensor(values.span, shape: [1000]) { view throws(TrimtabError) in try whole.add([view]) }
    let (first, second) = try summaries(values, split: Int(seed % 999) + 1)
    let left = try Gradients()
    let right = try Gradients()
    try left.add(summaries: [first], ranks: [1])
    try right.add(summaries: [second], ranks: [1])
    try left.merge(right)
    let norm = whole.report().globalNorm
    #expect(abs(left.report().globalNorm - norm) <= 1e-14 * norm)
    #expect(left.report().elementCount == 1000)
  }

  @Test func changesNothingOnFailure() throws {
    let accumulator = try Gradients()
    var good = Summary()
    good.count = 1
    good.zeroCount = 1
    good.minimum = 0
    good.maximum = 0
    try accumulator.add(summaries: [good, good])
    var bad = good
    bad.nanCount = -1
    #expect(throws: TrimtabError.self) { try accumulator.add(summaries: [good, bad]) }
    #expect(throws: TrimtabError.self) { try accumulator.add(summaries: [good]) }
    #expect(accumulator.report().elementCount == 2)
  }

  @Test func continuesBitForBit() throws {
    let accumulator = try Gradients()
    let values: [Double] = [1, .nan, -3e-200, 0]
    try withTensor(values.span, shape: [2, 2]) { view throws(TrimtabError) in try accumulator.add([view, view]) }
    let bytes = accumulator.save()
    let loaded = try bytes.withUnsafeBytes { try Gradients.load($0) }
    #expect(loaded.summaries == accumulator.summaries)
    #expect(loaded.report() == accumulator.report())
    #expect(loaded.save() == bytes)
  }

  @Test func refusesEveryDamagedState() throws {
    let accumulator = try Gradients()
    let values: [Double] = [1, 2]
    try withTensor(values.span, shape: [2, 1]) { view throws(TrimtabError) in try accumulator.add([view]) }
    let bytes = accumulator.save()
    for length in 0..<bytes.count {
      #expect(throws: TrimtabError.self) { try bytes.prefix(length).withUnsafeBytes { _ = try Gradients.load($0) } }
    }
    for bit in 0..<(bytes.count * 8) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: TrimtabError.self) { try damaged.withUnsafeBytes { _ = try Gradients.load($0) } }
    }
  }
}

@Suite struct GradientOptionChecks {
  @Test func refusesOptionsOutOfRange() {
    for change: (inout GradientOptions) -> Void in [
      { $0.maximumNorm = 0 }, { $0.maximumNorm = .nan }, { $0.maximumNorm = .infinity },
      { $0.vanishingMeanMagnitude = -1 }, { $0.warningDepthSlope = 0 }, { $0.criticalDepthSlope = 0.01 },
      { $0.leastDepthSpan = .nan }, { $0.leastDepth = 1 },
    ] {
      var options = GradientOptions()
      change(&options)
      #expect(throws: TrimtabError.self) { try Gradients(options: options) }
    }
  }
}
