internal import Trimtab

extension Experiment {
  /// The Dirac-GAN under R1 of several strengths: without it the players circle outwards, with far too much they crawl.
  static var diracGAN: Experiment {
    Experiment(
      "dirac-gan", "Dirac-GAN: what a gradient penalty does to a game", section: 7,
      axes: PlotAxes("step", "distance from the equilibrium", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "no penalty"), Arm(.cured, "R1 0.5"), Arm(.cured, "R1 1"), Arm(.cured, "R1 2"),
        Arm(.reference, "R1 10"),
      ], run: runDiracGame)
  }
}

private func runDiracGame(_ trial: Trial) throws(TrimtabError) {
  func radius(_ arm: StaticText, _ penalty: Double) throws(TrimtabError) -> Double {
    var game = DiracGAN(penalty: penalty)
    for step in 0..<500 {
      if step % 5 == 0 { trial.point(arm, Double(step), max(game.radius, 1e-12)) }
      game.step(0.1)
    }
    let jacobian = try Samples(2, 2)
    (jacobian[0, 0], jacobian[0, 1], jacobian[1, 0], jacobian[1, 1]) = game.jacobian
    let stability = try gameStability(try jacobian.view(), step: 0.1)
    trial.measure(arm, "radius after 500 steps", game.radius)
    trial.measure(arm, "max |1 + h mu|", stability.greatestModulus)
    trial.measure(arm, "called unstable", stability.verdict >= .warning ? 1 : 0)
    return game.radius
  }
  let free = try radius("no penalty", 0)
  let half = try radius("R1 0.5", 0.5)
  let one = try radius("R1 1", 1)
  let two = try radius("R1 2", 2)
  let ten = try radius("R1 10", 10)
  // The game has no chance in it: the digits are safe.
  trial.expect("radius without a penalty", free, .atLeast(2.2535), measured: 2.254)
  trial.expect("radius under R1 0.5", half, .atMost(0.0005), measured: 0.000)
  trial.expect("radius under R1 1", one, .atMost(0.0005), measured: 0.000)
  trial.expect("radius under R1 2", two, .atMost(0.0015), measured: 0.001)
  trial.expect("radius under R1 10, which is slow", ten, .atLeast(0.2845), measured: 0.285)
}
