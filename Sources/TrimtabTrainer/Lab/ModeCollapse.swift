internal import Trimtab

extension Experiment {
  /// Five sets of samples beside eight Gaussians: which measures see what is wrong with them?
  static var modeCollapse: Experiment {
    Experiment(
      "mode-collapse", "Mode collapse: which measures are fooled?", section: 9, axes: PlotAxes("x", "y"),
      arms: [
        Arm(.broken, "4 modes"), Arm(.broken, "1 mode"), Arm(.broken, "20 memorised"), Arm(.broken, "blurred"),
        Arm(.cured, "full"),
      ], run: runModeCollapse)
  }
}

/// Eight Gaussians on a circle of radius 2.
struct EightGaussians {
  static let deviation = 0.02

  static func centres() throws(TrimtabError) -> Samples {
    let centres = try Samples(8, 2)
    for mode in 0..<8 {
      let (sine, cosine) = sineAndCosine(0.78539816339744830962 * Double(mode))
      (centres[mode, 0], centres[mode, 1]) = (2 * cosine, 2 * sine)
    }
    return centres
  }

  /// Samples of every `step`-th mode below `limit`.
  static func samples(
    _ count: Int, _ trial: Trial, step: Int = 1, limit: Int = 8, deviation: Double = EightGaussians.deviation
  ) throws(TrimtabError) -> Samples {
    let centres = try centres()
    let (modes, noise) = (trial.numbers(), trial.numbers())
    let samples = try Samples(count, 2, normal: noise, deviation: deviation)
    for row in 0..<count {
      let mode = step &* Int(modes.number(at: UInt64(row), below: UInt64(limit / step)))
      for column in 0..<2 { samples[row, column] += centres[mode, column] }
    }
    return samples
  }
}

private func runModeCollapse(_ trial: Trial) throws(TrimtabError) {
  let real = try EightGaussians.samples(1000, trial)
  let centres = try EightGaussians.centres()
  var options = CoverageOptions()
  options.modeDeviation = EightGaussians.deviation
  func measure(_ arm: StaticText, _ samples: Samples) throws(TrimtabError) -> (CoverageReport, vendi: Double) {
    let found = try sampleCoverage(
      real: try real.view(), fake: try samples.view(), modes: try centres.view(), options: options)
    let part = try Samples(samples, rows: Array(0..<600))
    let vendi = try vendiScore(try part.view(), bandwidth: 0.08).score
    trial.measure(arm, "modes", Double(found.capturedModeCount))
    trial.measure(arm, "density", found.density)
    trial.measure(arm, "coverage", found.coverage)
    trial.measure(arm, "recall", found.recall)
    trial.measure(arm, "Vendi score", vendi)
    for row in 0..<200 { trial.point(arm, samples[row, 0], samples[row, 1]) }
    return (found, vendi)
  }
  let four = try measure("4 modes", try EightGaussians.samples(1000, trial, step: 2)).0
  let one = try measure("1 mode", try EightGaussians.samples(1000, trial, limit: 1)).0
  let choice = trial.numbers()
  let memorised = try measure(
    "20 memorised", try Samples(real, rows: (0..<1000).map { Int(choice.number(at: UInt64($0), below: 20)) })
  ).0
  let blurred = try measure("blurred", try EightGaussians.samples(1000, trial, deviation: 0.17))
  let full = try measure("full", try EightGaussians.samples(1000, trial))
  let best = full.0.coverage
  trial.expect("coverage lost: 4 modes", best - four.coverage, .atLeast(0.25), measured: 0.50)
  trial.expect("coverage lost: 1 mode", best - one.coverage, .atLeast(0.42), measured: 0.84)
  trial.expect("coverage lost: 20 memorised", best - memorised.coverage, .atLeast(0.43), measured: 0.865)
  trial.expect("coverage lost: blurred", best - blurred.0.coverage, .atLeast(0.38), measured: 0.76)
  trial.expect("bins that differ: 4 modes less full", four.binShare - full.0.binShare, .atLeast(0.44), measured: 0.88)
  trial.expect("recall of the blurred, fooled", blurred.0.recall, .atLeast(0.5), measured: 1)
  trial.expect("modes of the memorised, fooled", Double(memorised.capturedModeCount), .atLeast(3.5), measured: 7)
  trial.expect("Vendi score: blurred over full, fooled", blurred.vendi / full.vendi, .atLeast(5.35), measured: 10.7)
  let seen = [four, one, memorised, blurred.0].filter { $0.verdict >= .warning }.count
  trial.expect("failures that the verdict sees", full.0.verdict == .healthy ? Double(seen) : 0, .atLeast(4))
}
