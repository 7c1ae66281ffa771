/// When pseudo-labels count as confident, drifting, oscillating or collapsing.
public struct DriftOptions: Sendable, Equatable {
  /// 0: probabilities say it; for labels the greatest label plus one.
  public var classCount = 0
  /// A sample is confident if its greatest probability reaches this. Source: FixMatch (Sohn et al. 2020).
  public var confidenceGate = 0.95
  /// Per round.
  public var warningFlipRate = 0.05
  public var criticalFlipRate = 0.20
  /// Of the flips that go back, beyond which it is oscillation.
  public var oscillationShare = 0.5
  /// Below this flip rate oscillation is not judged.
  public var oscillationFlipRate = 0.02
  /// Total variation of the class shares from the prior, or between two rounds; without a prior a class that has grown
  /// by more than twice this since the first round, to more than all but this, is a collapse too.
  public var classDistance = 0.2
  /// Share of the later round's samples in one class from which on, without a prior, it is a collapse; 1: not judged.
  public var collapseShare = 0.99
  /// Summing to 1; nil: unknown, no verdict from the prior.
  public var classPrior: [Double]?

  public init() {}

  /// More classes than any labelling has; labels beyond are out of range.
  static let greatestClassCount = 1 << 24
  /// Where labels alone say how many classes there are: one stray label must not size every round's histograms.
  static let greatestInferredClassCount = 1 << 18

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard classCount >= 0 && classCount <= DriftOptions.greatestClassCount else {
      throw TrimtabError(
        .invalidArgument, "options.class_count: found %, allowed 0 to %", classCount, DriftOptions.greatestClassCount)
    }
    try DriftOptions.checkShare("confidence_gate", confidenceGate)
    try DriftOptions.checkShare("warning_flip_rate", warningFlipRate)
    try DriftOptions.checkShare("critical_flip_rate", criticalFlipRate)
    try DriftOptions.checkShare("oscillation_share", oscillationShare)
    try DriftOptions.checkShare("oscillation_flip_rate", oscillationFlipRate)
    try DriftOptions.checkShare("class_distance", classDistance)
    try DriftOptions.checkShare("collapse_share", collapseShare)
    guard warningFlipRate <= criticalFlipRate else {
      throw TrimtabError(
        .invalidArgument,
        "options.warning_flip_rate: found %, allowed at most critical_flip_rate, %", warningFlipRate, criticalFlipRate)
    }
    if let classPrior { try validate(prior: classPrior) }
  }

  private func validate(prior: [Double]) throws(TrimtabError) {
    guard prior.count >= 1, prior.count <= DriftOptions.greatestClassCount, classCount == 0 || classCount == prior.count
    else {
      throw TrimtabError(
        .invalidArgument,
        "options.class_prior_count: found %, allowed 1 or more, as many as class_count says", prior.count)
    }
    var sum = 0.0
    for share in prior {
      guard share >= 0 && share <= 1 else {
        throw TrimtabError(.invalidArgument, "options.class_prior: found %, allowed 0 to 1", share)
      }
      sum += share
    }
    guard (sum - 1).magnitude <= 1e-3 else {
      throw TrimtabError(.invalidArgument, "options.class_prior: found a sum of %, allowed 1", sum)
    }
  }

  private static func checkShare(_ name: StaticText, _ value: Double) throws(TrimtabError) {
    guard value >= 0 && value <= 1 else {
      throw TrimtabError(.invalidArgument, "options.%: found %, allowed 0 to 1", name, value)
    }
  }

  /// Classes that the options say there are; 0 if they do not.
  var statedClassCount: Int { classPrior?.count ?? classCount }
}
