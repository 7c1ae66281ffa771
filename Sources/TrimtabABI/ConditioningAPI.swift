public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_conditioning_options>?
) throws(TrimtabError) -> ConditioningOptions {
  var engine = ConditioningOptions()
  guard let given = try options(pointer) else { return engine }
  engine.warningConditionNumber = given.warning_condition_number
  engine.criticalConditionNumber = given.critical_condition_number
  engine.nullFactor = given.null_factor
  engine.maximumFeatures = Int(given.maximum_features)
  return engine
}

private func write(
  _ report: ConditioningReport, to target: ReportTarget<trimtab_conditioning_report>
) {
  var c = trimtab_conditioning_report()
  c.outcome = report.outcome.rawValue
  c.verdict = report.verdict.rawValue
  c.cause = report.cause.rawValue
  c.sample_count = Int64(report.sampleCount)
  c.nonfinite_sample_count = Int64(report.nonfiniteSampleCount)
  c.feature_count = Int64(report.featureCount)
  c.constant_feature_count = Int64(report.constantFeatureCount)
  c.rank = Int64(report.rank)
  c.condition_number = report.conditionNumber
  c.condition_number_on_support = report.conditionNumberOnSupport
  c.condition_number_shrunk = report.conditionNumberShrunk
  c.shrinkage = report.shrinkage
  c.condition_number_of_correlation = report.conditionNumberOfCorrelation
  c.null_condition_number = report.nullConditionNumber
  c.largest_eigenvalue = report.largestEigenvalue
  c.smallest_eigenvalue = report.smallestEigenvalue
  c.effective_rank = report.effectiveRank
  c.participation_ratio = report.participationRatio
  c.largest_stable_learning_rate = report.largestStableLearningRate
  c.gradient_descent_rate = report.gradientDescentRate
  c.threshold = report.threshold
  c.measurement = report.measurement
  c.blamed_count = Int64(min(report.blamedFeatures.count, report.blamedShares.count, Int(TRIMTAB_BLAME_CAPACITY)))
  withUnsafeMutableBytes(of: &c.blamed_features) { slots in
    for (index, feature) in report.blamedFeatures.prefix(Int(TRIMTAB_BLAME_CAPACITY)).enumerated() {
      slots.storeBytes(of: Int64(feature), toByteOffset: index &* 8, as: Int64.self)
    }
  }
  withUnsafeMutableBytes(of: &c.blamed_shares) { slots in
    for (index, share) in report.blamedShares.prefix(Int(TRIMTAB_BLAME_CAPACITY)).enumerated() {
      slots.storeBytes(of: share, toByteOffset: index &* 8, as: Double.self)
    }
  }
  target.write(c)
}

@c @implementation public func trimtab_condition_number(
  _ samples: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_conditioning_options>!,
  _ report: UnsafeMutablePointer<trimtab_conditioning_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let samples = try view(of: samples, "samples", leastRank: 1)
    write(try conditionNumber(of: samples, options: try engineOptions(options)), to: target)
  }
}

@c @implementation public func trimtab_covariance_create(
  _ options: UnsafePointer<trimtab_conditioning_options>!, _ covariance: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try required(covariance, "covariance")
    covariance.pointee = retain(try Covariance(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_covariance_add(
  _ covariance: OpaquePointer?, _ samples: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    try covariance.add(try view(of: samples, "samples", leastRank: 1))
  }
}

@c @implementation public func trimtab_covariance_merge(
  _ covariance: OpaquePointer?, _ other: OpaquePointer?
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    try covariance.merge(try object(other, as: Covariance.self, "other"))
  }
}

@c @implementation public func trimtab_covariance_report(
  _ covariance: OpaquePointer?, _ report: UnsafeMutablePointer<trimtab_conditioning_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    let target = try ReportTarget(report)
    write(try covariance.report(), to: target)
  }
}

@c @implementation public func trimtab_covariance_features(
  _ covariance: OpaquePointer?, _ features: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    try required(features, "features").pointee = Int64(covariance.featureCount ?? 0)
  }
}

@c @implementation public func trimtab_covariance_moments(
  _ covariance: OpaquePointer?, _ features: Int64, _ mean: UnsafeMutablePointer<Double>!,
  _ covarianceMatrix: UnsafeMutablePointer<Double>!, _ eigenvalues: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    try checkFeatures(features, covariance.featureCount ?? 0)
    // The eigenvalues first: they are what can fail.
    if let eigenvalues { try covariance.eigenvalues(to: eigenvalues) }
    if let mean { covariance.mean(to: mean) }
    if let covarianceMatrix { covariance.covariance(to: covarianceMatrix) }
  }
}

/// The caller's number of features must be the engine's.
func checkFeatures(_ found: Int64, _ allowed: Int) throws(TrimtabError) {
  guard found == Int64(allowed) else {
    throw TrimtabError(.mismatch, "features: found %, allowed %", found, allowed)
  }
}

@c @implementation public func trimtab_covariance_save(
  _ covariance: OpaquePointer?, _ buffer: UnsafeMutableRawPointer?, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    try save(kind: .covariance, version: Covariance.stateVersion, into: buffer, capacity: capacity, needed: needed) {
      covariance.write(to: &$0)
    }
  }
}

@c @implementation public func trimtab_covariance_load(
  _ buffer: UnsafeRawPointer?, _ length: Int64, _ covariance: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try required(covariance, "covariance")
    covariance.pointee = retain(try Covariance.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_covariance_destroy(_ covariance: OpaquePointer?) {
  release(covariance, as: Covariance.self)
}

private func write(
  _ advice: ConditioningAdvice, to target: ReportTarget<trimtab_conditioning_advice_report>
) {
  var c = trimtab_conditioning_advice_report()
  c.outcome = advice.outcome.rawValue
  c.verdict = advice.verdict.rawValue
  c.cause = advice.cause.rawValue
  c.advice = advice.advice.rawValue
  c.tolerance = advice.tolerance
  c.condition_number = advice.conditionNumber
  c.condition_number_standardised = advice.conditionNumberStandardised
  c.steps = advice.steps
  c.steps_standardised = advice.stepsStandardised
  c.steps_whitened = advice.stepsWhitened
  target.write(c)
}

@c @implementation public func trimtab_conditioning_advice(
  _ samples: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_conditioning_options>!,
  _ tolerance: Double, _ report: UnsafeMutablePointer<trimtab_conditioning_advice_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let samples = try view(of: samples, "samples", leastRank: 1)
    write(try conditioningAdvice(for: samples, options: try engineOptions(options), tolerance: tolerance), to: target)
  }
}

@c @implementation public func trimtab_covariance_advice(
  _ covariance: OpaquePointer?, _ tolerance: Double,
  _ report: UnsafeMutablePointer<trimtab_conditioning_advice_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    let target = try ReportTarget(report)
    write(try covariance.advice(tolerance: tolerance), to: target)
  }
}
