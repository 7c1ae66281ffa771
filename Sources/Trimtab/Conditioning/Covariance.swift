/// Streaming mean and covariance in float64, with what Ledoit-Wolf shrinkage needs.
///
/// All is kept relative to a pivot (the first finite row), so that a common offset costs no accuracy: with y = x -
/// pivot,
///   shift = mean(y),  M2 = sum (x - mean)(x - mean)^T,  T = sum |x - mean|^2 (x - mean),  Q = sum |x - mean|^4,
/// and all four are moved exactly when the mean moves. Merging is Chan's rule; it is associative up to rounding.
/// Extremes per feature tell exactly which features never vary.
///
/// Edge cases: rows with NaN or Inf are left out and counted. Data whose deviations leave 2^-100 ... 2^150 are held
/// times a power of two, the same
/// for all features, so that neither 1e200 nor 1e-200 overflows or vanishes; beside such a feature, one that is 1e150
/// times smaller counts as
/// having variance 0.
/// Complexity: n d^2 multiply-adds, 8 d^2 bytes. Source: Chan, Golub & LeVeque 1983. Since: 0.1.
public final class Covariance {
  public let options: ConditioningOptions
  /// Set by the first batch, however empty; nil before it.
  public internal(set) var featureCount: Int?
  /// Finite rows.
  public internal(set) var sampleCount = 0
  public internal(set) var nonfiniteSampleCount = 0
  var moments: Moments?

  /// - Throws: `invalidArgument` if an option is out of range.
  public init(options: ConditioningOptions = .init()) throws(TrimtabError) {
    try options.check()
    self.options = options
  }

  /// Adds samples [n, d]; rank 1 is n samples of one feature, above 2 the axes after the first are flattened into
  /// features.
  ///
  /// - Throws: `shape` (rank 0, or another number of features), `invalidArgument` (too many features), `outOfMemory`.
  ///   On failure nothing has changed.
  public func add(_ samples: TensorView) throws(TrimtabError) {
    let (rows, features) = try Covariance.extents(of: samples)
    try check(features: features)
    try checkTotal(adding: rows, "samples")
    let moments = try existingOrNewMoments(features)
    guard features > 0 else {
      self.featureCount = features
      sampleCount = sampleCount &+ rows
      return
    }
    let block = try moments.makeBlock(rows: rows)
    self.moments = moments
    self.featureCount = features
    var start = 0
    while start < rows {
      let wanted = min(block.capacity, rows &- start)
      if let direct = SampleRows(samples, start, features),
        moments.add(direct, rows: wanted, after: sampleCount, into: block)
      {
        sampleCount = sampleCount &+ wanted
        start = start &+ wanted
        continue
      }
      let kept = block.fill(samples, start, wanted)
      if kept > 0 { _ = moments.add(SampleRows(block), rows: kept, after: sampleCount, into: block) }
      sampleCount = sampleCount &+ kept
      nonfiniteSampleCount = nonfiniteSampleCount &+ (wanted &- kept)
      start = start &+ wanted
    }
  }

  /// Adds what `other` has seen. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (another number of features), `outOfMemory`.
  public func merge(_ other: Covariance) throws(TrimtabError) {
    guard let theirs = other.featureCount else { return }
    guard featureCount == nil || featureCount == theirs else {
      throw TrimtabError(.mismatch, "other: found % features, allowed %", theirs, featureCount ?? 0)
    }
    try check(features: theirs)
    try checkTotal(adding: max(other.sampleCount, other.nonfiniteSampleCount), "other")
    if let source = other.moments {
      let moments = try existingOrNewMoments(theirs)
      try moments.merge(source, ours: sampleCount, theirs: other.sampleCount)
      self.moments = moments
    }
    featureCount = theirs
    sampleCount = sampleCount &+ other.sampleCount
    nonfiniteSampleCount = nonfiniteSampleCount &+ other.nonfiniteSampleCount
  }

  private func existingOrNewMoments(_ features: Int) throws(TrimtabError) -> Moments {
    if let moments { return moments }
    return try Moments(features: features)
  }

  /// Keeps the counts of rows, finite or not, inside 64 bits.
  private func checkTotal(adding added: Int, _ name: StaticText) throws(TrimtabError) {
    guard added <= Int.max &- max(sampleCount, nonfiniteSampleCount) else {
      throw TrimtabError(.overflow, "%: the number of samples leaves 64 bits", name)
    }
  }

  private func check(features: Int) throws(TrimtabError) {
    if let known = featureCount, known != features {
      throw TrimtabError(.shape, "samples: found % features, allowed %", features, known)
    }
    guard features <= options.maximumFeatures else {
      throw TrimtabError(
        .invalidArgument,
        "samples: found % features, allowed at most maximum_features, %", features, options.maximumFeatures)
    }
  }

  /// Rows and features of a tensor of samples.
  static func extents(
    of samples: TensorView, name: StaticText = "samples"
  ) throws(TrimtabError) -> (rows: Int, features: Int) {
    guard samples.rank >= 1 else { throw TrimtabError(.shape, "%: found rank 0, allowed 1 to 8", name) }
    let rows = samples.shape[0]
    var features = 1
    for axis in 1..<max(samples.rank, 1) {
      let (product, overflow) = features.multipliedReportingOverflow(by: samples.shape[axis])
      guard !overflow else { throw TrimtabError(.overflow, "%: found a number of features that leaves 64 bits", name) }
      features = product
    }
    return (rows, features)
  }

  /// The mean, `featureCount` values (zeros before any sample).
  public func mean(to destination: UnsafeMutablePointer<Double>) {
    guard let moments, sampleCount > 0 else {
      destination.update(repeating: 0, count: featureCount ?? 0)
      return
    }
    for index in 0..<moments.features { destination[index] = moments.mean(index) }
  }

  /// M2 / n, row-major (zeros before any sample).
  public func covariance(to destination: UnsafeMutablePointer<Double>) {
    let features = featureCount ?? 0
    guard let moments, sampleCount > 0 else {
      destination.update(repeating: 0, count: features &* features)
      return
    }
    for i in 0..<features {
      for j in 0...i {
        let value = moments.unscaledSquare(moments.m2.row(i)[j] / Double(sampleCount))
        destination[i &* features &+ j] = value
        destination[j &* features &+ i] = value
      }
    }
  }

  /// The eigenvalues of M2 / n over all features, largest first, none below 0.
  public func eigenvalues(to destination: UnsafeMutablePointer<Double>) throws(TrimtabError) {
    let features = featureCount ?? 0
    guard let moments, sampleCount > 0 else {
      destination.update(repeating: 0, count: features)
      return
    }
    let varying = try moments.varyingFeatures()
    let spectrum = try Spectrum(try moments.covariance(of: varying, count: sampleCount))
    destination.update(repeating: 0, count: features)
    for index in 0..<varying.count { destination[index] = moments.unscaledSquare(spectrum.values[index]) }
  }
}
