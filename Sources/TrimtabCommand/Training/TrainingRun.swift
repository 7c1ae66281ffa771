import Trimtab
import TrimtabFormats
import TrimtabTrainer

/// What a net came to on one part of the samples.
struct TrainingScore {
  var count = 0
  var loss = Double.nan
  /// NaN where a number is learned.
  var accuracy = Double.nan
}

/// Trains a net on a table under a monitor that writes a log.
final class TrainingRun {
  static let evaluationBatch = 1024
  let table: TrainingTable
  let trainer: Trainer
  let monitor: Monitor
  /// Rows, in an order of chance: those trained on, and those held back.
  private var order: [Int]
  private var held: [Int] = []
  private var random: UInt64
  /// What the features, and a number to be learned, were moved by and divided by.
  private(set) var inputMoments: [(mean: Double, scale: Double)] = []
  private(set) var targetMoments: (mean: Double, scale: Double)?
  private var features: [Float]
  private var targets: [Double]
  /// The step at which the monitor ended the run.
  private(set) var stoppedAt: Int?
  private(set) var epochs = 0
  /// Whether the weights are the moving average's.
  private(set) var isAveraged = false
  /// Of a net with a fading leak: what its weights come to with plain ReLUs, on the samples trained on.
  private(set) var scoreWithoutLeak: TrainingScore?
  private var hasMoved = false
  private var live = LiveFindings()

  init(
    _ table: TrainingTable, _ given: TrainerOptions, validation: Double, standardises: Bool, epochs: Int, batch: Int
  ) throws {
    self.table = table
    let count = validation > 0 ? min(max(1, Int(validation * Double(table.rows))), table.rows - 1) : 0
    var options = given
    let steps = epochs * ((table.rows - count + batch - 1) / batch)
    options.schedule.steps = steps
    options.leak.time = Double(max(steps, 5)) / 5
    let warmUp = options.schedule.warmUpSteps
    try need(warmUp < steps, "warm-up", warmUp, "below the run's \(steps) steps")
    (features, targets) = (table.features, table.targets)
    random = options.seed &* 2 &+ 1
    trainer = try Trainer(options)
    monitor = try Monitor()
    order = Array(0..<table.rows)
    shuffle()
    held = Array(order.suffix(count))
    order.removeLast(count)
    if standardises { standardise() }
    try trainer.attach(monitor)
  }

  /// Rows that are trained on.
  var trained: [Int] { order }

  /// SplitMix64, Fisher and Yates.
  private func shuffle() {
    for place in stride(from: order.count - 1, to: 0, by: -1) {
      random &+= 0x9E37_79B9_7F4A_7C15
      var bits = (random ^ random >> 30) &* 0xBF58_476D_1CE4_E5B9
      bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
      order.swapAt(place, Int((bits ^ bits >> 31) % UInt64(place + 1)))
    }
  }

  /// By mean and standard deviation of the samples that are trained on; what is constant is not divided.
  private func standardise() {
    let columns = table.columns
    for column in 0..<columns {
      let found = moments { Double(features[$0 * columns + column]) }
      inputMoments.append(found)
      for row in 0..<table.rows {
        let place = row * columns + column
        features[place] = Float((Double(features[place]) - found.mean) / found.scale)
      }
    }
    guard table.classes.isEmpty else { return }
    let found = moments { targets[$0] }
    targetMoments = found
    targets = targets.map { ($0 - found.mean) / found.scale }
  }

  private func moments(_ value: (Int) -> Double) -> (mean: Double, scale: Double) {
    let mean = order.reduce(0) { $0 + value($1) } / Double(order.count)
    let variance = order.reduce(0) { $0 + (value($1) - mean) * (value($1) - mean) } / Double(order.count)
    let scale = variance.squareRoot()
    return (mean, scale > 1e-12 * max(1, abs(mean)) ? scale : 1)
  }

  /// Trains until the epochs are over or the monitor ends it, and says what goes wrong when it does.
  func train(epochs count: Int, batch: Int, progress: Progress) throws {
    for epoch in 1...count {
      shuffle()
      for first in stride(from: 0, to: order.count, by: batch) {
        let rows = order[first..<min(first + batch, order.count)]
        if first == 0, epoch > 1, !held.isEmpty {
          try monitor.beginStep(trainer.stepCount + 1)
          try monitor.observe(.validationLoss, score(held[...]).loss)
        }
        let step = try withBatch(rows) { try trainer.step($0, $1) }
        hasMoved = hasMoved || step.isTaken
        for line in live.lines(monitor, step: step.step) { progress.say(line) }
        if step.decision?.action == .stop {
          stoppedAt = step.step
          return
        }
        progress.update(
          "training, epoch \(epoch) of \(count), loss \(figure(step.loss))", done: (epoch - 1) * order.count + first,
          total: count * order.count)
      }
      epochs = epoch
    }
  }

  /// Puts the moving average, where one is kept, in the place of the weights.
  func takeAverage() throws {
    guard trainer.options.averageDecay > 0, hasMoved else { return }
    for index in 0..<trainer.count(of: .parameter) {
      let (weight, average) = (try trainer.view(.parameter, at: index), try trainer.view(.average, at: index))
      weight.memory.copyMemory(from: average.memory, byteCount: 4 * weight.shape.count)
    }
    isAveraged = true
  }

  /// What rate the net bears on the samples trained on; moves nothing of the run.
  func safeRate(batch: Int) throws -> SafeRate {
    var wanted = SafeRateOptions()
    wanted.batch = batch
    return try withBatch(order[...]) { try TrimtabTrainer.safeRate(trainer.options, $0, $1, wanted) }
  }

  /// On the samples trained on, and on those held back.
  func scores() throws -> (training: TrainingScore, validation: TrainingScore) {
    (try score(order[...]), try score(held[...]))
  }

  /// Leaves the trainer without a leak.
  func scoreAsReLU() throws {
    try trainer.setLeak(LeakSchedule(constant: 0))
    scoreWithoutLeak = try score(order[...])
  }

  private func score(_ rows: ArraySlice<Int>) throws -> TrainingScore {
    var total = TrainingScore()
    guard !rows.isEmpty else { return total }
    (total.loss, total.accuracy) = (0, 0)
    for first in stride(from: rows.startIndex, to: rows.endIndex, by: Self.evaluationBatch) {
      let part = rows[first..<min(first + Self.evaluationBatch, rows.endIndex)]
      let found = try withBatch(part) { try trainer.evaluate($0, $1) }
      total.count += part.count
      total.loss += found.loss * Double(part.count)
      total.accuracy += found.accuracy * Double(part.count)
    }
    total.loss /= Double(total.count)
    total.accuracy /= Double(total.count)
    return total
  }

  private func withBatch<Result>(
    _ rows: ArraySlice<Int>, _ body: (TensorView, TensorView) throws -> Result
  ) throws -> Result {
    let columns = table.columns
    var inputs: [Float] = []
    inputs.reserveCapacity(rows.count * columns)
    for row in rows { inputs += features[(row * columns)..<((row + 1) * columns)] }
    let wanted = rows.map { targets[$0] }
    return try inputs.withUnsafeBytes { inputs in
      try wanted.withUnsafeBytes { wanted in
        try body(
          TensorView(inputs.baseAddress, .float32, shape: [rows.count, columns]),
          TensorView(
            wanted.baseAddress, .float64, shape: trainer.options.loss == .crossEntropy ? [rows.count] : [rows.count, 1])
        )
      }
    }
  }

  /// Writes the parameters under PyTorch's names and shapes, and beside them what the inputs were standardised by.
  func write(to path: String) throws {
    var writer = SafetensorsWriter()
    for index in 0..<trainer.count(of: .parameter) {
      let view = try trainer.view(.parameter, at: index)
      try writer.add(
        "layer\(view.name.layer).\(view.name.suffix)",
        TensorView(
          base: view.memory, elementType: .float32, rank: view.shape.rank, shape: view.shape.extents,
          strides: view.strides))
    }
    func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }
    writer.metadata["made_by"] = "trimtab \(commandVersion)"
    if !table.classes.isEmpty { writer.metadata["classes"] = encoded(.array(table.classes.map(JSONValue.text))) }
    if !inputMoments.isEmpty {
      writer.metadata["input_mean"] = list(inputMoments.map(\.mean))
      writer.metadata["input_scale"] = list(inputMoments.map(\.scale))
    }
    if let targetMoments {
      writer.metadata["target_mean"] = "\(targetMoments.mean)"
      writer.metadata["target_scale"] = "\(targetMoments.scale)"
    }
    try writer.write(to: path)
  }
}
