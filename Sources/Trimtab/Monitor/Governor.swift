/// Holds what watching costs to a share of the run's time by looking less often at what can wait.
///
/// The cost is what the calls themselves took and what the host says it spent; the run's time is from one `beginStep`
/// to the next. Both are moving sums over about a hundred steps. Scalars, gradients and non-finite checks of gradients
/// are never left out; where they alone cost more than the budget (steps of a fraction of a millisecond), the rest may
/// still have a quarter of it.
struct Governor {
  private static let keep = 0.98
  static let longestInterval = 128
  /// However dear it is, a weight is looked at once in so many steps.
  private static let longestWeightInterval = 320
  /// Units are looked at in every fifth look at their layer, but in all of the first ones: a net may die at once.
  static let unitInterval = 5
  private static let firstLooks = 20

  private let budget: Double
  private let auditInterval: Int
  /// Looks at activations: every so many steps. Weights are looked at every `auditInterval` times as many.
  private(set) var interval = 1
  private var lastBegin = Double.nan
  private var stepCost = 0.0
  private var stepOptional = 0.0
  private var cost = 0.0
  private var optional = 0.0
  private var time = 0.0
  private var weight = 0.0
  private(set) var totalCost = 0.0
  private(set) var totalTime = 0.0
  private var sinceChange = 0
  /// Until then everything is looked at: something was not finite, and its origin is asked for.
  var alertedUntil = 0
  private var suspicion = Suspicion()

  init(budget: Double, auditInterval: Int) {
    self.budget = budget
    self.auditInterval = auditInterval
  }

  /// - Parameter isOptional: what the interval could have left out.
  mutating func spend(_ seconds: Double, isOptional: Bool) {
    guard seconds > 0 else { return }
    stepCost += seconds
    if isOptional { stepOptional += seconds }
  }

  /// What the host says that watching this step has cost in all, the calls here included.
  mutating func spendInAll(_ seconds: Double) { stepCost = max(stepCost, seconds) }

  mutating func beginStep(at now: Double) {
    let elapsed = now - lastBegin
    lastBegin = now
    // A pause (a checkpoint, an evaluation) is no step: it would make watching look cheap.
    guard elapsed > 0, weight < 10 || elapsed < 20 * time / weight else {
      stepCost = 0
      stepOptional = 0
      return
    }
    weight = Governor.keep * weight + 1
    cost = Governor.keep * cost + stepCost
    optional = Governor.keep * optional + stepOptional
    time = Governor.keep * time + elapsed
    totalCost += stepCost
    totalTime += elapsed
    stepCost = 0
    stepOptional = 0
    adapt()
  }

  private mutating func adapt() {
    sinceChange = sinceChange &+ 1
    guard budget > 0, sinceChange >= 20 else { return }
    let share = cost / time
    if share > budget, optional > 0.25 * budget * time, interval < Governor.longestInterval {
      interval = interval &* 2
      sinceChange = 0
    } else if share < 0.4 * budget, interval > 1 {
      interval = interval / 2
      sinceChange = 0
    }
  }

  var costFraction: Double { totalTime > 0 ? totalCost / totalTime : 0 }

  func interval(of quantity: Quantity) -> Int {
    switch quantity {
    case .gradient: 1
    case .weight: max(min(interval &* auditInterval, Governor.longestWeightInterval), auditInterval)
    case .attention, .attentionLogits: interval &* auditInterval
    case .preactivation, .outputGradient: interval
    case .output: interval &* Governor.unitInterval
    }
  }

  /// Gradients hint that this share of a layer's units is dead: they are looked at until there is a verdict.
  mutating func suspect(deadShare: Double, serial: Int) { suspicion.add(deadShare, serial: serial) }

  func wantsUnits(of watched: Watched, serial: Int) -> Bool {
    serial <= suspicion.until || serial <= Governor.firstLooks || interval >= Governor.unitInterval
      || (serial / interval &+ watched.index) % Governor.unitInterval == 0
  }

  /// Entries take turns, so that no step pays for all.
  func wants(_ quantity: Quantity, of watched: Watched, serial: Int) -> Bool {
    let interval = interval(of: quantity)
    let turn = quantity == .weight ? 0 : watched.index
    let isEarly = serial <= (quantity == .weight ? 2 : max(Governor.firstLooks, suspicion.until))
    return interval <= 1 || serial <= alertedUntil || (serial &+ turn) % interval == 1 % interval || isEarly
  }
}

/// Looks at units that the budget would leave out, where gradients, which it never does, hint at their death. A hint that
/// comes to nothing makes the next one wait twice as long, unless the share grows.
struct Suspicion {
  private static let length = 24
  private static let longestPause = 1024

  private(set) var until = 0
  private var share = 0.0
  private var pause = Suspicion.length

  mutating func add(_ found: Double, serial: Int) {
    guard serial > until &+ pause || until == 0 || serial > until && found > share + 0.2 else { return }
    if until > 0, found <= share + 0.2 { pause = min(2 &* pause, Suspicion.longestPause) }
    until = serial &+ Suspicion.length
    share = found
  }
}

/// How much of a quantity was looked at.
public struct Coverage: Sendable, Equatable {
  public var stepCount = 0
  public var lookCount = 0
  /// Looks that an interval or the budget left out.
  public var leftOutCount = 0
  /// Steps between looks now.
  public var interval = 1
  /// What watching has cost of the run's time so far.
  public var costFraction = 0.0
}

extension Monitor {
  /// What was looked at of a quantity of an entry.
  public func coverage(of index: Int, _ quantity: Quantity) throws(TrimtabError) -> Coverage {
    let look = try watched(index).look(quantity).pointee
    return Coverage(
      stepCount: serial, lookCount: look.lookCount, leftOutCount: max(serial &- look.lookCount, 0),
      interval: governor.interval(of: quantity), costFraction: governor.costFraction)
  }
}
