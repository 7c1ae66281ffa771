/// Posterior means and log-variances of a variational autoencoder: which latent dimensions hold anything of the sample?
///
/// Per dimension the moments of mu (Chan's merge), the sums of s^2 and ln s^2, and a count are kept. Active units miss
/// dimensions whose mean varies and which the decoder ignores: `decoderSensitivity` sees those. Definitions 9.2; Burda et
/// al. 2016 (active units), Hoffman & Johnson 2016 (the mutual information). Since 0.4.
public final class PosteriorCollapse {
  /// What is kept of one dimension.
  struct Dimension: BitwiseCopyable {
    var mean = 0.0
    /// Sum of squared distances of mu from its mean.
    var m2 = 0.0
    var varianceSum = 0.0
    var logarithmSum = 0.0
    var collapsedCount = 0
  }

  static let greatestDimensionCount = 1 << 24

  public let options: PosteriorOptions
  private(set) var dimensions: Storage<Dimension>?
  var sampleCount = 0
  var nonfiniteCount = 0
  /// Of the samples with draws: the sum of the estimates of ln q(z) - ln p(z) under q(z), and of the divergences.
  var aggregateSum = 0.0
  var drawnDivergenceSum = 0.0
  var drawCount = 0

  /// - Throws: `invalidArgument`.
  public init(options: PosteriorOptions = PosteriorOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
  }

  public var dimensionCount: Int { dimensions?.count ?? 0 }

  func dimension(_ index: Int) -> Dimension {
    guard let dimensions, index >= 0, index < dimensions.count else { return Dimension() }
    return dimensions.pointer[index]
  }

  /// Adds the posteriors of a batch. On failure nothing has changed.
  ///
  /// - Parameters:
  ///   - means: [n, d], mu of each sample.
  ///   - logVariances: [n, d], ln s^2.
  ///   - draws: [n, d], a draw z from each posterior, for the estimate of the mutual information; nil for none.
  /// - Throws: `shape`, `dtype`, `outOfMemory`.
  /// - Complexity: O(n d), with draws O(n^2 d).
  public func add(means: TensorView, logVariances: TensorView, draws: TensorView? = nil) throws(TrimtabError) {
    try check(means, "means", like: nil)
    try check(logVariances, "log_variances", like: means)
    if let draws { try check(draws, "draws", like: means) }
    let batch = try PosteriorBatch(means, logVariances, draws)
    let target = try sized(batch.columns)
    dimensions = target
    nonfiniteCount = tally(nonfiniteCount, means.shape[0] &- batch.rows)
    for row in 0..<batch.rows { addSample(batch, row, target) }
    guard draws != nil, batch.rows > 0 else { return }
    let aggregate = batch.aggregateDivergenceSum()
    // Draws that no posterior of the batch could have made tell nothing.
    guard aggregate.isFinite else { return }
    aggregateSum = finiteSum(aggregateSum, aggregate)
    for row in 0..<batch.rows {
      for column in 0..<batch.columns {
        drawnDivergenceSum = finiteSum(drawnDivergenceSum, batch.divergence(row, column))
      }
    }
    drawCount = tally(drawCount, batch.rows)
  }

  private func check(_ view: TensorView, _ name: StaticText, like other: TensorView?) throws(TrimtabError) {
    guard view.rank == 2, view.shape[1] <= PosteriorCollapse.greatestDimensionCount else {
      throw TrimtabError(
        .shape, "%: found rank % and % dimensions, allowed [samples, dimensions], at most % dimensions", name,
        view.rank, view.shape[1], PosteriorCollapse.greatestDimensionCount)
    }
    try requireNumbers(view, name)
    if let other {
      guard view.shape[0] == other.shape[0], view.shape[1] == other.shape[1] else {
        throw TrimtabError(
          .shape, "%: found % x the dimensions, allowed the shape of means, % x %", name, view.shape[0],
          other.shape[0], other.shape[1])
      }
    }
    if let dimensions, view.shape[1] != dimensions.count {
      throw TrimtabError(
        .shape, "%: found % dimensions, allowed % as before", name, view.shape[1], dimensions.count)
    }
  }

  private func sized(_ count: Int) throws(TrimtabError) -> Storage<Dimension> {
    if let dimensions { return dimensions }
    return try Storage(count: count, for: "latent dimensions")
  }

  private func addSample(_ batch: PosteriorBatch, _ row: Int, _ target: Storage<Dimension>) {
    sampleCount = tally(sampleCount, 1)
    for column in 0..<batch.columns {
      let own = target.pointer + column
      let mean = batch.mean(row, column)
      let step = mean - own.pointee.mean
      own.pointee.mean += step / Double(sampleCount)
      own.pointee.m2 = finiteSum(own.pointee.m2, step * (mean - own.pointee.mean))
      own.pointee.varianceSum = finiteSum(own.pointee.varianceSum, batch.variance(row, column))
      own.pointee.logarithmSum = finiteSum(own.pointee.logarithmSum, batch.logVariance(row, column))
      if batch.divergence(row, column) < options.collapsedDivergence {
        own.pointee.collapsedCount = tally(own.pointee.collapsedCount, 1)
      }
    }
  }

  /// Adds the posteriors of other samples. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (options, dimensions), `outOfMemory`.
  public func merge(_ other: PosteriorCollapse) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than in posterior, allowed the same")
    }
    guard let theirs = other.dimensions else { return }
    let target = try sized(theirs.count)
    guard target.count == theirs.count else {
      throw TrimtabError(.mismatch, "other: found % dimensions, allowed % as in posterior", theirs.count, target.count)
    }
    let (ours, added) = (Double(sampleCount), Double(other.sampleCount))
    if added > 0 {
      for index in 0..<target.count {
        let (own, more) = (target.pointer + index, theirs.pointer[index])
        let delta = more.mean - own.pointee.mean
        own.pointee.mean += delta * (added / (ours + added))
        own.pointee.m2 = finiteSum(own.pointee.m2, more.m2 + delta * delta * (ours * (added / (ours + added))))
        own.pointee.varianceSum = finiteSum(own.pointee.varianceSum, more.varianceSum)
        own.pointee.logarithmSum = finiteSum(own.pointee.logarithmSum, more.logarithmSum)
        own.pointee.collapsedCount = tally(own.pointee.collapsedCount, more.collapsedCount)
      }
    }
    dimensions = target
    sampleCount = tally(sampleCount, other.sampleCount)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
    aggregateSum = finiteSum(aggregateSum, other.aggregateSum)
    drawnDivergenceSum = finiteSum(drawnDivergenceSum, other.drawnDivergenceSum)
    drawCount = tally(drawCount, other.drawCount)
  }

  init(options: PosteriorOptions, dimensions: Storage<Dimension>?) {
    self.options = options
    self.dimensions = dimensions
  }
}

/// Which latent dimensions hold anything of the sample: `PosteriorCollapse` used once.
///
/// - Throws: as `PosteriorCollapse.add`. Definitions 9.2. Since 0.4.
public func posteriorCollapse(
  means: TensorView, logVariances: TensorView, draws: TensorView? = nil,
  options: PosteriorOptions = PosteriorOptions()
) throws(TrimtabError) -> PosteriorReport {
  let posterior = try PosteriorCollapse(options: options)
  try posterior.add(means: means, logVariances: logVariances, draws: draws)
  return posterior.report()
}
