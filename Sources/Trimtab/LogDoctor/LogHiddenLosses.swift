/// Losses that a trainer wrote in place of NaN or Inf.
///
/// Hugging Face's Trainer (`logging_nan_inf_filter`, on by default) adds `sum / (1 + steps since the last log)` for a
/// step that is not finite. Where the first steps of a logging interval are not finite that sum is 0, so an interval of
/// nothing but NaN is logged as exactly 0, and one in which NaN begins as less than the mean of its finite steps. Others
/// write the mean of all losses so far, of the last 10 or 100, an exponential average, or the last loss again: such
/// values agree with that number to the last digit, which chance does now and then, and is counted as well.
///
/// A loss that comes to rest says nothing: it is evidence only where the losses just before went up and down by far more
/// than the digits (or the type) that they are written in, and a zero only where no loss was near it.
struct LogHiddenLosses {
  private static let window = 100
  /// Rows before that say how the loss went.
  private static let reach = 32
  static let memoryCount = window

  /// One thing that a trainer might write.
  struct Match: BitwiseCopyable {
    var count = 0
    var firstStep = 0
    var lastStep = 0
    var run = 0
    var longestRun = 0
    /// Where the run began, and the longest.
    var runStep = 0
    var longestRunStep = 0
    /// In how many of these rows the gradient norm was NaN, Inf or 0, and in how many it was a number.
    var badGradients = 0
    var goodGradients = 0
    /// Matches that chance alone gives.
    var expected = 0.0
    var baseline = 0.0

    mutating func add(_ step: Int, gradient: Double?) {
      if count == 0 { firstStep = step }
      count = count &+ 1
      run = run &+ 1
      if run == 1 { runStep = step }
      if run > longestRun { (longestRun, longestRunStep) = (run, runStep) }
      lastStep = step
      if let gradient {
        if gradient.isFinite && gradient != 0 {
          goodGradients = goodGradients &+ 1
        } else {
          badGradients = badGradients &+ 1
        }
      }
    }
  }

  private let ring: UnsafeMutablePointer<Double>
  private var count = 0
  private var sum = 0.0
  private var sums = (0.0, 0.0)
  private var averages = SIMD4<Double>(repeating: 0)
  /// Decimal digits after the point that the log writes.
  private var digits = 0
  private(set) var unit = 1.0
  private var spread = 0.0
  private var last = 0.0
  /// Usual size of the last values that are not zero, and the least of them.
  private var usual = 0.0
  private var least = 0.0
  private(set) var zeros = Match()
  /// The mean of all, of 10, of 100, or an exponential average.
  private var means = (Match(), Match(), Match(), Match(), Match(), Match(), Match())
  private(set) var repeats = Match()
  private var repeatStart = 0
  private var repeatRun = 0
  private var repeatBad = 0
  private var repeatIsAbrupt = false
  private var equalCount = 0
  /// The last row that agreed with a mean.
  private var meanRow = -LogHiddenLosses.window
  private(set) var isConstant = true
  /// The last value is a zero that no loss was on its way to.
  private var isInZeros = false
  private var lastStep = 0

  init(_ memory: UnsafeMutablePointer<Double>) { ring = memory }

  /// Takes a finite loss. Returns whether it is a zero that stands for a loss which is not finite.
  mutating func add(_ value: Double, at step: Int, gradient: Double?) -> Bool {
    learnDigits(value)
    if value == 0 {
      isInZeros = isSubstitute(gradient)
      if isInZeros { takeZero(step, gradient) }
      return isInZeros
    }
    isInZeros = false
    zeros.run = 0
    if count > 0, value != last { isConstant = false }
    if count >= 12 {
      lookForRepeat(value, step, gradient)
      lookForMeans(value, step, gradient)
    }
    take(value)
    lastStep = step
    return false
  }

  /// Whether a zero stands where no loss was on its way to it: far above what is written as 0, and far above what the
  /// loss moves by.
  private func isSubstitute(_ gradient: Double?) -> Bool {
    if let gradient, !gradient.isFinite, isInZeros || count == 0 { return true }
    guard count >= 12 else { return false }
    if isInZeros { return true }
    guard least > 0.2 * usual, least > 20 * unit, usual > 6 * spread else { return false }
    // The last one may be the mean of an interval that is not finite in part.
    var greatest = 0.0
    for age in 1...8 { greatest = max(greatest, (value(age: age) - value(age: age &+ 1)).magnitude) }
    return value(age: 1) > 4 * greatest
  }

  private mutating func takeZero(_ step: Int, _ gradient: Double?) {
    if zeros.count == 0 {
      zeros.baseline = count > 1 ? value(age: 1) : usual
      // An interval that was finite in part.
      if count > 1, value(age: 1) - last > 6 * spread { zeros.add(lastStep, gradient: gradient) }
    }
    zeros.add(step, gradient: gradient)
  }

  /// The value with that age, 0 the last one.
  private func value(age: Int) -> Double { ring[(count &- 1 &- min(age, count &- 1)) % LogHiddenLosses.window] }

  /// Whether the losses up to that age went up and down by far more than a digit of the log, or of a float32.
  private func isNoisy(from age: Int) -> Bool {
    var (sum, turns, pairs, before) = (0.0, 0, 0, 0.0)
    for place in age..<min(age &+ LogHiddenLosses.reach, count &- 1) {
      let difference = value(age: place) - value(age: place &+ 1)
      sum += difference.magnitude
      if difference * before < 0 { turns = turns &+ 1 }
      before = difference
      pairs = pairs &+ 1
    }
    return sum > 8 * max(unit, 1.2e-7 * last.magnitude) * Double(pairs) && 5 &* turns >= pairs
  }

  /// Whether the last loss lies among those before it, or a little outside.
  private var lastIsUsual: Bool {
    var (lowest, highest) = (Double.infinity, -Double.infinity)
    for age in 1..<max(min(LogHiddenLosses.reach, count), 2) {
      lowest = min(lowest, value(age: age))
      highest = max(highest, value(age: age))
    }
    let range = highest - lowest
    return last >= lowest - range && last <= highest + range
  }

  private mutating func lookForRepeat(_ value: Double, _ step: Int, _ gradient: Double?) {
    guard value == last else {
      (repeatRun, repeatBad) = (0, 0)
      return
    }
    equalCount = equalCount &+ 1
    if repeatRun == 0 {
      repeatStart = step
      // What stands for a loss is the last one, or a mean of those before.
      repeatIsAbrupt = isNoisy(from: 0) && (meanRow == count &- 1 || lastIsUsual)
    }
    repeatRun = repeatRun &+ 1
    if let gradient, !gradient.isFinite || gradient == 0 { repeatBad = repeatBad &+ 1 }
    guard repeatIsAbrupt, repeatRun > repeats.longestRun else { return }
    let earlier = Double(equalCount &- repeatRun &+ 1) / Double(count &- repeatRun &+ 2)
    let chance = max(earlier, min(0.6 * unit / max(spread, 1e-300), 1))
    // So long a run by chance, anywhere in the log.
    let surprise = -logarithm(max(chance, 1e-12)) * Double(repeatRun) - logarithm(Double(count))
    (repeats.longestRun, repeats.firstStep, repeats.lastStep) = (repeatRun, repeatStart, step)
    repeats.badGradients = repeatBad
    repeats.goodGradients = gradient == nil ? 0 : repeatRun &- repeatBad
    repeats.baseline = value
    if surprise > 14, repeatRun >= 3, spread > 4 * unit { repeats.count = repeatRun }
  }

  private mutating func lookForMeans(_ value: Double, _ step: Int, _ gradient: Double?) {
    // A value repeated is told of above.
    guard value != last, unit < 0.05 * spread else { return }
    let tolerance = max(0.5000001 * unit, 3e-15 * value.magnitude)
    let chance = min(0.8 * tolerance / max(spread, 1e-300), 1)
    var agrees = compare(&means.0, sum / Double(count), value, step, gradient, tolerance, chance)
    agrees = compare(&means.1, sums.0 / Double(min(count, 10)), value, step, gradient, tolerance, chance) || agrees
    if count >= 20 {
      agrees = compare(&means.2, sums.1 / Double(min(count, 100)), value, step, gradient, tolerance, chance) || agrees
      agrees = compare(&means.3, averages[0], value, step, gradient, tolerance, chance) || agrees
      agrees = compare(&means.4, averages[1], value, step, gradient, tolerance, chance) || agrees
      agrees = compare(&means.5, averages[2], value, step, gradient, tolerance, chance) || agrees
      agrees = compare(&means.6, averages[3], value, step, gradient, tolerance, chance) || agrees
    }
    if agrees { meanRow = count }
  }

  private func compare(
    _ match: inout Match, _ mean: Double, _ value: Double, _ step: Int, _ gradient: Double?, _ tolerance: Double,
    _ chance: Double
  ) -> Bool {
    // A mean of old values lies where new ones do not.
    let distance = (mean - usual) / max(1.3 * spread, 1e-300)
    match.expected += 1.3 * chance * max(exponential(-0.5 * min(distance * distance, 1400)), 0.003)
    guard (value - mean).magnitude <= tolerance, count &- meanRow <= 16 || isNoisy(from: 0) else {
      match.run = 0
      return false
    }
    if match.count == 0 { match.baseline = mean }
    match.add(step, gradient: gradient)
    return true
  }

  private mutating func take(_ value: Double) {
    let place = count % LogHiddenLosses.window
    let taken = min(max(value, -1e150), 1e150)
    if count >= 10 { sums.0 -= ring[(count &- 10) % LogHiddenLosses.window] }
    if count >= LogHiddenLosses.window { sums.1 -= ring[place] }
    ring[place] = taken
    (sum, sums.0, sums.1) = (sum + taken, sums.0 + taken, sums.1 + taken)
    if count == 0 {
      averages = SIMD4(repeating: taken)
      (usual, least) = (taken, taken)
    } else {
      averages += SIMD4(0.1, 0.05, 0.02, 0.01) * (SIMD4(repeating: taken) - averages)
      // Values that follow each other closely are those that this looks for, and say nothing about the noise.
      let step = (taken - last).magnitude
      if step > 0.05 * spread || step > 20 * unit {
        spread += (min(step, 1e150) / 1.128 - spread) / Double(min(count, 50))
      }
      usual += (taken - usual) / 16
      least = min(taken, least + 0.05 * (usual - least))
    }
    last = value
    count = count &+ 1
  }

  /// The last place after the point that any value so far has.
  private mutating func learnDigits(_ value: Double) {
    guard digits < 12, value.magnitude < 1e4 else { return }
    var scaled = value.magnitude / unit
    while digits < 12, (scaled - scaled.rounded(.toNearestOrEven)).magnitude > 1e-6 + 1e-15 * scaled {
      digits = digits &+ 1
      unit /= 10
      scaled = value.magnitude / unit
    }
  }

  /// The mean that losses agree with more often than chance explains; nil where there is none.
  var mean: Match? {
    var best = better(means.0, nil)
    best = better(means.1, best)
    best = better(means.2, best)
    best = better(means.3, best)
    best = better(means.4, best)
    best = better(means.5, best)
    return better(means.6, best)
  }

  private func better(_ match: Match, _ best: Match?) -> Match? {
    // About one log in ten thousand has so many by chance; how many chance gives is known to a half.
    let needed = 1.5 * match.expected + 3.5 * match.expected.squareRoot() + 3
    return Double(match.count) > needed && match.count > best?.count ?? 0 ? match : best
  }
}

extension LogHiddenLosses {
  mutating func exchange(_ state: inout LogSavedState) {
    state.count(&count, 1 << 60)
    state.table(ring, min(count, LogHiddenLosses.window))
    state.plain(&sum)
    state.plain(&sums.0)
    state.plain(&sums.1)
    state.plain(&averages)
    state.count(&digits, 12)
    state.plain(&unit)
    state.plain(&spread)
    state.plain(&last)
    state.plain(&usual)
    state.plain(&least)
    state.plain(&zeros)
    state.plain(&means)
    state.plain(&repeats)
    state.plain(&repeatStart)
    state.plain(&repeatRun)
    state.plain(&repeatBad)
    state.flag(&repeatIsAbrupt)
    state.plain(&equalCount)
    state.plain(&meanRow)
    state.flag(&isConstant)
    state.flag(&isInZeros)
    state.plain(&lastStep)
  }
}
