public import Trimtab

/// How `safeRate` looks.
public struct SafeRateOptions: Sendable {
  /// Of each run, 1 or more.
  public var steps = 200
  /// Samples of a step, consecutive rows; 0: all.
  public var batch = 0
  /// See `PeakRateOptions`. Fewer bisections than there: the rate is found to a factor of 1.13.
  public var lowest = 1e-5
  public var highest = 10.0
  public var bisections = 7
  public var seeds = 3
  /// The longest warm-up that is tried; at most `steps`.
  public var longestWarmUp = 100

  public init() {}
}

/// What learning rate a net bears on some samples.
public struct SafeRate: Sendable {
  /// `ok` where a peak was found; else that of the search.
  public var outcome = Outcome.insufficient
  /// `warning` where the net's own rate is above what some seed bore, `critical` where it is above what any did and no
  /// warm-up helps.
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  /// The net's own.
  public var rate = 0.0
  public var peak = PeakRate()
  public var range = RateRange()
  /// For the net's own rate.
  public var warmUp = WarmUpNeed()
  /// Largest eigenvalue of the first weights' Hessian on the first batch; NaN where it could not be found.
  public var sharpness = Double.nan
}

/// The greatest learning rate that a net bears on some samples, what a range test suggests, and the warm-up that its own
/// rate needs, found by training it.
///
/// Runs are as `options` describe them, but for the rate, the warm-up and the seed. Their losses are those of the steps, and
/// at both ends that of the first batch; whether one failed says `RunCourse.hasFailed`.
///
/// - Parameters:
///   - options: a net and how it is trained; its rate is the one that is judged
///   - custom: a loss of the caller's, as for `Trainer`
///   - inputs, targets: as in `Trainer.step`; shuffle them before: batches are consecutive rows, over and over
/// - Throws: `invalidArgument`, `shape`, `outOfMemory`; what the trainer throws.
///
/// Complexity: up to (seeds (bisections + 2) + 10) runs. What it finds holds for this net, its gain and this optimizer
/// alone (definitions 2, 12): it goes with the first sharpness, more than with the activation. Since: 0.4.
public func safeRate(
  _ options: TrainerOptions, _ inputs: TensorView, _ targets: TensorView,
  _ wanted: SafeRateOptions = SafeRateOptions(), custom: Objective? = nil
) throws(TrimtabError) -> SafeRate {
  guard wanted.steps >= 1, wanted.steps < 1 << 31, wanted.batch >= 0, wanted.longestWarmUp >= 0 else {
    throw TrimtabError(
      .invalidArgument,
      "options.step_count, batch, longest_warm_up: found %, % and %, allowed 1 to below 2^31, 0 and 0 or more",
      wanted.steps, wanted.batch, wanted.longestWarmUp)
  }
  let batches = try Batches(inputs, targets, wanted.batch)
  func run(_ seed: UInt64, _ peak: Double, _ warmUp: Int) throws(TrimtabError) -> RunCourse {
    var own = options
    own.seed = seed
    own.optimizer.learningRate = peak
    own.schedule.warmUpSteps = warmUp
    own.schedule.steps = max(wanted.steps, warmUp &+ 1)
    return try batches.course(of: Trainer(own, custom: custom), steps: wanted.steps)
  }
  var peaks = PeakRateOptions()
  (peaks.lowest, peaks.highest) = (wanted.lowest, wanted.highest)
  (peaks.bisections, peaks.seeds, peaks.firstSeed) = (wanted.bisections, wanted.seeds, options.seed)
  peaks.warmUp = options.schedule.warmUpSteps
  var found = SafeRate()
  found.rate = options.optimizer.learningRate
  let first = try Trainer(options, custom: custom)
  let (x, y) = try batches.batch(0)
  found.sharpness = try first.sharpness(x, y).eigenvalues.largest
  found.peak = try peakRateSearch(peaks, run: run)
  var range = RateRangeOptions()
  (range.lowest, range.highest) = (wanted.lowest, wanted.highest)
  var index = 0
  found.range = try rateRangeTest(range) { (rate) throws(TrimtabError) in
    try first.setLearningRate(rate)
    let (x, y) = try batches.batch(index)
    index = index &+ 1
    return try first.step(x, y).loss
  }
  if found.rate > 0 {
    found.warmUp = try warmUpNeed(
      peak: found.rate, longest: min(wanted.longestWarmUp, wanted.steps), seed: options.seed, run: run)
  }
  found.judge()
  return found
}

extension SafeRate {
  fileprivate mutating func judge() {
    outcome = peak.outcome
    // Where every seed bore the highest rate, any below it is borne.
    if peak.seedsAbove > 0, peak.seeds == 0, peak.seedsBelow == 0 { outcome = .ok }
    // A loss that stands still at any rate tells nothing.
    let isStill = peak.seeds == 0 && range.outcome == .degenerate || sharpness == 0
    if outcome == .ok, isStill || !sharpness.isFinite { outcome = isStill ? .degenerate : .nonfinite }
    guard outcome == .ok else { return }
    let isAbove = peak.seeds > 0 && rate > peak.least
    verdict = !isAbove ? .healthy : rate > peak.greatest && warmUp.outcome != .ok ? .critical : .warning
    cause = isAbove ? .learningRateTooHigh : .none
  }
}

/// Samples in pieces of consecutive rows.
private struct Batches {
  private let inputs: TensorView
  private let targets: TensorView
  private let size: Int
  private let count: Int

  init(_ inputs: TensorView, _ targets: TensorView, _ size: Int) throws(TrimtabError) {
    guard inputs.rank >= 1, targets.rank >= 1, inputs.shape[0] == targets.shape[0], inputs.shape[0] >= 1 else {
      throw TrimtabError(
        .shape, "inputs, targets: found % and % samples, allowed as many, 1 or more",
        inputs.rank >= 1 ? inputs.shape[0] : 0, targets.rank >= 1 ? targets.shape[0] : 0)
    }
    (self.inputs, self.targets) = (inputs, targets)
    let rows = inputs.shape[0]
    self.size = size == 0 ? rows : min(size, rows)
    count = rows / self.size
  }

  func batch(_ index: Int) throws(TrimtabError) -> (TensorView, TensorView) {
    (try part(inputs, index % count &* size), try part(targets, index % count &* size))
  }

  private func part(_ view: TensorView, _ start: Int) throws(TrimtabError) -> TensorView {
    var shape = view.shape
    shape[0] = size
    return try TensorView(
      base: view.base.map { $0 + start &* view.strides[0] &* view.elementType.byteCount },
      elementType: view.elementType, rank: view.rank, shape: shape, strides: view.strides)
  }

  func course(of trainer: Trainer, steps: Int) throws(TrimtabError) -> RunCourse {
    let (x, y) = try batch(0)
    let first = try trainer.evaluate(x, y).loss
    var course = RunCourse(initial: first, greatest: first, final: first)
    for index in 0..<steps {
      let (x, y) = try batch(index)
      course.final = try trainer.step(x, y).loss
      course.greatest = course.final <= course.greatest ? course.greatest : course.final
      if course.hasLeapt { return course }
    }
    course.final = try trainer.evaluate(x, y).loss
    course.greatest = course.final <= course.greatest ? course.greatest : course.final
    return course
  }
}

extension RunCourse {
  /// Whether nothing that follows can save the run.
  fileprivate var hasLeapt: Bool { !(greatest - initial <= 3 * initial.magnitude + 1) }
}
