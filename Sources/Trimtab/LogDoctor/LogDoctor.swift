/// What the log doctor may be told. Fields mean what the C header says of them.
public struct LogDoctorOptions: Sendable, Equatable {
  public var falseAlarmsPerMillion = 1.0
  /// Standard deviations of the loss around its level that a lasting rise takes to be a warning.
  public var riseSize = 3.0
  /// Rows after which a spike that has not come back is more than a note.
  public var recoveryRows = 100
  /// Classes that the model chooses from: a loss of ln of it is that of a fresh start. 0: not known.
  public var classCount = 0

  public init() {}

  func check() throws(TrimtabError) {
    guard falseAlarmsPerMillion > 0, falseAlarmsPerMillion <= 1e5 else {
      throw TrimtabError(
        .invalidArgument, "options.false_alarms_per_million: found %, allowed above 0 and at most %",
        falseAlarmsPerMillion, 1e5)
    }
    guard riseSize >= 1, riseSize <= 1e6 else {
      throw TrimtabError(.invalidArgument, "options.rise_size: found %, allowed % to %", riseSize, 1, 1e6)
    }
    guard recoveryRows >= 1, recoveryRows <= 1 << 40 else {
      throw TrimtabError(
        .invalidArgument, "options.recovery_rows: found %, allowed % to %", recoveryRows, 1, 1 << 40)
    }
    guard classCount >= 0, classCount <= 1 << 40 else {
      throw TrimtabError(.invalidArgument, "options.class_count: found %, allowed 0 to %", classCount, 1 << 40)
    }
  }
}

/// The first, least, greatest and last finite value of a column.
public struct LogExtremes: BitwiseCopyable, Sendable, Equatable {
  public var count = 0
  public var nonfiniteCount = 0
  public var first = Double.nan
  public var least = Double.nan
  public var greatest = Double.nan
  public var last = Double.nan
  public var firstStep = 0
  public var leastStep = 0
  public var greatestStep = 0
  public var lastStep = 0

  mutating func add(_ value: Double, at step: Int) {
    count = count &+ 1
    guard value.isFinite else {
      nonfiniteCount = nonfiniteCount &+ 1
      return
    }
    if first.isNaN { (first, firstStep) = (value, step) }
    if !(least <= value) { (least, leastStep) = (value, step) }
    if !(greatest >= value) { (greatest, greatestStep) = (value, step) }
    (last, lastStep) = (value, step)
  }
}

/// Reads a training log row by row, in constant memory, and says what went wrong in it.
///
/// Rows are taken by `add`; nothing is allocated then. `finish` judges what was taken, as often as it is called, and
/// rows may follow it. Single values are judged by the spike detector and levels by the level-shift detector, with their
/// promise about false alarms; what lasts is judged at the end, on at most 1024 blocks of each column.
/// Not for use by two threads at a time. Since: 0.5.
public final class LogDoctor {
  public static let findingCapacity = 64
  public let options: LogDoctorOptions

  let numbers: Storage<Double>
  let blocks: Storage<LogBlock>
  private let excursionTable: Storage<LogExcursion>
  private let peakTable: Storage<LogPeak>
  private let resumeTable: Storage<LogResume>
  private let riseTable: Storage<LogRates.Rise>
  let findings: Storage<LogFinding>
  var findingTotal = 0
  var keptCount = 0
  let states: Storage<LogCheckState>
  let workValues: UnsafeMutablePointer<Double>

  private(set) public var rowCount = 0
  private(set) public var firstStep = 0
  private(set) public var lastStep = 0
  private(set) public var loss = LogExtremes()
  private(set) public var validationLoss = LogExtremes()
  private(set) public var gradientNorm = LogExtremes()
  private(set) public var learningRate = LogExtremes()
  private(set) public var lossScale = LogExtremes()

  private(set) var order = LogStepOrder()
  private(set) var absence = LogAbsence()
  private(set) var lossNonfinite = LogNonfinite()
  private(set) var validationNonfinite = LogNonfinite()
  private(set) var gradientNonfinite = LogNonfinite()
  private(set) var lossCourse: LogCourse
  private(set) var validationCourse: LogCourse
  /// Of the natural logarithm of the gradient norm.
  private(set) var gradientCourse: LogCourse
  private(set) var excursions: LogExcursions
  private(set) var hidden: LogHiddenLosses
  private(set) var resumes: LogResumes
  private(set) var rates: LogRates
  private(set) var scales = LogLossScales()
  private(set) var gradients: LogGradients
  private(set) var oscillation: SeriesDetector
  private(set) var oscillationFirst = 0
  private(set) var oscillationLast = 0
  private(set) var oscillationRows = 0
  /// Of the finite losses before it is told, those at which the loss did not turn; and how it went to the last of them.
  private var straightCount = 0
  private var turnableCount = 0
  private var lastChange = 0.0
  private var lastFinite = Double.nan
  private(set) var oscillationScore = 0.0
  private(set) var waves: LogOscillation
  private(set) var overfitting = LogOverfitting()
  /// Where the level of the loss rose at once, as the last `finish` found it.
  var risenAt: Int?
  /// The oscillation of more than two rows, as the last `finish` found it.
  var wave: LogOscillation.Found?
  /// The first loss that stands for NaN, as the last `finish` found it.
  var hiddenFrom: Int?
  private var lastLoss = Double.nan
  private var lossRow = 0

  /// - Throws: `invalidArgument` for an option out of range, `outOfMemory`.
  public init(options: LogDoctorOptions = LogDoctorOptions()) throws(TrimtabError) {
    try options.check()
    self.options = options
    let parts = LogCourse.memoryCount
    let oscillationCount = SeriesDetector.memoryCount(for: .oscillation)
    let total =
      3 &* parts &+ LogExcursions.memoryCount &+ LogHiddenLosses.memoryCount &+ LogResumes.memoryCount
      &+ LogGradients.memoryCount &+ oscillationCount &+ LogOscillation.memoryCount &+ LogCourse.workCount
    numbers = try Storage(count: total, for: "log doctor")
    blocks = try Storage(count: 3 &* LogCourse.capacity &+ LogCourse.stretchCapacity, for: "log doctor")
    excursionTable = try Storage(count: LogExcursions.capacity, for: "log doctor")
    peakTable = try Storage(count: 2 &* LogPeaks.capacity, for: "log doctor")
    resumeTable = try Storage(count: LogResumes.capacity, for: "log doctor")
    riseTable = try Storage(count: LogRates.capacity, for: "log doctor")
    findings = try Storage(count: LogDoctor.findingCapacity, for: "log doctor")
    states = try Storage(count: LogCheck.count, for: "log doctor")
    var next = numbers.pointer
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    lossCourse = LogCourse(blocks.pointer, take(parts))
    validationCourse = LogCourse(blocks.pointer + LogCourse.capacity, take(parts))
    gradientCourse = LogCourse(blocks.pointer + 2 &* LogCourse.capacity, take(parts))
    excursions = try LogExcursions(
      options.falseAlarmsPerMillion, take(LogExcursions.memoryCount), excursionTable.pointer, peakTable.pointer)
    hidden = LogHiddenLosses(take(LogHiddenLosses.memoryCount))
    resumes = LogResumes(resumeTable.pointer, take(LogResumes.memoryCount))
    rates = LogRates(riseTable.pointer)
    gradients = try LogGradients(
      options.falseAlarmsPerMillion, take(LogGradients.memoryCount), peakTable.pointer + LogPeaks.capacity)
    var turning = DetectorOptions()
    turning.kind = .oscillation
    turning.falseAlarmsPerMillion = options.falseAlarmsPerMillion
    oscillation = try SeriesDetector(options: turning, memory: take(oscillationCount))
    waves = LogOscillation(take(LogOscillation.memoryCount))
    workValues = take(LogCourse.workCount)
  }

  /// Takes the next row of the log, in the log's own order. Complexity: constant, about a microsecond.
  public func add(_ row: LogRow) {
    if rowCount == 0 { firstStep = row.step }
    rowCount = rowCount &+ 1
    lastStep = row.step
    absence.add(row)
    if let rate = row.learningRate {
      learningRate.add(rate, at: row.step)
      rates.add(rate, at: row.step, row: lossRow)
    }
    if let scale = row.lossScale {
      lossScale.add(scale, at: row.step)
      scales.add(scale, at: row.step)
    }
    if let norm = row.gradientNorm { add(gradientNorm: norm, at: row.step) }
    if let value = row.loss { add(loss: value, row) }
    if let value = row.validationLoss {
      validationLoss.add(value, at: row.step)
      validationNonfinite.add(value, at: row.step)
      if value.isFinite {
        validationCourse.add(value, at: row.step)
        overfitting.add(validationLoss: value, at: row.step)
      }
    }
  }

  private func add(gradientNorm norm: Double, at step: Int) {
    gradientNorm.add(norm, at: step)
    gradientNonfinite.add(norm, at: step)
    guard norm.isFinite else { return }
    gradients.add(norm, at: step)
    gradientCourse.add(logarithm(max(norm, 1e-300)), at: step)
  }

  private func add(loss value: Double, _ row: LogRow) {
    let step = row.step
    let before = order.last
    let event = order.add(step, isIdentical: value == lastLoss)
    if event != .none { resume(event, step, before) }
    loss.add(value, at: step)
    lossNonfinite.add(value, at: step)
    lastLoss = value
    lossRow = lossRow &+ 1
    guard value.isFinite else { return }
    // A zero that a trainer wrote is no loss.
    guard !hidden.add(value, at: step, gradient: row.gradientNorm) else { return }
    resumes.add(value, at: step, rate: row.learningRate)
    excursions.add(
      value, at: step, gradientIsHigh: row.gradientNorm.map { gradients.isHigh($0) } ?? false)
    lossCourse.add(value, at: step)
    overfitting.add(loss: value)
    waves.add(value, at: step, workValues)
    if oscillationRows == 0 {
      let change = value - lastFinite
      if !(change * lastChange < 0) { straightCount = straightCount &+ 1 }
      turnableCount = turnableCount &+ 1
      (lastChange, lastFinite) = (change.isFinite ? change : 0, value)
    }
    let turned = oscillation.add(value)
    if turned.state.isAlarm {
      if oscillationRows == 0 { oscillationFirst = step }
      oscillationRows = oscillationRows &+ 1
      oscillationLast = step
      oscillationScore = max(oscillationScore, turned.score)
    }
  }

  /// Whether the loss went up and down from its first rows on; the detector knows after some 128 of them.
  var isOscillatingFromStart: Bool { straightCount <= turnableCount / 8 }

  private func resume(_ event: LogStepOrder.Event, _ step: Int, _ before: Int) {
    guard event != .confirmedGap else { return resumes.confirmGap() }
    guard lossRow >= 4 else { return }
    var made = LogResume()
    made.kind = event == .back ? .back : .gap
    made.isConfirmed = event == .back
    (made.step, made.row) = (step, lossRow)
    made.noise = excursions.noise
    let current = lossRow >= 26 ? excursions.level : lastLoss
    made.expected = current
    // A checkpoint far back had another loss.
    if event == .back, let earlier = lossCourse.level(at: step) { made.expected = max(earlier, current) }
    if rates.count > 0 { made.rateBefore = rates.last }
    resumes.begin(made)
  }
}

// MARK: - Saved state

extension LogDoctor {
  func exchange(_ state: inout LogSavedState) {
    state.count(&rowCount, 1 << 60)
    state.plain(&firstStep)
    state.plain(&lastStep)
    state.plain(&loss)
    state.plain(&validationLoss)
    state.plain(&gradientNorm)
    state.plain(&learningRate)
    state.plain(&lossScale)
    order.exchange(&state)
    state.plain(&absence)
    state.plain(&lossNonfinite)
    state.plain(&validationNonfinite)
    state.plain(&gradientNonfinite)
    lossCourse.exchange(&state)
    validationCourse.exchange(&state)
    gradientCourse.exchange(&state)
    excursions.exchange(&state)
    hidden.exchange(&state)
    resumes.exchange(&state)
    rates.exchange(&state)
    state.plain(&scales)
    gradients.exchange(&state)
    state.detector(&oscillation)
    state.plain(&oscillationFirst)
    state.plain(&oscillationLast)
    state.plain(&oscillationRows)
    state.plain(&straightCount)
    state.plain(&turnableCount)
    state.plain(&lastChange)
    state.plain(&lastFinite)
    state.plain(&oscillationScore)
    waves.exchange(&state)
    overfitting.exchange(&state)
    state.plain(&lastLoss)
    state.plain(&lossRow)
  }
}
