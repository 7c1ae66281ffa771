internal import Trimtab

extension Experiment {
  /// Four families of generative models on the same sequences: each fails in a way of its own.
  static var generativeFamilies: Experiment {
    Experiment(
      "generative-families", "Four families of generative models on the same sequences", section: 9,
      axes: PlotAxes("x", "y"),
      arms: [
        Arm(.broken, "autoregressive"), Arm(.broken, "VAE"), Arm(.broken, "GAN"), Arm(.broken, "diffusion, 3 steps"),
        Arm(.cured, "diffusion, 50 steps"), Arm(.reference, "data"),
      ], run: runGenerativeFamilies)
  }
}

/// What a family's samples are like.
private struct FamilyResult {
  var coverage = 0.0
  var density = 0.0
  var error = 0.0
  var growth = 0.0
  var verdict = Verdict.unknown
}

private func runGenerativeFamilies(_ trial: Trial) throws(TrimtabError) {
  let data = try CycleSequences.samples(1000, trial)
  let real = try CycleSequences.samples(500, trial)
  let held = try CycleSequences.samples(500, trial)
  func judge(_ arm: StaticText, _ samples: Samples, evaluations: Int) throws(TrimtabError) -> FamilyResult {
    var options = CoverageOptions()
    options.binCount = 0
    let report = try sampleCoverage(real: try real.view(), fake: try samples.view(), options: options)
    let errors = CycleSequences.stepErrors(samples)
    trial.measure(arm, "coverage", report.coverage)
    trial.measure(arm, "density", report.density)
    trial.measure(arm, "step error", errors.early)
    trial.measure(arm, "late over early", errors.late / errors.early)
    trial.measure(arm, "evaluations", Double(evaluations))
    for row in 0..<60 {
      for time in 0..<CycleSequences.length {
        trial.point(arm, samples[row, 2 &* time], samples[row, 2 &* time &+ 1])
      }
    }
    var found = FamilyResult()
    (found.coverage, found.density, found.verdict) = (report.coverage, report.density, report.verdict)
    found.error = errors.early
    found.growth = errors.late / errors.early
    return found
  }
  let steps = 1500
  let autoregressive = try judge(
    "autoregressive", try AutoregressiveModel(trial, data, steps: steps, noise: 0).samples(real),
    evaluations: CycleSequences.length - 2)
  let autoencoder = try AutoencoderModel(trial, data, steps: steps, variance: 0.03)
  let blurred = try judge("VAE", try autoencoder.samples(500), evaluations: 1)
  let nets = try AdversarialNets(
    trial, width: CycleSequences.width, hidden: 48, latents: 4, batch: 64, learningRate: 2e-3, discriminatorRate: 2e-3)
  nets.train(on: data, steps: steps)
  let adversarial = try judge("GAN", try nets.samples(500), evaluations: 1)
  let diffusion = try DiffusionModel(trial, data, steps: 3 * steps)
  let few = try judge("diffusion, 3 steps", try diffusion.samples(500, evaluations: 3), evaluations: 3)
  let many = try judge("diffusion, 50 steps", try diffusion.samples(500, evaluations: 50), evaluations: 50)
  let truth = try judge("data", held, evaluations: 0)
  trial.expect(
    "autoregressive: late over early error, over the data's", autoregressive.growth / truth.growth, .atLeast(1.1))
  trial.expect("VAE: density under the data's", truth.density - blurred.density, .atLeast(0.4))
  trial.expect("VAE: step error over the data's", blurred.error / truth.error, .atLeast(1.5))
  trial.expect("GAN: coverage under the data's", truth.coverage - adversarial.coverage, .atLeast(0.17))
  trial.expect("diffusion: coverage of 50 steps less 3", many.coverage - few.coverage, .atLeast(0.18))
  trial.expect("the data itself is healthy", truth.verdict == .healthy ? 1 : 0, .atLeast(1))
}
