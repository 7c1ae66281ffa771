extension Monitor {
  @inline(never)
  func decide() -> Decision {
    var decision = Decision()
    decision.step = step
    decision.gradientNorm = scalars[.gradientNorm] ?? tally.norm
    decision.loss = scalars[.loss] ?? .nan
    if tally.isNonfinite {
      governor.alertedUntil = serial &+ 2
      decision.action = actionOnNonfinite()
      decision.rule = .nonfinite
      decision.entry = entry(of: .nonfinite)
    } else if options.mayRollBack, series.divergesAnew, isJudged(.lossDivergence) {
      decision.action = watchman.recover()
      decision.rule = .lossDivergence
    } else {
      act(on: &decision)
    }
    keepStanding(&decision)
    judge(.guardian, run, decision.action >= .rollBack ? guardObservation(decision.rule) : nil)
    judgeClipFraction()
    decision.verdict = standingVerdict
    decision.findingCount = findings.count
    decision.newFindingCount = newFindingCount
    return decision
  }

  /// A run that is to go back or to end is not saved by the next steps: the decision holds until something is restored.
  private func keepStanding(_ decision: inout Decision) {
    if decision.action >= .rollBack {
      watchman.standingRule = decision.rule
    } else if let standing = watchman.standing {
      (decision.action, decision.rule, decision.clipFactor) = (standing, watchman.standingRule, 1)
    }
    if decision.action >= .rollBack { watchman.skippedSinceLook = true }
  }

  private func actionOnNonfinite() -> Action {
    if hasNonfiniteWeight { return watchman.recover() }
    return tally.isExpected ? watchman.skip(scale: scalars[.lossScale] ?? 1) : watchman.skip()
  }

  private func act(on decision: inout Decision) {
    // All of a run of leaps, but not for ever: a norm that stays where it leaped is the new level.
    let record = run.records.pointer[Int(Rule.gradientSpike.rawValue)]
    let isLeap =
      record.streak >= 1 && record.stamp == serial && series.gradientIsNew
      && watchman.skipsInARow < options.greatestSkips && !watchman.isOverloaded
    // Without a gradient there is nothing to clip, and no norm for the baseline.
    let hasNorm = tally.seenCount > 0 || scalars[.gradientNorm] != nil
    let factor = hasNorm ? watchman.clipFactor(norm: decision.gradientNorm) : 1
    if options.clipping == .perTensor {
      if clipEach(decision.gradientNorm) {
        decision.action = .clip
        decision.rule = .clipFraction
      }
    } else if factor < 1 {
      decision.action = .clip
      decision.clipFactor = factor
      decision.rule = .clipFraction
    } else if isLeap, options.clipping == .none {
      decision.action = watchman.skip()
      decision.rule = .gradientSpike
      return
    }
    watchman.proceed()
  }

  /// Returns whether any gradient is to be clipped.
  private func clipEach(_ norm: Double) -> Bool {
    let global = norm > options.maximumNorm ? options.maximumNorm / (norm + 1e-6) : 1
    var isAny = false
    for watched in entries {
      guard let look = seen(watched, .gradient) else { continue }
      watched.clipping.add(look.pointee.summary.l2Norm, globalFactor: global)
      if watched.clipping.factor < 1 { isAny = true }
    }
    return isAny
  }

  /// AdaGC's factor for one gradient of the step just closed.
  public func clipFactor(of index: Int) throws(TrimtabError) -> Double {
    let watched = try watched(index)
    return options.clipping == .perTensor ? watched.clipping.factor : 1
  }

  private var hasNonfiniteWeight: Bool {
    for watched in entries {
      if let look = seen(watched, .weight), look.pointee.summary.nonfiniteCount > 0 { return true }
    }
    return false
  }

  /// Whether a rule about the run has spoken in this step, be it for good or ill: one that is off has not.
  private func isJudged(_ rule: Rule) -> Bool { run.records.pointer[Int(rule.rawValue)].stamp == serial }

  private func entry(of rule: Rule) -> Int {
    for index in 0..<findings.count {
      if let finding = findings.at(index), finding.pointee.rule == rule, finding.pointee.lastStep == step {
        return finding.pointee.entry
      }
    }
    return -1
  }

  private func guardObservation(_ rule: Rule?) -> Observation {
    let cause: Cause =
      rule == .lossDivergence ? .divergence : hasNonfiniteWeight ? .nonfiniteWeight : .skippedTooOften
    let (value, limit) = watchman.excess
    return Observation(rule: .guardian, verdict: .critical, cause: cause, value: value, threshold: limit)
  }

  private func judgeClipFraction() {
    let fraction = watchman.clipFraction
    guard options.clipping != .none, !fraction.isNaN else { return }
    let warning = settings(of: .clipFraction).warning
    judge(
      .clipFraction, run,
      fraction > warning
        ? Observation(
          rule: .clipFraction, verdict: .notice, cause: .clippingRules, value: fraction, threshold: warning)
        : nil)
  }

  /// Weights and optimizer were restored to how they were after `number`: baselines fill again and thresholds are wider
  /// for a while; step numbers go on from the next.
  public func restored(to number: Int) throws(TrimtabError) {
    guard !isOpen else { throw TrimtabError(.invalidArgument, "monitor: found an open step, allowed between steps") }
    step = number
    log?.write { $0.field("restored", number) }
    series.restart(options, level: watchman.standing == nil ? nil : series.history.level(at: number))
    watchman.restored()
    for watched in entries {
      watched.sample?.forget()
      watched.changeCount = 0
      watched.units?.forget()
    }
  }
}
