public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_activity_options>?
) throws(TrimtabError) -> ActivityOptions {
  guard let given = try options(pointer) else { return ActivityOptions() }
  guard let activation = Activation(rawValue: given.activation) else {
    throw TrimtabError(.invalidArgument, "options.activation: found %, allowed 0 to 7", given.activation)
  }
  var options = ActivityOptions()
  options.activation = activation
  options.unitAxis = Int(given.unit_axis)
  options.leak = given.leak
  options.inactiveFraction = given.inactive_fraction
  options.dormantThreshold = given.dormant_threshold
  options.saturationLow = given.saturation_low
  options.saturationHigh = given.saturation_high
  options.saturatedFraction = given.saturated_fraction
  options.layerWarningFraction = given.layer_warning_fraction
  options.layerCriticalFraction = given.layer_critical_fraction
  options.confidence = given.confidence
  options.leastActiveFraction = given.least_active_fraction
  return options
}

private func contractReport(_ report: ActivityReport) -> trimtab_activity_report {
  var out = trimtab_activity_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.sample_count = Int64(report.sampleCount)
  out.unit_count = Int64(report.unitCount)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.dead_count = Int64(report.deadCount)
  out.inactive_count = Int64(report.inactiveCount)
  out.dormant_count = Int64(report.dormantCount)
  out.saturated_count = Int64(report.saturatedCount)
  out.dead_fraction = report.deadFraction
  out.inactive_fraction = report.inactiveFraction
  out.dormant_fraction = report.dormantFraction
  out.saturated_fraction = report.saturatedFraction
  out.mean_active_fraction = report.meanActiveFraction
  out.mean_preactivation = report.meanPreactivation
  out.preactivation_scale = report.preactivationScale
  out.confidence = report.confidence
  out.threshold = report.threshold
  return out
}

@c @implementation public func trimtab_dead_neurons(
  _ preactivations: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_activity_options>!,
  _ report: UnsafeMutablePointer<trimtab_activity_report>!, _ dead: UnsafeMutablePointer<UInt8>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let activity = try Activity(options: try engineOptions(options))
    try activity.add(try view(of: preactivations, "preactivations", leastRank: 1))
    target.write(contractReport(activity.report()))
    if let dead { activity.copyDead(to: dead) }
  }
}

@c @implementation public func trimtab_neurons_create(
  _ options: UnsafePointer<trimtab_activity_options>!, _ neurons: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(neurons, "neurons")
    target.pointee = retain(try Activity(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_neurons_add(
  _ neurons: OpaquePointer!, _ preactivations: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let activity = try object(neurons, as: Activity.self, "neurons")
    try activity.add(try view(of: preactivations, "preactivations", leastRank: 1))
  }
}

@c @implementation public func trimtab_neurons_merge(
  _ neurons: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let activity = try object(neurons, as: Activity.self, "neurons")
    try activity.merge(try object(other, as: Activity.self, "other"))
  }
}

@c @implementation public func trimtab_neurons_report(
  _ neurons: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_activity_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let activity = try object(neurons, as: Activity.self, "neurons")
    try ReportTarget(report).write(contractReport(activity.report()))
  }
}

@c @implementation public func trimtab_neurons_units(
  _ neurons: OpaquePointer!, _ units: Int64, _ active_fraction: UnsafeMutablePointer<Double>!,
  _ dormancy_score: UnsafeMutablePointer<Double>!, _ flags: UnsafeMutablePointer<UInt8>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let activity = try object(neurons, as: Activity.self, "neurons")
    guard units == Int64(activity.unitCount) else {
      throw TrimtabError(.mismatch, "units: found %, allowed % as in the first batch", units, activity.unitCount)
    }
    activity.copyUnits(activeFraction: active_fraction, dormancyScore: dormancy_score, flags: flags)
  }
}

@c @implementation public func trimtab_neurons_save(
  _ neurons: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let activity = try object(neurons, as: Activity.self, "neurons")
    try save(
      kind: .neurons, version: Activity.stateVersion, into: buffer, capacity: capacity, needed: needed, activity.write)
  }
}

@c @implementation public func trimtab_neurons_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ neurons: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(neurons, "neurons")
    target.pointee = retain(try Activity.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_neurons_destroy(_ neurons: OpaquePointer!) {
  release(neurons, as: Activity.self)
}

@c @implementation public func trimtab_neurons_compare(
  _ before: OpaquePointer!, _ after: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_revival_report>!,
  _ newly_dead: UnsafeMutablePointer<UInt8>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let first = try object(before, as: Activity.self, "before")
    let second = try object(after, as: Activity.self, "after")
    let target = try ReportTarget(report)
    let found = try compare(before: first, after: second, newlyDead: newly_dead)
    var out = trimtab_revival_report()
    out.outcome = found.outcome.rawValue
    out.verdict = found.verdict.rawValue
    out.cause = found.cause.rawValue
    out.unit_count = Int64(found.unitCount)
    out.dead_before = Int64(found.deadBefore)
    out.dead_after = Int64(found.deadAfter)
    out.revived = Int64(found.revived)
    out.newly_dead = Int64(found.newlyDead)
    out.revival_fraction = found.revivalFraction
    out.new_death_fraction = found.newDeathFraction
    out.persistence = found.persistence
    out.threshold = found.threshold
    target.write(out)
  }
}
