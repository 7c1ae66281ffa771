/// How a function of a batch is probed, and what counts as leakage.
public struct LeakageOptions: Sendable, Equatable {
  /// Rows of a batch; 0: all rows are one. The last rows, if they do not fill a batch, are left out.
  public var batchSize = 0
  /// Random unit directions for each row; 0: every feature's axis in turn, which makes the share exact up to the
  /// difference quotient.
  public var directionCount = 4
  /// Of the difference quotient, in units of the samples' root mean square.
  public var step = 1e-3
  /// Batches that are probed, from the first on; the others are judged for the composition alone. 0: none.
  public var probedBatches = 1
  /// Times that the mates of a row are drawn anew in the replay test; 0: it is not run.
  public var replayCount = 8
  /// Whether outputs are probabilities, and not logits: one of an output is held against 0.5 and not 0.
  public var givesProbabilities = false
  public var seed: UInt64 = 0
  /// Above this cross-sample share there is a dependence. A fact, not a fault.
  public var shareThreshold = 1e-6
  /// Above this composition gap, with a dependence, the batch is a shortcut.
  public var gapThreshold = 0.10
  /// Below this response to a common shift, with a dependence and batches of one class, the batch hides the signal.
  public var commonThreshold = 0.10

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    try LeakageOptions.check("batch_size", batchSize, 0, 1 << 24)
    try LeakageOptions.check("direction_count", directionCount, 0, 1 << 16)
    try LeakageOptions.check("probed_batches", probedBatches, 0, 1 << 24)
    try LeakageOptions.check("replay_count", replayCount, 0, 1 << 16)
    guard replayCount != 1 else {
      throw TrimtabError(.invalidArgument, "options.replay_count: found 1, allowed 0, or 2 or more")
    }
    // Below it rounding swallows the step.
    guard step >= 1e-15, step <= 1e15 else {
      throw TrimtabError(.invalidArgument, "options.step: found %, allowed 1e-15 to 1e15", step)
    }
    try LeakageOptions.check("share_threshold", shareThreshold)
    try LeakageOptions.check("gap_threshold", gapThreshold)
    try LeakageOptions.check("common_threshold", commonThreshold)
  }

  private static func check(_ name: StaticText, _ value: Int, _ least: Int, _ most: Int) throws(TrimtabError) {
    guard value >= least, value <= most else {
      throw TrimtabError(.invalidArgument, "options.%: found %, allowed % to %", name, value, least, most)
    }
  }

  private static func check(_ name: StaticText, _ share: Double) throws(TrimtabError) {
    guard share >= 0, share <= 1 else {
      throw TrimtabError(.invalidArgument, "options.%: found %, allowed 0 to 1", name, share)
    }
  }
}
