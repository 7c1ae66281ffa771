public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_pseudo_label_gate_create(
  _ given: UnsafePointer<trimtab_gate_options>!, _ gate: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(gate, "gate")
    guard let given = try options(try required(given, "options")) else { return }
    guard let method = GateMethod(rawValue: given.method) else {
      throw TrimtabError(
        .invalidArgument, "options.method: found %, allowed 0 (FixMatch), 1 (FlexMatch) or 2 (FreeMatch)", given.method)
    }
    var wanted = GateOptions()
    wanted.method = method
    wanted.classCount = Int(given.class_count)
    wanted.sampleCount = Int(given.sample_count)
    wanted.threshold = given.threshold
    wanted.decay = given.decay
    wanted.startsAtOne = given.starts_at_one != 0
    target.pointee = retain(try PseudoLabelGate(options: wanted))
  }
}

@c @implementation public func trimtab_pseudo_label_gate_apply(
  _ gate: OpaquePointer!, _ probabilities: UnsafePointer<trimtab_tensor>!, _ ids: UnsafePointer<trimtab_tensor>!,
  _ passes: UnsafeMutablePointer<UInt8>!, _ thresholds: UnsafeMutablePointer<Double>!,
  _ report: UnsafeMutablePointer<trimtab_gate_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let gate = try object(gate, as: PseudoLabelGate.self, "gate")
    let target = try ReportTarget(report)
    var names: TensorView?
    if let ids { names = try view(of: ids, "ids") }
    let found = try gate.apply(
      try view(of: probabilities, "probabilities"), ids: names, passes: passes, thresholds: thresholds)
    var c = trimtab_gate_report()
    c.outcome = found.outcome.rawValue
    c.verdict = found.verdict.rawValue
    c.cause = found.cause.rawValue
    c.sample_count = Int64(found.sampleCount)
    c.passed_count = Int64(found.passedCount)
    c.nonfinite_count = Int64(found.nonfiniteCount)
    c.coverage = found.coverage
    c.least_threshold = found.leastThreshold
    c.greatest_threshold = found.greatestThreshold
    target.write(c)
  }
}

@c @implementation public func trimtab_pseudo_label_gate_save(
  _ gate: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64, _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(gate, as: PseudoLabelGate.self, "gate")
    try save(
      kind: .pseudoLabelGate, version: PseudoLabelGate.stateVersion, into: buffer, capacity: capacity, needed: needed,
      own.write)
  }
}

@c @implementation public func trimtab_pseudo_label_gate_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ gate: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(gate, "gate")
    target.pointee = retain(try PseudoLabelGate.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_pseudo_label_gate_destroy(_ gate: OpaquePointer!) {
  release(gate, as: PseudoLabelGate.self)
}

@c @implementation public func trimtab_consistency(
  _ before: UnsafePointer<trimtab_tensor>!, _ after: UnsafePointer<trimtab_tensor>!, _ form: Int32,
  _ gradient: UnsafePointer<trimtab_tensor>!, _ report: UnsafeMutablePointer<trimtab_consistency_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    guard let form = ConsistencyForm(rawValue: form) else {
      throw TrimtabError(.invalidArgument, "form: found %, allowed 0 (KL) or 1 (squared)", form)
    }
    var slope: MutableTensorView?
    if let gradient { slope = try MutableTensorView(writing: try view(of: gradient, "gradient"), name: "gradient") }
    let found = try consistency(
      before: try view(of: before, "before"), after: try view(of: after, "after"), form: form, gradient: slope)
    var c = trimtab_consistency_report()
    c.outcome = found.outcome.rawValue
    c.loss = found.loss
    c.sample_count = Int64(found.sampleCount)
    c.nonfinite_count = Int64(found.nonfiniteCount)
    target.write(c)
  }
}
