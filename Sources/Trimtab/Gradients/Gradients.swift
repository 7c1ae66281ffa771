/// Global norm, clip factor, depth slope and non-finite origin of one step's gradients.
///
/// The global norm is `sqrt(Σ_l Σ_i g_li²)` in float64 with scaling, so it is right where float32 sums of squares overflow or vanish. The
/// depth slope is the least-squares slope of `log10 rms(g_l)` against `l`, over the tensors of rank 2 and above.
///
/// - Parameters:
///   - gradients: tensors in topological order, the layer next to the input first; floating point, any shapes.
///   - options: thresholds.
/// - Returns: the report, and one summary a tensor.
/// - Throws: `dtype` for an integer tensor, `invalidArgument` for an option out of range.
/// - Complexity: one read of all elements.
/// - Source: definitions 0.2 and 11. Since: 0.1.
public func gradientNorm(
  of gradients: [TensorView], options: GradientOptions = GradientOptions()
) throws(TrimtabError) -> (report: GradientReport, each: [Summary]) {
  let accumulator = try Gradients(options: options)
  try accumulator.add(gradients)
  return (accumulator.report(), accumulator.summaries)
}

/// The same without memory of its own: `view` gives tensor `index`, `visit` takes each summary once all views have been checked.
public func gradientNorm(
  count: Int, options: GradientOptions, view: (Int) throws(TrimtabError) -> TensorView, visit: (Int, Summary) -> Void
) throws(TrimtabError) -> GradientReport {
  try options.check()
  for index in 0..<max(count, 0) { try checkElementType(of: try view(index), index) }
  var tally = GradientTally(options)
  for index in 0..<max(count, 0) {
    let tensor = try view(index)
    let summary = summarize(tensor)
    tally.add(summary, rank: tensor.rank)
    visit(index, summary)
  }
  return tally.report()
}

/// The streaming form: one summary a tensor, to which shards of the same gradients add. Not for use by two threads at a time.
public final class Gradients {
  public static let stateVersion: UInt32 = 1

  public let options: GradientOptions
  /// One a tensor, in the order of the first add.
  public private(set) var summaries: [Summary] = []
  private var ranks: [Int] = []

  /// - Throws: `invalidArgument` for an option out of range.
  public init(options: GradientOptions = GradientOptions()) throws(TrimtabError) {
    try options.check()
    self.options = options
  }

  /// Adds shards: tensor i is a further part of tensor i before. On failure nothing has changed.
  ///
  /// - Throws: `dtype` for an integer tensor, `mismatch` for another number of tensors.
  public func add(_ gradients: [TensorView]) throws(TrimtabError) {
    try checkCount(gradients.count)
    for index in 0..<gradients.count { try checkElementType(of: gradients[index], index) }
    try combine(gradients.map { summarize($0) }, ranks: gradients.map { $0.rank })
  }

  /// Adds summaries made elsewhere, such as on an accelerator or another rank. Without `ranks` every tensor counts for the slope.
  ///
  /// - Throws: `mismatch` for another number of tensors, `invalidArgument` for a summary that cannot come from data.
  public func add(summaries others: [Summary], ranks otherRanks: [Int]? = nil) throws(TrimtabError) {
    try checkCount(others.count)
    if let otherRanks, otherRanks.count != others.count {
      throw TrimtabError(.mismatch, "ranks: found \(otherRanks.count), allowed \(others.count), one a summary")
    }
    try combine(others, ranks: otherRanks ?? others.map { _ in 2 })
  }

  /// Adds what `other` has seen, tensor by tensor.
  ///
  /// - Throws: `mismatch` for another number of tensors or other options.
  public func merge(_ other: Gradients) throws(TrimtabError) {
    guard other.options == options else {
      throw TrimtabError(.mismatch, "other: found other options, allowed those of this accumulator")
    }
    guard !other.summaries.isEmpty else { return }
    try checkCount(other.summaries.count)
    try combine(other.summaries, ranks: other.ranks)
  }

  /// Reports at any time; changes nothing.
  public func report() -> GradientReport {
    var tally = GradientTally(options)
    for (summary, rank) in zip(summaries, ranks) { tally.add(summary, rank: rank) }
    return tally.report()
  }

  private func checkCount(_ count: Int) throws(TrimtabError) {
    guard summaries.isEmpty || count == summaries.count else {
      throw TrimtabError(.mismatch, "gradients: found \(count) tensors, allowed \(summaries.count) as before")
    }
  }

  private func combine(_ others: [Summary], ranks otherRanks: [Int]) throws(TrimtabError) {
    var merged: [Summary] = []
    merged.reserveCapacity(others.count)
    for index in 0..<others.count {
      var summary = summaries.isEmpty ? Summary.identity : summaries[index]
      do throws(TrimtabError) {
        try summary.merge(others[index])
      } catch {
        throw error.at("summaries[\(index)]")
      }
      merged.append(summary)
    }
    if summaries.isEmpty { ranks = otherRanks }
    summaries = merged
  }
}

private func checkElementType(of tensor: TensorView, _ index: Int) throws(TrimtabError) {
  guard tensor.elementType.isFloatingPoint else {
    throw TrimtabError(
      .dtype, "gradients[\(index)]: found \(tensor.elementType.name), allowed floating-point types")
  }
}

// MARK: - Saved state

extension Gradients {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.maximumNorm)
    writer.write(options.vanishingMeanMagnitude)
    writer.write(options.warningDepthSlope)
    writer.write(options.criticalDepthSlope)
    writer.write(options.leastDepthSpan)
    writer.write(options.leastDepth)
    writer.write(summaries.count)
    for (summary, rank) in zip(summaries, ranks) {
      writer.write(rank)
      summary.write(to: &writer)
    }
  }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Gradients {
    var reader = try StateReader(bytes, kind: .gradients, newestVersion: stateVersion)
    var options = GradientOptions()
    options.maximumNorm = try reader.readDouble()
    options.vanishingMeanMagnitude = try reader.readDouble()
    options.warningDepthSlope = try reader.readDouble()
    options.criticalDepthSlope = try reader.readDouble()
    options.leastDepthSpan = try reader.readDouble()
    options.leastDepth = try reader.readInt()
    let gradients: Gradients
    do throws(TrimtabError) { gradients = try Gradients(options: options) } catch { throw StateReader.corrupt }
    // Each entry takes many bytes, so what is left bounds what a count may claim.
    let count = try reader.readCount(0...reader.remaining)
    for _ in 0..<count {
      gradients.ranks.append(try reader.readCount(0...Extents.capacity))
      gradients.summaries.append(try Summary(from: &reader))
    }
    try reader.finish()
    return gradients
  }
}
