internal import Trimtab

extension Experiment {
  /// Signals that differ the more, the finer one looks: what a held-out classifier tells by resolution, what an optimal
  /// discriminator leaves the generator there, and a curriculum that begins where the two overlap.
  static var coarseToFine: Experiment {
    Experiment(
      "coarse-to-fine", "Overlap by resolution, and a curriculum", section: 6,
      axes: PlotAxes("step", "shift left", logarithmic: (true, true)),
      arms: [
        Arm(.reference, "r = 4"), Arm(.reference, "r = 16"), Arm(.reference, "r = 64"),
        Arm(.broken, "full resolution"), Arm(.cured, "coarse to fine"),
      ], run: runCoarseToFine)
  }
}

/// Points of a signal.
private let length = 64
/// Deviation of the generator's Haar coefficients over the data's, by octave from the coarsest: what the accuracies of the
/// definitions' Bayes classifier (.516, .523, .557, .650, .798, .944) come to.
private let ratios = [1.0, 1.0677, 1.0421, 1.1020, 1.1995, 1.3005, 1.4052]
/// Shift of each coefficient, in deviations: .927 sqrt r at resolution r, hence the definitions' saturating signals.
private let shift = 0.927
private let rate = 0.1
private let mostSteps = 4000

/// The octave of a Haar coefficient: 0 for the mean, then 1, 1, 2, 4, ... of them.
private func octave(_ place: Int) -> Int { place == 0 ? 0 : place.bitWidth &- place.leadingZeroBitCount }

private func runCoarseToFine(_ trial: Trial) throws(TrimtabError) {
  try compareByResolution(trial)
  try trainTheShift(trial)
}

/// Haar coefficients, and the signals that they make.
private func signals(_ coefficients: Samples) throws(TrimtabError) -> Samples {
  let result = try Samples(coefficients.rows, length)
  for row in 0..<coefficients.rows {
    result[row, 0] = coefficients[row, 0]
    var size = 1
    while size < length {
      for place in stride(from: size &- 1, through: 0, by: -1) {
        let (mean, difference) = (result[row, place], coefficients[row, size &+ place])
        result[row, 2 &* place] = (mean + difference) * 0.70710678118654752440
        result[row, 2 &* place &+ 1] = (mean - difference) * 0.70710678118654752440
      }
      size = size &* 2
    }
  }
  return result
}

private func compareByResolution(_ trial: Trial) throws(TrimtabError) {
  let count = 2000
  let real = try Samples(count, length, normal: trial.numbers())
  let fake = try Samples(count, length, normal: trial.numbers())
  for row in 0..<count {
    for place in 0..<length { fake[row, place] *= ratios[octave(place)] }
  }
  let (first, second) = (try signals(real), try signals(fake))
  var options = OverlapOptions()
  options.seed = trial.seed
  options.directionCount = 8
  options.pairedSampleCount = 100
  var found: [Double] = []
  var overlaps: [Double] = []
  var gap = 0.0
  for (arm, resolution) in [("r = 1" as StaticText, 1), ("r = 4", 4), ("r = 16", 16), ("r = 64", 64)] {
    options.resolution = resolution
    let report = try overlap(real: try first.view(), fake: try second.view(), options: options)
    let bayes = bayesAccuracy(real, fake, resolution)
    found.append(report.accuracy)
    overlaps.append(report.overlap)
    gap = max(gap, report.accuracy - bayes, bayes - report.accuracy)
    guard resolution > 1 else { continue }
    trial.measure(arm, "classifier accuracy", report.accuracy)
    trial.measure(arm, "Bayes accuracy", bayes)
    trial.measure(arm, "overlap", report.overlap)
  }
  trial.expect("overlap at 1", overlaps[0], .atLeast(0.9), measured: 1)
  trial.expect("accuracy at 16 less that at 4", found[2] - found[1], .atLeast(0.0575), measured: 0.115)
  trial.expect("accuracy at 64 less that at 16", found[3] - found[2], .atLeast(0.15), measured: 0.299)
  trial.expect("overlap at 64", overlaps[3], .atMost(0.226), measured: 0.113)
  trial.expect("greatest distance from Bayes", gap, .atMost(0.04), measured: 0.008)
}

/// Of the likelihood ratio, on the samples themselves.
private func bayesAccuracy(_ real: Samples, _ fake: Samples, _ resolution: Int) -> Double {
  func isReal(_ samples: Samples, _ row: Int) -> Bool {
    var ratio = 0.0
    for place in 0..<resolution {
      let (s, x) = (ratios[octave(place)], samples[row, place])
      ratio += logarithm(s) - 0.5 * x * x * (1 - 1 / (s * s))
    }
    return ratio > 0
  }
  var (right, wrong) = (0, 0)
  for row in 0..<real.rows {
    if isReal(real, row) { right = right &+ 1 }
    if isReal(fake, row) { wrong = wrong &+ 1 }
  }
  return 0.5 * (1 + Double(right &- wrong) / Double(real.rows))
}

/// A generator that is off by a shift of amplitude a along a fixed direction, by the saturating loss of a discriminator
/// that is optimal at a resolution: a falls by `rate` E[D] a a step, the loss's slope over the squared length of the shift
/// there.
private func trainTheShift(_ trial: Trial) throws(TrimtabError) {
  let numbers = trial.numbers()
  func signal(
    _ distance: Double, _ step: Int, isAudit: Bool, of count: Int = 1024
  ) throws(TrimtabError) -> GeneratorSignalReport {
    // The optimal logit sees the samples along the shift alone, in deviations. Stratified draws: at the full resolution
    // one in a thousand carries all of the signal.
    let (real, fake, slopes) = (try Samples(count, 1), try Samples(count, 1), try Samples(count, 1))
    for row in 0..<count {
      let u = (Double(row) + numbers.uniform(at: UInt64(step &* count &+ row))) / Double(count)
      let x = normalQuantile(u)
      if isAudit { real[row, 0] = 0.5 * distance * distance - distance * x }
      fake[row, 0] = -0.5 * distance * distance - distance * x
      slopes[row, 0] = distance
    }
    let found = GeneratorSignal()
    try found.add(real: isAudit ? try real.view() : nil, fake: try fake.view(), slopes: try slopes.view())
    return found.report()
  }
  for (arm, resolution) in [("r = 4" as StaticText, 4), ("r = 16", 16), ("r = 64", 64)] {
    let found = try signal(shift * Double(resolution).squareRoot(), 0, isAudit: false, of: 1 << 17)
    trial.measure(arm, "saturating signal", found.saturating)
    if resolution == 4 { trial.expect("saturating signal at 4", found.saturating, .atLeast(0.2325), measured: 0.465) }
    if resolution == 64 { trial.expect("saturating signal at 64", found.saturating, .atMost(2.4e-3), measured: 1.2e-3) }
  }
  func steps(_ arm: StaticText, _ levels: [Int]) throws(TrimtabError) -> Double {
    var options = CurriculumOptions()
    options.levelCount = levels.count
    options.patience = 1
    options.fadeImages = 1
    let curriculum = try Curriculum(options: options)
    var amplitude = 1.0
    for step in 0..<mostSteps {
      trial.point(arm, Double(step &+ 1), amplitude)
      // Done where the full resolution overlaps by 4/5.
      guard amplitude * shift * Double(length).squareRoot() > 0.5 else { return Double(step) }
      let level = levels[curriculum.report().level]
      let isAudit = step % 10 == 9
      let found = try signal(amplitude * shift * Double(level).squareRoot(), step &+ 1, isAudit: isAudit)
      amplitude -= rate * found.meanDiscriminator * amplitude
      // The discriminator is optimal at every step, so its loss stands still.
      if isAudit { _ = try curriculum.audit(images: 10, overlap: found.overlap, isPlateau: true) }
    }
    return Double(mostSteps)
  }
  let full = try steps("full resolution", [length])
  let curriculum = try steps("coarse to fine", [2, 4, 8, 16, 32, length])
  trial.measure("full resolution", "steps", full)
  trial.measure("coarse to fine", "steps", curriculum)
  trial.expect("steps at full resolution (4000: never)", full, .atLeast(4000), measured: 4000)
  trial.expect("steps coarse to fine", curriculum, .atMost(124), measured: 62)
}
