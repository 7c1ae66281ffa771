/// The units of a layer over as many looks as it takes to say with confidence that one of them is dead.
final class UnitWatch {
  private let activity: Activity
  /// The last full window.
  private(set) var report: ActivityReport?
  private(set) var windowCount = 0

  init(_ activation: Activation, unitAxis: Int) throws(TrimtabError) {
    var options = ActivityOptions()
    options.activation = activation
    options.unitAxis = unitAxis
    activity = try Activity(options: options)
  }

  func add(_ preactivations: TensorView, _ scratch: UnitScratch) throws(TrimtabError) {
    try activity.add(preactivations, scratch: scratch)
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

  func forget() { activity.clear() }
}
