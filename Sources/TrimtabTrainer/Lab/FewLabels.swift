internal import Trimtab

extension Experiment {
  /// Handwritten digits of which thirty have labels: the gates of FixMatch, FlexMatch and FreeMatch and an averaged teacher
  /// on a net, and a learning rate at which a consistency term makes it worse.
  static var fewLabels: Experiment {
    Experiment(
      "few-labels", "Digits with few labels, and where consistency fails", section: 8,
      axes: PlotAxes("round", "mean KL from the round before", logarithmic: (false, true)),
      arms: [
        Arm(.broken, "none"), Arm(.cured, "FixMatch gate"), Arm(.cured, "FreeMatch gate"),
        Arm(.cured, "averaged teacher"), Arm(.reference, "linear, rate .5"),
        Arm(.broken, "linear, rate .5, consistency 5"),
      ], run: runFewLabels)
  }
}

private func runFewLabels(_ trial: Trial) throws(TrimtabError) {
  let school = try School(digits: trial, labelled: 30)
  var none = SelfTrainingMode()
  (none.rate, none.rounds, none.stepsPerRound, none.hiddenUnits) = (0.05, 40, 20, [32])
  var (fixed, free, average, fast) = (none, none, none, none)
  fixed.gate = GateOptions(.fixMatch, classes: 10)
  free.gate = GateOptions(.freeMatch, classes: 10)
  free.gate?.decay = 0.9
  average.averageDecay = 0.95
  (fast.rate, fast.hiddenUnits) = (0.5, [])
  var held = fast
  (held.consistency, held.isConsistencyOfBatch) = (5, true)
  func taught(_ arm: StaticText, _ mode: SelfTrainingMode) throws(TrimtabError) -> Drift {
    let found = try school.teach(trial, arm, mode)
    trial.measure(arm, "flip rate", found.flip)
    trial.measure(arm, "flip rate of used labels", found.usedFlip)
    trial.measure(arm, "mean KL", found.divergence)
    trial.measure(arm, "share that passes the gate", found.coverage)
    trial.measure(arm, "accuracy", found.accuracy)
    return found
  }
  let plain = try taught("none", none)
  let gated = try taught("FixMatch gate", fixed)
  _ = try taught("FreeMatch gate", free)
  let teacher = try taught("averaged teacher", average)
  let broken = try taught("linear, rate .5", fast)
  let worse = try taught("linear, rate .5, consistency 5", held)
  trial.expect(
    "flip rate, none over averaged teacher", plain.flip / max(teacher.flip, 1e-6), .atLeast(1.7), measured: 3.4)
  trial.expect("FixMatch: flip rate of used labels less that of all", gated.usedFlip - gated.flip, .atMost(0))
  trial.expect("averaged teacher: accuracy less that of none", teacher.accuracy - plain.accuracy, .atMost(0.03))
  trial.expect(
    "rate .5: flip rate with consistency over without", worse.flip / max(broken.flip, 1e-6), .atLeast(1.3),
    measured: 2.64)
}

extension School {
  /// Digits; the first so many of them have labels, as many of each class.
  convenience init(digits trial: Trial, labelled count: Int) throws(TrimtabError) {
    let (images, labels) = try Digits.load()
    let chance = trial.numbers()
    // Each block of ten images shows each digit once: a seed takes blocks of its own.
    let start = Int(chance.number(at: 0, below: UInt64(Digits.count / 10)))
    var (known, other): ([Int], [Int]) = ([], [])
    for place in 0..<Digits.count {
      let row = (place &+ 10 &* start) % Digits.count
      if place < count { known.append(row) } else { other.append(row) }
    }
    self.init(
      classes: 10, labelled: try Samples(images, rows: known), labels: known.map { labels[$0] },
      others: try Samples(images, rows: other), truth: other.map { labels[$0] })
  }
}
