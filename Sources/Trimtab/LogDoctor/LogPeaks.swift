/// One of the values that stood highest above those before them.
struct LogPeak: BitwiseCopyable {
  /// In the spreads of the spike detector.
  var score = 0.0
  var row = 0
  var step = 0
  var value = 0.0
  var before = 0.0
  var noise = 0.0
}

/// The dozen highest values of a column. With the whole log before it, the doctor may hold the highest against the
/// others, where a detector has to wait until it knows the tail.
struct LogPeaks {
  static let capacity = 12

  private let peaks: UnsafeMutablePointer<LogPeak>
  private var count = 0
  /// Times that a value stood more than twenty spreads up: a detector takes what is frequent for usual.
  private(set) var highCount = 0
  private(set) var highFirstStep = 0
  private(set) var highLastStep = 0
  private var lastHighRow = -13

  init(_ memory: UnsafeMutablePointer<LogPeak>) { peaks = memory }

  /// Keeps the highest, one of any twelve rows in a row.
  mutating func add(_ found: DetectorResult, _ value: Double, _ noise: Double, row: Int, step: Int) {
    guard found.score > 4 else { return }
    if found.score > 20 {
      if row &- lastHighRow > 12 {
        if highCount == 0 { highFirstStep = step }
        (highCount, highLastStep) = (highCount &+ 1, step)
      }
      lastHighRow = row
    }
    var place = count
    for index in 0..<count where row &- peaks[index].row <= 12 { place = index }
    if place < count {
      guard found.score > peaks[place].score else { return }
    } else if count < LogPeaks.capacity {
      count = count &+ 1
    } else {
      place = count &- 1
      guard found.score > peaks[place].score else { return }
    }
    peaks[place] = LogPeak(
      score: found.score, row: row, step: step, value: value, before: found.baseline, noise: noise)
    while place > 0, peaks[place &- 1].score < peaks[place].score {
      (peaks[place &- 1], peaks[place]) = (peaks[place], peaks[place &- 1])
      place = place &- 1
    }
  }

  /// The highest, if it stands far above the ninth: heavy tails have many high values.
  var highest: LogPeak? {
    guard count > 0, peaks[0].score > 9 else { return nil }
    let other = count > 8 ? peaks[8].score : 4
    return peaks[0].score > 1.8 * other ? peaks[0] : nil
  }
}

extension LogPeaks {
  mutating func exchange(_ state: inout LogSavedState) {
    state.count(&count, LogPeaks.capacity)
    state.plain(&highCount)
    state.plain(&highFirstStep)
    state.plain(&highLastStep)
    state.plain(&lastHighRow)
    state.table(peaks, count)
  }
}
