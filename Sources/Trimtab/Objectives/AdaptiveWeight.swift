/// No adversarial weight, and no ratio, is greater.
let greatestAdaptiveWeight = 1e4

/// The weight of the adversarial loss that gives its gradient the norm of the pixel loss's:
/// clamp(|g_p| / (|g_a| + 10^-4), 0, 10^4) factor, and 0 before a step.
///
/// - Parameters:
///   - pixelNorm, adversarialNorm: of the two gradients at the generator's last layer, without weights; what is not a
///     number or negative gives 0
///   - factor: the share that the adversarial loss shall have
///   - step, start: the discriminator counts from `start` on
///
/// Source: Esser, Rombach & Ommer 2021 (VQGAN), taming-transformers `calculate_adaptive_weight`. Since: 0.4.
public func adaptiveWeight(
  pixelNorm: Double, adversarialNorm: Double, factor: Double = 1, step: Int = 0, start: Int = 0
) -> Double {
  guard step >= start, pixelNorm >= 0, adversarialNorm >= 0, factor.isFinite else { return 0 }
  // Inf over Inf is no weight.
  guard adversarialNorm.isFinite else { return 0 }
  return min(pixelNorm / (adversarialNorm + 1e-4), greatestAdaptiveWeight) * factor
}

/// How GradNorm moves the weights of several losses.
public struct LossBalanceOptions: Sendable {
  /// 1.5: how strongly losses that lag are pulled up.
  public var asymmetry = 1.5
  /// 0.025: of the step of the weights.
  public var rate = 0.025

  public init() {}
}

/// GradNorm: moves the weights of several losses so that their gradients' norms follow how fast each one trains.
///
/// G_i = w_i n_i; the targets are mean(G) r_i^asymmetry, r_i = (L_i / L_i(0)) / mean_j (L_j / L_j(0)). Each weight takes a
/// step of `rate` against the sign of G_i - target_i times dG_i/dw_i = n_i, stays at 10^-8 or above, and then all are
/// scaled so that they sum to how many they are.
///
/// - Parameters:
///   - norms: n_i, of the losses' gradients at the last shared layer, without weights
///   - losses, initialLosses: L_i now and at the start, above 0
///   - weights: are changed
///   - targets: as many, or nil
/// - Throws: `invalidArgument`; nothing is changed then.
///
/// Complexity: O(count). Source: Chen et al. 2018. Since: 0.4.
public func balanceLosses(
  norms: UnsafeBufferPointer<Double>, losses: UnsafeBufferPointer<Double>, initialLosses: UnsafeBufferPointer<Double>,
  weights: UnsafeMutableBufferPointer<Double>, targets: UnsafeMutableBufferPointer<Double>?,
  options: LossBalanceOptions = LossBalanceOptions()
) throws(TrimtabError) {
  let count = weights.count
  guard count >= 1, norms.count == count, losses.count == count, initialLosses.count == count else {
    throw TrimtabError(.invalidArgument, "count: found %, allowed 1 or more", count)
  }
  guard options.asymmetry.isFinite, options.rate >= 0, options.rate.isFinite else {
    throw TrimtabError(
      .invalidArgument, "options.asymmetry, rate: found % and %, allowed finite numbers, 0 or more", options.asymmetry,
      options.rate)
  }
  var (meanRate, meanNorm) = (0.0, 0.0)
  for place in 0..<count {
    guard norms[place] >= 0, norms[place].isFinite else {
      throw TrimtabError(.invalidArgument, "norms[%]: found %, allowed 0 or more", place, norms[place])
    }
    guard losses[place] > 0, losses[place].isFinite else {
      throw TrimtabError(.invalidArgument, "losses[%]: found %, allowed above 0", place, losses[place])
    }
    guard initialLosses[place] > 0, initialLosses[place].isFinite else {
      throw TrimtabError(.invalidArgument, "initial_losses[%]: found %, allowed above 0", place, initialLosses[place])
    }
    guard weights[place] >= 0, weights[place].isFinite else {
      throw TrimtabError(.invalidArgument, "weights[%]: found %, allowed 0 or more", place, weights[place])
    }
    meanRate += losses[place] / initialLosses[place] / Double(count)
    meanNorm += weights[place] * norms[place] / Double(count)
  }
  guard meanRate > 0, meanRate.isFinite, meanNorm.isFinite else {
    throw TrimtabError(.invalidArgument, "losses: found ratios to initial_losses that leave the range of float64")
  }
  var total = 0.0
  for place in 0..<count {
    let relative = losses[place] / initialLosses[place] / meanRate
    let target = meanNorm * exponential(options.asymmetry * logarithm(relative))
    targets?[place] = target
    let excess = weights[place] * norms[place] - target
    let sign: Double = excess > 0 ? 1 : excess < 0 ? -1 : 0
    weights[place] = max(weights[place] - options.rate * sign * norms[place], 1e-8)
    total += weights[place]
  }
  for place in 0..<count { weights[place] *= Double(count) / total }
}
