public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_feature_scale_options>?
) throws(TrimtabError) -> FeatureScaleOptions {
  var options = FeatureScaleOptions()
  guard let given = try TrimtabABI.options(pointer) else { return options }
  options.leastDeviation = given.least_deviation
  options.criticalDeviation = given.critical_deviation
  options.dominance = given.dominance
  options.floorShare = given.floor_share
  options.outlierScore = given.outlier_score
  return options
}

private func write(_ report: FeatureScaleReport, to target: ReportTarget<trimtab_feature_scale_report>) {
  var c = trimtab_feature_scale_report()
  c.outcome = report.outcome.rawValue
  c.verdict = report.verdict.rawValue
  c.cause = report.cause.rawValue
  c.advice = report.advice.rawValue
  c.node_count = Int64(report.nodeCount)
  c.feature_count = Int64(report.featureCount)
  c.entry_count = Int64(report.entryCount)
  c.zero_count = Int64(report.zeroCount)
  c.nonfinite_count = Int64(report.nonfiniteCount)
  c.empty_node_count = Int64(report.emptyNodeCount)
  c.empty_feature_count = Int64(report.emptyFeatureCount)
  c.coverage = report.coverage
  c.node_deviation = report.nodeDeviation
  c.feature_deviation = report.featureDeviation
  c.residual_deviation = report.residualDeviation
  c.node_correlation = report.nodeCorrelation
  c.feature_correlation = report.featureCorrelation
  c.node_share = report.nodeShare
  c.feature_share = report.featureShare
  c.node_statistic = report.nodeStatistic
  c.feature_statistic = report.featureStatistic
  c.node_probability = report.nodeProbability
  c.feature_probability = report.featureProbability
  c.node_spread = report.nodeSpread
  c.feature_spread = report.featureSpread
  c.greatest_node_effect = report.greatestNodeEffect
  c.greatest_feature_effect = report.greatestFeatureEffect
  c.threshold = report.threshold
  c.measurement = report.measurement
  c.outlier_node_count = Int64(report.outlierNodeCount)
  c.outlier_feature_count = Int64(report.outlierFeatureCount)
  withUnsafeMutableBytes(of: &c.outlier_nodes) { list(report.outlierNodes, $0) }
  withUnsafeMutableBytes(of: &c.outlier_features) { list(report.outlierFeatures, $0) }
  target.write(c)
}

/// Indices, then -1.
private func list(_ indices: [Int], _ slots: UnsafeMutableRawBufferPointer) {
  for place in 0..<Int(TRIMTAB_OUTLIER_CAPACITY) {
    let index = place < indices.count ? Int64(indices[place]) : -1
    slots.storeBytes(of: index, toByteOffset: place &* 8, as: Int64.self)
  }
}

@c @implementation public func trimtab_feature_scale(
  _ features: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_feature_scale_options>!,
  _ report: UnsafeMutablePointer<trimtab_feature_scale_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    write(try featureScale(of: try view(of: features, "features"), options: try engineOptions(options)), to: target)
  }
}

@c @implementation public func trimtab_scale_profile_create(
  _ options: UnsafePointer<trimtab_feature_scale_options>!, _ profile: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(profile, "profile")
    target.pointee = retain(try FeatureScale(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_scale_profile_add(
  _ profile: OpaquePointer!, _ features: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    try object(profile, as: FeatureScale.self, "profile").add(try view(of: features, "features"))
  }
}

@c @implementation public func trimtab_scale_profile_merge(
  _ profile: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let profile = try object(profile, as: FeatureScale.self, "profile")
    try profile.merge(try object(other, as: FeatureScale.self, "other"))
  }
}

@c @implementation public func trimtab_scale_profile_report(
  _ profile: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_feature_scale_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let profile = try object(profile, as: FeatureScale.self, "profile")
    let target = try ReportTarget(report)
    write(try profile.report(), to: target)
  }
}

@c @implementation public func trimtab_scale_profile_save(
  _ profile: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let profile = try object(profile, as: FeatureScale.self, "profile")
    try save(kind: .featureScale, version: FeatureScale.stateVersion, into: buffer, capacity: capacity, needed: needed)
    {
      profile.write(to: &$0)
    }
  }
}

@c @implementation public func trimtab_scale_profile_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ profile: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(profile, "profile")
    target.pointee = retain(try FeatureScale.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_scale_profile_destroy(_ profile: OpaquePointer!) {
  release(profile, as: FeatureScale.self)
}
