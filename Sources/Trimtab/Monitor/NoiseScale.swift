/// The gradient noise scale from squared gradient norms at two batch sizes.
///
/// With batches s < b: |G|² = (b |g_b|² - s |g_s|²) / (b - s), tr S = (|g_s|² - |g_b|²) / (1/s - 1/b). Both are averaged
/// over steps before they are divided, since the ratio of one step means little: B = tr S / |G|². Source: McCandlish et
/// al. 2018; definitions 11.
public struct NoiseScale: Sendable, Equatable {
  private static let keep = 0.99

  private var weight = 0.0
  private var gradient = 0.0
  private var noise = 0.0
  public private(set) var count = 0

  public init() {}

  public mutating func add(smallBatch: Double, smallSquare: Double, bigBatch: Double, bigSquare: Double) {
    let signal = (bigBatch * bigSquare - smallBatch * smallSquare) / (bigBatch - smallBatch)
    let spread = (smallSquare - bigSquare) / (1 / smallBatch - 1 / bigBatch)
    guard signal.isFinite, spread.isFinite else { return }
    weight = NoiseScale.keep * weight + 1
    gradient = NoiseScale.keep * gradient + signal
    noise = NoiseScale.keep * noise + spread
    count = count &+ 1
  }

  /// tr S / |G|²; NaN before the first step, infinite while the estimate of |G|² is not above 0.
  public var value: Double {
    guard count > 0 else { return .nan }
    return gradient > 0 ? max(noise, 0) / gradient : .infinity
  }

  /// |G|² / (tr S / batch); NaN before the first step.
  public func signalToNoise(batch: Double) -> Double {
    guard count > 0 else { return .nan }
    return noise > 0 ? max(gradient, 0) / (noise / batch) : .infinity
  }
}

extension Monitor {
  /// Takes squared gradient norms of two batch sizes (one worker's and all workers' mean, say).
  ///
  /// - Throws: `invalidArgument` (no step is open, batches not 0 < small < big, a norm negative or NaN).
  public func observeNoise(
    smallBatch: Double, smallSquare: Double, bigBatch: Double, bigSquare: Double
  ) throws(TrimtabError) {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    guard smallBatch > 0, bigBatch > smallBatch, bigBatch < .infinity else {
      throw TrimtabError(
        .invalidArgument, "big_batch: found % with small_batch %, allowed 0 < small < big", bigBatch, smallBatch)
    }
    guard smallSquare >= 0, bigSquare >= 0 else {
      throw TrimtabError(
        .invalidArgument, "small_norm_squared: found % and %, allowed 0 or more", smallSquare, bigSquare)
    }
    series.noise.add(
      smallBatch: smallBatch, smallSquare: smallSquare, bigBatch: bigBatch, bigSquare: bigSquare)
    series.noiseBatch = bigBatch
  }

  /// The noise scale tr S / |G|², and the signal-to-noise ratio |G|² / (tr S / B) at the big batch; NaN before the first
  /// estimate.
  public var noise: (scale: Double, signalToNoise: Double) {
    (series.noise.value, series.noise.signalToNoise(batch: series.noiseBatch))
  }

  /// Only after a hundred steps: the estimate of |G|² is noisy, and may be negative, before.
  func judgeNoise() {
    guard series.noise.count >= 100 else { return }
    let warning = settings(of: .noiseScale).warning
    let scale = series.noise.value / series.noiseBatch
    judge(
      .noiseScale, run,
      scale > warning
        ? Observation(
          rule: .noiseScale, verdict: .notice, cause: .noiseDominated, value: scale, threshold: warning)
        : nil)
  }
}
