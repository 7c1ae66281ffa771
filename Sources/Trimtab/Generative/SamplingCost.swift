/// When a sampler counts as taking too few steps.
public struct SamplingCostOptions: Sendable, Equatable {
  /// q: as good as many steps is what is at most this many times as far off.
  public var factor = 1.5
  /// The distance of two samples of the data from each other: below it differences are noise.
  public var noiseFloor = 0.0
  /// Function evaluations that are in use, one of the curve's; 0: none, no verdict on them.
  public var evaluationsInUse = 0

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard factor >= 1, factor < .infinity else {
      throw TrimtabError(.invalidArgument, "options.factor: found %, allowed 1 or more", factor)
    }
    guard noiseFloor >= 0, noiseFloor < .infinity else {
      throw TrimtabError(.invalidArgument, "options.noise_floor: found %, allowed 0 or more", noiseFloor)
    }
    guard evaluationsInUse >= 0 else {
      throw TrimtabError(.invalidArgument, "options.evaluations_in_use: found %, allowed 0 or more", evaluationsInUse)
    }
  }
}

/// What quality costs a sampler.
public struct SamplingCostReport: Sendable, Equatable {
  /// insufficient: fewer than two points; nonfinite: the distance of the most evaluations is NaN or Inf.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var pointCount = 0
  /// Points with NaN or Inf, left out.
  public var nonfiniteCount = 0
  /// The most that were measured.
  public var greatestEvaluations = 0
  /// Their distance.
  public var manyStepDistance = Double.nan
  /// NFE_q: the least evaluations whose distance is at most `factor` times that, or at most `noiseFloor`.
  public var leastEvaluations = 0
  /// The distance of the evaluations in use; NaN where none were named.
  public var distance = Double.nan
  /// By which power the distance falls: the median of the slopes of -ln distance on ln evaluations between points next to
  /// each other, as far as they are above what NFE_q asks; 1 halves it with each doubling. NaN for none.
  public var order = Double.nan
  public var threshold = Double.nan
  public var measurement = Double.nan

  public init() {}
}

/// The least function evaluations of a sampler that are as good as many.
///
/// Differences below the distance of two samples of the data are noise unless the seeds are paired: tell it as
/// `noiseFloor`. A notice where only the most evaluations suffice: the curve has not come to rest. With `evaluations` in
/// use a warning if they are not enough.
///
/// - Parameters:
///   - evaluations: [n] whole numbers from 1 on, each once, in any order.
///   - distances: [n], 0 or more, of the samples from the data.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(n log n).
/// - Source: definitions 9.4. Since 0.4.
public func samplingCost(
  evaluations: TensorView, distances: TensorView, options: SamplingCostOptions = SamplingCostOptions()
) throws(TrimtabError) -> SamplingCostReport {
  try options.validate()
  let curve = try SamplingCurve(evaluations, distances)
  var report = SamplingCostReport()
  report.pointCount = curve.count
  report.nonfiniteCount = curve.nonfiniteCount
  guard curve.count > 0, !curve.endsNonfinite else {
    report.outcome = curve.nonfiniteCount > 0 ? .nonfinite : .insufficient
    return report
  }
  report.greatestEvaluations = curve.evaluations(0)
  report.manyStepDistance = curve.distance(0)
  guard curve.count > 1 else { return report }
  report.outcome = .ok
  let limit = max(options.factor * report.manyStepDistance, options.noiseFloor)
  report.threshold = limit
  var place = curve.count &- 1
  while place > 0, curve.distance(place) > limit { place = place &- 1 }
  report.leastEvaluations = curve.evaluations(place)
  report.order = try curve.order(above: limit)
  report.measurement = curve.distance(place)
  report.verdict = place == 0 ? .notice : .healthy
  guard options.evaluationsInUse > 0 else { return report }
  guard let own = (0..<curve.count).first(where: { curve.evaluations($0) == options.evaluationsInUse }) else {
    throw TrimtabError(
      .invalidArgument, "options.evaluations_in_use: found %, allowed one of the curve's with a finite distance",
      options.evaluationsInUse)
  }
  report.distance = curve.distance(own)
  report.measurement = report.distance
  if report.distance > limit {
    report.verdict = .warning
    report.cause = .tooFewSteps
  }
  return report
}

/// The finite points of a curve, those of most evaluations first.
private struct SamplingCurve {
  private let steps: Storage<Double>
  private let values: Storage<Double>
  private(set) var count = 0
  private(set) var nonfiniteCount = 0
  /// Whether the point of most evaluations is not finite.
  private(set) var endsNonfinite = false

  init(_ evaluations: TensorView, _ distances: TensorView) throws(TrimtabError) {
    guard evaluations.rank == 1 else {
      throw TrimtabError(.shape, "evaluations: found rank %, allowed 1", evaluations.rank)
    }
    guard distances.rank == 1, distances.count == evaluations.count else {
      throw TrimtabError(
        .shape, "distances: found rank % and % numbers, allowed rank 1 and %", distances.rank, distances.count,
        evaluations.count)
    }
    try requireNumbers(evaluations, "evaluations")
    try requireNumbers(distances, "distances")
    let total = evaluations.count
    steps = try Storage(count: total, for: "curve")
    values = try Storage(count: total, for: "curve")
    let given = try Storage<Double>(count: total, for: "curve")
    let places = try Storage<Int>(count: total, for: "curve")
    evaluations.copy(from: 0, count: total, to: steps.pointer)
    distances.copy(from: 0, count: total, to: given.pointer)
    for index in 0..<total {
      let step = steps.pointer[index]
      guard step >= 1, step <= 0x1p53, step == step.rounded() else {
        throw TrimtabError(.invalidArgument, "evaluations: found %, allowed whole numbers from 1 on", step)
      }
      guard !(given.pointer[index] < 0) else {
        throw TrimtabError(.invalidArgument, "distances: found %, allowed 0 or more", given.pointer[index])
      }
      places.pointer[index] = index
    }
    sortDescending(steps.pointer, total, with: places.pointer)
    for index in 0..<total {
      guard index == 0 || steps.pointer[index] < steps.pointer[index &- 1] else {
        throw TrimtabError(.invalidArgument, "evaluations: found % twice, allowed once", steps.pointer[index])
      }
    }
    for index in 0..<total {
      let value = given.pointer[places.pointer[index]]
      guard value.isFinite else {
        nonfiniteCount = nonfiniteCount &+ 1
        endsNonfinite = endsNonfinite || index == 0
        continue
      }
      steps.pointer[count] = steps.pointer[index]
      values.pointer[count] = value
      count = count &+ 1
    }
  }

  func evaluations(_ place: Int) -> Int { Int(steps.pointer[place]) }
  func distance(_ place: Int) -> Double { values.pointer[place] }

  func order(above limit: Double) throws(TrimtabError) -> Double {
    let slopes = try Storage<Double>(count: count, for: "curve")
    var found = 0
    for place in 1..<count where distance(place) > limit && distance(place &- 1) > limit {
      slopes.pointer[found] =
        logarithm(distance(place) / distance(place &- 1))
        / logarithm(Double(evaluations(place &- 1)) / Double(evaluations(place)))
      found = found &+ 1
    }
    guard found > 0 else { return .nan }
    sortDescending(slopes.pointer, found)
    return 0.5 * (slopes.pointer[found / 2] + slopes.pointer[(found &- 1) / 2])
  }
}
