internal import Trimtab

extension Experiment {
  /// A small adversarial pair on eight Gaussians, the discriminator a tenth as fast as the generator and as fast.
  static var ganCollapse: Experiment {
    Experiment(
      "gan-collapse", "Mode collapse of a GAN whose discriminator is too slow", section: 9, axes: PlotAxes("x", "y"),
      arms: [Arm(.broken, "slow discriminator"), Arm(.cured, "equal rates"), Arm(.reference, "data")],
      run: runGANCollapse)
  }
}

private func runGANCollapse(_ trial: Trial) throws(TrimtabError) {
  let deviation = 0.1
  let data = try EightGaussians.samples(2000, trial, deviation: deviation)
  let real = try EightGaussians.samples(600, trial, deviation: deviation)
  let centres = try EightGaussians.centres()
  var options = CoverageOptions()
  options.modeDeviation = deviation
  func judge(_ arm: StaticText, _ samples: Samples) throws(TrimtabError) -> CoverageReport {
    let found = try sampleCoverage(
      real: try real.view(), fake: try samples.view(), modes: try centres.view(), options: options)
    trial.measure(arm, "modes", Double(found.capturedModeCount))
    trial.measure(arm, "density", found.density)
    trial.measure(arm, "coverage", found.coverage)
    trial.measure(arm, "recall", found.recall)
    trial.measure(arm, "bins that differ", found.binShare)
    for row in 0..<200 { trial.point(arm, samples[row, 0], samples[row, 1]) }
    return found
  }
  func train(_ arm: StaticText, rate: Double) throws(TrimtabError) -> CoverageReport {
    let nets = try AdversarialNets(
      trial, width: 2, hidden: 32, latents: 4, batch: 64, learningRate: 2e-3, discriminatorRate: rate)
    nets.train(on: data, steps: 1500)
    return try judge(arm, try nets.samples(600))
  }
  let plain = try train("slow discriminator", rate: 2e-4)
  let cured = try train("equal rates", rate: 2e-3)
  let held = try judge("data", try EightGaussians.samples(600, trial, deviation: deviation))
  trial.expect("coverage lost: slow discriminator", held.coverage - plain.coverage, .atLeast(0.5))
  trial.expect("coverage won by equal rates", cured.coverage - plain.coverage, .atLeast(0.2))
  trial.expect("modes won by equal rates", Double(cured.capturedModeCount &- plain.capturedModeCount), .atLeast(2))
  trial.expect(
    "verdict: critical of the slow one, none of the data",
    plain.verdict == .critical && held.verdict < .warning ? 1 : 0, .atLeast(1))
}
