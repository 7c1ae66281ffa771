/// When latent dimensions count as inactive or collapsed.
public struct PosteriorOptions: Sendable, Equatable {
  /// delta: a dimension is active if its posterior mean varies more than this. Source: Burda et al. 2016.
  public var activeVariance = 0.01
  /// epsilon, nats: on a sample whose divergence is below it a dimension says nothing.
  public var collapsedDivergence = 0.01
  /// Of the samples on which a dimension says nothing, beyond which it is collapsed.
  public var collapsedShare = 0.99
  /// A warning if a smaller share of the dimensions is active.
  public var leastActiveShare = 0.1
  /// How many dimensions the data support, as `LinearPosterior` gives it for a linear decoder; 0: unknown.
  public var expectedActiveCount = 0

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard activeVariance >= 0 else {
      throw TrimtabError(.invalidArgument, "options.active_variance: found %, allowed 0 or more", activeVariance)
    }
    guard collapsedDivergence >= 0 else {
      throw TrimtabError(
        .invalidArgument, "options.collapsed_divergence: found %, allowed 0 or more", collapsedDivergence)
    }
    guard collapsedShare >= 0, collapsedShare <= 1 else {
      throw TrimtabError(.invalidArgument, "options.collapsed_share: found %, allowed 0 to 1", collapsedShare)
    }
    guard leastActiveShare >= 0, leastActiveShare <= 1 else {
      throw TrimtabError(.invalidArgument, "options.least_active_share: found %, allowed 0 to 1", leastActiveShare)
    }
    guard expectedActiveCount >= 0 else {
      throw TrimtabError(
        .invalidArgument, "options.expected_active_count: found %, allowed 0 or more", expectedActiveCount)
    }
  }
}

/// What is known of one latent dimension.
public struct LatentDimension: BitwiseCopyable, Sendable, Equatable {
  /// Of the posterior means over the samples.
  public var mean = 0.0
  /// Of the posterior means over the samples; divided by n.
  public var variance = 0.0
  /// The mean over the samples of KL(q(z_u|x) || p), nats.
  public var divergence = 0.0
  /// Of the samples on which that is below `collapsedDivergence`.
  public var collapsedShare = 0.0
  public var isActive = false
  public var isCollapsed = false

  public init() {}
}

/// Whether a posterior says anything of its sample.
public struct PosteriorReport: Sendable, Equatable {
  /// insufficient: fewer than two samples; nonfinite: none is finite; degenerate: no dimension.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var sampleCount = 0
  /// Samples with NaN, Inf or a variance that leaves float64, left out.
  public var nonfiniteCount = 0
  public var dimensionCount = 0
  /// AU: dimensions whose posterior mean varies by more than `activeVariance`.
  public var activeCount = 0
  public var collapsedCount = 0
  /// Dimensions that are neither active nor collapsed, or both: the two criteria differ.
  public var disputedCount = 0
  /// The sum over the dimensions of the mean KL(q(z_u|x) || p), nats.
  public var divergence = Double.nan
  /// An upper bound on I_q(x; z): the divergence less that of the normal with q(z)'s means and variances. Nats.
  public var informationBound = Double.nan
  /// I_q = E KL - KL(q(z) || p) with q(z) taken over each batch; NaN where no draws were given. At most ln of the batch,
  /// and may be a little below 0. Nats.
  public var information = Double.nan
  /// Samples whose draws were given.
  public var drawCount = 0
  public var threshold = 0.0
  public var measurement = Double.nan

  public init() {}
}
