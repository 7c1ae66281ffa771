/// The units of a layer over as many looks as it takes to say with confidence that one of them is dead.
final class UnitWatch {
  private let activity: Activity
  /// The last full window.
  private(set) var report: ActivityReport?
  private(set) var windowCount = 0

  /// - Parameter isPublished: judged at every look, and saturated where less than 1 % of the samples are within bounds.
  init(_ activation: Activation, unitAxis: Int, isPublished: Bool) throws(TrimtabError) {
    var options = ActivityOptions()
    options.activation = activation
    options.unitAxis = unitAxis
    if !isPublished, activation == .tanh || activation == .sigmoid {
      // Where less than a thousandth of the gradient passes, on half of the samples.
      options.saturationHigh = activation == .tanh ? 5 : 8
      options.saturationLow = -options.saturationHigh
      options.saturatedFraction = 0.5
    }
    if isPublished {
      options.leastActiveFraction = 1
      options.saturatedFraction = (0.99).nextUp
    }
    activity = try Activity(options: options)
  }

  /// Elements of a look: of a larger batch every second, third, ... sample of its first axis, which `turn` shifts.
  static let elements = 1 << 16

  func add(_ preactivations: TensorView, turn: Int, _ scratch: UnitScratch) throws(TrimtabError) {
    try activity.add(thinned(preactivations, turn), scratch: scratch)
  }

  private func thinned(_ tensor: TensorView, _ turn: Int) throws(TrimtabError) -> TensorView {
    let samples = tensor.shape[0]
    guard tensor.rank >= 2, activity.options.unitAxis != 0, samples > 1, tensor.count > UnitWatch.elements,
      let base = tensor.base
    else { return tensor }
    let step = min(tensor.count / UnitWatch.elements, samples)
    guard step > 1 else { return tensor }
    let start = turn % step
    var (shape, strides) = (tensor.shape, tensor.strides)
    shape[0] = (samples &- start &+ step &- 1) / step
    strides[0] = strides[0] &* step
    return try TensorView(
      base: base + start &* tensor.strides[0] &* tensor.elementType.byteCount, elementType: tensor.elementType,
      rank: tensor.rank, shape: shape, strides: strides, name: "preactivations")
  }

  /// Closes the window if it holds enough samples. Returns its report, nil while it fills.
  func close() -> ActivityReport? {
    guard Double(activity.sampleCount) >= activity.options.neededSamples else { return nil }
    let report = activity.report()
    self.report = report
    windowCount = windowCount &+ 1
    activity.clear()
    return report
  }

  /// Closes the window whatever it holds, because the layer after it is known to get nothing. Returns the share of dead
  /// units and why they died; nil without samples.
  func closeEarly() -> (deadFraction: Double, cause: Cause, confidence: Double)? {
    guard activity.sampleCount > 0 else { return nil }
    let report = activity.report()
    let cause = activity.causeOfDeath
    activity.clear()
    return (report.deadFraction, cause, report.confidence)
  }

  /// Of the samples so far, however few.
  var deadShare: Double { activity.report().deadFraction }

  func forget() { activity.clear() }
}
