/// What a linear variational autoencoder comes to at its best, which is probabilistic PCA: an exact oracle.
///
/// With lam_i the eigenvalues of the data's covariance and s2 = beta times the decoder's variance: a dimension is active
/// if lam_i > s2, its divergence is then 1/2 ln(lam_i / s2) nats and its posterior mean's variance 1 - s2 / lam_i; else
/// both are 0. Source: Lucas et al. 2019; definitions 9.2. Since 0.4.
public struct LinearPosterior: Sendable, Equatable {
  public var activeCount = 0
  /// The sum over the dimensions, nats.
  public var divergence = 0.0

  public init() {}

  /// - Parameters:
  ///   - eigenvalues: of the covariance, 0 or more; as many as the latent has dimensions, the greatest of them.
  ///   - decoderVariance: above 0.
  ///   - beta: of the divergence in the objective, above 0.
  ///   - each: room for a divergence each, or nil.
  /// - Throws: `invalidArgument`.
  public init(
    eigenvalues: UnsafeBufferPointer<Double>, decoderVariance: Double, beta: Double = 1,
    each: UnsafeMutablePointer<Double>? = nil
  ) throws(TrimtabError) {
    guard decoderVariance > 0, decoderVariance < .infinity else {
      throw TrimtabError(.invalidArgument, "decoder_variance: found %, allowed above 0", decoderVariance)
    }
    guard beta > 0, beta < .infinity else {
      throw TrimtabError(.invalidArgument, "beta: found %, allowed above 0", beta)
    }
    for value in eigenvalues {
      guard value >= 0, value < .infinity else {
        throw TrimtabError(.invalidArgument, "eigenvalues: found %, allowed 0 or more", value)
      }
    }
    let limit = beta * decoderVariance
    for (index, value) in eigenvalues.enumerated() {
      let own = value > limit ? 0.5 * logarithm(value / limit) : 0
      if value > limit { activeCount = activeCount &+ 1 }
      divergence += own
      each?[index] = own
    }
  }
}

/// The weight of the divergence at a step of cyclical annealing: a cure of posterior collapse.
///
/// min(1, tau / ratio), tau the part of the cycle that has passed, from 0 to below 1. One cycle is plain annealing.
///
/// - Parameters:
///   - step: from 0; beyond `total` the weight is 1.
///   - total: steps of all cycles, 1 or more.
///   - cycles: M, 1 to `total`.
///   - ratio: R, the part of a cycle in which the weight rises; above 0, at most 1.
/// - Throws: `invalidArgument`. Source: Fu et al. 2019, who take M = 4 and R = 0.5. Since 0.4.
public func annealedWeight(step: Int, total: Int, cycles: Int = 4, ratio: Double = 0.5) throws(TrimtabError) -> Double {
  guard total >= 1 else { throw TrimtabError(.invalidArgument, "total: found %, allowed 1 or more", total) }
  guard step >= 0 else { throw TrimtabError(.invalidArgument, "step: found %, allowed 0 or more", step) }
  guard cycles >= 1, cycles <= total else {
    throw TrimtabError(.invalidArgument, "cycles: found %, allowed 1 to total, %", cycles, total)
  }
  guard ratio > 0, ratio <= 1 else {
    throw TrimtabError(.invalidArgument, "ratio: found %, allowed above 0, at most 1", ratio)
  }
  guard step < total else { return 1 }
  let cycle = Double(total) / Double(cycles)
  let passed = Double(step) / cycle
  return min(1, (passed - passed.rounded(.down)) / ratio)
}

/// The divergence with free bits: the mean over the samples of the sum over the dimensions of max(least, KL_u).
///
/// Each dimension of each sample is held against `least` before any mean is taken, so that a dimension cannot pay for
/// another. (Kingma et al. 2016 take the mean over the batch first: give one row of means for that.) Its gradient for
/// KL_u of a sample is 1 / n where KL_u > least, else 0.
///
/// - Parameters:
///   - divergences: [n, d], KL_u of each sample, nats.
///   - least: lambda, 0 or more.
///   - slopes: [n, d], where the gradient goes; nil for none.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(n d). Since 0.4.
public func freeBits(
  _ divergences: TensorView, least: Double, slopes: MutableTensorView? = nil
) throws(TrimtabError) -> Double {
  guard divergences.rank == 2, divergences.count > 0 else {
    throw TrimtabError(
      .shape, "divergences: found rank % and % elements, allowed [samples, dimensions], 1 or more", divergences.rank,
      divergences.count)
  }
  try requireNumbers(divergences, "divergences")
  guard least >= 0, least < .infinity else {
    throw TrimtabError(.invalidArgument, "least: found %, allowed 0 or more", least)
  }
  let (rows, columns) = (divergences.shape[0], divergences.shape[1])
  if let slopes {
    guard slopes.view.rank == 2, slopes.view.shape[0] == rows, slopes.view.shape[1] == columns else {
      throw TrimtabError(.shape, "slopes: found another shape than divergences, allowed % x %", rows, columns)
    }
  }
  let row = try Storage<Double>(count: columns, for: "divergences")
  var sum = 0.0
  for index in 0..<rows {
    divergences.copy(from: index &* columns, count: columns, to: row.pointer)
    for column in 0..<columns {
      let value = row.pointer[column]
      sum += value < least ? least : value
      // NaN stays NaN in both.
      row.pointer[column] = value > least ? 1 / Double(rows) : value == value ? 0 : value
    }
    slopes?.copy(from: row.pointer, count: columns, to: index &* columns)
  }
  return sum / Double(rows)
}
