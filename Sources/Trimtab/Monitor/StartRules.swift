/// How weights start: what shows in the first look at them, before any step was taken.
extension Monitor {
  /// Weights that are all one value: every unit of the layer computes the same, gets the same gradient and stays the same.
  ///
  /// Single layers that start at zero are a common and healthy habit (the last of a residual branch, an adapter): only a
  /// net without any other weights cannot leave zero.
  @inline(never)
  func judgeStarts(_ sorted: Storage<Int>) {
    guard serial == 1, options.preset == .trimtab else { return }
    var zeros = 0
    // Of those, that get no gradient from each other.
    var stuck = 0
    // Large enough to tell, and as layers are made.
    var judged = 0
    var fresh = 0
    var others = 0
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard watched.entry.role == .weight, let look = seen(watched, .weight), look.pointee.rank >= 2 else { continue }
      let summary = look.pointee.summary
      guard summary.nonfiniteCount == 0 else { continue }
      let isConstant = summary.minimum == summary.maximum
      if isConstant, summary.maximum == 0, !watched.entry.isFrozen {
        zeros = zeros &+ 1
        watched.isZeroAtStart = true
        let gradient = seen(watched, .gradient)?.pointee.summary.greatestMagnitude ?? 0
        if !(gradient > 0) { stuck = stuck &+ 1 }
      } else {
        others = others &+ 1
        if !watched.entry.isFrozen, summary.count >= 256 {
          judged = judged &+ 1
          if looksFresh(look.pointee) { fresh = fresh &+ 1 }
        }
      }
      let isSymmetric = isConstant && summary.maximum != 0 && look.pointee.rows > 1 && look.pointee.columns > 1
      if isSymmetric, !watched.entry.isFrozen {
        judge(
          .weightStart, watched,
          Observation(
            rule: .weightStart, verdict: .warning, cause: .constantInitialisation, value: summary.maximum, threshold: 0,
            quantity: .weight))
      }
      // Who keeps it out of the optimizer means it: random features, or a part that comes later.
      if watched.entry.isFrozen, looksFresh(look.pointee) {
        judge(
          .weightStart, watched,
          Observation(
            rule: .weightStart, verdict: watched.entry.isHeld ? .warning : .notice, cause: .frozenParameter,
            value: look.pointee.rootMeanSquare,
            threshold: 0, quantity: .weight))
      }
    }
    learning.isFresh = judged == 0 || fresh > 0
    learning.startsSmall = areWeightsTiny
    if learning.startsSmall {
      judge(
        .weightStart, run,
        Observation(
          rule: .weightStart, verdict: .notice, cause: .smallInitialisation, value: leastOfGains,
          threshold: Monitor.leastGain))
    }
    // Linear maps beside each other leave zero in the first step.
    guard zeros > 1, stuck > 0, others == 0 else { return }
    judge(
      .weightStart, run,
      Observation(
        rule: .weightStart, verdict: .critical, cause: .constantInitialisation, value: Double(zeros), threshold: 0))
  }

  private static let leastGain = 0.05

  /// Most weights that are trained, and two at least, are too small to carry anything through, as they were last seen: a
  /// single layer starts anywhere.
  var areWeightsTiny: Bool {
    var (tiny, trained) = (0, 0)
    for watched in entries where isTrainedWeight(watched) {
      trained = trained &+ 1
      if watched.look(.weight).pointee.greatestGain < Monitor.leastGain { tiny = tiny &+ 1 }
    }
    return tiny >= 2 && 2 &* tiny > trained
  }

  private var leastOfGains: Double {
    var least = Double.infinity
    for watched in entries where isTrainedWeight(watched) {
      least = min(least, watched.look(.weight).pointee.greatestGain)
    }
    return least
  }

  /// Of rank 2 and above, neither zero nor one value throughout.
  private func isTrainedWeight(_ watched: Watched) -> Bool {
    let look = watched.look(.weight).pointee
    return watched.entry.role == .weight && !watched.entry.isFrozen && look.stamp > 0 && look.rank >= 2
      && look.summary.minimum < look.summary.maximum
  }

  /// Uniform within 1 / sqrt(fan-in), as layers are made before anything is learnt or loaded: a learnt weight is not.
  private func looksFresh(_ look: Look) -> Bool {
    guard look.summary.count >= 256, look.columns > 0 else { return false }
    let bound = 1 / Double(look.columns).squareRoot()
    let isWithin = look.summary.greatestMagnitude <= bound * 1.0001 && look.summary.greatestMagnitude > 0.97 * bound
    return isWithin && (look.rootMeanSquare / bound * 1.7320508075688772 - 1).magnitude < 0.05
  }
}
