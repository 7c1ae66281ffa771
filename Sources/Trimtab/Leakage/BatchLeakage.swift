/// Does a model's output for one sample depend on the other samples of the batch, and does that decide?
///
/// f maps a batch (rows x features) to outputs (rows x m), J_ij = d f_i / d x_j. The cross-sample share is
/// lambda = sum_{i != j} |J_ij|^2 / sum_ij |J_ij|^2 from central differences of every row along random unit directions; 0
/// for a function of each row, such as LayerNorm and InstanceNorm leave, and about (2 - 6/B)/(B - 2) behind one batch norm
/// of B normal numbers. The replay ratio is the deviation of a row's output when its mates are drawn anew, over that of
/// all outputs. Where targets are given, batches in the order of the rows are judged, and again with their rows swapped
/// with rows of the same class in other batches (of any class where each batch holds one): the difference of the two
/// accuracies is the composition gap.
///
/// An accumulator: what it keeps are sums and counts. Cost: 2 B K + 2 runs for a probed batch of B rows and K
/// directions, 8 `replayCount` more for the replay, and two for every judged batch. Source: definitions 5. Since: 0.4.
public final class BatchLeakage {
  public let options: LeakageOptions
  var coupling = SampleCoupling()
  var replay = BatchReplay()
  var composition = BatchComposition()
  /// Batches that gave NaN or Inf.
  var nonfiniteCount = 0
  /// Calls of `add`: each has random numbers of its own.
  var addCount = 0
  /// Outputs for a row; 0 before the first.
  var outputsPerRow = 0

  public static let stateVersion: UInt32 = 1

  /// - Throws: `invalidArgument`.
  public init(options: LeakageOptions = LeakageOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
  }

  /// Probes and judges a function on samples. On failure nothing has changed.
  ///
  /// - Parameters:
  ///   - function: is run on batches of one size; in the mode that is trained in, its noise frozen
  ///   - outputsPerRow: 1 for a score, else classes; always the same
  ///   - inputs: (samples, features...), which are flattened
  ///   - targets: [samples] whole numbers below the classes; of a score 1 for real, 0 for fake; nil: nothing is judged
  /// - Throws: what `function` throws; `shape`, `invalidArgument` (NaN or Inf in the inputs, a target outside),
  ///   `mismatch`, `outOfMemory`.
  public func add(
    _ function: @escaping BatchFunction, outputsPerRow: Int = 1, inputs: TensorView, targets: TensorView? = nil
  ) throws(TrimtabError) {
    guard inputs.rank >= 1 else { throw TrimtabError(.shape, "inputs: found rank 0, allowed 1 or more") }
    guard outputsPerRow >= 1, outputsPerRow <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "outputs_per_row: found %, allowed 1 to 2^20", outputsPerRow)
    }
    guard self.outputsPerRow == 0 || self.outputsPerRow == outputsPerRow else {
      throw TrimtabError(
        .mismatch, "outputs_per_row: found %, allowed % as before", outputsPerRow, self.outputsPerRow)
    }
    let samples = inputs.shape[0]
    let labels = try BatchLeakage.labels(targets, samples, classes: max(outputsPerRow, 2))
    guard samples > 0, inputs.count > 0 else { return }
    let size = options.batchSize == 0 ? samples : options.batchSize
    guard size <= samples else {
      throw TrimtabError(.shape, "inputs: found % samples, allowed batch_size, %, or more", samples, size)
    }
    let pool = try Storage<Double>(count: inputs.count, for: "inputs")
    inputs.copy(from: 0, count: inputs.count, to: pool.pointer)
    for place in 0..<pool.count where !pool.pointer[place].isFinite {
      throw TrimtabError(
        .invalidArgument, "inputs: found % at element %, allowed finite numbers", pool.pointer[place], place)
    }
    let probe = try BatchProbe(function, size, inputs.count / samples, outputsPerRow)
    try take(probe, UnsafePointer(pool.pointer), samples, labels)
    self.outputsPerRow = outputsPerRow
    addCount = tally(addCount, 1)
  }

  private func take(
    _ probe: BatchProbe, _ pool: UnsafePointer<Double>, _ samples: Int, _ labels: Storage<Int>?
  ) throws(TrimtabError) {
    var (coupling, replay, composition) = (SampleCoupling(), BatchReplay(), BatchComposition())
    var failed = 0
    // A batch of one row has no mates.
    if probe.rows > 1 {
      for batch in 0..<min(options.probedBatches, samples / probe.rows) {
        let first = batch &* probe.rows
        let stream = UInt64(truncatingIfNeeded: addCount) << 32 | UInt64(truncatingIfNeeded: batch) << 2
        probe.inputs.pointer.update(from: pool + first &* probe.features, count: probe.inputs.count)
        if let found = try probe.coupling(options, stream: stream) { coupling.add(found) } else { failed = failed &+ 1 }
        guard options.replayCount > 1 else { continue }
        if let found = try probe.replay(pool, poolRows: samples, first: first, options, stream: stream | 1) {
          replay.add(found)
        } else {
          failed = failed &+ 1
        }
      }
    }
    if let labels {
      let stream = UInt64(truncatingIfNeeded: addCount) << 32 | 2
      if let found = try probe.composition(pool, labels, options, stream: stream) {
        composition.add(found)
      } else {
        failed = failed &+ 1
      }
    }
    self.coupling.add(coupling)
    self.replay.add(replay)
    self.composition.add(composition)
    nonfiniteCount = tally(nonfiniteCount, failed)
  }

  private static func labels(
    _ targets: TensorView?, _ samples: Int, classes: Int
  ) throws(TrimtabError) -> Storage<Int>? {
    guard let targets else { return nil }
    guard targets.count == samples else {
      throw TrimtabError(.shape, "targets: found % elements, allowed % as inputs has samples", targets.count, samples)
    }
    let labels = try Storage<Int>(count: samples, for: "targets")
    let numbers = try Storage<Double>(count: samples, for: "targets")
    targets.copy(from: 0, count: samples, to: numbers.pointer)
    for place in 0..<samples {
      guard let label = Int(exactly: numbers.pointer[place]), label >= 0, label < classes else {
        throw TrimtabError(
          .invalidArgument, "targets: found % at %, allowed whole numbers from 0 to %", numbers.pointer[place], place,
          classes &- 1)
      }
      labels.pointer[place] = label
    }
    return labels
  }

  /// Adds what another one saw. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (options, outputs for a row).
  public func merge(_ other: BatchLeakage) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than in leakage, allowed the same")
    }
    guard outputsPerRow == 0 || other.outputsPerRow == 0 || outputsPerRow == other.outputsPerRow else {
      throw TrimtabError(
        .mismatch, "other: found % outputs for a row, allowed %", other.outputsPerRow, outputsPerRow)
    }
    outputsPerRow = max(outputsPerRow, other.outputsPerRow)
    coupling.add(other.coupling)
    replay.add(other.replay)
    composition.add(other.composition)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
    addCount = tally(addCount, other.addCount)
  }
}
