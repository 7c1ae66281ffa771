internal import Trimtab

extension Experiment {
  /// A net that goes on with its own labels: three blobs, four labels each. What makes the labels move less, and what it
  /// does not make better.
  static var selfTraining: Experiment {
    Experiment(
      "self-training", "Pseudo-label drift: gate, consistency, averaged teacher", section: 8,
      axes: PlotAxes("round", "mean KL from the round before", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "none"), Arm(.cured, "gate .8"), Arm(.cured, "consistency 10"),
        Arm(.cured, "gate, consistency 10"), Arm(.cured, "averaged teacher"), Arm(.cured, "gate, averaged teacher"),
      ], run: runSelfTraining)
  }
}

private func runSelfTraining(_ trial: Trial) throws(TrimtabError) {
  let school = try School(blobs: trial)
  var none = SelfTrainingMode()
  (none.rate, none.stepsPerRound) = (0.2, 7)
  var (gate, consistency, average) = (none, none, none)
  gate.gate = GateOptions(.fixMatch, classes: 3, threshold: 0.8)
  consistency.consistency = 10
  average.averageDecay = 0.95
  var (gatedConsistency, gatedAverage) = (consistency, average)
  gatedConsistency.gate = gate.gate
  gatedAverage.gate = gate.gate
  func taught(_ arm: StaticText, _ mode: SelfTrainingMode) throws(TrimtabError) -> Drift {
    let found = try school.teach(trial, arm, mode)
    trial.measure(arm, "flip rate", found.flip)
    trial.measure(arm, "flip rate of used labels", found.usedFlip)
    trial.measure(arm, "mean KL", found.divergence)
    trial.measure(arm, "oscillation rate", found.oscillation)
    trial.measure(arm, "accuracy", found.accuracy)
    return found
  }
  let plain = try taught("none", none)
  let gated = try taught("gate .8", gate)
  let held = try taught("consistency 10", consistency)
  let both = try taught("gate, consistency 10", gatedConsistency)
  let taughtByAverage = try taught("averaged teacher", average)
  let last = try taught("gate, averaged teacher", gatedAverage)
  trial.expect("none: flip rate", plain.flip, .atLeast(0.003), measured: 0.0061)
  trial.expect("gate: flip rate of used labels", gated.usedFlip, .atMost(0.003), measured: 0)
  trial.expect(
    "flip rate, none over averaged teacher", plain.flip / max(taughtByAverage.flip, 1e-4), .atLeast(1.7), measured: 3.4)
  // Half of the measured fall, in decades: half of the ratio itself would be next to no fall.
  trial.expect("KL, none over consistency 10", plain.divergence / held.divergence, .atLeast(1.717), measured: 2.95)
  trial.expect(
    "KL, none over gate and consistency 10", plain.divergence / both.divergence, .atLeast(2.2), measured: 4.4)
  trial.expect(
    "KL, none over averaged teacher", plain.divergence / taughtByAverage.divergence, .atLeast(5.2), measured: 10.5)
  trial.expect(
    "KL, none over gate and averaged teacher", plain.divergence / last.divergence, .atLeast(9.6), measured: 19.2)
  // Drift is cured, accuracy is not.
  trial.expect(
    "averaged teacher: accuracy less that of none", taughtByAverage.accuracy - plain.accuracy, .atMost(0.02),
    measured: -0.008)
}
