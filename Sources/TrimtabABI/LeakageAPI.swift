public import CTrimtab
internal import Trimtab

private func engineOptions(_ pointer: UnsafePointer<trimtab_leakage_options>?) throws(TrimtabError) -> LeakageOptions {
  guard let given = try options(pointer) else { return LeakageOptions() }
  var options = LeakageOptions()
  options.batchSize = Int(given.batch_size)
  options.directionCount = Int(given.direction_count)
  options.step = given.step
  options.probedBatches = Int(given.probed_batches)
  options.replayCount = Int(given.replay_count)
  options.givesProbabilities = given.gives_probabilities != 0
  options.seed = given.seed
  options.shareThreshold = given.share_threshold
  options.gapThreshold = given.gap_threshold
  options.commonThreshold = given.common_threshold
  return options
}

private func contractReport(_ report: LeakageReport) -> trimtab_batch_leakage_report {
  var out = trimtab_batch_leakage_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.regime = report.regime.rawValue
  out.composition_outcome = report.compositionOutcome.rawValue
  out.replay_outcome = report.replayOutcome.rawValue
  out.probe_count = Int64(report.probeCount)
  out.cross_share = report.crossShare
  out.jacobian_norm = report.jacobianNorm
  out.noise_share = report.noiseShare
  out.common_response = report.commonResponse
  out.replay_ratio = report.replayRatio
  out.batch_count = Int64(report.batchCount)
  out.sample_count = Int64(report.sampleCount)
  out.natural_accuracy = report.naturalAccuracy
  out.shuffled_accuracy = report.shuffledAccuracy
  out.composition_gap = report.compositionGap
  out.gap_error = report.gapError
  out.fake_mean = report.fakeMean
  out.shuffled_fake_mean = report.shuffledFakeMean
  out.measurement = report.measurement
  out.threshold = report.threshold
  return out
}

private func add(
  to coupling: BatchLeakage, _ callback: trimtab_batch_function?, _ user: UnsafeMutableRawPointer?,
  _ inputs: UnsafePointer<trimtab_tensor>?, _ targets: UnsafePointer<trimtab_tensor>?, _ outputsPerRow: Int64
) throws(TrimtabError) {
  let callback = try required(callback, "function")
  let samples = try view(of: inputs, "inputs", leastRank: 1)
  let labels = targets == nil ? nil : try view(of: targets, "targets")
  let function: BatchFunction = { (inputs, rows, features, outputs, width) throws(TrimtabError) in
    let status = callback(user, inputs, Int64(rows), Int64(features), outputs, Int64(width))
    guard status == 0 else {
      throw TrimtabError(.callback, "function: found it to return %, allowed 0 to go on", Int(status))
    }
  }
  try coupling.add(function, outputsPerRow: Int(outputsPerRow), inputs: samples, targets: labels)
}

@c @implementation public func trimtab_batch_leakage(
  _ function: trimtab_batch_function!, _ user: UnsafeMutableRawPointer!, _ inputs: UnsafePointer<trimtab_tensor>!,
  _ targets: UnsafePointer<trimtab_tensor>!, _ outputs_per_row: Int64,
  _ options: UnsafePointer<trimtab_leakage_options>!, _ report: UnsafeMutablePointer<trimtab_batch_leakage_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let coupling = try BatchLeakage(options: try engineOptions(options))
    try add(to: coupling, function, user, inputs, targets, outputs_per_row)
    target.write(contractReport(coupling.report()))
  }
}

@c @implementation public func trimtab_leakage_create(
  _ options: UnsafePointer<trimtab_leakage_options>!, _ leakage: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(leakage, "leakage")
    target.pointee = retain(try BatchLeakage(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_leakage_add(
  _ leakage: OpaquePointer!, _ function: trimtab_batch_function!, _ user: UnsafeMutableRawPointer!,
  _ inputs: UnsafePointer<trimtab_tensor>!, _ targets: UnsafePointer<trimtab_tensor>!, _ outputs_per_row: Int64
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(leakage, as: BatchLeakage.self, "leakage")
    try add(to: found, function, user, inputs, targets, outputs_per_row)
  }
}

@c @implementation public func trimtab_leakage_merge(
  _ leakage: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(leakage, as: BatchLeakage.self, "leakage")
    try found.merge(try object(other, as: BatchLeakage.self, "other"))
  }
}

@c @implementation public func trimtab_leakage_report(
  _ leakage: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_batch_leakage_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(leakage, as: BatchLeakage.self, "leakage")
    try ReportTarget(report).write(contractReport(found.report()))
  }
}

@c @implementation public func trimtab_leakage_save(
  _ leakage: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(leakage, as: BatchLeakage.self, "leakage")
    try save(
      kind: .batchLeakage, version: BatchLeakage.stateVersion, into: buffer, capacity: capacity, needed: needed,
      found.write)
  }
}

@c @implementation public func trimtab_leakage_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ leakage: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(leakage, "leakage")
    target.pointee = retain(try BatchLeakage.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_leakage_destroy(_ leakage: OpaquePointer!) {
  release(leakage, as: BatchLeakage.self)
}
