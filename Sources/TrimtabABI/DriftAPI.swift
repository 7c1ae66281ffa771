public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_drift_options>?
) throws(TrimtabError) -> DriftOptions {
  guard let given = try options(pointer) else { return DriftOptions() }
  var options = DriftOptions()
  options.classCount = Int(given.class_count)
  options.confidenceGate = given.confidence_gate
  options.warningFlipRate = given.warning_flip_rate
  options.criticalFlipRate = given.critical_flip_rate
  options.oscillationShare = given.oscillation_share
  options.oscillationFlipRate = given.oscillation_flip_rate
  options.classDistance = given.class_distance
  options.collapseShare = given.collapse_share
  options.classPrior = try classPrior(given.class_prior, given.class_prior_count)
  return options
}

private func classPrior(
  _ shares: UnsafePointer<Double>?, _ count: Int64
) throws(TrimtabError) -> [Double]? {
  guard let shares else {
    guard count == 0 else {
      throw TrimtabError(.nullArgument, "options.class_prior: found NULL for % classes, allowed only for 0", count)
    }
    return nil
  }
  guard count >= 1, count <= 1 << 24 else {
    throw TrimtabError(.invalidArgument, "options.class_prior_count: found %, allowed 1 to %", count, 1 << 24)
  }
  var prior: [Double] = []
  for label in 0..<Int(count) {
    prior.append(UnsafeRawPointer(shares).loadUnaligned(fromByteOffset: label &* 8, as: Double.self))
  }
  return prior
}

private func contractReport(_ report: DriftReport) -> trimtab_drift_report {
  var out = trimtab_drift_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.round = Int64(report.round)
  out.round_count = Int64(report.roundCount)
  out.sample_count = Int64(report.sampleCount)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.unmatched_count = Int64(report.unmatchedCount)
  out.class_count = Int64(report.classCount)
  out.oscillation_sample_count = Int64(report.oscillationSampleCount)
  out.confident_sample_count = Int64(report.confidentSampleCount)
  out.flip_rate = report.flipRate
  out.confident_flip_rate = report.confidentFlipRate
  out.oscillation_rate = report.oscillationRate
  out.oscillation_share = report.oscillationShare
  out.oscillation_null = report.oscillationNull
  out.total_variation = report.totalVariation
  out.jensen_shannon = report.jensenShannon
  out.kullback_leibler = report.kullbackLeibler
  out.gate_coverage = report.gateCoverage
  out.class_prior_distance = report.classPriorDistance
  out.class_shift = report.classShift
  out.least_class_share = report.leastClassShare
  out.greatest_class_share = report.greatestClassShare
  out.mean_flip_rate = report.meanFlipRate
  out.threshold = report.threshold
  out.measurement = report.measurement
  out.has_probabilities = report.hasProbabilities ? 1 : 0
  return out
}

@c @implementation public func trimtab_pseudo_label_drift(
  _ before: UnsafePointer<trimtab_tensor>!, _ after: UnsafePointer<trimtab_tensor>!,
  _ options: UnsafePointer<trimtab_drift_options>!, _ report: UnsafeMutablePointer<trimtab_drift_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try pseudoLabelDrift(
      before: try view(of: before, "before"), after: try view(of: after, "after"), options: try engineOptions(options))
    target.write(contractReport(found))
  }
}

@c @implementation public func trimtab_label_drift_create(
  _ options: UnsafePointer<trimtab_drift_options>!, _ drift: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(drift, "drift")
    target.pointee = retain(try LabelDrift(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_label_drift_add(
  _ drift: OpaquePointer!, _ round: Int64, _ ids: UnsafePointer<trimtab_tensor>!,
  _ predictions: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let stream = try object(drift, as: LabelDrift.self, "drift")
    let given = try view(of: predictions, "predictions")
    if let ids {
      try stream.add(round: Int(round), ids: try view(of: ids, "ids"), predictions: given)
    } else {
      try stream.add(round: Int(round), predictions: given)
    }
  }
}

@c @implementation public func trimtab_label_drift_merge(
  _ drift: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let stream = try object(drift, as: LabelDrift.self, "drift")
    try stream.merge(try object(other, as: LabelDrift.self, "other"))
  }
}

@c @implementation public func trimtab_label_drift_report(
  _ drift: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_drift_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let stream = try object(drift, as: LabelDrift.self, "drift")
    try ReportTarget(report).write(contractReport(stream.report()))
  }
}

@c @implementation public func trimtab_label_drift_report_round(
  _ drift: OpaquePointer!, _ index: Int64, _ report: UnsafeMutablePointer<trimtab_drift_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let stream = try object(drift, as: LabelDrift.self, "drift")
    let target = try ReportTarget(report)
    target.write(contractReport(try stream.report(round: Int(index))))
  }
}

@c @implementation public func trimtab_label_drift_save(
  _ drift: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64, _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let stream = try object(drift, as: LabelDrift.self, "drift")
    try save(
      kind: .labelDrift, version: LabelDrift.stateVersion, into: buffer, capacity: capacity, needed: needed,
      stream.write)
  }
}

@c @implementation public func trimtab_label_drift_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ drift: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(drift, "drift")
    target.pointee = retain(try LabelDrift.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_label_drift_destroy(_ drift: OpaquePointer!) {
  release(drift, as: LabelDrift.self)
}
