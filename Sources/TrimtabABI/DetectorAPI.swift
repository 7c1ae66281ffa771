public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_detector_create(
  _ given: UnsafePointer<trimtab_detector_options>!, _ detector: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(detector, "detector")
    target.pointee = retain(try Detector(options: DetectorOptions(try options(given))))
  }
}

@c @implementation public func trimtab_detector_add(
  _ detector: OpaquePointer!, _ value: Double, _ result: UnsafeMutablePointer<trimtab_detector_result>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let detector = try object(detector, as: Detector.self, "detector")
    guard let result else {
      detector.add(value)
      return
    }
    let target = try ReportTarget(result, "result")
    target.write(trimtab_detector_result(detector.add(value)))
  }
}

@c @implementation public func trimtab_detector_reset(_ detector: OpaquePointer!) -> trimtab_status {
  boundary { () throws(TrimtabError) in try object(detector, as: Detector.self, "detector").reset() }
}

@c @implementation public func trimtab_detector_report(
  _ detector: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_detector_result>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let detector = try object(detector, as: Detector.self, "detector")
    let target = try ReportTarget(report)
    target.write(trimtab_detector_result(detector.report()))
  }
}

@c @implementation public func trimtab_detector_save(
  _ detector: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let detector = try object(detector, as: Detector.self, "detector")
    try save(
      kind: .detector, version: Detector.stateVersion, into: buffer, capacity: capacity, needed: needed
    ) { detector.write(to: &$0) }
  }
}

@c @implementation public func trimtab_detector_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ detector: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(detector, "detector")
    target.pointee = retain(try Detector.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_detector_destroy(_ detector: OpaquePointer!) {
  release(detector, as: Detector.self)
}

extension DetectorOptions {
  /// The caller's options, or the defaults.
  fileprivate init(_ options: trimtab_detector_options?) throws(TrimtabError) {
    self.init()
    guard let options else { return }
    guard let kind = DetectorKind(rawValue: options.kind) else {
      throw TrimtabError(.invalidArgument, "options.kind: found %, allowed 0 to 8", options.kind)
    }
    guard let direction = DetectorDirection(rawValue: options.direction) else {
      throw TrimtabError(.invalidArgument, "options.direction: found %, allowed 0 to 2", options.direction)
    }
    guard let scale = DetectorScale(rawValue: options.scale) else {
      throw TrimtabError(.invalidArgument, "options.scale: found %, allowed 0 to 2", options.scale)
    }
    self.kind = kind
    self.direction = direction
    self.scale = scale
    warmUp = Int(options.warm_up)
    confirmation = Int(options.confirmation)
    patience = Int(options.patience)
    falseAlarmsPerMillion = options.false_alarms_per_million
    hysteresis = options.hysteresis
    divergenceRatio = options.divergence_ratio
    sustainedRatio = options.sustained_ratio
    plateauTolerance = options.plateau_tolerance
    oscillationRate = options.oscillation_rate
    vanishingMagnitude = options.vanishing_magnitude
    unchangedTolerance = options.unchanged_tolerance
  }
}

extension trimtab_detector_result {
  fileprivate init(_ result: DetectorResult) {
    self.init()
    outcome = result.outcome.rawValue
    verdict = result.verdict.rawValue
    state = result.state.rawValue
    kind = result.kind.rawValue
    scale = result.scale.rawValue
    value = result.value
    score = result.score
    threshold = result.threshold
    baseline = result.baseline
    spread = result.spread
    step_count = Int64(result.stepCount)
    nonfinite_count = Int64(result.nonfiniteCount)
    alarm_count = Int64(result.alarmCount)
    first_alarm_step = Int64(result.firstAlarmStep)
    consecutive_steps = Int64(result.consecutiveSteps)
  }
}
