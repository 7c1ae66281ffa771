/// How outputs compare with references: their fine structure, and their error.
public struct BlurReport: Sendable {
  /// Insufficient for images below 3 x 3, degenerate where the references are flat, nonfinite where an image is.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var imageCount = 0
  /// Images left out for a NaN or an Inf in one of the pair.
  public var nonfiniteCount = 0
  /// Means over images of the variance of the Laplacian.
  public var outputLaplacian = Double.nan
  public var referenceLaplacian = Double.nan
  /// The one over the other.
  public var ratio = Double.nan
  public var meanSquaredError = Double.nan
  /// 10 log10(range^2 / error), in dB; infinite for equal images.
  public var peakSignalToNoise = Double.nan
  public var threshold = 0.5

  init() {}
}

/// Are outputs blurred beside what they should be?
///
/// The Laplacian of an image is up + down + left + right - 4 centre, on all pixels that have four neighbours; each channel
/// by itself. The ratio of its variances is below 1 for a blurred output: white noise has 20 sigma^2, a checkerboard of
/// +-1 exactly 64. scipy's `laplace` is the same inside; it has values at the border too, which are left out here.
///
/// - Parameters:
///   - outputs, references: of one shape: (height, width), (images, height, width) or (images, height, width, channels)
///   - range: from black to white, for the PSNR
///   - threshold: a ratio below is a blur
/// - Throws: `shape`, `invalidArgument`, `outOfMemory`.
///
/// Complexity: O(elements). Source: definitions 7; Pech-Pacheco et al. 2000. Since: 0.4.
public func blur(
  _ outputs: TensorView, _ references: TensorView, range: Double = 1, threshold: Double = 0.5
) throws(TrimtabError) -> BlurReport {
  guard outputs.rank >= 2, outputs.rank <= 4 else {
    throw TrimtabError(.shape, "outputs: found rank %, allowed 2 to 4", outputs.rank)
  }
  guard references.rank == outputs.rank else {
    throw TrimtabError(.shape, "references: found rank %, allowed % as outputs", references.rank, outputs.rank)
  }
  for axis in 0..<outputs.rank where outputs.shape[axis] != references.shape[axis] {
    throw TrimtabError(
      .shape, "references: found extent % on axis %, allowed % as outputs", references.shape[axis], axis,
      outputs.shape[axis])
  }
  guard range > 0, range.isFinite else {
    throw TrimtabError(.invalidArgument, "range: found %, allowed above 0", range)
  }
  guard threshold >= 0, threshold.isFinite else {
    throw TrimtabError(.invalidArgument, "threshold: found %, allowed 0 or more", threshold)
  }
  let first = outputs.rank == 2 ? 0 : 1
  let (height, width) = (outputs.shape[first], outputs.shape[first &+ 1])
  let channels = outputs.rank == 4 ? outputs.shape[3] : 1
  var report = BlurReport()
  report.threshold = threshold
  report.imageCount = outputs.rank == 2 ? 1 : outputs.shape[0]
  guard height >= 3, width >= 3, outputs.count > 0 else { return report }
  let size = outputs.count / report.imageCount
  let left = try Storage<Double>(count: size, for: "outputs")
  let right = try Storage<Double>(count: size, for: "references")
  var (sums, used) = ((0.0, 0.0, 0.0), 0)
  for image in 0..<report.imageCount {
    outputs.copy(from: image &* size, count: size, to: left.pointer)
    references.copy(from: image &* size, count: size, to: right.pointer)
    var error = 0.0
    for place in 0..<size {
      let difference = left.pointer[place] - right.pointer[place]
      error += difference * difference
    }
    let fine = sums.0 + laplacianVariance(UnsafePointer(left.pointer), height, width, channels)
    let meant = sums.1 + laplacianVariance(UnsafePointer(right.pointer), height, width, channels)
    let squares = sums.2 + error / Double(size)
    // Finite numbers whose squares are not are left out too.
    guard fine.isFinite, meant.isFinite, squares.isFinite else {
      report.nonfiniteCount = report.nonfiniteCount &+ 1
      continue
    }
    used = used &+ 1
    sums = (fine, meant, squares)
  }
  guard used > 0 else {
    report.outcome = .nonfinite
    return report
  }
  let count = Double(used)
  (report.outputLaplacian, report.referenceLaplacian, report.meanSquaredError) = (
    sums.0 / count, sums.1 / count, sums.2 / count
  )
  report.peakSignalToNoise =
    report.meanSquaredError > 0 ? 10 * decimalLogarithm(range * range / report.meanSquaredError) : .infinity
  guard sums.1 > 0 else {
    report.outcome = .degenerate
    return report
  }
  report.outcome = .ok
  report.ratio = sums.0 / sums.1
  let isBlurred = report.ratio < threshold
  (report.verdict, report.cause) = isBlurred ? (.warning, .blurredOutput) : (.healthy, .none)
  return report
}

/// The variance of the Laplacian of an image (height, width, channels), over all channels' inner pixels together.
func laplacianVariance(_ image: UnsafePointer<Double>, _ height: Int, _ width: Int, _ channels: Int) -> Double {
  var (count, mean, squares) = (0.0, 0.0, 0.0)
  let line = width &* channels
  for y in 1..<max(height &- 1, 1) {
    for place in channels..<max(line &- channels, channels) {
      let centre = image + (y &* line &+ place)
      let (column, row) = (centre[-line] + centre[line], centre[-channels] + centre[channels])
      let value = column + row - 4 * centre[0]
      count += 1
      let distance = value - mean
      mean += distance / count
      squares += distance * (value - mean)
    }
  }
  return count > 0 ? squares / count : 0
}
