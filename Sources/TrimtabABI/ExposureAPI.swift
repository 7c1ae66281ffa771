public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_exposure_bias_options>?
) throws(TrimtabError) -> ExposureOptions {
  guard let given = try options(pointer) else { return ExposureOptions() }
  var options = ExposureOptions()
  options.warningExcess = given.warning_excess
  options.criticalExcess = given.critical_excess
  options.divergenceError = given.divergence_error
  return options
}

private func contractReport(_ report: ExposureReport) -> trimtab_exposure_bias_report {
  var out = trimtab_exposure_bias_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.sequence_count = Int64(report.sequenceCount)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.diverged_count = Int64(report.divergedCount)
  out.first_divergence = Int64(report.firstDivergence)
  out.length = Int64(report.length)
  out.step_error = report.stepError
  out.accumulated_error = report.accumulatedError
  out.ratio = report.ratio
  out.excess = report.excess
  out.growth_exponent = report.growthExponent
  out.growth_rate = report.growthRate
  out.threshold = report.threshold
  out.measurement = report.measurement
  out.is_exponential = report.isExponential ? 1 : 0
  return out
}

/// A view of a tensor that may be missing.
func optionalView(
  _ pointer: UnsafePointer<trimtab_tensor>?, _ name: StaticText
) throws(TrimtabError) -> TensorView? {
  pointer == nil ? nil : try view(of: pointer, name)
}

@c @implementation public func trimtab_exposure_bias(
  _ teacher: UnsafePointer<trimtab_tensor>!, _ free_running: UnsafePointer<trimtab_tensor>!,
  _ lengths: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_exposure_bias_options>!,
  _ report: UnsafeMutablePointer<trimtab_exposure_bias_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try exposureBias(
      teacher: try view(of: teacher, "teacher"), free: try view(of: free_running, "free_running"),
      lengths: try optionalView(lengths, "lengths"), options: try engineOptions(options))
    target.write(contractReport(found))
  }
}

@c @implementation public func trimtab_exposure_create(
  _ options: UnsafePointer<trimtab_exposure_bias_options>!, _ exposure: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(exposure, "exposure")
    target.pointee = retain(try ExposureBias(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_exposure_add(
  _ exposure: OpaquePointer!, _ teacher: UnsafePointer<trimtab_tensor>!,
  _ free_running: UnsafePointer<trimtab_tensor>!, _ lengths: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(exposure, as: ExposureBias.self, "exposure")
    try own.add(
      teacher: try view(of: teacher, "teacher"), free: try view(of: free_running, "free_running"),
      lengths: try optionalView(lengths, "lengths"))
  }
}

@c @implementation public func trimtab_exposure_merge(
  _ exposure: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(exposure, as: ExposureBias.self, "exposure")
    try own.merge(try object(other, as: ExposureBias.self, "other"))
  }
}

@c @implementation public func trimtab_exposure_report(
  _ exposure: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_exposure_bias_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(exposure, as: ExposureBias.self, "exposure")
    try ReportTarget(report).write(contractReport(own.report()))
  }
}

@c @implementation public func trimtab_exposure_lengths(
  _ exposure: OpaquePointer!, _ rows: UnsafeMutablePointer<trimtab_exposure_length>!, _ capacity: Int64,
  _ count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(exposure, as: ExposureBias.self, "exposure")
    let target = try required(count, "count")
    guard capacity >= 0 else {
      throw TrimtabError(.invalidArgument, "capacity: found %, allowed 0 or more", capacity)
    }
    if capacity > 0 { _ = try required(rows, "rows") }
    // The engine's row has the contract's layout: whole numbers, then doubles, in one order.
    let same = rows.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: ExposureLength.self) }
    target.pointee = Int64(own.copyLengths(to: same, capacity: Int(capacity)))
  }
}

@c @implementation public func trimtab_exposure_save(
  _ exposure: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(exposure, as: ExposureBias.self, "exposure")
    try save(
      kind: .exposure, version: ExposureBias.stateVersion, into: buffer, capacity: capacity, needed: needed, own.write)
  }
}

@c @implementation public func trimtab_exposure_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ exposure: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(exposure, "exposure")
    target.pointee = retain(try ExposureBias.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_exposure_destroy(_ exposure: OpaquePointer!) {
  release(exposure, as: ExposureBias.self)
}

@c @implementation public func trimtab_state_noise(
  _ states: UnsafePointer<trimtab_tensor>!, _ step: Int64, _ given: UnsafePointer<trimtab_state_noise_options>!,
  _ output: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    var noise = StateNoise()
    if let given = try options(given) {
      noise.deviation = given.deviation
      noise.rampSteps = Int(given.ramp_steps)
      noise.seed = given.seed
    }
    try noise.apply(
      to: try view(of: states, "states"), step: Int(step),
      into: try MutableTensorView(writing: try view(of: output, "output")))
  }
}
