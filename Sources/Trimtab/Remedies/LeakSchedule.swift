/// The slope of a leaky ReLU below zero, over training: end + (start - end) exp(-t / time), t in steps.
///
/// f(z) = z above 0, slope · z elsewhere. 63.2 % of the way is gone at t = time, 95 % at three times it. Units that are
/// dead have a gradient from the start, and the way back to a plain ReLU has no jump in it, as a leak that is switched
/// off has. A leak raises the curvature: look at the learning rate again where one is added. Source: definitions 1.
/// Since: 0.4 (before that in the trainer).
public struct LeakSchedule: BitwiseCopyable, Sendable {
  public var start = 0.3
  public var end = 0.01
  /// In steps.
  public var time = 200.0

  public init() {}

  public init(start: Double, end: Double, time: Double) { (self.start, self.end, self.time) = (start, end, time) }

  /// The same slope at all times.
  public init(constant slope: Double) { (start, end) = (slope, slope) }

  /// - Throws: `invalidArgument` for what is not finite, and a time of 0 or below.
  public func check(_ ends: StaticText = "start, end", _ times: StaticText = "time") throws(TrimtabError) {
    guard start.isFinite, end.isFinite else {
      throw TrimtabError(.invalidArgument, "%: found % and %, allowed finite numbers", ends, start, end)
    }
    guard time > 0, time.isFinite else {
      throw TrimtabError(.invalidArgument, "%: found %, allowed above 0", times, time)
    }
  }

  /// At a step counted from 0; before it as at 0. Complexity: constant.
  public func slope(at step: Int) -> Double { end + (start - end) * exponential(-Double(max(step, 0)) / time) }
}
