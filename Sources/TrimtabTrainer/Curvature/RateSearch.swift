public import Trimtab

/// Which rates `rateRangeTest` goes through, and when it stops.
public struct RateRangeOptions: Sendable {
  /// Rates above 0.
  public var lowest = 1e-7
  public var highest = 10.0
  /// Steps, 2 or more.
  public var count = 100
  /// The weight of the past in the smoothed loss, 0 ..< 1.
  public var smoothing = 0.98
  /// The smoothed loss counts as diverged above so many times its best.
  public var greatestRise = 4.0

  public init() {}
}

/// What `rateRangeTest` found; NaN where it could not tell.
public struct RateRange: Sendable {
  public var outcome = Outcome.insufficient
  /// The rate of the step at which the test stopped; NaN where all rates were gone through.
  public var divergenceRate = Double.nan
  /// Where the smoothed loss fell fastest against the logarithm of the rate; NaN where it never fell.
  public var steepestRate = Double.nan
  /// A tenth of the divergence rate; the steepest rate where nothing diverged.
  public var suggestedRate = Double.nan
  /// Of the smoothed loss.
  public var bestLoss = Double.nan
  public var steps = 0
}

/// The learning-rate range test: one step at each of n rates, the i-th of them lowest (highest / lowest)^(i / (n - 1)).
///
/// The loss is smoothed by an exponential average with bias correction. The test stops where the smoothed loss exceeds
/// its best by 3 times its magnitude (4 times the best, of a loss above 0) or is not finite. The slope is the central
/// difference.
///
/// - Parameter step: takes a training step at a rate and returns the loss from which it was taken.
/// - Returns: outcome `nonfinite` where the first loss is not finite; `degenerate` where the loss neither fell nor
///   diverged, so that nothing can be suggested.
/// - Throws: `invalidArgument` for the options, and what `step` throws.
///
/// Complexity: n steps. Source: Smith 2017, Cyclical learning rates; fastai's `lr_find` (bounds and stop). Since: 0.3.
public func rateRangeTest(
  _ options: RateRangeOptions = RateRangeOptions(), step: (_ rate: Double) throws(TrimtabError) -> Double
) throws(TrimtabError) -> RateRange {
  try checkRates(options.lowest, options.highest)
  guard options.count >= 2, options.smoothing >= 0, options.smoothing < 1, options.greatestRise > 1 else {
    throw TrimtabError(
      .invalidArgument,
      "options.step_count, smoothing, greatest_rise: found %, % and %, allowed 2 or more, 0 to below 1, above 1",
      options.count, options.smoothing, options.greatestRise)
  }
  var found = RateRange()
  let width = logarithm(options.highest / options.lowest) / Double(options.count &- 1)
  var smoothed = 0.0
  var remaining = 1.0
  var best = Double.infinity
  var steepest = 0.0
  // Of the two steps before.
  var losses = (Double.nan, Double.nan)
  var rateBefore = Double.nan
  for index in 0..<options.count {
    let rate = options.lowest * exponential(width * Double(index))
    let loss = try step(rate)
    found.steps = index &+ 1
    remaining *= options.smoothing
    // The corrected average by its change, so that equal losses leave it as it is.
    smoothed += (1 - options.smoothing) / (1 - remaining) * (loss - smoothed)
    guard smoothed.isFinite, smoothed - best <= (options.greatestRise - 1) * best.magnitude else {
      found.divergenceRate = rate
      break
    }
    best = min(best, smoothed)
    let slope = smoothed - losses.0
    if slope < steepest {
      steepest = slope
      found.steepestRate = rateBefore
    }
    losses = (losses.1, smoothed)
    rateBefore = rate
  }
  guard best < .infinity else {
    found.outcome = .nonfinite
    found.divergenceRate = .nan
    return found
  }
  found.bestLoss = best
  found.suggestedRate = found.divergenceRate.isNaN ? found.steepestRate : found.divergenceRate / 10
  found.outcome = found.suggestedRate.isNaN ? .degenerate : .ok
  return found
}

/// The course of a training run.
public struct RunCourse: Sendable {
  /// The loss before the first step.
  public var initial: Double
  /// The greatest loss on the way.
  public var greatest: Double
  /// The loss at the end.
  public var final: Double

  public init(initial: Double, greatest: Double, final: Double) {
    self.initial = initial
    self.greatest = greatest
    self.final = final
  }

  /// A loss that is not finite, a greatest loss above 4 times the initial one plus 1 (further above it than 3 times its
  /// magnitude plus 1), or a final loss above the initial one.
  @inline(never)
  public var hasFailed: Bool {
    !(initial.isFinite && greatest.isFinite && final.isFinite && final <= initial
      && greatest - initial <= 3 * initial.magnitude + 1)
  }
}

/// A whole training run of the caller's: from a seed, to a peak rate, after a linear warm-up of so many steps. It may
/// stop as soon as a loss is not finite.
public typealias TrainingRun = (_ seed: UInt64, _ peak: Double, _ warmUp: Int) throws(TrimtabError) -> RunCourse

/// Where `peakRateSearch` looks.
public struct PeakRateOptions: Sendable {
  /// Rates above 0, between which the greatest stable one is looked for.
  public var lowest = 1e-7
  public var highest = 10.0
  /// Runs between the ends: each halves the interval of the rate's logarithm. 0 to 64.
  public var bisections = 12
  /// Seeds, 1 or more, counting up from the first.
  public var seeds = 6
  public var firstSeed: UInt64 = 1
  /// Warm-up steps of every run.
  public var warmUp = 0

  public init() {}
}

/// What `peakRateSearch` found; NaN where it could not tell.
public struct PeakRate: Sendable {
  public var outcome = Outcome.insufficient
  /// The geometric mean over the seeds of the greatest rate that was seen not to fail.
  public var rate = Double.nan
  /// The least and the greatest of them.
  public var least = Double.nan
  public var greatest = Double.nan
  /// Seeds that count above: those that failed at the highest rate and not at the lowest.
  public var seeds = 0
  /// Seeds that did not even fail at the highest rate.
  public var seedsAbove = 0
  /// Seeds that failed even at the lowest rate.
  public var seedsBelow = 0
  public var runs = 0
}

/// The greatest stable peak rate, by bisection on the logarithm of the rate for each of several seeds.
///
/// - Parameter run: see `TrainingRun`; whether it failed says `RunCourse.hasFailed`.
/// - Returns: outcome `insufficient` where no seed has its greatest stable rate between the ends.
/// - Throws: `invalidArgument` for the options, and what `run` throws.
///
/// Complexity: up to `seeds` · (`bisections` + 2) runs. The rate is found to a factor of
/// (highest / lowest)^(2^-bisections): 1.0045 unless options say otherwise. Since: 0.3.
public func peakRateSearch(
  _ options: PeakRateOptions = PeakRateOptions(), run: TrainingRun
) throws(TrimtabError) -> PeakRate {
  try checkRates(options.lowest, options.highest)
  guard options.bisections >= 0, options.bisections <= 64, options.seeds > 0, options.warmUp >= 0 else {
    throw TrimtabError(
      .invalidArgument,
      "options.bisections, seed_count, warm_up_steps: found %, % and %, allowed 0 to 64, 1 or more, 0 or more",
      options.bisections, options.seeds, options.warmUp)
  }
  var found = PeakRate()
  var sum = 0.0
  for offset in 0..<options.seeds {
    let seed = options.firstSeed &+ UInt64(truncatingIfNeeded: offset)
    var low = options.lowest
    var ratio = options.highest / low
    // The lowest, the highest, then between what did not fail and what did.
    var tries = 0
    while tries < options.bisections &+ 2 {
      if tries > 1 { ratio = ratio.squareRoot() }
      let rate = tries == 0 ? low : tries == 1 ? options.highest : low * ratio
      found.runs = found.runs &+ 1
      let hasFailed = try run(seed, rate, options.warmUp).hasFailed
      if tries < 2, hasFailed == (tries == 0) { break }
      if !hasFailed { low = rate }
      tries = tries &+ 1
    }
    guard tries > 1 else {
      if tries == 0 { found.seedsBelow = found.seedsBelow &+ 1 } else { found.seedsAbove = found.seedsAbove &+ 1 }
      continue
    }
    found.seeds = found.seeds &+ 1
    found.least = found.least <= low ? found.least : low
    found.greatest = found.greatest >= low ? found.greatest : low
    sum += logarithm(low)
  }
  if found.seeds > 0 {
    found.outcome = .ok
    found.rate = exponential(sum / Double(found.seeds))
  }
  return found
}

/// What `warmUpNeed` found.
public struct WarmUpNeed: Sendable {
  /// `insufficient` where even the longest warm-up fails.
  public var outcome = Outcome.insufficient
  /// The shortest linear warm-up that does not fail, in steps; 0: none is needed. -1 without one.
  public var steps = -1
  public var runs = 0
}

/// The shortest linear warm-up for which a peak rate does not fail, W(peak), by bisection.
///
/// It takes that a longer warm-up is never worse; where that is not so, it is one at which failing ends.
///
/// - Parameters:
///   - longest: the longest warm-up that is tried, in steps, 0 or more
///   - peak: above 0, finite
/// - Throws: `invalidArgument` for a peak or a longest warm-up outside, and what `run` throws.
///
/// Complexity: up to 2 + log2(`longest`) runs. Since: 0.3.
public func warmUpNeed(
  peak: Double, longest: Int, seed: UInt64 = 1, run: TrainingRun
) throws(TrimtabError) -> WarmUpNeed {
  guard peak > 0, peak < .infinity else {
    throw TrimtabError(.invalidArgument, "peak_rate: found %, allowed finite above 0", peak)
  }
  guard longest >= 0 else {
    throw TrimtabError(.invalidArgument, "longest_steps: found %, allowed 0 or more", longest)
  }
  var found = WarmUpNeed()
  // Failing at `low`, not failing at `high`; the ends come first.
  var (low, high) = (-1, -1)
  var next = 0
  while true {
    found.runs = found.runs &+ 1
    if try run(seed, peak, next).hasFailed {
      if next == longest { return found }
      low = next
    } else {
      high = next
    }
    if high < 0 {
      next = longest
    } else if high &- low <= 1 {
      found.outcome = .ok
      found.steps = high
      return found
    } else {
      next = low &+ (high &- low) / 2
    }
  }
}

private func checkRates(_ lowest: Double, _ highest: Double) throws(TrimtabError) {
  guard lowest > 0, lowest < highest, highest / lowest < .infinity else {
    throw TrimtabError(
      .invalidArgument, "options.lowest_rate, highest_rate: found % and %, allowed above 0 and the second greater",
      lowest, highest)
  }
}
