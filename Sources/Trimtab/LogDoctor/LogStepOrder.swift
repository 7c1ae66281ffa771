/// How the step numbers of a column follow each other: gaps, repeats, and steps that go back.
struct LogStepOrder {
  /// What one row did to the order.
  enum Event { case none, gap, back, confirmedGap }

  private(set) var count = 0
  private(set) var first = 0
  private(set) var last = 0
  /// The distance that steps have had of late, and how often in a row.
  private(set) var interval = 0
  private var regularCount = 0
  private var longestRegular = 0

  private(set) var repeated = Tally()
  /// Of them, rows that say the same as the row before.
  private(set) var identicalCount = 0
  private(set) var backward = Tally()
  private(set) var greatestReturn = 0
  private(set) var gaps = Tally()
  private(set) var missingRowCount = 0
  private(set) var greatestGap = 0
  /// A gap that is one only if steps go on as before it.
  private var pending: (from: Int, width: Int, regular: Int)?
  private var pendingCount = 0
  /// Gaps that come at regular distances belong to how the log is written.
  private var lastGapRow = 0
  private var gapDistance = 0
  private var gapsAreRegular = true
  private var firstGapWidth = 0

  struct Tally: BitwiseCopyable {
    var count = 0
    var firstStep = 0
    var lastStep = 0

    mutating func add(_ step: Int) {
      if count == 0 { firstStep = step }
      count = count &+ 1
      lastStep = step
    }
  }

  mutating func add(_ step: Int, isIdentical: Bool) -> Event {
    count = count &+ 1
    guard count > 1 else {
      (first, last) = (step, step)
      return .none
    }
    let (width, overflow) = step.subtractingReportingOverflow(last)
    let before = last
    last = step
    if overflow || width == .min { return .none }
    if width == 0 {
      repeated.add(step)
      // A copy of the row before, or the step once more.
      guard isIdentical else { return .back }
      identicalCount = identicalCount &+ 1
      return .none
    }
    if width < 0 {
      backward.add(step)
      greatestReturn = max(greatestReturn, -width)
      (regularCount, pending) = (0, nil)
      return .back
    }
    return follow(width, from: before)
  }

  private mutating func follow(_ width: Int, from before: Int) -> Event {
    if let gap = pending {
      if width == gap.regular {
        pendingCount = pendingCount &+ 1
        if pendingCount >= 2 {
          confirm(gap)
          (interval, regularCount) = (gap.regular, 8)
          return .confirmedGap
        }
      } else {
        pending = nil
        (interval, regularCount) = (width, 1)
      }
      return .none
    }
    if width == interval {
      regularCount = regularCount &+ 1
      longestRegular = max(longestRegular, regularCount)
      return .none
    }
    if width > interval, regularCount >= 8 {
      pending = (before, width, interval)
      pendingCount = 0
      return .gap
    }
    (interval, regularCount) = (width, 1)
    return .none
  }

  private mutating func confirm(_ gap: (from: Int, width: Int, regular: Int)) {
    pending = nil
    let row = count &- 3
    if gaps.count == 0 { firstGapWidth = gap.width }
    let distance = row &- lastGapRow
    if gaps.count == 1 { gapDistance = distance }
    if gaps.count >= 1, distance != gapDistance || gap.width != firstGapWidth { gapsAreRegular = false }
    lastGapRow = row
    gaps.add(gap.from)
    greatestGap = max(greatestGap, gap.width)
    missingRowCount = missingRowCount &+ max(gap.width / max(gap.regular, 1) &- 1, 1)
  }

  /// Whether steps have kept one distance long enough for a gap to be told.
  var isRegular: Bool { longestRegular >= 8 }
  /// Whether the newest row stands first, as in what some trackers export.
  var runsBackward: Bool { count >= 5 && backward.count > count / 4 &* 3 }
  var hasGaps: Bool { gaps.count > 0 && !(gaps.count >= 3 && gapsAreRegular) }
}

/// NaN and Inf in one column.
struct LogNonfinite: BitwiseCopyable {
  private(set) var count = 0
  private(set) var nanCount = 0
  private(set) var firstStep = 0
  private(set) var lastStep = 0
  private(set) var firstRow = 0
  /// In a row up to now, and in a row at the most.
  private(set) var run = 0
  private(set) var longestRun = 0
  private(set) var rowCount = 0

  mutating func add(_ value: Double, at step: Int) {
    rowCount = rowCount &+ 1
    guard !value.isFinite else {
      run = 0
      return
    }
    if count == 0 { (firstStep, firstRow) = (step, rowCount &- 1) }
    count = count &+ 1
    if value.isNaN { nanCount = nanCount &+ 1 }
    lastStep = step
    run = run &+ 1
    longestRun = max(longestRun, run)
  }
}

extension LogStepOrder {
  mutating func exchange(_ state: inout LogSavedState) {
    state.plain(&count)
    state.plain(&first)
    state.plain(&last)
    state.plain(&interval)
    state.plain(&regularCount)
    state.plain(&longestRegular)
    state.plain(&repeated)
    state.plain(&identicalCount)
    state.plain(&backward)
    state.plain(&greatestReturn)
    state.plain(&gaps)
    state.plain(&missingRowCount)
    state.plain(&greatestGap)
    var isPending = pending != nil
    state.flag(&isPending)
    var numbers = pending.map { SIMD4($0.from, $0.width, $0.regular, 0) } ?? SIMD4()
    state.plain(&numbers)
    state.require(numbers[3] == 0 && (isPending || numbers == SIMD4()))
    pending = isPending ? (numbers[0], numbers[1], numbers[2]) : nil
    state.plain(&pendingCount)
    state.plain(&lastGapRow)
    state.plain(&gapDistance)
    state.flag(&gapsAreRegular)
    state.plain(&firstGapWidth)
  }
}
