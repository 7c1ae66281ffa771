/// What the losses tell of learning: of the training data, and of data that the net does not train on.
struct LearningCourse: BitwiseCopyable {
  /// The first loss of all.
  private(set) var start = Double.nan
  /// The mean loss of the first ten steps, and the root of its variance in a step.
  private(set) var first = 0.0
  private var square = 0.0
  private var last = 0.0
  /// Over about the last fifty steps.
  private(set) var level = 0.0
  private var count = 0
  private(set) var evaluationCount = 0
  private(set) var firstValidation = Double.nan
  private(set) var leastValidation = Double.infinity
  private(set) var lastValidation = Double.nan
  /// The evaluation, counted from 1, at which the training loss was first at 0.7 of a guess or less; 0: none yet.
  private(set) var turning = 0

  /// Nothing says that the run goes on from weights that were learnt: one at least is as layers are made.
  var isFresh = true
  /// Most weights began next to nothing.
  var startsSmall = false

  static let learnt = 0.7

  mutating func add(loss: Double) {
    guard loss.magnitude < 1e150 else { return }
    if count == 0 { start = loss }
    count = count &+ 1
    if count <= 10 {
      first += (loss - first) / Double(count)
      // From one step to the next: what is learnt in between is no noise.
      if count > 1 { square += 0.5 * (loss - last) * (loss - last) }
      last = loss
    }
    level += (loss - level) / Double(min(count, 50))
  }

  mutating func add(validationLoss: Double, guess: Double) {
    guard validationLoss.isFinite else { return }
    evaluationCount = evaluationCount &+ 1
    if evaluationCount == 1 { firstValidation = validationLoss }
    leastValidation = min(leastValidation, validationLoss)
    lastValidation = validationLoss
    if turning == 0, level <= LearningCourse.learnt * guess { turning = evaluationCount }
  }

  /// What the first steps' mean may be off by.
  var noise: Double { count >= 10 ? 2 * (square / 9).squareRoot() / 3.1622776601683795 : .infinity }

  /// The validation loss was never clearly better than a guess, nor than when it was first known.
  ///
  /// - Parameter least: evaluations that it takes; two are enough where it is far worse than a guess.
  func neverHeld(guess: Double, least: Int = 3, _ strictness: Strictness) -> Bool {
    let isClear = evaluationCount >= 2 && leastValidation > strictness.ratio(1.5) * guess
    // One that comes down slowly may hold yet; of two alone it takes less to show that.
    let isFalling = lastValidation < (evaluationCount > 2 ? 0.97 : 0.985) * firstValidation
    return (evaluationCount >= least || isClear) && leastValidation >= strictness.share(0.9) * guess && !isFalling
  }
}

/// Nothing is learnt, or nothing that holds for other data. Source: definitions 11; every net that learns does better than
/// a constant guess before long.
extension Monitor {
  /// In the first steps optimizers find their pace.
  private var isLearningDue: Bool { serial >= 4 &* options.warmUp &- 4 && serial & 15 == 0 }

  /// What a constant guess comes to, in the units of the loss that the host shows; nil where the loss is not known, or an
  /// adversary's, whose targets do not differ.
  var objectiveGuess: Double? {
    let one = setUp.objective
    guard setUp.objectiveCount > 0, one.loss != .unknown, one.scale > 0, one.guessLoss > 1e-12 else { return nil }
    return one.guessLoss * one.scale
  }

  /// The loss of a net that knows nothing: that of a constant guess where it is known, else what the run began with. Ten
  /// steps may have learnt much already, and one batch is noise: the greater of the two, within a factor of two.
  var lossOfKnowingNothing: Double {
    objectiveGuess ?? max(learning.first, min(learning.start, 2 * learning.first))
  }

  /// All of a batch is called real, or all of it made: two players, whose losses need not fall.
  private var isAdversarial: Bool {
    let one = setUp.objective
    return one.loss.isBinary && one.sampleCount > 1 && one.targetDeviation == 0
  }

  /// Whether a validation loss is likely to be of the kind that is trained on: robust losses are seldom evaluated.
  private var isComparable: Bool {
    let loss = setUp.objective.loss
    return loss != .huber && loss != .absoluteError
  }

  @inline(never)
  func judgeLearning(_ sorted: Storage<Int>) {
    if let loss = scalars[.loss] { learning.add(loss: loss) }
    let guess = lossOfKnowingNothing
    if let loss = scalars[.validationLoss] { learning.add(validationLoss: loss, guess: guess) }
    guard isLearningDue, options.preset == .trimtab, guess > 0, guess.isFinite, !isAdversarial else { return }
    judge(.learning, run, trouble(guess) ?? hint(guess))
  }

  /// What speaks against learning; nil where it goes on.
  private func trouble(_ guess: Double) -> Observation? {
    let course = learning
    let idle = strictness.share(0.9)
    let isIdle = course.level > idle * guess && course.level > guess - strictness.floor(course.noise)
    let over = course.level / guess
    func bad(_ verdict: Verdict, _ cause: Cause, _ value: Double, _ threshold: Double) -> Observation {
      Observation(rule: .learning, verdict: verdict, cause: cause, value: value, threshold: threshold)
    }
    if let known = objectiveGuess, !isWarming {
      // Outputs that were far off before any step, and are so still; or that the steps have thrown there.
      let (far, off) = (strictness.ratio(1.5), strictness.ratio(1.15))
      if course.start > strictness.ratio(10) * known, course.level > far * known {
        return isComingDown ? nil : bad(.warning, blamingInput(.largeInitialisation), course.level / known, far)
      }
      if course.level > off * known, isRateHigh {
        return bad(.warning, .learningRateTooHigh, course.level / known, off)
      }
    }
    let isLearnt = course.level <= LearningCourse.learnt * guess
    // A net that is too sure of what it has learnt may come out near a guess, too: what does not hold is far worse.
    let isClear = !isLearnt || course.turning > 2 || course.leastValidation >= strictness.ratio(1.2) * guess
    if !isIdle, isComparable, isClear, course.neverHeld(guess: guess, strictness) {
      // What is learnt by heart takes many passes over the data; what is learnt at once is there to be learnt.
      let found: Cause = isLearnt && course.turning <= 2 ? .targetMismatch : .unrelatedTargets
      let cause = isRateHigh ? .learningRateTooHigh : isLearnt ? found : causeOfIdleness
      // What is left of a loss of an unknown kind at its best may be most of what it began with.
      return bad(
        isLearnt ? .critical : objectiveGuess == nil ? .notice : .warning, cause, course.leastValidation / guess, idle)
    }
    let cause = causeOfIdleness
    // Steps that throw the weights about make a loss fall, too, from where they have thrown it.
    if isIdle, !isWarming, !isFalling || cause == .learningRateTooHigh {
      let least = serial >= 5 &* options.warmUp ? 2 : 3
      let isSure =
        course.evaluationCount == 0 ? objectiveGuess != nil : course.neverHeld(guess: guess, least: least, strictness)
      // A run that goes on from learnt weights, with a loss of an unknown kind, may be at its best.
      let isKnown = objectiveGuess != nil || course.isFresh
      return bad(isKnown && (isSure || cause == .learningRateTooLow) ? .warning : .notice, cause, over, idle)
    }
    guard over > strictness.share(0.4), !isWarming else { return nil }
    if !isComingDown, let move = moveOfHalf(beyond: greatestMove) {
      return bad(.warning, .learningRateTooHigh, move, greatestMove)
    }
    if over > strictness.share(0.5), objectiveGuess != nil || course.isFresh, greatestUpdate() < leastUpdate {
      let cause: Cause = isRateHigh ? .learningRateTooHigh : .learningRateTooLow
      return bad(.warning, cause, greatestUpdate(), leastUpdate)
    }
    return starvation(over)
  }

  /// What is worth a look though the run learns: nil where there is nothing.
  private func hint(_ guess: Double) -> Observation? {
    let course = learning
    func notice(_ cause: Cause, _ value: Double, _ threshold: Double) -> Observation {
      Observation(rule: .learning, verdict: .notice, cause: cause, value: value, threshold: threshold)
    }
    if let move = moveOfHalf(beyond: greatestMove) {
      return notice(.learningRateTooHigh, move, greatestMove)
    }
    guard let known = objectiveGuess else { return nil }
    // One evaluation may be a net that has learnt by heart; a second one tells.
    let far = strictness.ratio(1.5)
    let isFar = course.evaluationCount == 1 && course.lastValidation > far * known
    if isFar, isComparable, course.level <= LearningCourse.learnt * known {
      return notice(.targetMismatch, course.lastValidation / known, far)
    }
    // Outputs of the usual size make the first loss that of a guess, or half as much again.
    let silence = max(known, lossOfZeros)
    let twice = strictness.ratio(2)
    let start = course.start / silence
    return start > twice ? notice(blamingInput(.largeInitialisation), start, twice) : nil
  }

  /// Of a regression: about what outputs of zero come to, where nets start, wherever the targets lie; else 0.
  private var lossOfZeros: Double {
    let one = setUp.objective
    let square = one.targetMean * one.targetMean + one.targetDeviation * one.targetDeviation
    guard one.loss.isRegression, square.isFinite else { return 0 }
    return (one.loss == .squaredError ? square : square.squareRoot()) * one.scale
  }

  /// Little came through to the first layers, which a net that learns well gets over: this one has not.
  private func starvation(_ over: Double) -> Observation? {
    // What a loss of an unknown kind should come to nobody knows.
    guard objectiveGuess != nil, !isComingDown else { return nil }
    let record = run.records.pointer[Int(Rule.vanishingGradient.rawValue)]
    guard let finding = findings.at(record.finding &- 1)?.pointee, finding.verdict == .notice else { return nil }
    // Behind a branch that starts at zero nothing comes through at first, and is not meant to.
    if entries.contains(where: { $0.isZeroAtStart }) { return nil }
    return Observation(
      rule: .learning, verdict: .warning, cause: finding.cause, value: over, threshold: strictness.share(0.4))
  }

  /// A loss that is on its way down gets half as long again.
  private var isComingDown: Bool { isFalling && serial < 6 &* options.warmUp }

  /// The last ten steps are well below the last fifty.
  private var isFalling: Bool { series.progress.current < 0.93 * learning.level }

  /// A weight that changes by less than this of itself in a step hardly learns; most healthy runs are near 1e-3.
  private var leastUpdate: Double { strictness.floor(1e-4) }

  /// A schedule that still rises, or has come down: small steps are meant.
  private var isWarming: Bool {
    guard let rate = scalars[.learningRate], series.greatestRate > 0 else { return false }
    return rate < 0.5 * series.greatestRate || series.isRateRising
  }

  /// The loss has come down to a third of what it was, and more.
  var isThriving: Bool { learning.level < 0.3 * learning.first }

  /// It is well below that of a constant guess; where that is not known, half of what it was, from which nothing threw it.
  var hasLearnt: Bool {
    guard let guess = objectiveGuess else { return learning.level < 0.5 * learning.first && !series.progress.hasSurged }
    return learning.level < 0.8 * guess
  }

  private var causeOfIdleness: Cause {
    // Any step moves such weights by many times themselves. Where they have grown, it is something else.
    if learning.startsSmall, areWeightsTiny { return .smallInitialisation }
    // What such steps have killed does not move any more.
    if isRateHigh || moveOfHalf(beyond: 0.2) != nil { return .learningRateTooHigh }
    let update = greatestUpdate()
    if update < leastUpdate { return .learningRateTooLow }
    return update < .infinity && update > 0.1 ? .learningRateTooHigh : .unrelatedTargets
  }

  /// A step has moved several weights by half of themselves and more: no rate that learns does that.
  var isRateHigh: Bool {
    let moved = moves(beyond: 0.5)
    return moved.count >= 2 || moved.count == 1 && moved.known == 1
  }

  /// A step that moves a weight by so many times itself leaves nothing of its start.
  private var greatestMove: Double { strictness.amount(3) }

  /// Of a step: the least move of half of the weights that is beyond this, of two at least where there are as many; nil
  /// where fewer moved so far.
  private func moveOfHalf(beyond share: Double) -> Double? {
    let moved = moves(beyond: share)
    return moved.count > 0 && moved.count >= min(moved.known, 2) && 2 &* moved.count >= moved.known ? moved.least : nil
  }

  /// Of the weights that have moved, but for those that started at zero: how many a step has moved by more than this of
  /// themselves, and the least of these moves.
  private func moves(beyond share: Double) -> (count: Int, known: Int, least: Double) {
    var (count, known, least) = (0, 0, Double.infinity)
    for watched in entries
    where watched.entry.role == .weight && watched.greatestChange > 0 && !watched.isZeroAtStart {
      known = known &+ 1
      guard watched.greatestChange > share else { continue }
      count = count &+ 1
      least = min(least, watched.greatestChange)
    }
    return (count, known, least)
  }

  /// Of a step: the greatest rms(change) / rms(weight) among the weights; infinite where none is known.
  private func greatestUpdate() -> Double {
    var greatest = -1.0
    for watched in entries where watched.entry.role == .weight && !watched.entry.isFrozen {
      guard let sample = watched.sample, sample.changeRatio.isFinite else { continue }
      greatest = max(greatest, sample.changeRatio / Double(sample.stepCount))
    }
    return greatest < 0 ? .infinity : greatest
  }
}
