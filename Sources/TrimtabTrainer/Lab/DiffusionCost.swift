internal import Trimtab

extension Experiment {
  /// Two Gaussians whose noise is known exactly, sampled with few steps and with many.
  static var diffusionCost: Experiment {
    Experiment(
      "diffusion-cost", "What quality costs a diffusion sampler", section: 9,
      axes: PlotAxes("function evaluations", "Wasserstein distance", logarithmic: (true, true)),
      arms: [
        Arm(.broken, "8 evaluations"), Arm(.cured, "as many as asked"), Arm(.reference, "DDIM"),
        Arm(.reference, "DDPM"),
      ], run: runDiffusionCost)
  }
}

private let curve = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1000]
private let pairs = 1000

private func runDiffusionCost(_ trial: Trial) throws(TrimtabError) {
  let reference = try mixtureQuantiles(2 &* pairs)
  let (starts, noise) = (trial.numbers(), trial.numbers())
  func distances(_ arm: StaticText, isStochastic: Bool) throws(TrimtabError) -> Samples {
    let found = try Samples(2, curve.count)
    for (place, evaluations) in curve.enumerated() {
      let samples = try DiffusionSampler().samples(evaluations, starts, isStochastic ? noise : nil)
      found[0, place] = Double(evaluations)
      found[1, place] = try wassersteinDistance(try samples.view(), try reference.view())
      trial.point(arm, Double(evaluations), found[1, place])
    }
    return found
  }
  let ddim = try distances("DDIM", isStochastic: false)
  let ddpm = try distances("DDPM", isStochastic: true)
  func judge(_ curve: Samples, inUse: Int) throws(TrimtabError) -> SamplingCostReport {
    var options = SamplingCostOptions()
    options.evaluationsInUse = inUse
    // Of two draws of 20000 (definitions 9.4).
    options.noiseFloor = 0.023
    let (evaluations, values) = (try Samples(curve, rows: [0]), try Samples(curve, rows: [1]))
    let count = curve.columns
    return try samplingCost(
      evaluations: try TensorView(evaluations.pointer, .float64, shape: [count]),
      distances: try TensorView(values.pointer, .float64, shape: [count]), options: options)
  }
  for (arm, found) in [("DDIM" as StaticText, ddim), ("DDPM" as StaticText, ddpm)] {
    let report = try judge(found, inUse: 0)
    trial.measure(arm, "distance", report.manyStepDistance)
    trial.measure(arm, "evaluations", Double(report.greatestEvaluations))
    trial.measure(arm, "least evaluations", Double(report.leastEvaluations))
    trial.measure(arm, "order", report.order)
  }
  let few = try judge(ddim, inUse: 8)
  let enough = try judge(ddim, inUse: few.leastEvaluations)
  for (arm, report, used) in [
    ("8 evaluations" as StaticText, few, 8), ("as many as asked", enough, few.leastEvaluations),
  ] {
    trial.measure(arm, "distance", report.distance)
    trial.measure(arm, "evaluations", Double(used))
  }
  trial.expect("DDIM: distance of 4 over 8", ddim[1, 2] / ddim[1, 3], .atLeast(2.64), measured: 5.28)
  trial.expect("DDIM: distance of 8 over 64", ddim[1, 3] / ddim[1, 6], .atLeast(3.35), measured: 6.71)
  trial.expect("DDIM: order", few.order, .atLeast(0.45), measured: 0.9)
  trial.expect("one evaluation: distance", ddim[1, 0], .atLeast(0.99), measured: 1.983)
  trial.expect("DDPM over DDIM at 32", ddpm[1, 5] / ddim[1, 5], .atLeast(1.5), measured: 2)
  trial.expect(
    "verdict: a warning of 8 alone", few.verdict == .warning && enough.verdict < .warning ? 1 : 0, .atLeast(1))
}

/// Of half N(-2, .3^2) and half N(2, .3^2), at the middles of equal shares; the halves hardly overlap.
private func mixtureQuantiles(_ count: Int) throws(TrimtabError) -> Samples {
  let found = try Samples(count, 1)
  let half = count / 2
  for row in 0..<half {
    let own = 0.3 * normalQuantile((Double(row) + 0.5) / Double(half))
    (found[row, 0], found[half &+ row, 0]) = (own - 2, own + 2)
  }
  return found
}

/// Linear betas from 1e-4 to 0.02 over 1000 steps, and the exact noise of the two Gaussians.
private struct DiffusionSampler {
  private let kept: [Double]

  init() {
    var (product, list) = (1.0, [Double]())
    for step in 0..<1000 {
      product *= 1 - (1e-4 + (0.02 - 1e-4) * Double(step) / 999)
      list.append(product)
    }
    kept = list
  }

  /// E[eps | x] at a step that keeps a share of the signal's variance.
  private func noise(_ x: Double, _ kept: Double) -> Double {
    let centre = 2 * kept.squareRoot()
    let variance = 0.09 * kept + 1 - kept
    return (1 - kept).squareRoot() * (x - centre * hyperbolicTangent(centre * x / variance)) / variance
  }

  /// Samples in pairs x and -x: the law is symmetric, so that both halves get as many.
  ///
  /// - Parameter steps: equally spaced from the last to the first.
  /// - Parameter numbers: of the noise of DDPM; nil for DDIM.
  func samples(_ steps: Int, _ starts: RandomNumbers, _ numbers: RandomNumbers?) throws(TrimtabError) -> Samples {
    let found = try Samples(2 &* pairs, 1)
    for pair in 0..<pairs {
      // One start in each of equal shares of the normal law: the same for every number of steps.
      let share = (Double(pair) + starts.uniform(at: UInt64(pair))) / Double(2 * pairs)
      var x = normalQuantile(share)
      for step in 0..<steps {
        let now = kept[place(step, steps)]
        let next = step &+ 1 < steps ? kept[place(step &+ 1, steps)] : 1
        let noise = noise(x, now)
        let clean = (x - (1 - now).squareRoot() * noise) / now.squareRoot()
        var added = 0.0
        if numbers != nil { added = max(0, (1 - next) / (1 - now) * (1 - now / next)) }
        x = next.squareRoot() * clean + max(0, 1 - next - added).squareRoot() * noise
        if let numbers, added > 0 {
          x += added.squareRoot() * numbers.normal(at: UInt64(step) << 32 | UInt64(pair))
        }
      }
      (found[pair, 0], found[pairs &+ pair, 0]) = (x, -x)
    }
    return found
  }

  private func place(_ step: Int, _ steps: Int) -> Int {
    steps > 1 ? Int((999 * (1 - Double(step) / Double(steps - 1))).rounded()) : 999
  }
}
