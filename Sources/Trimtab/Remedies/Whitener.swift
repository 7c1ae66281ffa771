/// A fitted linear map y = W (x - mean) with W S W^T = I on the support of S, the covariance it was fitted to.
///
/// The whitened training data have the identity as covariance up to rounding, which is of order 2^-52 times the
/// condition number of S, or of the correlation matrix alone where features differ in scale by more than 1e5.
///
/// Edge cases: directions whose eigenvalue does not count in the rank (constant and duplicated features) are mapped to
/// 0 by ZCA and PCA. The rank is that of the correlation if that is full, so scale alone takes no feature out; a
/// duplicated feature beside scales that differ by more than 1e7 is judged by S and may take the smallest with it.
/// Source: Kessy, Lewin & Strimmer 2018. Since: 0.1.
public final class Whitener {
  public static let stateVersion: UInt32 = 1

  public let options: WhiteningOptions
  public let featureCount: Int
  /// [d]
  let means: Storage<Double>
  /// [d, d], row-major.
  let weights: Storage<Double>

  /// Fits to what an accumulator has seen.
  ///
  /// - Throws: `invalidArgument` (options, fewer than two samples, a covariance that Cholesky cannot factor),
  ///   `outOfMemory`.
  /// - Complexity: O(d^3).
  public convenience init(
    fitting covariance: Covariance, options: WhiteningOptions = WhiteningOptions()
  ) throws(TrimtabError) {
    try options.check()
    guard covariance.sampleCount >= 2, let moments = covariance.moments else {
      guard covariance.sampleCount < 2 else {
        throw TrimtabError(.invalidArgument, "covariance: found 0 features, allowed 1 or more to fit a whitener")
      }
      throw TrimtabError(
        .invalidArgument, "covariance: found % samples, allowed 2 or more to fit a whitener", covariance.sampleCount)
    }
    try self.init(options: options, featureCount: moments.features)
    for index in 0..<featureCount { means.pointer[index] = moments.mean(index) }
    try fit(moments, samples: covariance.sampleCount)
  }

  /// All zero.
  init(options: WhiteningOptions, featureCount: Int) throws(TrimtabError) {
    self.options = options
    self.featureCount = featureCount
    let (count, overflow) = featureCount.multipliedReportingOverflow(by: featureCount)
    guard !overflow else {
      throw TrimtabError(.outOfMemory, "whitener: found % features, more than memory can hold", featureCount)
    }
    means = try Storage(count: featureCount, for: "whitener's mean")
    weights = try Storage(count: count, for: "whitener's matrix")
  }

  /// Copies the mean, `featureCount` values.
  public func mean(to destination: UnsafeMutablePointer<Double>) {
    destination.update(from: means.pointer, count: featureCount)
  }

  /// Copies W, `featureCount` squared values, row-major.
  public func matrix(to destination: UnsafeMutablePointer<Double>) {
    destination.update(from: weights.pointer, count: weights.count)
  }

  /// Rows that go through the matrix together, so that a row of it is read from memory once for all of them.
  private static let blockRows = 32

  /// output = (samples - mean) W^T.
  ///
  /// - Parameters:
  ///   - samples: [n, d], as for a covariance; any element type.
  ///   - output: [n, d] float32 or float64. It may be the memory of `samples` if it is also the same view.
  /// - Throws: `shape`, `dtype`, `outOfMemory`; then nothing has been written.
  /// - Complexity: n d^2. A row that holds NaN or Inf comes out as all NaN.
  public func apply(to samples: TensorView, into output: MutableTensorView) throws(TrimtabError) {
    let (rows, features) = try Covariance.extents(of: samples)
    guard features == featureCount else {
      throw TrimtabError(.shape, "samples: found % features, allowed %", features, featureCount)
    }
    let (outputRows, outputFeatures) = try Covariance.extents(of: output.view, name: "output")
    guard outputRows == rows, outputFeatures == features else {
      throw TrimtabError(
        .shape, "output: found [%, %], allowed [%, %] as the samples", outputRows, outputFeatures, rows, features)
    }
    guard rows > 0, features > 0 else { return }
    let capacity = min(rows, Whitener.blockRows)
    let input = try Storage<Double>(count: capacity &* features, for: "a block of samples")
    let result = try Storage<Double>(count: capacity &* features, for: "a block of whitened samples")
    for start in stride(from: 0, to: rows, by: capacity) {
      let count = min(capacity, rows &- start)
      samples.copy(from: start &* features, count: count &* features, to: input.pointer)
      transform(input.pointer, count, to: result.pointer)
      output.copy(from: result.pointer, count: count &* features, to: start &* features)
    }
  }

  private func transform(
    _ input: UnsafeMutablePointer<Double>, _ rows: Int, to result: UnsafeMutablePointer<Double>
  ) {
    let features = featureCount
    for row in 0..<rows {
      let x = input + row &* features
      for index in 0..<features { x[index] -= means.pointer[index] }
      if !kernels.matrix.allFinite(x, features) { x.update(repeating: .nan, count: features) }
    }
    for column in 0..<features {
      let weight = weights.pointer + column &* features
      for row in 0..<rows {
        result[row &* features &+ column] = kernels.dotProduct(weight, input + row &* features, features)
      }
    }
  }
}
