/// Every rule's thresholds by what the promise about false alarms makes of them.
extension Rule {
  /// The switches that a monitor starts with; those of published rules are as published, whatever is promised.
  func settings(_ options: MonitorOptions) -> RuleSettings {
    var found = settings(options.preset)
    guard options.preset == .trimtab, found.isEnabled else { return found }
    let strictness = options.strictness
    // What has no threshold has to last.
    if self == .allZero { found.patience = Int(Double(found.patience) * max(strictness.factor, 1)) }
    switch self {
    case .vanishingGradient, .updateRatio:
      (found.warning, found.critical) = (strictness.floor(found.warning), strictness.amount(found.critical))
    case .attentionEntropy: found.turn { strictness.floor($0) }
    case .rankCollapse: found.turn { strictness.floorRatio($0) }
    case .lossDivergence, .spectralNorm: found.turn { strictness.ratio($0) }
    case .deadUnits, .saturatedUnits, .clipFraction, .lossOscillation, .underflow, .overflow:
      found.turn { strictness.share($0) }
    default: found.turn { strictness.amount($0) }
    }
    return found
  }
}

extension RuleSettings {
  fileprivate mutating func turn(_ threshold: (Double) -> Double) {
    (warning, critical) = (threshold(warning), threshold(critical))
  }
}

extension MonitorOptions {
  var strictness: Strictness { Strictness(falseAlarmsPerMillion: falseAlarmsPerMillion) }
}
