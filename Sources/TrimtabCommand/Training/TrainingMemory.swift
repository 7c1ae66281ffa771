import TrimtabFormats
import TrimtabTrainer

/// The memory that a training takes, counted before it is taken.
struct TrainingMemory {
  let table: Int
  let net: Int
  let batches: Int

  var bytes: Int { table + net + batches }

  /// - Parameters:
  ///   - batch: samples of a step; evaluations go through `TrainingRun.evaluationBatch` at once
  init(_ table: TrainingTable, _ options: TrainerOptions, batch: Int) {
    let widths = [table.columns] + options.layers.map(\.units)
    let weights = zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    // The table is read as float64 twice, and kept as float32 twice: as it is, and standardised.
    self.table = table.rows * (table.columns + 1) * 24
    // Weights, gradients for two batch sizes, at most two numbers of the optimizer, the average; the Hessian is not used.
    net = weights * 4 * (options.averageDecay > 0 ? 6 : 5)
    // Before and after the activation and what the tape keeps between; as much for the gradients.
    let samples = 2 * (min(batch, table.rows) + min(TrainingRun.evaluationBatch, table.rows))
    batches = samples * widths.reduce(0, +) * 4 * 8
  }

  /// - Throws: `FormatError` where it is more than `limit`; nil is no limit.
  func check(_ limit: Int?, path: String) throws(FormatError) {
    guard let limit, bytes > limit else { return }
    throw FormatError(
      path,
      "training would take about \(byteFigure(bytes)) of memory (table \(byteFigure(table)), net \(byteFigure(net)), "
        + "batches \(byteFigure(batches))), allowed \(byteFigure(limit)): see --maximum-memory", isAboutMemory: true)
  }
}
