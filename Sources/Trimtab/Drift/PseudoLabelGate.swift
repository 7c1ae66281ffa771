/// Which pseudo-labels are trained on.
public enum GateMethod: Int32, BitwiseCopyable, Sendable {
  /// p >= threshold, of every class alike (Sohn et al. 2020).
  case fixMatch = 0
  /// A threshold for each class that grows with how much of it was learned (Zhang et al. 2021).
  case flexMatch = 1
  /// Thresholds from moving averages of confidence and class shares (Wang et al. 2023).
  case freeMatch = 2
}

/// The parameters of `PseudoLabelGate`.
public struct GateOptions: Sendable {
  public var method = GateMethod.fixMatch
  /// 2 or more.
  public var classCount = 0
  /// FlexMatch's: unlabelled samples in all.
  public var sampleCount = 0
  /// FixMatch's and FlexMatch's, 0 to 1.
  public var threshold = 0.95
  /// FreeMatch's: what stays of its averages a round, 0 to below 1.
  public var decay = 0.999
  /// FreeMatch's: its averages start at 1, as the published code has it; else at 1 / classes, as the paper has it.
  public var startsAtOne = false

  public init() {}

  func check() throws(TrimtabError) {
    guard classCount >= 2, classCount <= DriftOptions.greatestClassCount else {
      throw TrimtabError(
        .invalidArgument, "options.class_count: found %, allowed 2 to %", classCount, DriftOptions.greatestClassCount)
    }
    guard method != .flexMatch || (sampleCount >= 1 && sampleCount <= SampleTable.greatestCount) else {
      throw TrimtabError(
        .invalidArgument, "options.sample_count: found %, allowed 1 to % for FlexMatch", sampleCount,
        SampleTable.greatestCount)
    }
    guard threshold >= 0, threshold <= 1 else {
      throw TrimtabError(.invalidArgument, "options.threshold: found %, allowed 0 to 1", threshold)
    }
    guard decay >= 0, decay < 1 else {
      throw TrimtabError(.invalidArgument, "options.decay: found %, allowed 0 to below 1", decay)
    }
  }
}

/// What a gate let through.
public struct GateReport: Sendable {
  /// `insufficient` without a sample, `nonfinite` without a usable one.
  public var outcome = Outcome.insufficient
  /// `warning` where none passes: nothing is then learned from unlabelled data.
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var sampleCount = 0
  public var passedCount = 0
  /// Rows with NaN, Inf, a negative number or only zeros: they never pass.
  public var nonfiniteCount = 0
  /// passed / usable; NaN without a usable sample.
  public var coverage = Double.nan
  /// Of the classes.
  public var leastThreshold = Double.nan
  public var greatestThreshold = Double.nan
}

/// A confidence gate over pseudo-labels that remembers what it has seen.
///
/// Sample i of class y = argmax p_i passes where max p_i is at least the threshold of y:
///
/// | method | threshold of class c | state |
/// |---|---|---|
/// | fixMatch | t | none |
/// | flexMatch | t M(b_c), M(x) = x / (2 - x), b_c = n_c / max(max n, n_unused) | the last label of each sample that reached t; n_c counts them, n_unused those that never did |
/// | freeMatch | T p_c / max p | T, p: moving averages of the batches' mean greatest probability and mean probabilities |
///
/// FlexMatch applies its thresholds before it takes up a batch, FreeMatch after, as the published code of each. FlexMatch
/// lets all through at first: b is 0 there.
///
/// A gate makes drift smaller, not accuracy greater: what it shuts out early stays wrong (definitions 8, 12).
/// Sources: Sohn et al. 2020; Zhang et al. 2021 (warm-up, convex map); Wang et al. 2023. Since: 0.4.
public final class PseudoLabelGate {
  public let options: GateOptions
  /// FlexMatch: the label of each sample, -1 for none, and how many have each.
  let chosen: Storage<Int32>
  let counts: Storage<Int>
  var unused: Int
  /// FreeMatch.
  let shares: Storage<Double>
  var confidence: Double

  /// - Throws: `invalidArgument`, naming the option; `outOfMemory`.
  public init(options: GateOptions) throws(TrimtabError) {
    try options.check()
    self.options = options
    let isFlexible = options.method == .flexMatch
    chosen = try Storage(count: isFlexible ? options.sampleCount : 0, for: "gate")
    counts = try Storage(count: options.classCount, for: "gate")
    shares = try Storage(count: options.classCount, for: "gate")
    for sample in 0..<chosen.count { chosen.pointer[sample] = -1 }
    unused = chosen.count
    confidence = options.startsAtOne ? 1 : 1 / Double(options.classCount)
    for label in 0..<options.classCount { shares.pointer[label] = confidence }
  }

  /// The threshold that a label has to reach now.
  public func threshold(of label: Int) -> Double {
    guard label >= 0, label < options.classCount else { return .nan }
    switch options.method {
    case .fixMatch: return options.threshold
    case .flexMatch:
      let learned = Double(counts.pointer[label]) / Double(max(greatestCount, unused, 1))
      return options.threshold * learned / (2 - learned)
    case .freeMatch:
      let most = greatestShare
      return most > 0 ? confidence * shares.pointer[label] / most : confidence
    }
  }

  private var greatestCount: Int {
    var most = 0
    for label in 0..<counts.count { most = max(most, counts.pointer[label]) }
    return most
  }

  private var greatestShare: Double {
    var most = 0.0
    for label in 0..<shares.count { most = max(most, shares.pointer[label]) }
    return most
  }

  /// Judges a batch of predictions and takes it up.
  ///
  /// - Parameters:
  ///   - probabilities: [n, classes]; rows are normalised, and may be one-hot integers or bool
  ///   - ids: FlexMatch's: [n] integers, 0 to below `sampleCount`; nil: the row's index
  ///   - passes: n bytes, 1 for what is to be trained on, or nil
  ///   - thresholds: `classCount` numbers that this batch was held against, or nil
  /// - Throws: `shape`, `dtype`, `invalidArgument` (logits, an id outside), `outOfMemory`; nothing has changed then.
  /// - Complexity: O(n classes).
  public func apply(
    _ probabilities: TensorView, ids: TensorView? = nil, passes: UnsafeMutablePointer<UInt8>? = nil,
    thresholds: UnsafeMutablePointer<Double>? = nil
  ) throws(TrimtabError) -> GateReport {
    let batch = try predictions(probabilities)
    try check(ids, batch.count)
    let row = try Storage<Double>(count: options.classCount, for: "gate")
    let held = try Storage<Double>(count: options.classCount, for: "gate")
    if options.method == .freeMatch { try follow(batch, row) }
    var report = GateReport()
    report.sampleCount = batch.count
    for label in 0..<options.classCount {
      held.pointer[label] = threshold(of: label)
      if let thresholds { thresholds[label] = held.pointer[label] }
      report.leastThreshold = report.leastThreshold <= held.pointer[label] ? report.leastThreshold : held.pointer[label]
      report.greatestThreshold =
        report.greatestThreshold >= held.pointer[label] ? report.greatestThreshold : held.pointer[label]
    }
    for index in 0..<batch.count {
      let (label, greatest) = batch.probabilities(index, into: row.pointer)
      let isPassing = label >= 0 && batch.passes(held.pointer[label], greatest)
      if let passes { passes[index] = isPassing ? 1 : 0 }
      if isPassing { report.passedCount = report.passedCount &+ 1 }
      if label < 0 { report.nonfiniteCount = report.nonfiniteCount &+ 1 }
      if options.method == .flexMatch, label >= 0, batch.passes(options.threshold, greatest) {
        choose(label, for: ids?.integer(at: index) ?? index)
      }
    }
    judge(&report)
    return report
  }

  private func predictions(_ probabilities: TensorView) throws(TrimtabError) -> Predictions {
    guard probabilities.rank == 2 else {
      throw TrimtabError(
        .shape, "probabilities: found % of rank %, allowed [n, classes]", probabilities.elementType.name,
        probabilities.rank)
    }
    guard probabilities.shape[1] == options.classCount else {
      throw TrimtabError(
        .shape, "probabilities: found % classes, allowed % as the gate", probabilities.shape[1], options.classCount)
    }
    return try Predictions(rows: probabilities, name: "probabilities")
  }

  private func check(_ ids: TensorView?, _ count: Int) throws(TrimtabError) {
    guard options.method == .flexMatch else { return }
    guard let ids else {
      guard count <= options.sampleCount else {
        throw TrimtabError(
          .shape, "probabilities: found % samples without ids, allowed at most sample_count, %", count,
          options.sampleCount)
      }
      return
    }
    guard ids.rank == 1, !ids.elementType.isFloatingPoint, ids.shape[0] == count else {
      throw TrimtabError(
        .shape, "ids: found % of rank % and % elements, allowed [%] integers", ids.elementType.name, ids.rank,
        ids.count, count)
    }
    for index in 0..<count {
      let id = ids.integer(at: index)
      guard id >= 0, id < options.sampleCount else {
        throw TrimtabError(
          .invalidArgument, "ids: found % at index %, allowed 0 to below %", id, index, options.sampleCount)
      }
    }
  }

  private func choose(_ label: Int, for sample: Int) {
    guard sample >= 0, sample < chosen.count else { return }
    let before = Int(chosen.pointer[sample])
    if before < 0 { unused = unused &- 1 } else { counts.pointer[before] &-= 1 }
    chosen.pointer[sample] = Int32(truncatingIfNeeded: label)
    counts.pointer[label] &+= 1
  }

  /// Moves FreeMatch's averages; a batch without a usable row leaves them.
  private func follow(_ batch: Predictions, _ row: Storage<Double>) throws(TrimtabError) {
    let sums = try Storage<Double>(count: options.classCount, for: "gate")
    var (count, certainty) = (0, 0.0)
    for index in 0..<batch.count {
      let (label, greatest) = batch.probabilities(index, into: row.pointer)
      guard label >= 0 else { continue }
      count = count &+ 1
      certainty += greatest
      for c in 0..<options.classCount { sums.pointer[c] += row.pointer[c] }
    }
    guard count > 0 else { return }
    let gain = 1 - options.decay
    confidence += gain * (certainty / Double(count) - confidence)
    for c in 0..<options.classCount {
      shares.pointer[c] += gain * (sums.pointer[c] / Double(count) - shares.pointer[c])
    }
  }

  private func judge(_ report: inout GateReport) {
    let usable = report.sampleCount &- report.nonfiniteCount
    guard usable > 0 else {
      report.outcome = report.sampleCount > 0 ? .nonfinite : .insufficient
      return
    }
    report.outcome = .ok
    report.coverage = Double(report.passedCount) / Double(usable)
    report.verdict = report.passedCount > 0 ? .healthy : .warning
    report.cause = report.passedCount > 0 ? .none : .emptyGate
  }
}
