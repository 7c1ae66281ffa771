/// A place where the loss might not go on as before: the start of a file in mid-run, steps that go back, or a gap.
struct LogResume: BitwiseCopyable {
  enum Kind: Int32, BitwiseCopyable { case fileStart, back, gap }

  static let watched = 9

  var kind = Kind.fileStart
  var step = 0
  var row = 0
  /// What the loss should be there, and how far a value usually lies from that.
  var expected = 0.0
  var noise = 0.0
  var rateBefore = Double.nan
  var rateAfter = Double.nan
  var count = 0
  /// A greater distance of steps is a gap only once they go on as before it.
  var isConfirmed = true
  /// Of the first rows after it.
  var median = 0.0
  var worst = -Double.infinity
  var worstStep = 0
}

/// The first such places, and the loss just after each.
struct LogResumes {
  static let capacity = 32
  static let firstCount = 48
  static let memoryCount = 2 * LogResume.watched + 2 * firstCount

  private let table: UnsafeMutablePointer<LogResume>
  private var after: RecentValues
  private let firstValues: UnsafeMutablePointer<Double>
  private let firstSteps: UnsafeMutablePointer<Double>
  private(set) var count = 0
  private(set) var leftOutCount = 0
  private var isWatching = false
  private(set) var firstCount = 0

  init(_ table: UnsafeMutablePointer<LogResume>, _ memory: UnsafeMutablePointer<Double>) {
    self.table = table
    after = RecentValues(memory, capacity: LogResume.watched)
    firstValues = memory + 2 * LogResume.watched
    firstSteps = firstValues + LogResumes.firstCount
  }

  subscript(index: Int) -> LogResume? { index >= 0 && index < count ? table[index] : nil }

  /// One of the first losses and its step.
  func first(_ row: Int) -> (value: Double, step: Int) {
    guard row >= 0, row < firstCount else { return (.nan, 0) }
    let step = firstSteps[row]
    return (firstValues[row], step.magnitude < 9e15 ? Int(step) : 0)
  }

  func wentBack(_ one: LogExcursion) -> Bool { wentBack(at: one.firstRow, to: one.before + one.height) }

  /// Whether the steps went back just before: a loss is higher there because it is of an earlier step.
  func wentBack(at row: Int, to level: Double) -> Bool {
    for index in 0..<count where table[index].kind == .back {
      let one = table[index]
      if row >= one.row &- 16, row <= one.row &+ 60, level <= one.expected + 3 * one.noise { return true }
    }
    return false
  }

  mutating func begin(_ resume: LogResume) {
    guard count < LogResumes.capacity else {
      leftOutCount = leftOutCount &+ 1
      isWatching = false
      return
    }
    table[count] = resume
    count = count &+ 1
    after.clear()
    isWatching = true
  }

  mutating func confirmGap() {
    if count > 0, table[count &- 1].kind == .gap { table[count &- 1].isConfirmed = true }
  }

  mutating func add(_ value: Double, at step: Int, rate: Double?) {
    if firstCount < LogResumes.firstCount {
      (firstValues[firstCount], firstSteps[firstCount]) = (value, Double(step))
      firstCount = firstCount &+ 1
    }
    guard isWatching, count > 0 else { return }
    after.push(value)
    var one = table[count &- 1]
    one.count = one.count &+ 1
    one.median = after.median
    if value > one.worst { (one.worst, one.worstStep) = (value, step) }
    if let rate, one.rateAfter.isNaN { one.rateAfter = rate }
    table[count &- 1] = one
    if one.count >= LogResume.watched { isWatching = false }
  }

  /// The greatest leap between the first rows of a file, where the rows that follow stay up; nil where there is none.
  ///
  /// - Parameter noise: usual distance of a loss from its level.
  func leap(noise: Double) -> LogResume? {
    var found: LogResume?
    var greatest = 6 * noise
    var before = -Double.infinity
    for place in 1..<max(min(firstCount &- 3, 32), 1) {
      before = max(before, firstValues[place &- 1])
      var lowest = Double.infinity
      for next in place..<min(place &+ 4, firstCount) { lowest = min(lowest, firstValues[next]) }
      guard lowest - before > greatest else { continue }
      greatest = lowest - before
      var made = LogResume()
      made.row = place
      made.step = first(place).step
      (made.expected, made.noise, made.median) = (before, noise, lowest)
      (made.worst, made.worstStep) = (firstValues[place], made.step)
      made.count = firstCount &- place
      found = made
    }
    return found
  }
}

/// The learning rate of a log: where it was greatest, and where it rose again after it had come down.
struct LogRates {
  static let capacity = 32

  struct Rise: BitwiseCopyable {
    var step = 0
    var row = 0
    var from = 0.0
    var to = 0.0
  }

  private let rises: UnsafeMutablePointer<Rise>
  private(set) var riseCount = 0
  private(set) var count = 0
  private(set) var greatest = 0.0
  private(set) var last = 0.0
  private(set) var zeroRun = 0
  private var lowest = 0.0
  private var lowestStep = 0
  private var lowestRow = 0
  private var peak = 0.0
  private var isRising = false

  init(_ rises: UnsafeMutablePointer<Rise>) { self.rises = rises }

  subscript(index: Int) -> Rise? { index >= 0 && index < min(riseCount, LogRates.capacity) ? rises[index] : nil }

  /// Usual rows from a rise to the next; 0 where there are fewer than three.
  var cycle: Double {
    let kept = min(riseCount, LogRates.capacity)
    return kept >= 3 ? Double(rises[kept &- 1].row &- rises[0].row) / Double(kept &- 1) : 0
  }

  mutating func add(_ rate: Double, at step: Int, row: Int) {
    guard rate.isFinite, rate >= 0 else { return }
    count = count &+ 1
    zeroRun = rate == 0 ? zeroRun &+ 1 : 0
    greatest = max(greatest, rate)
    if count == 1 { (lowest, peak, lowestStep, lowestRow) = (rate, rate, step, row) }
    if rate < lowest {
      (lowest, lowestStep, lowestRow, isRising) = (rate, step, row, false)
    } else if rate > 2 * lowest, lowest < 0.6 * peak {
      if !isRising {
        if riseCount < LogRates.capacity {
          rises[riseCount] = Rise(step: lowestStep, row: lowestRow, from: lowest, to: rate)
        }
        riseCount = riseCount &+ 1
        isRising = true
        peak = rate
      }
    }
    if isRising, let place = riseCount <= LogRates.capacity && riseCount > 0 ? riseCount &- 1 : nil {
      rises[place].to = max(rises[place].to, rate)
    }
    if rate >= peak { (peak, lowest, lowestStep, lowestRow) = (rate, rate, step, row) }
    last = rate
  }
}

extension LogResume {
  mutating func exchange(_ state: inout LogSavedState) {
    var code = Int(kind.rawValue)
    state.count(&code, 2)
    kind = Kind(rawValue: Int32(truncatingIfNeeded: code)) ?? .fileStart
    state.plain(&step)
    state.plain(&row)
    state.plain(&count)
    state.plain(&worstStep)
    state.flag(&isConfirmed)
    var numbers = SIMD8(expected, noise, rateBefore, rateAfter, median, worst, 0, 0)
    state.plain(&numbers)
    (expected, noise, rateBefore) = (numbers[0], numbers[1], numbers[2])
    (rateAfter, median, worst) = (numbers[3], numbers[4], numbers[5])
    state.require(numbers[6] == 0 && numbers[7] == 0)
  }
}

extension LogResumes {
  mutating func exchange(_ state: inout LogSavedState) {
    state.count(&count, LogResumes.capacity)
    for index in 0..<count { table[index].exchange(&state) }
    state.recent(&after)
    state.count(&firstCount, LogResumes.firstCount)
    state.table(firstValues, firstCount)
    state.table(firstSteps, firstCount)
    state.plain(&leftOutCount)
    state.flag(&isWatching)
  }
}

extension LogRates {
  mutating func exchange(_ state: inout LogSavedState) {
    state.count(&riseCount, 1 << 60)
    state.table(rises, min(riseCount, LogRates.capacity))
    state.plain(&count)
    state.plain(&greatest)
    state.plain(&last)
    state.plain(&zeroRun)
    state.plain(&lowest)
    state.plain(&lowestStep)
    state.plain(&lowestRow)
    state.plain(&peak)
    state.flag(&isRising)
  }
}
