/// How the two parts of a loss pull, and what counts as balance.
public struct BalanceOptions: Sendable, Equatable {
  /// w_p and w_a of L = w_p L_pixel + w_a L_adversarial, where the gradients come without them.
  public var pixelWeight = 1.0
  public var adversarialWeight = 1.0
  /// The ratio is balanced between the two.
  public var leastRatio = 0.1
  public var greatestRatio = 2.0

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard pixelWeight >= 0, pixelWeight.isFinite else {
      throw TrimtabError(.invalidArgument, "options.pixel_weight: found %, allowed 0 or more", pixelWeight)
    }
    guard adversarialWeight >= 0, adversarialWeight.isFinite else {
      throw TrimtabError(.invalidArgument, "options.adversarial_weight: found %, allowed 0 or more", adversarialWeight)
    }
    guard leastRatio >= 0, leastRatio <= greatestRatio, greatestRatio.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.least_ratio, greatest_ratio: found % and %, allowed 0 or more, in order", leastRatio,
        greatestRatio)
    }
  }
}

/// What the gradients of a loss's two parts came to.
public struct BalanceReport: Sendable {
  /// Insufficient without a minibatch, degenerate where both gradients are 0, nonfinite where none was finite.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  /// Minibatches, those with NaN or Inf left out; and those.
  public var count = 0
  public var nonfiniteCount = 0
  /// rho = w_a |g_a| / (w_p |g_p|), norms as roots of mean squares over the minibatches; at most 10^4, as where g_p is 0.
  public var ratio = Double.nan
  /// The mean over minibatches of g_p.g_a / (|g_p| |g_a|); NaN where one of the two was always 0.
  public var meanCosine = Double.nan
  /// The cosine of all minibatches laid end to end.
  public var cosine = Double.nan
  /// The share of the minibatches that have a cosine whose cosine is negative; NaN where there is none.
  public var conflictShare = Double.nan
  /// Roots of the mean squares, without the weights.
  public var pixelNorm = Double.nan
  public var adversarialNorm = Double.nan
  /// The VQGAN weight that makes the ratio 1: `adaptiveWeight` of the two norms.
  public var adaptiveWeight = Double.nan
  public var measurement = Double.nan
  public var threshold = Double.nan

  init() {}
}

/// The balance of a pixel loss and an adversarial one at a layer, usually the generator's last.
///
/// An accumulator over minibatches: it keeps the sums of g_p.g_a, |g_p|^2, |g_a|^2, of the cosines, and of those below 0.
/// Gradients of data-parallel workers have to be reduced before they are added; merging adds minibatches. The verdict is
/// the ratio's alone: at a stationary point the two are opposite (cosine -1, ratio 1), so that a cosine means something
/// in the transient alone. Cost: O(elements) per minibatch, no memory. Source: definitions 7. Since: 0.4.
public final class GradientBalance {
  public let options: BalanceOptions
  private(set) var sums = Sums()

  struct Sums: Equatable {
    var count = 0
    var nonfiniteCount = 0
    var dot = 0.0
    var pixel = 0.0
    var adversarial = 0.0
    var cosineCount = 0
    var cosine = 0.0
    var conflictCount = 0

    mutating func add(_ other: Sums) {
      count = tally(count, other.count)
      nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
      dot = finiteSum(dot, other.dot)
      pixel = finiteSum(pixel, other.pixel)
      adversarial = finiteSum(adversarial, other.adversarial)
      cosineCount = tally(cosineCount, other.cosineCount)
      cosine = max(-Double(greatestTally), min(Double(greatestTally), cosine + other.cosine))
      conflictCount = tally(conflictCount, other.conflictCount)
    }
  }

  public static let stateVersion: UInt32 = 1

  /// - Throws: `invalidArgument`.
  public init(options: BalanceOptions = BalanceOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
  }

  /// Adds the gradients of one minibatch: of both parts with respect to the same parameters, without their weights.
  ///
  /// NaN and Inf are counted and left out. On failure nothing has changed. Errors: `shape`.
  public func add(pixel: TensorView, adversarial: TensorView) throws(TrimtabError) {
    guard pixel.count == adversarial.count else {
      throw TrimtabError(
        .shape, "adversarial: found % elements, allowed % as pixel has", adversarial.count, pixel.count)
    }
    guard pixel.count > 0 else { throw TrimtabError(.shape, "pixel: found no elements, allowed 1 or more") }
    let (dot, first, second) = innerProducts(pixel, adversarial)
    var found = Sums()
    guard dot.isFinite, (sums.pixel + first).isFinite, (sums.adversarial + second).isFinite else {
      found.nonfiniteCount = 1
      sums.add(found)
      return
    }
    (found.count, found.dot, found.pixel, found.adversarial) = (1, dot, first, second)
    if first > 0, second > 0 {
      found.cosineCount = 1
      found.cosine = max(-1, min(1, dot / first.squareRoot() / second.squareRoot()))
      found.conflictCount = dot < 0 ? 1 : 0
    }
    sums.add(found)
  }

  /// Adds another's minibatches. Errors: `mismatch` (options).
  public func merge(_ other: GradientBalance) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than in balance, allowed the same")
    }
    sums.add(other.sums)
  }

  /// Reports on all minibatches; changes nothing.
  public func report() -> BalanceReport {
    var report = BalanceReport()
    (report.count, report.nonfiniteCount) = (sums.count, sums.nonfiniteCount)
    guard sums.count > 0 else {
      if sums.nonfiniteCount > 0 { report.outcome = .nonfinite }
      return report
    }
    report.pixelNorm = (sums.pixel / Double(sums.count)).squareRoot()
    report.adversarialNorm = (sums.adversarial / Double(sums.count)).squareRoot()
    if sums.cosineCount > 0 {
      report.meanCosine = sums.cosine / Double(sums.cosineCount)
      report.cosine = sums.dot / sums.pixel.squareRoot() / sums.adversarial.squareRoot()
      report.conflictShare = Double(sums.conflictCount) / Double(sums.cosineCount)
    }
    let (pixel, adversarial) = (
      options.pixelWeight * report.pixelNorm, options.adversarialWeight * report.adversarialNorm
    )
    guard pixel > 0 || adversarial > 0 else {
      report.outcome = .degenerate
      return report
    }
    guard pixel.isFinite, adversarial.isFinite else {
      report.outcome = .nonfinite
      return report
    }
    report.outcome = .ok
    report.ratio = min(pixel > 0 ? adversarial / pixel : .infinity, greatestAdaptiveWeight)
    report.adaptiveWeight = Trimtab.adaptiveWeight(
      pixelNorm: options.pixelWeight * report.pixelNorm, adversarialNorm: report.adversarialNorm)
    report.measurement = report.ratio
    report.verdict = .warning
    if adversarial == 0 {
      (report.cause, report.threshold) = (.noAdversarialSignal, options.leastRatio)
    } else if pixel == 0 {
      (report.cause, report.threshold) = (.noPixelSignal, options.greatestRatio)
    } else if report.ratio < options.leastRatio {
      (report.cause, report.threshold) = (.weakAdversary, options.leastRatio)
    } else if report.ratio > options.greatestRatio {
      (report.cause, report.threshold) = (.strongAdversary, options.greatestRatio)
    } else {
      (report.verdict, report.threshold) = (.healthy, options.greatestRatio)
    }
    return report
  }

  // MARK: Saved states

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.pixelWeight)
    writer.write(options.adversarialWeight)
    writer.write(options.leastRatio)
    writer.write(options.greatestRatio)
    writer.write(sums.count)
    writer.write(sums.nonfiniteCount)
    writer.write(sums.dot)
    writer.write(sums.pixel)
    writer.write(sums.adversarial)
    writer.write(sums.cosineCount)
    writer.write(sums.cosine)
    writer.write(sums.conflictCount)
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .gradientBalance, version: GradientBalance.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> GradientBalance {
    var reader = try StateReader(bytes, kind: .gradientBalance, newestVersion: stateVersion)
    var options = BalanceOptions()
    options.pixelWeight = try reader.readDouble()
    options.adversarialWeight = try reader.readDouble()
    options.leastRatio = try reader.readDouble()
    options.greatestRatio = try reader.readDouble()
    var sums = Sums()
    sums.count = try reader.readTally()
    sums.nonfiniteCount = try reader.readTally()
    sums.dot = try reader.readDouble()
    sums.pixel = try reader.readDouble()
    sums.adversarial = try reader.readDouble()
    sums.cosineCount = try reader.readCount(0...sums.count)
    sums.cosine = try reader.readDouble()
    sums.conflictCount = try reader.readCount(0...sums.cosineCount)
    try reader.finish()
    guard sums.dot.isFinite, sums.pixel >= 0, sums.pixel.isFinite, sums.adversarial >= 0, sums.adversarial.isFinite,
      sums.cosine.magnitude <= Double(sums.cosineCount) * 1.000001
    else { throw StateReader.corrupt }
    let loaded: GradientBalance
    do throws(TrimtabError) { loaded = try GradientBalance(options: options) } catch { throw StateReader.corrupt }
    loaded.sums = sums
    return loaded
  }
}
