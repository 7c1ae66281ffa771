internal import Trimtab

/// How a net is trained on its own labels.
struct SelfTrainingMode {
  /// Which labels are trained on; nil: all.
  var gate: GateOptions?
  /// The weight of a consistency term, the mean over all samples without labels of KL(p of the round before || p).
  var consistency = 0.0
  /// Whether that mean is taken over the samples of the step alone.
  var isConsistencyOfBatch = false
  /// Of an averaged teacher, a step; 0: the net labels for itself.
  var averageDecay = 0.0
  var rate = 0.1
  var rounds = 80
  var stepsPerRound = 10
  var hiddenUnits: [Int] = []
}

/// What became of the labels, over the second half of the rounds.
struct Drift {
  var flip = 0.0
  var usedFlip = 0.0
  var divergence = 0.0
  var oscillation = 0.0
  var coverage = 0.0
  var accuracyBefore = 0.0
  var accuracy = 0.0
}

extension GateOptions {
  init(_ method: GateMethod, classes: Int, threshold: Double = 0.95, samples: Int = 0) {
    self.init()
    self.method = method
    classCount = classes
    sampleCount = samples
    self.threshold = threshold
  }
}

/// Samples of which few have labels.
final class School {
  let classes: Int
  let labelled: Samples
  let labels: [Int]
  let others: Samples
  let truth: [Int]
  /// Four of each in a step.
  private let batch = 4

  init(classes: Int, labelled: Samples, labels: [Int], others: Samples, truth: [Int]) {
    self.classes = classes
    self.labelled = labelled
    self.labels = labels
    self.others = others
    self.truth = truth
  }

  /// Three blobs of deviation 1 that overlap, 300 samples and 12 with labels.
  convenience init(blobs trial: Trial) throws(TrimtabError) {
    let radius = 1.35
    let centres = [(0.0, radius), (-0.866 * radius, -0.5 * radius), (0.866 * radius, -0.5 * radius)]
    func blobs(_ classes: [Int]) throws(TrimtabError) -> Samples {
      let samples = try Samples(classes.count, 2, normal: trial.numbers())
      for (row, label) in classes.enumerated() {
        samples[row, 0] += centres[label].0
        samples[row, 1] += centres[label].1
      }
      return samples
    }
    let chance = trial.numbers()
    let truth = (0..<300).map { Int(chance.number(at: UInt64($0), below: 3)) }
    let labels = (0..<12).map { $0 % 3 }
    self.init(classes: 3, labelled: try blobs(labels), labels: labels, others: try blobs(truth), truth: truth)
  }

  /// Trains on the labels alone, then round for round on labels of the net's own.
  func teach(_ trial: Trial, _ arm: StaticText, _ mode: SelfTrainingMode) throws(TrimtabError) -> Drift {
    let chance = RandomNumbers(seed: trial.seed, stream: 7)
    let (student, teacher) = (try net(trial, mode), try net(trial, mode))
    let targets = try Samples(labels.count, classes)
    for (row, label) in labels.enumerated() { targets[row, label] = 1 / Double(labels.count) }
    for _ in 0..<100 { _ = try student.step(try labelled.view(), try targets.view()) }
    try copyWeights(of: student, to: teacher, decay: 0)

    var gates: PseudoLabelGate?
    if let gate = mode.gate { gates = try PseudoLabelGate(options: gate) }
    var options = DriftOptions()
    options.confidenceGate = mode.gate?.threshold ?? 0
    let drift = try LabelDrift(options: options)
    let passes = try Storage<UInt8>(count: others.rows, for: "gate")
    var found = Drift()
    var before = try probabilities(student)
    try drift.add(round: 0, predictions: try before.view())
    found.accuracyBefore = accuracy(before)
    for round in 1...mode.rounds {
      let said = mode.averageDecay > 0 ? try probabilities(teacher) : before
      for place in 0..<passes.count { passes.pointer[place] = 1 }
      let coverage = try gates?.apply(try said.view(), passes: passes.pointer).coverage ?? 1
      for step in 0..<mode.stepsPerRound {
        let first = UInt64(((round &* mode.stepsPerRound) &+ step) &* 2 &* batch)
        let (x, y) = try lesson(chance, first, said, before, passes.pointer, mode)
        _ = try student.step(try x.view(), try y.view())
        if mode.averageDecay > 0 { try copyWeights(of: student, to: teacher, decay: mode.averageDecay) }
      }
      before = try probabilities(mode.averageDecay > 0 ? teacher : student)
      try drift.add(round: round, predictions: try before.view())
      let report = drift.report()
      trial.point(arm, Double(round), report.kullbackLeibler)
      if round &* 2 > mode.rounds { found.add(report, coverage, of: mode.rounds - mode.rounds / 2) }
    }
    found.accuracy = accuracy(before)
    return found
  }

  /// A batch, and as its targets what -sum t ln p has to be made small for, each over how many there are of a kind: for a
  /// sample with a label its class; for another the class it was given, if that passed the gate. Under a consistency
  /// term of all, all others follow, with its weight times what the round before gave: the gradient of weight times
  /// KL(before || p).
  private func lesson(
    _ chance: RandomNumbers, _ first: UInt64, _ said: Samples, _ before: Samples, _ passes: UnsafePointer<UInt8>,
    _ mode: SelfTrainingMode
  ) throws(TrimtabError) -> (Samples, Samples) {
    let weight = mode.consistency
    let count = 2 &* batch &+ (weight > 0 && !mode.isConsistencyOfBatch ? others.rows : 0)
    let (x, y) = (try Samples(count, others.columns), try Samples(count, classes))
    for row in 0..<batch {
      let known = Int(chance.number(at: first &+ UInt64(row), below: UInt64(labels.count)))
      let other = Int(chance.number(at: first &+ UInt64(batch &+ row), below: UInt64(others.rows)))
      for column in 0..<others.columns {
        x[row, column] = labelled[known, column]
        x[batch &+ row, column] = others[other, column]
      }
      y[row, labels[known]] = 1 / Double(batch)
      if mode.isConsistencyOfBatch {
        for c in 0..<classes { y[batch &+ row, c] = weight / Double(batch) * before[other, c] }
      }
      if passes[other] != 0 { y[batch &+ row, greatest(said, other)] += 1 / Double(batch) }
    }
    for row in (2 &* batch)..<count {
      let other = row &- 2 &* batch
      for column in 0..<others.columns { x[row, column] = others[other, column] }
      for c in 0..<classes { y[row, c] = weight / Double(others.rows) * before[other, c] }
    }
    return (x, y)
  }

  private func net(_ trial: Trial, _ mode: SelfTrainingMode) throws(TrimtabError) -> Trainer {
    var options = TrainerOptions(
      layers: denseLayers(mode.hiddenUnits + [classes]) { $0.activation = .relu }, inputShape: Shape(others.columns))
    options.precision = .float64
    options.seed = trial.seed
    options.optimizer = OptimizerOptions(.sgd, learningRate: mode.rate)
    options.loss = .custom
    let trainer = try Trainer(options) { (tape, operands) throws(TrimtabError) in
      tape.scale(tape.sum(tape.multiply(operands[1], tape.logSoftmax(operands[0]))), by: -1)
    }
    return trainer
  }

  private func copyWeights(of student: Trainer, to teacher: Trainer, decay: Double) throws(TrimtabError) {
    for index in 0..<student.count(of: .parameter) {
      let (new, old) = (try student.view(.parameter, at: index), try teacher.view(.parameter, at: index))
      let count = new.shape.count
      try updateAverage(
        try MutableTensorView(writing: try TensorView(old.memory, .float64, shape: [count])),
        towards: try TensorView(new.memory, .float64, shape: [count]), decay: decay)
    }
  }

  private func probabilities(_ trainer: Trainer) throws(TrimtabError) -> Samples {
    let found = try trainer.outputs(others, classes)
    for row in 0..<found.rows {
      let most = found[row, greatest(found, row)]
      var sum = 0.0
      for c in 0..<classes {
        found[row, c] = exponential(found[row, c] - most)
        sum += found[row, c]
      }
      for c in 0..<classes { found[row, c] /= sum }
    }
    return found
  }

  private func greatest(_ samples: Samples, _ row: Int) -> Int {
    var best = 0
    for c in 1..<classes where samples[row, c] > samples[row, best] { best = c }
    return best
  }

  private func accuracy(_ found: Samples) -> Double {
    var right = 0
    for row in 0..<found.rows where greatest(found, row) == truth[row] { right = right &+ 1 }
    return Double(right) / Double(max(found.rows, 1))
  }
}

extension Drift {
  fileprivate mutating func add(_ report: DriftReport, _ coverage: Double, of rounds: Int) {
    let share = 1 / Double(rounds)
    flip += share * report.flipRate
    usedFlip += share * report.confidentFlipRate
    divergence += share * report.kullbackLeibler
    oscillation += share * report.oscillationRate
    self.coverage += share * coverage
  }
}
