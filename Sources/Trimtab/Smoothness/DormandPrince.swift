/// The Dormand-Prince pair of orders 5 and 4 with local extrapolation, and its step control: step by step the algorithm
/// of scipy's `RK45`, so that counts of accepted and rejected steps are the same.
///
/// err = |h sum_i E_i k_i / (atol + rtol max(|y|, |y_new|))|_rms; accepted below 1; the next step is the last times
/// 0.9 err^(-1/5) within [0.2, 10], and at most 1 after a rejection. Source: Dormand & Prince 1980; Hairer, Norsett &
/// Wanner, Solving Ordinary Differential Equations I, II.4. Since: 0.4.
public final class DormandPrince {
  let options: SolverOptions
  let field: Field
  let count: Int
  let bound: Double
  let direction: Double
  var report = SolverReport()
  var time: Double
  /// The step to try next, without its sign.
  var step = 0.0
  /// Whether the latest attempt met NaN or Inf.
  private var isNonfinite = false
  private let memory: Storage<Double>
  private let steps = GrowingTable<Double>(for: "steps")
  private var nextStop = 0
  let guards: KinkGuards?

  /// - Parameters:
  ///   - initial: [count] y at `start`
  ///   - guards: what changes its sign at a kink; each step ends at the next one
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(
    _ field: @escaping Field, from start: Double, to end: Double, initial: UnsafePointer<Double>, count: Int,
    options: SolverOptions = SolverOptions(), guards: KinkGuards? = nil
  ) throws(TrimtabError) {
    guard start.isFinite, end.isFinite else {
      throw TrimtabError(.invalidArgument, "start, end: found % and %, allowed finite numbers", start, end)
    }
    guard count >= 1, count <= 1 << 30 else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed 1 to 2^30", count)
    }
    try options.validate(from: start, to: end)
    for place in 0..<count where !initial[place].isFinite {
      throw TrimtabError(.invalidArgument, "initial[%]: found %, allowed a finite number", place, initial[place])
    }
    self.field = field
    self.count = count
    self.options = options
    self.guards = guards
    bound = end
    time = start
    direction = end < start ? -1 : 1
    memory = try Storage(count: 9 &* count, for: "state")
    state.update(from: initial, count: count)
  }

  /// y at the time reached.
  public var state: UnsafeMutablePointer<Double> { memory.pointer }
  var next: UnsafeMutablePointer<Double> { memory.pointer + count }
  /// The derivative of stage `index`, 0 to 6; the last is that at the end of the step.
  func stage(_ index: Int) -> UnsafeMutablePointer<Double> { memory.pointer + (2 &+ index) &* count }

  /// Goes to the end, or as far as it gets.
  ///
  /// - Throws: what the field throws; the state is then that of the last accepted step.
  public func run() throws(TrimtabError) -> SolverReport {
    guard time != bound else {
      report.outcome = .degenerate
      report.verdict = .unknown
      report.time = time
      return report
    }
    try evaluate(time, state, into: stage(0))
    if isFinite(stage(0)) {
      step = options.firstStep > 0 ? options.firstStep : try initialStep()
      try guards?.begin(time, state)
      while direction * (bound - time) > 0, report.end == .finished { try advance() }
    } else {
      report.end = .nonfinite
    }
    summarise()
    return report
  }

  func evaluate(
    _ time: Double, _ y: UnsafePointer<Double>, into derivative: UnsafeMutablePointer<Double>
  ) throws(TrimtabError) {
    report.evaluationCount = report.evaluationCount &+ 1
    try field(time, y, derivative)
  }

  private func isFinite(_ values: UnsafePointer<Double>) -> Bool {
    for place in 0..<count where !values[place].isFinite { return false }
    return true
  }

  var relativeTolerance: Double { max(options.relativeTolerance, 100 * 0x1p-52) }
  private var maximumStep: Double { options.maximumStep > 0 ? options.maximumStep : .infinity }

  /// scipy's `select_initial_step` for an estimate of order 4.
  private func initialStep() throws(TrimtabError) -> Double {
    let interval = (bound - time).magnitude
    let slope = stage(0)
    var (size, speed) = (0.0, 0.0)
    for place in 0..<count {
      let scale = options.absoluteTolerance + state[place].magnitude * relativeTolerance
      size += square(state[place] / scale)
      speed += square(slope[place] / scale)
    }
    size = (size / Double(count)).squareRoot()
    speed = (speed / Double(count)).squareRoot()
    let small = min(size < 1e-5 || speed < 1e-5 ? 1e-6 : 0.01 * size / speed, interval)
    for place in 0..<count { next[place] = state[place] + small * direction * slope[place] }
    try evaluate(time + small * direction, next, into: stage(1))
    var change = 0.0
    for place in 0..<count {
      let scale = options.absoluteTolerance + state[place].magnitude * relativeTolerance
      change += square((stage(1)[place] - slope[place]) / scale)
    }
    change = (change / Double(count)).squareRoot() / small
    let guess =
      speed <= 1e-15 && change <= 1e-15 ? max(1e-6, small * 1e-3) : fifthRoot(0.01 / max(speed, change))
    let chosen = min(100 * small, guess, interval, maximumStep)
    return chosen.isFinite && chosen > 0 ? chosen : min(1e-6, interval)
  }

  /// One accepted step, or the reason why there is none.
  private func advance() throws(TrimtabError) {
    let least = 10 * ((direction > 0 ? time.nextUp : time.nextDown) - time).magnitude
    step = min(max(step, least), maximumStep)
    var wanted = step
    var isRejected = false
    var search = KinkSearch()
    while true {
      guard step >= least || search.count > 0 else {
        report.end = isNonfinite ? .nonfinite : .stepUnderflow
        return
      }
      guard report.evaluationCount <= options.maximumEvaluations &- 6 else {
        report.end = .evaluationLimit
        return
      }
      let limit = nextStop < options.stops.count ? options.stops[nextStop] : bound
      let target = direction * (time + step * direction - limit) > 0 ? limit : time + step * direction
      let h = target - time
      step = h.magnitude
      let error = try attempt(h)
      // A kink that the tolerance does not see is stepped over.
      if let guards, !isNonfinite, error >= 1 || search.count > 0,
        try guards.shortens(&step, h, least, &search, isWithin: error < 1, of: self)
      {
        report.searchCount = report.searchCount &+ 1
        continue
      }
      guard error < 1 else {
        step *= max(0.2, error.isFinite ? 0.9 / fifthRoot(error) : 0)
        wanted = step
        search = KinkSearch()
        isRejected = true
        report.rejectedCount = report.rejectedCount &+ 1
        continue
      }
      var factor = error == 0 ? 10 : min(10, 0.9 / fifthRoot(error))
      if isRejected { factor = min(1, factor) }
      accept(target, h)
      try guards?.pass(search.sought, of: self)
      // What a stop or a kink cut short says little of the step that comes after.
      let isStop = target == limit && limit != bound
      if isStop { nextStop = nextStop &+ 1 }
      step = isStop || search.count > 0 ? max(step * factor, wanted) : step * factor
      return
    }
  }

  private func accept(_ target: Double, _ h: Double) {
    time = target
    state.update(from: next, count: count)
    stage(0).update(from: stage(6), count: count)
    report.acceptedCount = report.acceptedCount &+ 1
    // Steps whose memory cannot be had are missing from the median alone.
    try? steps.append(h.magnitude)
  }

  /// The stages of a step of length h, y at its end, and the norm of the error in units of what is allowed.
  private func attempt(_ h: Double) throws(TrimtabError) -> Double {
    for index in 1...5 {
      combine(index, h)
      try evaluate(time + nodes[index] * h, next, into: stage(index))
    }
    combine(6, h)
    try evaluate(time + h, next, into: stage(6))
    var sum = 0.0
    for place in 0..<count {
      var error = 0.0
      for index in 0..<7 where index != 1 { error += errorWeights[index] * stage(index)[place] }
      let scale =
        options.absoluteTolerance + max(state[place].magnitude, next[place].magnitude) * relativeTolerance
      sum += square(error * h / scale)
    }
    let norm = (sum / Double(count)).squareRoot()
    isNonfinite = !norm.isFinite
    return norm
  }

  private func combine(_ index: Int, _ h: Double) {
    let row = index &* (index &- 1) / 2
    for place in 0..<count {
      var sum = 0.0
      for earlier in 0..<index { sum += weights[row &+ earlier] * stage(earlier)[place] }
      next[place] = state[place] + h * sum
    }
  }

  private func summarise() {
    report.time = time
    let total = steps.count > 1 ? steps.count &- 1 : steps.count
    if let first = steps.at(0), total > 0 {
      sortDescending(first, total)
      report.minimumStep = first[total &- 1]
      report.medianStep = 0.5 * (first[(total &- 1) / 2] + first[total / 2])
    }
    report.judge(options)
  }
}

private func square(_ x: Double) -> Double { x * x }

/// x^(1/5) for x > 0, to the last place or the one before it.
func fifthRoot(_ x: Double) -> Double {
  guard x > 0, x < .infinity else { return x }
  let root = exponential(0.2 * logarithm(x))
  let fourth = root * root * root * root
  return fourth > 0x1p-900 ? root - (root - x / fourth) / 5 : root
}

private let nodes: [Double] = [0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1]
private let errorWeights: [Double] = [
  -71.0 / 57600, 0, 71.0 / 16695, -71.0 / 1920, 17253.0 / 339200, -22.0 / 525, 1.0 / 40,
]
/// Row by row below the diagonal; the last is that of the solution.
private let weights: [Double] = [
  1.0 / 5, 3.0 / 40, 9.0 / 40, 44.0 / 45, -56.0 / 15, 32.0 / 9, 19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561,
  -212.0 / 729, 9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656, 35.0 / 384, 0, 500.0 / 1113,
  125.0 / 192, -2187.0 / 6784, 11.0 / 84,
]
