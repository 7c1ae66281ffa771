/// The gradient norm of a log: spikes, and the one number that most rows hold.
struct LogGradients {
  static let memoryCount = SeriesDetector.memoryCount(for: .spike)

  private var spike: SeriesDetector
  private(set) var peaks: LogPeaks
  private var usual = 0.0
  private var rowCount = 0
  private(set) var spikeCount = 0
  private(set) var firstStep = 0
  private(set) var lastStep = 0
  private(set) var worst = 0.0
  private(set) var worstStep = 0
  /// Of the worst, over what was usual there.
  private(set) var ratio = 0.0
  private(set) var baseline = 0.0
  private(set) var threshold = 0.0
  private var isOut = false
  /// The majority's candidate (Boyer & Moore), how many rows held it since, and the greatest norm of all.
  private(set) var common = 0.0
  private var votes = 0
  private(set) var commonCount = 0
  private(set) var commonStep = 0
  private(set) var greatest = 0.0
  private(set) var zeroCount = 0

  init(_ falseAlarmsPerMillion: Double, _ memory: UnsafeMutablePointer<Double>, _ peaks: UnsafeMutablePointer<LogPeak>)
    throws(TrimtabError)
  {
    var options = DetectorOptions()
    options.falseAlarmsPerMillion = falseAlarmsPerMillion
    spike = try SeriesDetector(options: options, memory: memory)
    self.peaks = LogPeaks(peaks)
  }

  func isHigh(_ norm: Double) -> Bool { norm > 3 * usual && rowCount > 26 && usual > 0 }

  /// - Parameter norm: finite.
  mutating func add(_ norm: Double, at step: Int) {
    rowCount = rowCount &+ 1
    greatest = max(greatest, norm)
    if norm == 0 { zeroCount = zeroCount &+ 1 }
    if votes == 0 { (common, commonCount, commonStep) = (norm, 0, step) }
    votes = norm == common ? votes &+ 1 : votes &- 1
    if norm == common { commonCount = commonCount &+ 1 }
    let result = spike.add(norm)
    usual = result.baseline
    if rowCount > 26 { peaks.add(result, norm, result.spread * result.baseline, row: rowCount, step: step) }
    if result.state == .alarm, rowCount > 26 {
      if spikeCount == 0 { firstStep = step }
      spikeCount = spikeCount &+ 1
      lastStep = step
      isOut = true
    } else if !result.state.isAlarm {
      isOut = false
    }
    if isOut, result.baseline > 0, norm / result.baseline > ratio {
      (worst, worstStep, ratio, baseline) = (norm, step, norm / result.baseline, result.baseline)
      threshold = result.baseline * exponential(min(result.threshold * result.spread, 700))
    }
  }
}

/// Dynamic loss scaling: a scale that is halved again and again.
struct LogLossScales: BitwiseCopyable {
  private(set) var count = 0
  private(set) var lowest = Double.infinity
  private(set) var lowestStep = 0
  private(set) var greatest = 0.0
  private(set) var last = 0.0
  /// Halvings without a doubling between them: of late, and where the lowest scale was reached.
  private var falls = 0
  private var fallStep = 0
  private(set) var longestFalls = 0
  private(set) var firstFallStep = 0

  mutating func add(_ scale: Double, at step: Int) {
    guard scale.isFinite, scale >= 0 else { return }
    count = count &+ 1
    if count > 1, scale < last {
      if falls == 0 { fallStep = step }
      // A scale that is logged now and then falls by several halvings at once.
      // One that is printed as zero fell by nobody knows how many.
      var ratio = scale > 0 ? min(last / scale, 0x1p64) : 2
      while ratio > 1.5, falls < 1 << 20 {
        falls = falls &+ 1
        ratio /= 2
      }
      if falls > longestFalls { (longestFalls, firstFallStep) = (falls, fallStep) }
    } else if count > 1, scale > last {
      falls = 0
    }
    greatest = max(greatest, scale)
    if scale < lowest { (lowest, lowestStep) = (scale, step) }
    last = scale
  }
}

/// Validation loss against training loss.
struct LogOverfitting {
  private var train = Double.nan
  private(set) var count = 0
  private(set) var best = Double.infinity
  private(set) var bestStep = 0
  private(set) var trainAtBest = Double.nan
  /// Evaluations since the best, and of them those above it by more than the usual change.
  private(set) var since = 0
  private(set) var last = 0.0
  private(set) var lastStep = 0
  private(set) var change = 0.0
  /// By how much it goes up and down again, or down and up, of late: what falls or rises steadily has none.
  private(set) var jitter = 0.0
  private var turnCount = 0
  private var lastChange = 0.0
  /// The last three.
  private var recent = SIMD4<Double>(repeating: .nan)

  var trainNow: Double { train }
  /// The middle of the last three evaluations; the last where there are fewer.
  var level: Double {
    guard count >= 3 else { return last }
    return max(min(recent[0], recent[1]), min(max(recent[0], recent[1]), recent[2]))
  }

  mutating func add(loss: Double) {
    train = train.isNaN ? loss : train + (loss / 32 - train / 32)
  }

  mutating func add(validationLoss value: Double, at step: Int) {
    count = count &+ 1
    // Rises alone: while the loss falls, its changes say how fast it does.
    if count > 1, value > last { change += ((value - last) - change) / Double(min(count, 16)) }
    let now = count > 1 ? value - last : 0
    if now * lastChange < 0 {
      turnCount = turnCount &+ 1
      jitter += (min(now.magnitude, lastChange.magnitude) - jitter) / Double(min(turnCount, 16))
    }
    if now != 0 { lastChange = now }
    if value < best {
      (best, bestStep, trainAtBest, since) = (value, step, train, 0)
    } else {
      since = since &+ 1
    }
    (recent[2], recent[1], recent[0]) = (recent[1], recent[0], value)
    (last, lastStep) = (value, step)
  }
}

extension LogGradients {
  mutating func exchange(_ state: inout LogSavedState) {
    state.detector(&spike)
    peaks.exchange(&state)
    state.plain(&usual)
    state.plain(&rowCount)
    state.plain(&spikeCount)
    state.plain(&firstStep)
    state.plain(&lastStep)
    state.plain(&worst)
    state.plain(&worstStep)
    state.plain(&ratio)
    state.plain(&baseline)
    state.plain(&threshold)
    state.flag(&isOut)
    state.plain(&common)
    state.plain(&votes)
    state.plain(&commonCount)
    state.plain(&commonStep)
    state.plain(&greatest)
    state.plain(&zeroCount)
  }
}

extension LogOverfitting {
  mutating func exchange(_ state: inout LogSavedState) {
    state.plain(&train)
    state.plain(&jitter)
    state.plain(&turnCount)
    state.plain(&lastChange)
    state.plain(&count)
    state.plain(&best)
    state.plain(&bestStep)
    state.plain(&trainAtBest)
    state.plain(&since)
    state.plain(&last)
    state.plain(&lastStep)
    state.plain(&change)
    state.plain(&recent)
  }
}
