public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

@c @implementation public func trimtab_rate_range_test(
  _ step: trimtab_rate_step!, _ user: UnsafeMutableRawPointer!, _ given: UnsafePointer<trimtab_rate_range_options>!,
  _ report: UnsafeMutablePointer<trimtab_rate_range_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    guard let step else { throw missing("step") }
    var wanted = RateRangeOptions()
    if let given = try options(given) {
      wanted.lowest = given.lowest_rate
      wanted.highest = given.highest_rate
      wanted.count = Int(given.step_count)
      wanted.smoothing = given.smoothing
      wanted.greatestRise = given.greatest_rise
    }
    let found = try rateRangeTest(wanted) { (rate) throws(TrimtabError) in
      var loss = Double.nan
      try requireSuccess(step(user, rate, &loss), "step")
      return loss
    }
    var c = trimtab_rate_range_report()
    c.outcome = found.outcome.rawValue
    c.divergence_rate = found.divergenceRate
    c.steepest_rate = found.steepestRate
    c.suggested_rate = found.suggestedRate
    c.best_loss = found.bestLoss
    c.steps = Int64(found.steps)
    target.write(c)
  }
}

@c @implementation public func trimtab_peak_rate_search(
  _ run: trimtab_training_run!, _ user: UnsafeMutableRawPointer!, _ given: UnsafePointer<trimtab_peak_rate_options>!,
  _ report: UnsafeMutablePointer<trimtab_peak_rate_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    var wanted = PeakRateOptions()
    if let given = try options(given) {
      wanted.lowest = given.lowest_rate
      wanted.highest = given.highest_rate
      wanted.bisections = Int(given.bisections)
      wanted.seeds = Int(given.seed_count)
      wanted.firstSeed = given.first_seed
      wanted.warmUp = Int(given.warm_up_steps)
    }
    let found = try peakRateSearch(wanted, run: try trainingRun(run, user))
    var c = trimtab_peak_rate_report()
    c.outcome = found.outcome.rawValue
    c.rate = found.rate
    c.least_rate = found.least
    c.greatest_rate = found.greatest
    c.seed_count = Int64(found.seeds)
    c.seeds_above = Int64(found.seedsAbove)
    c.seeds_below = Int64(found.seedsBelow)
    c.run_count = Int64(found.runs)
    target.write(c)
  }
}

@c @implementation public func trimtab_warm_up_need(
  _ run: trimtab_training_run!, _ user: UnsafeMutableRawPointer!, _ peak_rate: Double, _ longest_steps: Int64,
  _ seed: UInt64, _ report: UnsafeMutablePointer<trimtab_warm_up_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try warmUpNeed(
      peak: peak_rate, longest: Int(longest_steps), seed: seed, run: try trainingRun(run, user))
    var c = trimtab_warm_up_report()
    c.outcome = found.outcome.rawValue
    c.steps = Int64(found.steps)
    c.run_count = Int64(found.runs)
    target.write(c)
  }
}

/// A callback of the user as a training run.
private func trainingRun(
  _ run: trimtab_training_run?, _ user: UnsafeMutableRawPointer?
) throws(TrimtabError) -> TrainingRun {
  guard let run else { throw missing("run") }
  return { (seed, peak, warmUp) throws(TrimtabError) in
    var course = trimtab_run_course(initial_loss: .nan, greatest_loss: .nan, final_loss: .nan)
    try requireSuccess(run(user, seed, peak, Int64(warmUp), &course), "run")
    return RunCourse(initial: course.initial_loss, greatest: course.greatest_loss, final: course.final_loss)
  }
}

private func missing(_ name: StaticText) -> TrimtabError {
  TrimtabError(.nullArgument, "%: found NULL, allowed a callback", name)
}

private func requireSuccess(_ status: Int32, _ name: StaticText) throws(TrimtabError) {
  guard status == 0 else {
    throw TrimtabError(.callback, "%: found the callback ended with %, allowed 0", name, status)
  }
}

@c @implementation public func trimtab_safe_rate(
  _ net: UnsafePointer<trimtab_trainer_options>!, _ inputs: UnsafePointer<trimtab_tensor>!,
  _ targets: UnsafePointer<trimtab_tensor>!, _ given: UnsafePointer<trimtab_safe_rate_options>!,
  _ report: UnsafeMutablePointer<trimtab_safe_rate_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    guard let net = try options(try required(net, "net"), "net") else { return }
    var wanted = SafeRateOptions()
    if let given = try options(given) {
      wanted.steps = Int(given.step_count)
      wanted.batch = Int(given.batch)
      wanted.lowest = given.lowest_rate
      wanted.highest = given.highest_rate
      wanted.bisections = Int(given.bisections)
      wanted.seeds = Int(given.seed_count)
      wanted.longestWarmUp = Int(given.longest_warm_up)
    }
    let found = try safeRate(
      try TrainerOptions(net), try view(of: inputs, "inputs", leastRank: 1),
      try view(of: targets, "targets", leastRank: 1), wanted, custom: objective(net.objective, net.user))
    var c = trimtab_safe_rate_report()
    c.outcome = found.outcome.rawValue
    c.verdict = found.verdict.rawValue
    c.cause = found.cause.rawValue
    c.rate = found.rate
    c.peak_rate = found.peak.rate
    c.least_peak_rate = found.peak.least
    c.greatest_peak_rate = found.peak.greatest
    c.divergence_rate = found.range.divergenceRate
    c.suggested_rate = found.range.suggestedRate
    c.sharpness = found.sharpness
    c.warm_up_steps = Int64(found.warmUp.steps)
    c.seeds_above = Int64(found.peak.seedsAbove)
    c.seeds_below = Int64(found.peak.seedsBelow)
    target.write(c)
  }
}
