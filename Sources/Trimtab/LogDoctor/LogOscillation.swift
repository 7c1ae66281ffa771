/// A time during which the loss went up and down with one period.
struct LogWave: BitwiseCopyable {
  var firstStep = 0
  var lastStep = 0
  /// In rows.
  var period = 0.0
  /// Half of what it goes up and down by.
  var amplitude = 0.0
  /// Of the variance around a straight line, what the period has.
  var share = 0.0
  var rowCount = 0
  /// 1 where it was seen in means of four rows.
  var level = 0
  /// It is there from the first row looked at.
  var isWhole = false
}

/// Oscillations of 2 to 256 rows: the last 512 rows, and the last 512 means of four, are looked at each time that half of
/// them are new, by the periodogram of what is left of them over a straight line (Hann's window).
///
/// An oscillation has at least half of the variance in one line, and the more the fewer periods there are: three quarters
/// of eight, which is the least. Noise has not, however it is correlated from row to row: it has many lines, and the
/// greatest below eight periods.
struct LogOscillation {
  static let window = 512
  static let leastWindow = 128
  static let memoryCount = 4 * window

  struct Found {
    var wave: LogWave
    var isStanding: Bool
    var isFromStart: Bool
  }

  private let memory: UnsafeMutablePointer<Double>
  private var counts = (0, 0)
  private var partialSum = 0.0
  private(set) var found: LogWave?
  /// It was there the first time.
  private(set) var isFromStart = false

  init(_ memory: UnsafeMutablePointer<Double>) { self.memory = memory }

  /// - Parameters:
  ///   - value: finite.
  ///   - work: memory for two windows.
  mutating func add(_ value: Double, at step: Int, _ work: UnsafeMutablePointer<Double>) {
    push(value, step, 0, counts.0)
    counts.0 = counts.0 &+ 1
    partialSum += min(max(value, -1e150), 1e150) / 4
    look(0, counts.0, work)
    guard counts.0 % 4 == 0 else { return }
    push(partialSum, step, 1, counts.1)
    partialSum = 0
    counts.1 = counts.1 &+ 1
    look(1, counts.1, work)
  }

  private func push(_ value: Double, _ step: Int, _ level: Int, _ count: Int) {
    let place = 2 &* level &* LogOscillation.window &+ count % LogOscillation.window
    memory[place] = min(max(value, -1e150), 1e150)
    memory[place &+ LogOscillation.window] = Double(step)
  }

  private mutating func look(_ level: Int, _ count: Int, _ work: UnsafeMutablePointer<Double>) {
    let isFirst = count == LogOscillation.leastWindow || count == 2 &* LogOscillation.leastWindow
    guard isFirst || count >= LogOscillation.window && count % (LogOscillation.window / 2) == 0 else { return }
    if let wave = wave(level, count, LogOscillation.window, work) {
      take(wave, isAtStart: count <= LogOscillation.window && wave.isWhole)
    }
  }

  private mutating func take(_ wave: LogWave, isAtStart: Bool) {
    guard var known = found else {
      found = wave
      isFromStart = isAtStart
      return
    }
    known.lastStep = max(wave.lastStep, known.lastStep)
    if wave.level == known.level { known.rowCount = known.rowCount &+ wave.rowCount / 2 }
    if wave.amplitude > known.amplitude {
      (known.amplitude, known.period, known.share) = (wave.amplitude, wave.period, wave.share)
    }
    found = known
  }

  /// What is found up to now, the last rows included.
  func atEnd(_ work: UnsafeMutablePointer<Double>) -> Found? {
    var end = self
    for level in 0..<2 {
      let count = level == 0 ? counts.0 : counts.1
      // The shorter the window the more of it is new.
      var size = LogOscillation.window
      while size >= LogOscillation.leastWindow {
        if let wave = wave(level, count, size, work) {
          end.take(wave, isAtStart: count == size && wave.isWhole)
          return end.found.map { Found(wave: $0, isStanding: true, isFromStart: end.isFromStart) }
        }
        size /= 2
      }
    }
    return found.map { Found(wave: $0, isStanding: false, isFromStart: isFromStart) }
  }

  /// The oscillation in the last rows, so many at the most; nil where there is none.
  private func wave(_ level: Int, _ count: Int, _ most: Int, _ work: UnsafeMutablePointer<Double>) -> LogWave? {
    var size = most
    while size > count { size /= 2 }
    guard size >= LogOscillation.leastWindow else { return nil }
    let values = memory + 2 &* level &* LogOscillation.window
    let first = count &- size
    let scale = straighten(values, first, size, work)
    guard scale > 0 else { return nil }
    let imaginary = work + LogOscillation.window
    transform(work, imaginary, size)
    func power(_ bin: Int) -> Double { work[bin] * work[bin] + imaginary[bin] * imaginary[bin] }
    var (sum, greatest, place) = (0.0, 0.0, 0)
    for bin in 1...(size / 2) {
      let power = power(bin)
      sum += power
      if power > greatest { (greatest, place) = (power, bin) }
    }
    guard place >= 8, sum > 0 else { return nil }
    let next = place < size / 2 ? power(place &+ 1) : 0
    let line = power(place &- 1) + greatest + next
    guard line > (0.5 + 2 / Double(place)) * sum else { return nil }
    var made = LogWave()
    let rows = level == 0 ? 1 : 4
    let center = Double(place) + (next - power(place &- 1)) / line
    made.period = Double(size &* rows) / center
    // A sine has a quarter of its amplitude in the line, and half of that beside it; the last line is its own mirror.
    made.amplitude = scale * (16 * line / 1.5).squareRoot() / Double(size) * (place < size / 2 ? 1 : 0.55)
    made.share = line / sum
    (made.rowCount, made.level) = (size &* rows, level)
    let (onset, end) = parts(values, first, size, place, work)
    made.isWhole = onset == 0
    made.firstStep = self.step(level, first &+ onset)
    made.lastStep = self.step(level, first &+ end &- 1)
    return made
  }

  private func step(_ level: Int, _ row: Int) -> Int {
    let step = memory[(2 &* level &+ 1) &* LogOscillation.window &+ row % LogOscillation.window]
    return step.magnitude < 9e15 ? Int(step) : 0
  }

  /// Writes what is left of the values over their straight line, under Hann's window, to `work`, the greatest being 1, and
  /// clears the window after it; returns what they were divided by.
  private func straighten(
    _ values: UnsafeMutablePointer<Double>, _ first: Int, _ size: Int, _ work: UnsafeMutablePointer<Double>
  ) -> Double {
    let middle = 0.5 * Double(size &- 1)
    var (mean, slope) = (0.0, 0.0)
    for index in 0..<size {
      let value = values[(first &+ index) % LogOscillation.window]
      mean += value / Double(size)
      slope += value * ((Double(index) - middle) / Double(size))
    }
    slope *= 12 / (Double(size) * Double(size))
    var greatest = 0.0
    for index in 0..<size {
      let line = mean + slope * (Double(index) - middle)
      work[index] = values[(first &+ index) % LogOscillation.window] - line
      work[index &+ LogOscillation.window] = 0
      greatest = max(greatest, work[index].magnitude)
    }
    // What rounding leaves is no oscillation.
    guard greatest > 1e-9 * mean.magnitude, greatest > 1e-290 else { return 0 }
    var (cosine, sine) = (1.0, 0.0)
    let (turnCosine, turnSine) = LogOscillation.turn(size)
    for index in 0..<size {
      work[index] *= (0.5 - 0.5 * cosine) / greatest
      (cosine, sine) = (cosine * turnCosine - sine * turnSine, sine * turnCosine + cosine * turnSine)
    }
    return greatest
  }

  /// Where the first eighth of the window begins in which the line has half of its greatest strength, and the last ends.
  private func parts(
    _ values: UnsafeMutablePointer<Double>, _ first: Int, _ size: Int, _ bin: Int, _ work: UnsafeMutablePointer<Double>
  ) -> (onset: Int, end: Int) {
    var (turnCosine, turnSine) = (1.0, 0.0)
    let (oneCosine, oneSine) = LogOscillation.turn(size)
    for _ in 0..<bin {
      (turnCosine, turnSine) = (
        turnCosine * oneCosine - turnSine * oneSine, turnSine * oneCosine + turnCosine * oneSine
      )
    }
    var (cosine, sine) = (1.0, 0.0)
    let part = size / 8
    for chunk in 0..<8 {
      var mean = 0.0
      for index in 0..<part { mean += values[(first &+ chunk &* part &+ index) % LogOscillation.window] / Double(part) }
      var (real, imaginary) = (0.0, 0.0)
      for index in 0..<part {
        let value = values[(first &+ chunk &* part &+ index) % LogOscillation.window] - mean
        real += value * cosine
        imaginary += value * sine
        (cosine, sine) = (cosine * turnCosine - sine * turnSine, sine * turnCosine + cosine * turnSine)
      }
      work[chunk] = real.magnitude + imaginary.magnitude
    }
    var greatest = 0.0
    for chunk in 0..<8 { greatest = max(greatest, work[chunk]) }
    var (onset, end) = (size, 0)
    for chunk in 0..<8 where work[chunk] >= 0.5 * greatest {
      onset = min(onset, chunk &* part)
      end = (chunk &+ 1) &* part
    }
    return end > 0 ? (onset, end) : (0, size)
  }

  /// Cosine and sine of a turn's part, 1 over a power of two, by halving the angle.
  private static func turn(_ parts: Int) -> (cosine: Double, sine: Double) {
    var (cosine, sine, size) = (-1.0, 0.0, 2)
    while size < parts {
      (cosine, sine) = size == 2 ? (0, 1) : (((1 + cosine) / 2).squareRoot(), sine)
      if size > 2 { sine /= 2 * cosine }
      size = size &* 2
    }
    return (cosine, sine)
  }

  /// The discrete Fourier transform in place (Cooley & Tukey 1965).
  private func transform(_ real: UnsafeMutablePointer<Double>, _ imaginary: UnsafeMutablePointer<Double>, _ size: Int) {
    var other = 0
    for index in 1..<size {
      var bit = size / 2
      while other & bit != 0 {
        other ^= bit
        bit /= 2
      }
      other |= bit
      if index < other { (real[index], real[other]) = (real[other], real[index]) }
    }
    var length = 2
    while length <= size {
      let (turnCosine, turnSine) = LogOscillation.turn(length)
      var start = 0
      while start < size {
        var (cosine, sine) = (1.0, 0.0)
        for index in start..<(start &+ length / 2) {
          let far = index &+ length / 2
          let a = real[far] * cosine + imaginary[far] * sine
          let b = imaginary[far] * cosine - real[far] * sine
          (real[far], imaginary[far]) = (real[index] - a, imaginary[index] - b)
          (real[index], imaginary[index]) = (real[index] + a, imaginary[index] + b)
          (cosine, sine) = (cosine * turnCosine - sine * turnSine, sine * turnCosine + cosine * turnSine)
        }
        start = start &+ length
      }
      length = length &* 2
    }
  }
}

extension LogOscillation {
  mutating func exchange(_ state: inout LogSavedState) {
    state.count(&counts.0, 1 << 60)
    state.count(&counts.1, 1 << 60)
    for part in 0..<4 {
      let count = part < 2 ? counts.0 : counts.1
      state.table(memory + part &* LogOscillation.window, min(count, LogOscillation.window))
    }
    state.plain(&partialSum)
    state.flag(&isFromStart)
    var isFound = found != nil
    state.flag(&isFound)
    guard isFound else {
      found = nil
      return
    }
    var wave = found ?? LogWave()
    state.plain(&wave.firstStep)
    state.plain(&wave.lastStep)
    state.plain(&wave.period)
    state.require(wave.period >= 0 && wave.period <= 1e6)
    state.plain(&wave.amplitude)
    state.plain(&wave.share)
    state.plain(&wave.rowCount)
    state.count(&wave.level, 1)
    state.flag(&wave.isWhole)
    found = wave
  }
}
