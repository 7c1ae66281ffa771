/// A time during which the loss lay above its level.
struct LogExcursion: BitwiseCopyable {
  var firstStep = 0
  var firstRow = 0
  var lastStep = 0
  var rowCount = 0
  var worstStep = 0
  var worst = 0.0
  /// The level before, and the usual distance of a value from it.
  var before = 0.0
  var noise = 0.0
  /// The level some 10 or 24 rows in, and the last one.
  var early = 0.0
  var late = 0.0
  /// From where on the value that opened it was far above the level.
  var limit = 0.0
  /// It came back to the level before.
  var isOver = false
  var isWithGradient = false

  /// Single values, and not a level.
  var isSpike: Bool { isOver && rowCount <= 20 }
  var rise: Double { worst - before }
  /// Of its level over that before: the greater of the early and the late one.
  var height: Double { rowCount >= 10 ? max(early, late) - before : rise }
}

/// Upward departures of the loss: opened by the spike and the level-shift detector, closed by a return.
///
/// One that lasts becomes the level after a while, so that it hides none that follow; its return is waited for.
struct LogExcursions {
  static let capacity = 64
  private static let settled = 512
  private static let window = 32
  static let memoryCount =
    SeriesDetector.memoryCount(for: .spike) + SeriesDetector.memoryCount(for: .levelShift) + 2 * 5 + 2 * window

  private var spike: SeriesDetector
  private var shift: SeriesDetector
  private var recent: RecentValues
  /// The last values and their steps, by row.
  private let values: UnsafeMutablePointer<Double>
  private let steps: UnsafeMutablePointer<Double>
  private let table: UnsafeMutablePointer<LogExcursion>
  private(set) var peaks: LogPeaks
  private var row = 0
  /// The last row of the last departure that came back.
  private var closedRow = -1 &- window
  private var smoothed = 0.0
  /// Of a value from the median of those before it.
  private var usualDistance = 0.0
  /// Kept in `table`.
  private(set) var count = 0
  private(set) var open: LogExcursion?
  private(set) var spikeCount = 0
  private(set) var otherCount = 0
  private(set) var spikeFirstStep = 0
  private(set) var spikeLastStep = 0
  /// What the last value's distance was measured in.
  private(set) var noise = 0.0
  private(set) var level = 0.0
  /// The highest level at which one of those that last is over.
  private var returnLevel = -Double.infinity

  init(
    _ falseAlarmsPerMillion: Double, _ memory: UnsafeMutablePointer<Double>,
    _ table: UnsafeMutablePointer<LogExcursion>,
    _ peaks: UnsafeMutablePointer<LogPeak>
  ) throws(TrimtabError) {
    var options = DetectorOptions()
    options.falseAlarmsPerMillion = falseAlarmsPerMillion
    spike = try SeriesDetector(options: options, memory: memory)
    options.kind = .levelShift
    let second = memory + SeriesDetector.memoryCount(for: .spike)
    shift = try SeriesDetector(options: options, memory: second)
    let third = second + SeriesDetector.memoryCount(for: .levelShift)
    recent = RecentValues(third, capacity: 5)
    values = third + 10
    steps = values + LogExcursions.window
    self.table = table
    self.peaks = LogPeaks(peaks)
  }

  /// - Parameter value: finite.
  mutating func add(_ value: Double, at step: Int, gradientIsHigh: Bool) {
    let spiked = spike.add(value)
    let shifted = shift.add(value)
    recent.push(value)
    let place = row % LogExcursions.window
    values[place] = value
    steps[place] = Double(step)
    smoothed = row == 0 ? value : smoothed + (value / 16 - smoothed / 16)
    // What a ratio makes of a loss that passes through zero is no spike.
    let distance = value - spiked.baseline
    let isFar = distance > 6 * usualDistance
    usualDistance +=
      (min(distance.magnitude, 1e150, row > 26 ? 6 * usualDistance : 1e150) - usualDistance)
      / Double(min(row &+ 1, 50))
    if open == nil {
      let isRatio = spiked.scale == .logarithmic && spiked.baseline > 0
      if spiked.state != .warmingUp, row >= 26 {
        noise = isRatio ? spiked.spread * spiked.baseline : spiked.spread
        level = spiked.baseline
        if isFar { peaks.add(spiked, value, noise, row: row, step: step) }
      }
      if spiked.state == .alarm, isFar {
        begin(at: row, spiked, value)
      } else if shifted.state == .alarm {
        // What is left of a spike that is over is no level, and no second spike.
        let isNew = row &- closedRow > LogExcursions.window || recent.median > shifted.baseline + 3 * noise
        if isNew { begin(at: onset(shifted), shifted, recent.median) }
      }
    }
    row = row &+ 1
    if smoothed <= returnLevel { close(at: step) }
    follow(value, step, gradientIsHigh)
  }

  /// The departure of the last quarter, from the lowest level, that did not come back.
  var latest: LogExcursion? {
    var found = open
    for index in 0..<count where !table[index].isOver && row &- table[index].firstRow < row / 4 {
      if table[index].before < found?.before ?? .infinity { found = table[index] }
    }
    return found
  }

  /// The level of the last rows: the lower of two, so that no single value is one.
  var current: Double { min(smoothed, recent.median) }

  /// The first of the rows that the alarm speaks of which lies more than halfway up.
  private func onset(_ shifted: DetectorResult) -> Int {
    let first = max(row &- LogExcursions.window &+ 1, shifted.firstAlarmStep, closedRow &+ 1, 0)
    let half = 0.5 * shifted.baseline + 0.5 * recent.median
    var at = first
    while at < row, values[at % LogExcursions.window] < half { at = at &+ 1 }
    return at
  }

  private mutating func begin(at first: Int, _ found: DetectorResult, _ value: Double) {
    let before = found.baseline
    var made = LogExcursion()
    made.firstRow = first
    let step = steps[first % LogExcursions.window]
    made.firstStep = step.magnitude < 9e15 ? Int(step) : 0
    made.before = before
    made.noise = noise
    made.worst = -.infinity
    made.rowCount = row &- first
    made.limit = before + (value - before) * (found.score > 0 ? min(found.threshold / found.score, 1) : 0)
    open = made
    smoothed = max(smoothed, recent.median)
  }

  private mutating func follow(_ value: Double, _ step: Int, _ gradientIsHigh: Bool) {
    guard var one = open else { return }
    one.rowCount = one.rowCount &+ 1
    one.lastStep = step
    if value > one.worst { (one.worst, one.worstStep) = (value, step) }
    if gradientIsHigh, one.rowCount <= 3 { one.isWithGradient = true }
    let median = recent.median
    let current = one.rowCount <= 20 ? median : smoothed
    if one.rowCount == 10 { one.early = median } else if one.rowCount == 24, one.early == 0 { one.early = smoothed }
    one.late = current
    if current <= one.before + (one.rowCount <= 20 ? 3 : 2) * one.noise, one.rowCount >= 3 {
      one.isOver = true
      keep(one)
      (open, closedRow) = (nil, row &- 1)
    } else if one.rowCount >= LogExcursions.settled {
      keep(one)
      open = nil
    } else {
      open = one
    }
  }

  /// Ends what has lasted and came back.
  private mutating func close(at step: Int) {
    returnLevel = -.infinity
    for index in 0..<count where !table[index].isOver {
      if smoothed <= level(over: table[index]) {
        table[index].isOver = true
        (table[index].rowCount, table[index].lastStep) = (row &- table[index].firstRow, step)
      } else {
        returnLevel = max(returnLevel, level(over: table[index]))
      }
    }
  }

  private func level(over one: LogExcursion) -> Double { one.before + max(2 * one.noise, 0.1 * one.height) }

  /// Where the table is full, the least rise gives way: a spike before a level.
  private mutating func keep(_ one: LogExcursion) {
    if !one.isOver { returnLevel = max(returnLevel, level(over: one)) }
    if one.isSpike {
      if spikeCount == 0 { spikeFirstStep = one.firstStep }
      spikeCount = spikeCount &+ 1
      spikeLastStep = one.firstStep
    } else {
      otherCount = otherCount &+ 1
    }
    if count < LogExcursions.capacity {
      table[count] = one
      count = count &+ 1
      return
    }
    var least = 0
    for index in 1..<count where weight(table[index]) < weight(table[least]) { least = index }
    guard weight(table[least]) < weight(one) else { return }
    for index in least..<(count &- 1) { table[index] = table[index &+ 1] }
    table[count &- 1] = one
  }

  private func weight(_ one: LogExcursion) -> Double { one.isSpike ? one.rise : one.rise + 1e300 }

  /// The kept ones in their order, and the one that is open, last.
  subscript(index: Int) -> LogExcursion? {
    guard index >= 0, index <= count else { return nil }
    return index < count ? table[index] : open
  }
}

extension LogExcursion {
  mutating func exchange(_ state: inout LogSavedState) {
    state.plain(&firstStep)
    state.plain(&firstRow)
    state.plain(&lastStep)
    state.plain(&rowCount)
    state.plain(&worstStep)
    var numbers = SIMD8(worst, before, noise, early, late, limit, 0, 0)
    state.plain(&numbers)
    (worst, before, noise) = (numbers[0], numbers[1], numbers[2])
    (early, late, limit) = (numbers[3], numbers[4], numbers[5])
    state.require(numbers[6] == 0 && numbers[7] == 0)
    state.flag(&isOver)
    state.flag(&isWithGradient)
  }
}

extension LogExcursions {
  mutating func exchange(_ state: inout LogSavedState) {
    state.detector(&spike)
    state.detector(&shift)
    state.recent(&recent)
    state.table(values, 2 &* LogExcursions.window)
    peaks.exchange(&state)
    state.count(&row, 1 << 60)
    state.plain(&closedRow)
    state.require(closedRow >= -1 &- LogExcursions.window && closedRow < row)
    state.plain(&smoothed)
    state.plain(&usualDistance)
    state.count(&count, LogExcursions.capacity)
    for index in 0..<count { table[index].exchange(&state) }
    state.plain(&spikeCount)
    state.plain(&otherCount)
    state.plain(&spikeFirstStep)
    state.plain(&spikeLastStep)
    state.plain(&noise)
    state.plain(&level)
    state.plain(&returnLevel)
    var isOpen = open != nil
    state.flag(&isOpen)
    guard isOpen else {
      open = nil
      return
    }
    var one = open ?? LogExcursion()
    one.exchange(&state)
    open = one
  }
}
