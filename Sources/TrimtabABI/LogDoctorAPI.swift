public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_log_doctor_options>?
) throws(TrimtabError) -> LogDoctorOptions {
  guard let given = try options(pointer) else { return LogDoctorOptions() }
  var options = LogDoctorOptions()
  options.falseAlarmsPerMillion = given.false_alarms_per_million
  options.riseSize = given.rise_size
  options.recoveryRows = Int(given.recovery_rows)
  options.classCount = Int(given.class_count)
  return options
}

private func contract(_ extremes: LogExtremes) -> trimtab_log_extremes {
  trimtab_log_extremes(
    count: Int64(extremes.count), nonfinite_count: Int64(extremes.nonfiniteCount), first: extremes.first,
    least: extremes.least, greatest: extremes.greatest, last: extremes.last, first_step: Int64(extremes.firstStep),
    least_step: Int64(extremes.leastStep), greatest_step: Int64(extremes.greatestStep),
    last_step: Int64(extremes.lastStep))
}

private func contract(_ report: LogReport) -> trimtab_log_report {
  var out = trimtab_log_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.row_count = Int64(report.rowCount)
  out.first_step = Int64(report.firstStep)
  out.last_step = Int64(report.lastStep)
  out.finding_count = Int64(report.findingCount)
  out.left_out_finding_count = Int64(report.leftOutFindingCount)
  out.ran_count = Int64(report.ranCount)
  out.loss = contract(report.loss)
  out.validation_loss = contract(report.validationLoss)
  out.gradient_norm = contract(report.gradientNorm)
  out.learning_rate = contract(report.learningRate)
  out.loss_scale = contract(report.lossScale)
  out.noise = report.noise
  return out
}

private func contract(_ finding: LogFinding) -> trimtab_log_finding {
  var out = trimtab_log_finding()
  out.check = finding.check.rawValue
  out.quantity = finding.quantity.rawValue
  out.verdict = finding.verdict.rawValue
  out.cause = finding.cause.rawValue
  out.is_standing = finding.isStanding ? 1 : 0
  out.first_step = Int64(finding.firstStep)
  out.last_step = Int64(finding.lastStep)
  out.worst_step = Int64(finding.worstStep)
  out.count = Int64(finding.count)
  out.value = finding.value
  out.baseline = finding.baseline
  out.size = finding.size
  out.noise = finding.noise
  out.threshold = finding.threshold
  out.confidence = finding.confidence
  return out
}

@c @implementation public func trimtab_log_doctor_create(
  _ options: UnsafePointer<trimtab_log_doctor_options>!, _ doctor: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(doctor, "doctor")
    target.pointee = retain(try LogDoctor(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_log_doctor_add(
  _ doctor: OpaquePointer!, _ rows: UnsafePointer<trimtab_log_rows>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let doctor = try object(doctor, as: LogDoctor.self, "doctor")
    guard let rows = try options(try required(rows, "rows"), "rows") else { return }
    guard rows.count >= 0, rows.count <= 1 << 60 else {
      throw TrimtabError(.invalidArgument, "rows.count: found %, allowed 0 or more", rows.count)
    }
    for index in 0..<Int(rows.count) {
      var row = LogRow(step: rows.steps.map { Int($0[index]) } ?? doctor.rowCount)
      let present = rows.present.map { $0[index] } ?? 0xFF
      if present & 1 != 0, let column = rows.loss { row.loss = column[index] }
      if present & 2 != 0, let column = rows.validation_loss { row.validationLoss = column[index] }
      if present & 4 != 0, let column = rows.gradient_norm { row.gradientNorm = column[index] }
      if present & 8 != 0, let column = rows.learning_rate { row.learningRate = column[index] }
      if present & 16 != 0, let column = rows.loss_scale { row.lossScale = column[index] }
      doctor.add(row)
    }
  }
}

@c @implementation public func trimtab_log_doctor_finish(
  _ doctor: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_log_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let doctor = try object(doctor, as: LogDoctor.self, "doctor")
    let target = try ReportTarget(report)
    target.write(contract(doctor.finish()))
  }
}

@c @implementation public func trimtab_log_doctor_finding(
  _ doctor: OpaquePointer!, _ index: Int64, _ finding: UnsafeMutablePointer<trimtab_log_finding>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let doctor = try object(doctor, as: LogDoctor.self, "doctor")
    let target = try ReportTarget(finding, "finding")
    guard let found = doctor.finding(at: Int(index)) else {
      throw TrimtabError(.invalidArgument, "index: found %, allowed 0 to less than %", index, doctor.findingCount)
    }
    target.write(contract(found))
  }
}

@c @implementation public func trimtab_log_doctor_check(
  _ doctor: OpaquePointer!, _ index: Int64, _ state: UnsafeMutablePointer<trimtab_log_check_state>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let doctor = try object(doctor, as: LogDoctor.self, "doctor")
    let target = try ReportTarget(state, "state")
    guard let found = doctor.state(at: Int(index)) else {
      throw TrimtabError(.invalidArgument, "index: found %, allowed 0 to less than %", index, LogCheck.count)
    }
    var out = trimtab_log_check_state()
    out.check = found.check.rawValue
    out.outcome = found.outcome.rawValue
    out.quantity = found.check.quantity.rawValue
    out.row_count = Int64(found.rowCount)
    out.least_row_count = Int64(found.leastRowCount)
    target.write(out)
  }
}

@c @implementation public func trimtab_log_doctor_save(
  _ doctor: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let doctor = try object(doctor, as: LogDoctor.self, "doctor")
    try save(
      kind: .logDoctor, version: LogDoctor.stateVersion, into: buffer, capacity: capacity, needed: needed
    ) { doctor.write(to: &$0) }
  }
}

@c @implementation public func trimtab_log_doctor_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ doctor: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(doctor, "doctor")
    target.pointee = retain(try LogDoctor.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_log_doctor_destroy(_ doctor: OpaquePointer!) {
  release(doctor, as: LogDoctor.self)
}

@c @implementation public func trimtab_log_check_name(_ check: trimtab_log_check) -> UnsafePointer<CChar>! {
  cString(LogCheck(rawValue: check)?.key ?? "unknown")
}

@c @implementation public func trimtab_log_quantity_name(
  _ quantity: trimtab_log_quantity
) -> UnsafePointer<CChar>! {
  cString(LogQuantity(rawValue: quantity)?.key ?? "unknown")
}
