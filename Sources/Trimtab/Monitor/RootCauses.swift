/// The order in which findings are told: what the others follow from comes first.
extension Monitor {
  /// The places of all findings, the likeliest root cause first.
  ///
  /// What is known of the set-up (a loss that does not fit, weights that start at one value, gradients that are not
  /// cleared) follows from nothing else in the run, and comes before what was seen of it, which is told in the order in
  /// which it arose. That nothing is learnt comes last: it follows from nearly everything. Notices are behind all of these.
  ///
  /// - Parameter places: room for `findingCount` of them.
  /// - Complexity: O(n^2) of n findings, that no host has many of.
  public func diagnose(_ places: UnsafeMutableBufferPointer<Int>) {
    for place in 0..<min(places.count, findings.count) {
      var at = place
      while at > 0, precedes(place, places[at &- 1]) {
        places[at] = places[at &- 1]
        at = at &- 1
      }
      places[at] = place
    }
  }

  private func precedes(_ one: Int, _ other: Int) -> Bool {
    guard let left = findings.at(one)?.pointee, let right = findings.at(other)?.pointee else { return false }
    if left.rootRank != right.rootRank { return left.rootRank < right.rootRank }
    return left.firstStep < right.firstStep
  }
}

extension Finding {
  fileprivate var rootRank: Int {
    guard verdict >= .warning else { return 3 }
    switch cause {
    case .outputActivation, .wrongLoss, .summedLoss, .broadcastLoss, .unscaledTarget, .gradientAscent, .repeatedBatch,
      .batchOfOne, .evaluationMode, .weightDecayTooStrong, .dropoutTooStrong, .optimizerEpsilon, .optimizerStateLost,
      .constantInitialisation, .gradientNotCleared, .missingGradient, .clippingRules:
      return 0
    case .frozenParameter: return rule == .weightStart ? 0 : 1
    case .unrelatedTargets, .targetMismatch, .plateau, .overfitting: return 2
    default: return rule == .learning ? 2 : 1
    }
  }
}
