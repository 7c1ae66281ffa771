internal import Trimtab

extension Experiment {
  /// A linear variational autoencoder, whose best is known exactly: how many latent dimensions stay active?
  static var posteriorCollapse: Experiment {
    Experiment(
      "posterior-collapse", "Posterior collapse of a linear VAE", section: 9,
      axes: PlotAxes("step", "active dimensions"),
      arms: [
        Arm(.broken, "beta 20"), Arm(.broken, "beta 4"), Arm(.cured, "beta 1"), Arm(.cured, "beta 20, free bits"),
        Arm(.reference, "variance 1"), Arm(.reference, "variance 3"),
      ], run: runPosteriorCollapse)
  }
}

private let eigenvalues = [4, 2, 1.2, 0.8, 0.5, 0.1]
private let steps = 4000

private func runPosteriorCollapse(_ trial: Trial) throws(TrimtabError) {
  var farthest = 0.0
  func train(
    _ arm: StaticText, _ variance: Double, beta: Double = 1, freeBits: Double = 0
  ) throws(TrimtabError) -> PosteriorReport {
    let model = try LinearAutoencoder(trial, variance: variance, beta: beta, freeBits: freeBits)
    let found = try model.train(trial, arm)
    let oracle = try eigenvalues.withUnsafeBufferPointer { (values) throws(TrimtabError) in
      try LinearPosterior(eigenvalues: values, decoderVariance: variance, beta: beta)
    }
    trial.measure(arm, "active dimensions", Double(found.activeCount))
    trial.measure(arm, "active by the oracle", Double(oracle.activeCount))
    trial.measure(arm, "divergence", found.divergence)
    trial.measure(arm, "divergence by the oracle", oracle.divergence)
    trial.measure(arm, "reconstruction error", model.reconstructionError)
    if beta == 1 { farthest = max(farthest, (found.divergence - oracle.divergence).magnitude) }
    return found
  }
  let strong = try train("beta 20", 0.3, beta: 20)
  let middle = try train("beta 4", 0.3, beta: 4)
  let plain = try train("beta 1", 0.3)
  let freed = try train("beta 20, free bits", 0.3, beta: 20, freeBits: 0.3)
  let one = try train("variance 1", 1)
  let three = try train("variance 3", 3)
  trial.expect("divergence off the oracle at variance .3, 1, 3", farthest, .atMost(0.028), measured: 0.014)
  trial.expect("active: beta 1", Double(plain.activeCount), .atLeast(5), measured: 5)
  trial.expect("active: variance 1", Double(one.activeCount), .atMost(3), measured: 3)
  trial.expect("active: variance 3", Double(three.activeCount), .atMost(1), measured: 1)
  trial.expect(
    "active lost: beta 1 to 4", Double(plain.activeCount &- middle.activeCount), .atLeast(1.5), measured: 3)
  trial.expect(
    "active lost: beta 1 to 20", Double(plain.activeCount &- strong.activeCount), .atLeast(2.5), measured: 5)
  trial.expect(
    "active won back at beta 20 by free bits", Double(freed.activeCount &- strong.activeCount), .atLeast(2.5))
  trial.expect(
    "verdict: critical of beta 20 alone", strong.verdict == .critical && plain.verdict < .warning ? 1 : 0, .atLeast(1))
}

/// Encoder x V, decoder z W, posterior variances exp l, trained by the gradient of the exact bound.
private final class LinearAutoencoder {
  private let tape: Tape
  private let codes: Value
  private let logVariances: Value
  private let error: Value
  private let learner: TapeLearner

  /// Rows whose squares sum to the covariance stand for the data: the bound knows no more of them.
  init(_ trial: Trial, variance: Double, beta: Double, freeBits: Double) throws(TrimtabError) {
    tape = try Tape(precision: .float64)
    let count = eigenvalues.count
    let data = tape.leaf(Shape(count, count))
    for index in 0..<count { tape.set(data, at: index &* count &+ index, to: eigenvalues[index].squareRoot()) }
    let encoder = tape.parameter(count, count, deviation: 0.1, trial.numbers())
    let decoder = tape.parameter(count, count, deviation: 0.1, trial.numbers())
    logVariances = tape.leaf(Shape(1, count))
    codes = tape.product(data, encoder)
    let variances = tape.apply(ElementFunction(.exponential), logVariances)
    // E |x - z W|^2 = |A - A V W|^2 + sum of s_u^2 |W_u|^2, u the rows of W.
    let rows = tape.sum(tape.square(decoder), over: 2)
    let spread = tape.product(variances, rows)
    error = tape.add(tape.sum(tape.square(tape.subtract(data, tape.product(codes, decoder)))), tape.sum(spread))
    let twice = tape.subtract(
      tape.add(tape.sum(tape.square(codes), over: 1), variances), tape.scale(logVariances, by: 1, plus: 1))
    // What is below the free bits costs nothing.
    let paid = tape.apply(ElementFunction(.leaky, a: 0), tape.scale(twice, by: 0.5, plus: -freeBits))
    let divergence = freeBits > 0 ? tape.sum(paid) : tape.scale(tape.sum(twice), by: 0.5)
    let loss = tape.add(tape.scale(error, by: 0.5 / variance), tape.scale(divergence, by: beta))
    learner = try TapeLearner(
      tape, loss: loss, [encoder, decoder, logVariances], OptimizerOptions(.adam, learningRate: 0.01))
  }

  var reconstructionError: Double { tape.number(error) }

  func train(_ trial: Trial, _ arm: StaticText) throws(TrimtabError) -> PosteriorReport {
    for step in 0..<steps {
      tape.replay()
      // The last quarter comes to rest.
      learner.step(learningRate: 0.01 * min(1, 4 * (1 - Double(step) / Double(steps))))
      if step % 100 == 0 { trial.point(arm, Double(step), Double(try report().activeCount)) }
    }
    tape.replay()
    return try report()
  }

  /// Of points whose mean and covariance are the data's: plus and minus the rows, times the root of their number.
  private func report() throws(TrimtabError) -> PosteriorReport {
    let own = try tape.samples(of: codes)
    let spread = try tape.samples(of: logVariances)
    let (means, logs) = (try Samples(2 &* own.rows, own.columns), try Samples(2 &* own.rows, own.columns))
    let scale = Double(own.rows).squareRoot()
    for row in 0..<own.rows {
      for column in 0..<own.columns {
        means[row, column] = scale * own[row, column]
        means[own.rows &+ row, column] = -scale * own[row, column]
        (logs[row, column], logs[own.rows &+ row, column]) = (spread[0, column], spread[0, column])
      }
    }
    return try posteriorCollapse(means: try means.view(), logVariances: try logs.view())
  }
}
