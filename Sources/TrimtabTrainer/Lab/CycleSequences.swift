internal import Trimtab

/// Sequences of states that run round the limit cycle, either way, measured with noise: what four families of models learn.
struct CycleSequences {
  static let length = 8
  static let deviation = 0.1
  static let angle = 0.5
  /// Numbers of a sequence.
  static let width = 2 * length

  static func samples(_ count: Int, _ trial: Trial) throws(TrimtabError) -> Samples {
    let starts = trial.numbers()
    let found = try Samples(count, width, normal: trial.numbers(), deviation: deviation)
    for row in 0..<count {
      let start = 6.283185307179586477 * starts.uniform(at: UInt64(row))
      let step = row % 2 == 0 ? angle : -angle
      for time in 0..<length {
        let (sine, cosine) = sineAndCosine(start + step * Double(time))
        found[row, 2 &* time] += cosine
        found[row, 2 &* time &+ 1] += sine
      }
    }
    return found
  }

  /// How far each step is from a turn by the angle, whichever way the sequence runs: root mean square over the sequences,
  /// early (the first three steps) and late (the last three).
  static func stepErrors(_ samples: Samples) -> (early: Double, late: Double) {
    var sums = (early: 0.0, late: 0.0)
    for row in 0..<samples.rows {
      var best = (early: Double.infinity, late: Double.infinity)
      for way in [angle, -angle] {
        let (sine, cosine) = sineAndCosine(way)
        var own = (early: 0.0, late: 0.0)
        for time in 1..<length {
          let (x, y) = (samples[row, 2 &* time &- 2], samples[row, 2 &* time &- 1])
          let dx = samples[row, 2 &* time] - (cosine * x - sine * y)
          let dy = samples[row, 2 &* time &+ 1] - (sine * x + cosine * y)
          // Whether the state is on the circle counts as well.
          let (u, v) = (samples[row, 2 &* time], samples[row, 2 &* time &+ 1])
          let off = (u * u + v * v).squareRoot() - 1
          if time <= 3 { own.early += dx * dx + dy * dy + off * off }
          if time >= length &- 3 { own.late += dx * dx + dy * dy + off * off }
        }
        if own.early + own.late < best.early + best.late { best = own }
      }
      sums.early += best.early
      sums.late += best.late
    }
    let count = 3 * Double(max(samples.rows, 1))
    return ((sums.early / count).squareRoot(), (sums.late / count).squareRoot())
  }
}
