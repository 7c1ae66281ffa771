/// Global norm, clip factor, depth slope and non-finite origin of one step's gradients.
///
/// The global norm is `sqrt(Σ_l Σ_i g_li²)` in float64 with scaling, so it is right where float32 sums of squares
/// overflow or vanish. The
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

/// The same without memory of its own: `view` gives tensor `index`, `visit` takes each summary once all views have been
/// checked.
public func gradientNorm(
  count: Int, options: GradientOptions, view: (Int) throws(TrimtabError) -> TensorView, visit: (Int, Summary) -> Void
) throws(TrimtabError) -> GradientReport {
  try options.check()
  try checkElementTypes(count, view)
  var tally = GradientTally(options)
  for index in 0..<max(count, 0) {
    let tensor = try view(index)
    let summary = summarize(tensor)
    tally.add(summary, rank: tensor.rank)
    visit(index, summary)
  }
  return tally.report()
}

/// The streaming form: one summary a tensor, to which shards of the same gradients add. Not for use by two threads at a
/// time.
public final class Gradients {
  public static let stateVersion: UInt32 = 1

  public let options: GradientOptions
  /// Tensors; 0 before the first add.
  public private(set) var tensorCount = 0
  private var each: Storage<Summary>?
  private var ranks: Storage<Int>?

  /// - Throws: `invalidArgument` for an option out of range.
  public init(options: GradientOptions = GradientOptions()) throws(TrimtabError) {
    try options.check()
    self.options = options
  }

  /// One a tensor, in the order of the first add.
  public var summaries: [Summary] { (0..<tensorCount).map { summary(at: $0) } }

  /// The summary of one tensor; the identity for an index outside.
  public func summary(at index: Int) -> Summary {
    guard let each, index >= 0, index < tensorCount else { return .identity }
    return each.pointer[index]
  }

  private func rank(at index: Int) -> Int {
    guard let ranks, index >= 0, index < tensorCount else { return 0 }
    return ranks.pointer[index]
  }

  /// Adds shards: tensor i is a further part of tensor i before. On failure nothing has changed.
  ///
  /// - Throws: `dtype` for an integer tensor, `mismatch` for another number of tensors, `outOfMemory`.
  public func add(_ gradients: [TensorView]) throws(TrimtabError) {
    try add(count: gradients.count) { gradients[$0] }
  }

  /// The same, `view` giving tensor `index`.
  public func add(count: Int, view: (Int) throws(TrimtabError) -> TensorView) throws(TrimtabError) {
    try checkCount(count)
    try checkElementTypes(count, view)
    try combine(count) { (index) throws(TrimtabError) in
      let tensor = try view(index)
      return (summarize(tensor), tensor.rank)
    }
  }

  /// Adds summaries made elsewhere, such as on an accelerator or another rank. Without `ranks` every tensor counts for
  /// the slope.
  ///
  /// - Throws: `mismatch` for another number of tensors, `invalidArgument` for a summary that cannot come from data,
  ///   `outOfMemory`.
  public func add(summaries others: [Summary], ranks: [Int]? = nil) throws(TrimtabError) {
    if let ranks, ranks.count != others.count {
      throw TrimtabError(.mismatch, "ranks: found %, allowed %, one a summary", ranks.count, others.count)
    }
    try add(summaryCount: others.count) { (others[$0], ranks?[$0] ?? 2) }
  }

  /// The same, `summary` giving the summary and the rank of tensor `index`.
  public func add(
    summaryCount count: Int, summary: (Int) throws(TrimtabError) -> (Summary, rank: Int)
  ) throws(TrimtabError) {
    try checkCount(count)
    try combine(count, summary)
  }

  /// Adds what `other` has seen, tensor by tensor.
  ///
  /// - Throws: `mismatch` for another number of tensors or other options, `outOfMemory`.
  public func merge(_ other: Gradients) throws(TrimtabError) {
    guard other.options == options else {
      throw TrimtabError(.mismatch, "other: found other options, allowed those of this accumulator")
    }
    guard other.tensorCount > 0 else { return }
    try checkCount(other.tensorCount)
    try combine(other.tensorCount) { (other.summary(at: $0), other.rank(at: $0)) }
  }

  /// Reports at any time; changes nothing.
  public func report() -> GradientReport {
    var tally = GradientTally(options)
    for index in 0..<tensorCount { tally.add(summary(at: index), rank: rank(at: index)) }
    return tally.report()
  }

  private func checkCount(_ count: Int) throws(TrimtabError) {
    guard tensorCount == 0 || count == tensorCount else {
      throw TrimtabError(.mismatch, "gradients: found % tensors, allowed % as before", count, tensorCount)
    }
  }

  private func combine(
    _ count: Int, _ next: (Int) throws(TrimtabError) -> (Summary, rank: Int)
  ) throws(TrimtabError) {
    guard count > 0 else { return }
    let merged = try Storage<Summary>(count: count, for: "summaries")
    let mergedRanks = try Storage<Int>(count: count, for: "ranks")
    for index in 0..<count {
      var summary = summary(at: index)
      let (addend, rank) = try next(index)
      do throws(TrimtabError) { try summary.merge(addend) } catch { throw error.at("summaries[%]", index) }
      merged.pointer[index] = summary
      mergedRanks.pointer[index] = tensorCount > 0 ? self.rank(at: index) : rank
    }
    each = merged
    ranks = mergedRanks
    tensorCount = count
  }
}

private func checkElementTypes(
  _ count: Int, _ view: (Int) throws(TrimtabError) -> TensorView
) throws(TrimtabError) {
  for index in 0..<max(count, 0) {
    let type = try view(index).elementType
    guard type.isFloatingPoint else {
      throw TrimtabError(.dtype, "gradients[%]: found %, allowed floating-point types", index, type.name)
    }
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
    writer.write(options.explodingNormFactor)
    writer.write(tensorCount)
    for index in 0..<tensorCount {
      writer.write(rank(at: index))
      summary(at: index).write(to: &writer)
    }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .gradients, version: Gradients.stateVersion, write) }

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
    options.explodingNormFactor = try reader.readDouble()
    let gradients: Gradients
    do throws(TrimtabError) { gradients = try Gradients(options: options) } catch { throw StateReader.corrupt }
    // Each entry takes 14 words, so what is left bounds what a count may claim.
    let count = try reader.readCount(0...(reader.remaining / 112))
    try gradients.combine(count) { (_) throws(TrimtabError) in
      let rank = try reader.readCount(0...Extents.capacity)
      return (try Summary(from: &reader), rank)
    }
    try reader.finish()
    return gradients
  }
}
