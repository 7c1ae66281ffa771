public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_monitor_finding_count(
  _ monitor: OpaquePointer!, _ count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try required(count, "count")
    target.pointee = Int64(monitor.findingCount)
  }
}

@c @implementation public func trimtab_monitor_finding(
  _ monitor: OpaquePointer!, _ index: Int64, _ finding: UnsafeMutablePointer<trimtab_finding>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(finding, "finding")
    guard let found = monitor.finding(Int(index)) else {
      throw TrimtabError(.invalidArgument, "index: found %, allowed 0 to %", index, monitor.findingCount &- 1)
    }
    target.write(trimtab_finding(found, name: monitor.name(of: found.entry)))
  }
}

@c @implementation public func trimtab_monitor_diagnosis(
  _ monitor: OpaquePointer!, _ capacity: Int64, _ places: UnsafeMutablePointer<Int64>!,
  _ count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let written = try required(count, "count")
    guard capacity >= 0 else {
      throw TrimtabError(.invalidArgument, "capacity: found %, allowed 0 or more", capacity)
    }
    let taken = min(Int(capacity), monitor.findingCount)
    if taken > 0 {
      let target = try required(places, "places")
      let order = try Storage<Int>(count: monitor.findingCount, for: "places")
      monitor.diagnose(order.buffer)
      for place in 0..<taken { target[place] = Int64(order.pointer[place]) }
    }
    written.pointee = Int64(taken)
  }
}

@c @implementation public func trimtab_monitor_coverage(
  _ monitor: OpaquePointer!, _ entry: Int64, _ quantity: trimtab_quantity,
  _ coverage: UnsafeMutablePointer<trimtab_coverage>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(coverage, "coverage")
    let found = try monitor.coverage(of: Int(entry), try word(quantity, "quantity"))
    var result = trimtab_coverage()
    result.step_count = Int64(found.stepCount)
    result.look_count = Int64(found.lookCount)
    result.left_out_count = Int64(found.leftOutCount)
    result.interval = Int64(found.interval)
    result.cost_fraction = found.costFraction
    target.write(result)
  }
}

@c @implementation public func trimtab_monitor_log(
  _ monitor: OpaquePointer!, _ path: UnsafePointer<CChar>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.writeLog(to: path)
  }
}

@c @implementation public func trimtab_monitor_log_state(
  _ monitor: OpaquePointer!, _ state: UnsafeMutablePointer<trimtab_log_state>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(state, "state")
    let found = monitor.logState
    var result = trimtab_log_state()
    result.failure = found.failure
    result.line_count = Int64(found.lineCount)
    result.lost_count = Int64(found.lostCount)
    target.write(result)
  }
}

@c @implementation public func trimtab_monitor_write_record(
  _ monitor: OpaquePointer!, _ path: UnsafePointer<CChar>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.writeRecord(to: try required(path, "path"))
  }
}

@c @implementation public func trimtab_monitor_record_to(
  _ monitor: OpaquePointer!, _ path: UnsafePointer<CChar>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.writeRecordWhenCritical(to: path)
  }
}

@c @implementation public func trimtab_rule_name(_ rule: trimtab_rule) -> UnsafePointer<CChar>! {
  cString(Rule(rawValue: rule)?.key ?? "unknown")
}

@c @implementation public func trimtab_rule_published_name(_ rule: trimtab_rule) -> UnsafePointer<CChar>! {
  cString(Rule(rawValue: rule)?.publishedName ?? "")
}

@c @implementation public func trimtab_monitor_noise(
  _ monitor: OpaquePointer!, _ noiseScale: UnsafeMutablePointer<Double>!,
  _ signalToNoise: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let found = monitor.noise
    noiseScale?.pointee = found.scale
    signalToNoise?.pointee = found.signalToNoise
  }
}

@c @implementation public func trimtab_monitor_spectrum(
  _ monitor: OpaquePointer!, _ entry: Int64, _ norm: UnsafeMutablePointer<Double>!,
  _ stableRank: UnsafeMutablePointer<Double>!, _ effectiveRank: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let found = try monitor.spectrum(of: Int(entry))
    norm?.pointee = found.norm
    stableRank?.pointee = found.stableRank
    effectiveRank?.pointee = found.effectiveRank
  }
}

@c @implementation public func trimtab_action_name(_ action: trimtab_action) -> UnsafePointer<CChar>! {
  cString(Action(rawValue: action)?.key ?? "unknown")
}

@c @implementation public func trimtab_quantity_name(_ quantity: trimtab_quantity) -> UnsafePointer<CChar>! {
  cString(Quantity(rawValue: quantity)?.key ?? "unknown")
}

/// One of a list of pinned numbers.
func word<Word: RawRepresentable>(
  _ value: Int32, _ name: StaticText
) throws(TrimtabError) -> Word where Word.RawValue == Int32 {
  guard let found = Word(rawValue: value) else {
    throw TrimtabError(.invalidArgument, "%: found %, which is none that this version knows", name, value)
  }
  return found
}

/// The bytes of a C string, at most one more than any name may have.
func text(_ pointer: UnsafePointer<CChar>?, _ name: StaticText) throws(TrimtabError) -> UnsafeBufferPointer<UInt8> {
  let pointer = UnsafeRawPointer(try required(pointer, name)).assumingMemoryBound(to: UInt8.self)
  var length = 0
  while length <= 512, pointer[length] != 0 { length = length &+ 1 }
  return UnsafeBufferPointer(start: pointer, count: length)
}

extension trimtab_finding {
  fileprivate init(_ finding: Finding, name: UnsafePointer<UInt8>?) {
    self.init()
    rule = finding.rule.rawValue
    verdict = finding.verdict.rawValue
    cause = finding.cause.rawValue
    quantity = finding.quantity?.rawValue ?? -1
    is_standing = finding.isStanding ? 1 : 0
    entry = Int64(finding.entry)
    self.name = name.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) } ?? cString("")
    first_step = Int64(finding.firstStep)
    last_step = Int64(finding.lastStep)
    count = Int64(finding.count)
    index = Int64(finding.index)
    value = finding.value
    threshold = finding.threshold
    confidence = finding.confidence
    before = (finding.before[0], finding.before[1], finding.before[2], finding.before[3])
  }
}

extension trimtab_decision {
  init(_ decision: Decision) {
    self.init()
    action = decision.action.rawValue
    verdict = decision.verdict.rawValue
    rule = decision.rule?.rawValue ?? -1
    step = Int64(decision.step)
    finding_count = Int64(decision.findingCount)
    new_finding_count = Int64(decision.newFindingCount)
    entry = Int64(decision.entry)
    clip_factor = decision.clipFactor
    gradient_norm = decision.gradientNorm
    loss = decision.loss
  }
}

extension trimtab_rule_options {
  init(_ settings: RuleSettings) {
    self.init()
    is_enabled = settings.isEnabled ? 1 : 0
    patience = Int64(settings.patience)
    warning = settings.warning
    critical = settings.critical
  }
}

extension MonitorEntry {
  init(_ given: trimtab_entry) throws(TrimtabError) {
    self.init()
    role = try word(given.role, "entry.role")
    guard given.kind == role.kind.rawValue else {
      throw TrimtabError(
        .invalidArgument, "entry.kind: found %, allowed % with this role", given.kind, role.kind.rawValue)
    }
    if given.activation != -1 {
      let found: Activation = try word(given.activation, "entry.activation")
      activation = found
    }
    guard given.flags & ~7 == 0 else {
      throw TrimtabError(.invalidArgument, "entry.flags: found %, allowed bits 1, 2 and 4", given.flags)
    }
    isFrozen = given.flags & 1 != 0
    hasZeroGradient = given.flags & 2 != 0
    isHeld = given.flags & 4 != 0
    unitAxis = Int(given.unit_axis)
    order = Int(given.order)
    width = Int(given.width)
  }
}

extension MonitorOptions {
  /// The caller's options, or the defaults.
  init(_ given: trimtab_monitor_options?) throws(TrimtabError) {
    self.init()
    guard let given else { return }
    preset = try word(given.preset, "options.preset")
    clipping = try word(given.clipping, "options.clipping")
    mayRollBack = given.may_roll_back != 0
    maximumNorm = given.maximum_norm
    falseAlarmsPerMillion = given.false_alarms_per_million
    budget = given.budget
    warmUp = Int(given.warm_up)
    auditInterval = Int(given.audit_interval)
    greatestSkips = Int(given.greatest_skips)
    recorderSteps = Int(given.recorder_steps)
  }
}
