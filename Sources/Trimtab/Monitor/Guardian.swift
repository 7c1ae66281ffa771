/// Decides what becomes of a step, before the optimizer takes it.
///
/// A step whose gradients or loss are not finite is skipped; a leap of the gradient norm is clipped, or skipped where no
/// clipping is wanted. After too many skipped steps, in a row or among the others, it rolls back, or stops where the host
/// keeps no snapshots: it never skips for ever in silence. After a rollback thresholds are wider for a while, so that it does not come back
/// to the same decision for ever; the third rollback without a calm stretch stops the run. Either decision is kept
/// until the host says that it has restored something: steps that look well since are steps of a lost run.
struct Guardian {
  private static let greatestRollbackCount = 2

  private let options: MonitorOptions
  private var isRollingBack = false
  /// Rolling back or stopping, until the host says that it has restored something.
  private(set) var standing: Action?
  /// What that is for.
  var standingRule: Rule?
  /// The loss scale of the last step that was left out because of it.
  private var skippedScale = Double.infinity
  private(set) var skipsInARow = 0
  /// Skipped steps less half of those taken since; at least 0.
  private var load = 0.0
  private(set) var rollbackCount = 0
  private var calmSteps = 0
  /// Weights stand still because a step was skipped, not because nothing trains them.
  var skippedSinceLook = false
  var adaptive: AdaptiveClipping
  private var clippedShare = 0.0
  private var stepCount = 0

  init(_ options: MonitorOptions) {
    self.options = options
    adaptive = AdaptiveClipping(warmUp: options.warmUp)
  }

  /// Share of clipped steps over about the last hundred; NaN before as many.
  var clipFraction: Double { stepCount < 100 ? .nan : clippedShare }

  /// The factor that clipping asks for; 1 for none.
  mutating func clipFactor(norm: Double) -> Double {
    var limit = Double.infinity
    switch options.clipping {
    case .none, .perTensor: return 1
    case .fixed: limit = options.maximumNorm
    case .adaptive:
      let own = adaptive.limit(norm)
      limit = options.maximumNorm > 0 ? min(own, options.maximumNorm) : own
      adaptive.add(min(norm, limit), isClipped: norm > own)
    }
    let factor = norm > limit ? limit / (norm + 1e-6) : 1
    stepCount = stepCount &+ 1
    clippedShare += ((factor < 1 ? 1 : 0) - clippedShare) * max(0.01, 1 / Double(stepCount))
    return min(factor, 1)
  }

  /// Whether steps are skipped too often to go on so, and by what number.
  var isOverloaded: Bool { load > 2 * Double(options.greatestSkips) }
  var excess: (value: Double, limit: Double) {
    let limit = Double(options.greatestSkips)
    return skipsInARow <= options.greatestSkips && isOverloaded ? (load, 2 * limit) : (Double(skipsInARow), limit)
  }

  /// What a step to be left out comes to.
  mutating func skip() -> Action {
    skipsInARow = skipsInARow &+ 1
    // What can be owed is bounded, so that calm steps soon pay it back.
    load = min(load + 1, 2 * Double(options.greatestSkips) + 1)
    calmSteps = 0
    skippedSinceLook = true
    return skipsInARow > options.greatestSkips || isOverloaded ? recover() : .skip
  }

  /// Rolls back, or stops where that cannot help.
  mutating func recover() -> Action {
    isRollingBack = options.mayRollBack && rollbackCount < Guardian.greatestRollbackCount
    let action: Action = isRollingBack ? .rollBack : .stop
    standing = action
    return action
  }

  /// Whether gradients that are not finite are what mixed precision does: the scale is above 1 and below that of the last
  /// such step. A scale that does not fall explains nothing.
  func isExpected(scale: Double) -> Bool { scale > 1 && scale < skippedScale }

  /// Leaves out a step whose gradients overflowed for their scale; it counts for nothing else.
  mutating func skip(scale: Double) -> Action {
    skippedScale = scale
    skippedSinceLook = true
    return .skip
  }

  mutating func proceed() {
    skipsInARow = 0
    load = max(load - 0.5, 0)
    skippedScale = .infinity
    calmSteps = calmSteps &+ 1
    if calmSteps >= 4 &* options.warmUp { rollbackCount = 0 }
  }

  /// Without a rollback before it, a learning rate starts anew: nothing to count.
  mutating func restored() {
    if isRollingBack { rollbackCount = rollbackCount &+ 1 }
    (isRollingBack, standing) = (false, nil)
    skippedScale = .infinity
    (skipsInARow, load) = (0, 0)
    calmSteps = 0
    skippedSinceLook = true
    adaptive = AdaptiveClipping(warmUp: options.warmUp)
  }
}

/// Clips the global norm to what its own past allows: above z = 2.5 to mean + 2.5 · sd / (z / 2.5). Source: ZClip (arXiv
/// 2504.02507). Values that are no norms never enter, and a level that moved for good is learnt anew: after 32 norms in
/// a row that are clipped, or below a tenth of the mean.
public struct AdaptiveClipping: BitwiseCopyable, Sendable {
  private static let keep = 0.97
  private static let level = 2.5
  private static let patience = 32

  private let warmUp: Int
  private var count = 0
  private var mean = 0.0
  private var square = 0.0
  private var awayCount = 0

  public init(warmUp: Int) { self.warmUp = warmUp }

  public func limit(_ norm: Double) -> Double {
    guard count >= warmUp, norm.isFinite else { return .infinity }
    let deviation = max(square.squareRoot(), 1e-3 * mean + 1e-12)
    let z = (norm - mean) / deviation
    return z > AdaptiveClipping.level
      ? mean + AdaptiveClipping.level * deviation * AdaptiveClipping.level / z : .infinity
  }

  /// - Parameter isClipped: the norm was above what its past allows.
  public mutating func add(_ norm: Double, isClipped: Bool) {
    guard norm >= 0, norm < 1e150 else { return }
    awayCount = isClipped || norm < 0.1 * mean ? awayCount &+ 1 : 0
    if awayCount >= AdaptiveClipping.patience { self = AdaptiveClipping(warmUp: warmUp) }
    count = count &+ 1
    let weight = count <= warmUp ? 1 / Double(count) : 1 - AdaptiveClipping.keep
    let before = norm - mean
    mean += weight * before
    // While it fills, the variance of all so far (Welford); then ZClip's, about the new mean.
    let after = norm - mean
    square += weight * ((count <= warmUp ? before * after : after * after) - square)
  }
}

/// Clips one gradient to 1.05 of its own moving norm. Source: AdaGC (arXiv 2502.11034).
public struct TensorClipping: BitwiseCopyable, Sendable {
  private static let keep = 0.98
  private static let level = 1.05
  private static let warmUp = 100

  private var norm = 0.0
  private var count = 0
  public private(set) var factor = 1.0

  public init() {}

  public mutating func add(_ found: Double, globalFactor: Double) {
    guard found.isFinite else {
      factor = 1
      return
    }
    let limit = TensorClipping.level * norm
    factor = count >= TensorClipping.warmUp && found > limit && limit > 0 ? limit / found : 1
    if count < TensorClipping.warmUp { factor = globalFactor }
    let taken = found * factor
    norm =
      count == 0
      ? taken
      : count < TensorClipping.warmUp
        ? min(norm, taken) : TensorClipping.keep * norm + (1 - TensorClipping.keep) * taken
    count = count &+ 1
  }
}
