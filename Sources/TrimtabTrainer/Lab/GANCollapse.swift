internal import Trimtab

extension Experiment {
  /// A small adversarial pair on eight Gaussians, without and with a penalty on the discriminator's gradient.
  static var ganCollapse: Experiment {
    Experiment(
      "gan-collapse", "Mode collapse of a GAN, and a gradient penalty", section: 9, axes: PlotAxes("x", "y"),
      arms: [Arm(.broken, "GAN"), Arm(.cured, "gradient penalty"), Arm(.reference, "data")], run: runGANCollapse)
  }
}

private func runGANCollapse(_ trial: Trial) throws(TrimtabError) {
  let deviation = 0.1
  let data = try EightGaussians.samples(2000, trial, deviation: deviation)
  let real = try EightGaussians.samples(600, trial, deviation: deviation)
  let centres = try EightGaussians.centres()
  var options = CoverageOptions()
  options.modeDeviation = deviation
  func judge(_ arm: StaticString, _ samples: Samples) throws(TrimtabError) -> CoverageReport {
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
  func train(_ arm: StaticString, penalty: Double) throws(TrimtabError) -> CoverageReport {
    let nets = try AdversarialNets(
      trial, width: 2, hidden: 32, latents: 4, batch: 64, learningRate: 2e-3, penalty: penalty)
    nets.train(on: data, steps: 2500)
    return try judge(arm, try nets.samples(600))
  }
  let plain = try train("GAN", penalty: 0)
  let cured = try train("gradient penalty", penalty: 0.1)
  let held = try judge("data", try EightGaussians.samples(600, trial, deviation: deviation))
  trial.expect("coverage lost by the GAN", held.coverage - plain.coverage, .atLeast(0.3))
  trial.expect("coverage: gradient penalty over GAN", cured.coverage / max(plain.coverage, 1e-3), .atLeast(1.5))
  trial.expect("modes won by the gradient penalty", Double(cured.capturedModeCount &- plain.capturedModeCount), .atLeast(1))
  trial.expect(
    "verdict: a finding of the GAN, none of the data",
    plain.verdict >= .warning && held.verdict < .warning ? 1 : 0, .atLeast(1))
}
