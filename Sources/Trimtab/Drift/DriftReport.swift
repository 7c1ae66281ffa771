/// What changed between a round and the one before it (and, for oscillation, the one before that).
public struct DriftReport: Sendable, Equatable {
  /// insufficient: no sample in both rounds; nonfinite: samples in both, none usable; degenerate: one class, or none but one was
  /// ever seen in labels alone.
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  /// Of the later round.
  public var round = 0
  /// Seen so far.
  public var roundCount = 0
  /// Usable in both rounds: what everything below is over.
  public var sampleCount = 0
  /// Samples in both rounds that were left out: NaN, Inf, negative or all-zero probabilities, labels out of range.
  public var nonfiniteCount = 0
  /// Samples in one of the two rounds only.
  public var unmatchedCount = 0
  public var classCount = 0
  /// Samples in all three rounds; 0 without a third.
  public var oscillationSampleCount = 0
  /// Samples that pass the gate in both rounds; 0 for labels.
  public var confidentSampleCount = 0
  /// mean 1[y_t != y_{t-1}]
  public var flipRate = 0.0
  public var confidentFlipRate = 0.0
  /// mean 1[y_t = y_{t-2} != y_{t-1}]
  public var oscillationRate = 0.0
  /// Oscillations over flips of the same samples. Period two gives 1.
  public var oscillationShare = 0.0
  /// What independent uniform labels give: 1 / classCount.
  public var oscillationNull = 0.0
  public var totalVariation = 0.0
  /// Nats, at most ln 2.
  public var jensenShannon = 0.0
  public var kullbackLeibler = 0.0
  /// Share of the later round's samples that pass the gate; 0 for labels.
  public var gateCoverage = 0.0
  /// Total variation of the later round's class shares from the prior (uniform if there is none).
  public var classPriorDistance = 0.0
  /// Total variation of the class shares between the two rounds.
  public var classShift = 0.0
  public var leastClassShare = 0.0
  public var greatestClassShare = 0.0
  /// Over all rounds seen, weighted by samples.
  public var meanFlipRate = 0.0
  public var threshold = 0.0
  public var measurement = 0.0
  public var hasProbabilities = false
}

extension DriftReport {
  /// - Parameters:
  ///   - first: the first round that could be compared; what came before it are the first shares of the classes.
  ///   - earlierSeen: samples of the round before.
  ///   - flips, compared: over all rounds seen.
  ///   - hasSeveralClasses: whether it is known that there are more than one.
  init(
    _ round: DriftRound, since first: DriftRound, earlierSeen: Int, classCount: Int, hasProbabilities: Bool,
    options: DriftOptions,
    roundCount: Int, flips: Int, compared: Int, hasSeveralClasses: Bool
  ) {
    self.round = round.number
    self.roundCount = roundCount
    self.classCount = classCount
    self.hasProbabilities = hasProbabilities
    sampleCount = round.compared
    nonfiniteCount = round.matched &- round.compared
    unmatchedCount = max(earlierSeen &+ round.seen &- 2 &* round.matched, 0)
    oscillationSampleCount = round.threeCompared
    confidentSampleCount = round.confident
    flipRate = DriftReport.share(round.flips, round.compared)
    confidentFlipRate = DriftReport.share(round.confidentFlips, round.confident)
    oscillationRate = DriftReport.share(round.oscillations, round.threeCompared)
    oscillationShare = DriftReport.share(round.oscillations, round.threeFlips)
    oscillationNull = classCount > 0 ? 1 / Double(classCount) : 0
    meanFlipRate = compared > 0 ? DriftReport.share(flips, compared) : .nan
    gateCoverage = DriftReport.share(round.gatePasses, round.compared)
    var course = ClassCourse()
    if round.compared == 0 {
      leaveUnmeasured()
    } else {
      totalVariation = round.totalVariation / Double(round.compared)
      jensenShannon = round.jensenShannon / Double(round.compared)
      kullbackLeibler = round.kullbackLeibler / Double(round.compared)
      measureClasses(round, options)
      course = ClassCourse(round, since: first, classCount: classCount)
    }
    threshold = options.warningFlipRate
    measurement = flipRate
    judge(options, course, matched: round.matched, hasSeveralClasses)
  }

  /// What is over samples says nothing without one.
  private mutating func leaveUnmeasured() {
    (flipRate, confidentFlipRate, oscillationRate, oscillationShare) = (.nan, .nan, .nan, .nan)
    (totalVariation, jensenShannon, kullbackLeibler, gateCoverage) = (.nan, .nan, .nan, .nan)
    (classPriorDistance, classShift, leastClassShare, greatestClassShare) = (.nan, .nan, .nan, .nan)
  }

  private static func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

  private mutating func measureClasses(_ round: DriftRound, _ options: DriftOptions) {
    let samples = Double(round.compared)
    let prior = options.classPrior ?? []
    var priorSum = 0.0
    for share in prior { priorSum += share }
    leastClassShare = 1
    for label in 0..<classCount {
      let share = Double(round.laterCount(label)) / samples
      let expected = label < prior.count && priorSum > 0 ? prior[label] / priorSum : oscillationNull
      classPriorDistance += (share - expected).magnitude / 2
      classShift += (share - Double(round.earlierCount(label)) / samples).magnitude / 2
      leastClassShare = min(leastClassShare, share)
      greatestClassShare = max(greatestClassShare, share)
    }
  }

  /// The gravest finding decides: a critical flip rate, then a collapse, oscillation, the class shares, a warning flip
  /// rate, an empty gate, shares that always were as a collapse leaves them.
  private mutating func judge(
    _ options: DriftOptions, _ course: ClassCourse, matched: Int, _ hasSeveralClasses: Bool
  ) {
    guard sampleCount > 0 else {
      outcome = matched > 0 ? .nonfinite : .insufficient
      return
    }
    guard classCount > 1, hasSeveralClasses else {
      outcome = .degenerate
      return
    }
    let oscillationThreshold = max(options.oscillationShare, oscillationNull)
    let isOscillating = flipRate > options.oscillationFlipRate && oscillationShare > oscillationThreshold
    let classDistance = options.classPrior == nil ? classShift : max(classShift, classPriorDistance)
    let isCritical = flipRate > options.criticalFlipRate
    let isCollapsed = isCollapsed(options)
    let isLasting = course.isLasting(above: options.collapseShare)
    if isCritical && isOscillating {
      decide(.critical, .targetOscillation, flipRate, options.criticalFlipRate)
    } else if isCollapsed && !isLasting {
      decide(isCritical ? .critical : .warning, .classCollapse, greatestClassShare, options.collapseShare)
    } else if isCritical {
      decide(.critical, .unstableTargets, flipRate, options.criticalFlipRate)
    } else if isOscillating {
      decide(.warning, .targetOscillation, oscillationShare, oscillationThreshold)
    } else if classDistance > options.classDistance {
      decide(.warning, .classCollapse, classDistance, options.classDistance)
    } else if options.classPrior == nil && course.isConcentrating(beyond: options.classDistance) {
      decide(.warning, .classCollapse, course.distance, 2 * options.classDistance)
    } else if flipRate > options.warningFlipRate {
      decide(.warning, .unstableTargets, flipRate, options.warningFlipRate)
    } else if hasProbabilities && gateCoverage == 0 && options.confidenceGate > 0 {
      decide(.warning, .emptyGate, gateCoverage, 0)
    } else if isCollapsed {
      decide(.notice, .classCollapse, greatestClassShare, options.collapseShare)
    } else {
      verdict = .healthy
    }
  }

  /// Nearly all in one class, of so many samples that uniform labels would hardly do it. A prior says more.
  private func isCollapsed(_ options: DriftOptions) -> Bool {
    guard options.classPrior == nil, options.collapseShare < 1, greatestClassShare >= options.collapseShare else {
      return false
    }
    return Double(sampleCount &- 1) * logarithm(Double(classCount)) >= -logarithm(1 - options.collapseShare)
  }

  private mutating func decide(_ verdict: Verdict, _ cause: Cause, _ measurement: Double, _ threshold: Double) {
    self.verdict = verdict
    self.cause = cause
    self.measurement = measurement
    self.threshold = threshold
  }
}

/// Compares two rounds of predictions on the same samples in the same order.
///
/// - Parameters:
///   - before, after: both [n] integers (labels) or both [n, C] floating point (probabilities; rows are normalised).
///     Ties in the argmax go to the lowest index.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`.
/// - Complexity: O(n C). Source: FixMatch (Sohn et al. 2020) for the gate. Since 0.1.
@inline(never)
public func pseudoLabelDrift(
  before: TensorView, after: TensorView, options: DriftOptions = DriftOptions()
) throws(TrimtabError) -> DriftReport {
  try options.validate()
  let first = try Predictions(before, options: options, name: "before")
  let second = try Predictions(after, options: options, name: "after")
  guard first.kind == second.kind else {
    throw TrimtabError(
      .shape, "after: found another kind of predictions than before, allowed both labels or both probabilities")
  }
  guard first.count == second.count else {
    throw TrimtabError(.shape, "after: found % samples, allowed % as in before", second.count, first.count)
  }
  guard first.kind == .labels || first.classCount == second.classCount else {
    throw TrimtabError(.shape, "after: found % classes, allowed % as in before", second.classCount, first.classCount)
  }
  let classes = max(first.classCount, second.classCount)
  let round = try DriftRound(number: 1, classCount: classes)
  round.seen = first.count
  if first.kind == .labels {
    for index in 0..<first.count {
      _ = round.count(Prediction(label: first.label(index)), Prediction(label: second.label(index)))
    }
  } else {
    let rows = try Storage<Double>(count: 2 &* classes, for: "before")
    let (earlierRow, laterRow) = (rows.pointer, rows.pointer + classes)
    for index in 0..<first.count {
      let earlier = first.probabilities(index, into: earlierRow)
      let later = second.probabilities(index, into: laterRow)
      let isCounted = round.count(
        Prediction(label: earlier.label, isConfident: first.passes(options.confidenceGate, earlier.greatest)),
        Prediction(label: later.label, isConfident: second.passes(options.confidenceGate, later.greatest)))
      if isCounted { round.addDistances(from: earlierRow, to: laterRow, classes: classes) }
    }
  }
  return DriftReport(
    round, since: round, earlierSeen: first.count, classCount: classes, hasProbabilities: first.kind == .probabilities,
    options: options, roundCount: 2, flips: round.flips, compared: round.compared,
    hasSeveralClasses: first.kind == .probabilities || options.statedClassCount > 1 || round.classesSeen > 1)
}
