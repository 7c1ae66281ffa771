public import CTrimtab
internal import Trimtab

private func pointFunction(
  _ callback: trimtab_function?, _ user: UnsafeMutableRawPointer?
) throws(TrimtabError) -> PointFunction {
  let callback = try required(callback, "function")
  return { (x, values) throws(TrimtabError) in
    let status = callback(user, x, values)
    guard status == 0 else {
      throw TrimtabError(.callback, "function: found the callback ended with %, allowed 0", status)
    }
  }
}

private func engineField(
  _ callback: trimtab_field?, _ user: UnsafeMutableRawPointer?, _ name: StaticText
) throws(TrimtabError) -> Field {
  let callback = try required(callback, name)
  return { (time, y, values) throws(TrimtabError) in
    let status = callback(user, time, y, values)
    guard status == 0 else {
      throw TrimtabError(.callback, "%: found the callback ended with %, allowed 0", name, status)
    }
  }
}

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_smoothness_options>?
) throws(TrimtabError) -> SmoothnessOptions {
  guard let given = try options(pointer) else { return SmoothnessOptions() }
  var options = SmoothnessOptions()
  options.segments = Int(given.segments)
  options.finest = Int(given.finest)
  options.seed = given.seed
  options.rounding = given.rounding
  options.brokenSlope = given.broken_slope
  options.tolerance = given.tolerance
  options.solverSegments = Int(given.solver_segments)
  options.criticalRejectionRatio = given.critical_rejection_ratio
  options.criticalCost = given.critical_cost
  return options
}

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_solver_options>?
) throws(TrimtabError) -> SolverOptions {
  guard let given = try options(pointer) else { return SolverOptions() }
  var options = SolverOptions()
  options.relativeTolerance = given.relative_tolerance
  options.absoluteTolerance = given.absolute_tolerance
  options.firstStep = given.first_step
  options.maximumStep = given.maximum_step
  options.maximumEvaluations = Int(given.maximum_evaluations)
  options.criticalRejectionRatio = given.critical_rejection_ratio
  options.leastAttempts = Int(given.least_attempts)
  guard given.stop_count >= 0, given.stop_count <= 1 << 24 else {
    throw TrimtabError(.invalidArgument, "options.stop_count: found %, allowed 0 to %", given.stop_count, 1 << 24)
  }
  if given.stop_count > 0 {
    let stops = try required(given.stops, "options.stops")
    for index in 0..<Int(given.stop_count) { options.stops.append(stops[index]) }
  }
  return options
}

private func contractReport(_ report: SmoothnessReport) -> trimtab_smoothness_report {
  var out = trimtab_smoothness_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.broken_order = Int32(truncatingIfNeeded: report.brokenOrder)
  out.segment_count = Int64(report.segmentCount)
  out.evaluation_count = Int64(report.evaluationCount)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.first_slope = report.firstSlope
  out.second_slope = report.secondSlope
  out.third_slope = report.thirdSlope
  out.fourth_slope = report.fourthSlope
  out.regularity = report.regularity
  out.finest_step = report.finestStep
  out.lipschitz = report.lipschitz
  out.tolerance = report.tolerance
  out.solver_evaluation_count = Int64(report.solverEvaluationCount)
  out.solver_rejection_ratio = report.solverRejectionRatio
  out.solver_cost = report.solverCost
  out.cost_exponent = report.costExponent
  out.advised_tolerance = report.advisedTolerance
  out.measurement = report.measurement
  out.threshold = report.threshold
  out.rounding = report.rounding
  return out
}

private func contractReport(_ report: SolverReport) -> trimtab_solver_report {
  var out = trimtab_solver_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.end = report.end.rawValue
  out.evaluation_count = Int64(report.evaluationCount)
  out.accepted_count = Int64(report.acceptedCount)
  out.rejected_count = Int64(report.rejectedCount)
  out.search_count = Int64(report.searchCount)
  out.kink_count = Int64(report.kinkCount)
  out.time = report.time
  out.minimum_step = report.minimumStep
  out.median_step = report.medianStep
  out.rejection_ratio = report.rejectionRatio
  out.measurement = report.measurement
  out.threshold = report.threshold
  return out
}

@c @implementation public func trimtab_smoothness_probe(
  _ function: trimtab_function!, _ user: UnsafeMutableRawPointer!, _ input_count: Int64, _ output_count: Int64,
  _ low: UnsafePointer<Double>!, _ high: UnsafePointer<Double>!, _ options: UnsafePointer<trimtab_smoothness_options>!,
  _ report: UnsafeMutablePointer<trimtab_smoothness_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try smoothness(
      of: try pointFunction(function, user), inputCount: Int(input_count), outputCount: Int(output_count),
      low: try required(low, "low"), high: try required(high, "high"), options: try engineOptions(options))
    target.write(contractReport(found))
  }
}

@c @implementation public func trimtab_kinks(
  _ function: trimtab_function!, _ user: UnsafeMutableRawPointer!, _ input_count: Int64, _ output_count: Int64,
  _ start: UnsafePointer<Double>!, _ end: UnsafePointer<Double>!, _ resolution: Int64, _ capacity: Int64,
  _ kinks: UnsafeMutablePointer<trimtab_kink>!, _ report: UnsafeMutablePointer<trimtab_kink_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    guard capacity >= 0 else {
      throw TrimtabError(.invalidArgument, "capacity: found %, allowed 0 or more", capacity)
    }
    let (found, search) = try Trimtab.kinks(
      of: try pointFunction(function, user), inputCount: Int(input_count), outputCount: Int(output_count),
      from: try required(start, "start"), to: try required(end, "end"), resolution: Int(resolution))
    if let kinks {
      for index in 0..<min(found.count, Int(capacity)) {
        guard let kink = found.at(index)?.pointee else { break }
        kinks[index] = trimtab_kink(position: kink.position, width: kink.width, jump: kink.jump)
      }
    }
    var out = trimtab_kink_report()
    out.outcome = search.outcome.rawValue
    out.count = Int64(search.count)
    out.undecided_count = Int64(search.undecidedCount)
    out.evaluation_count = Int64(search.evaluationCount)
    out.nonfinite_count = Int64(search.nonfiniteCount)
    out.noise = search.noise
    out.least_jump = search.leastJump
    target.write(out)
  }
}

@c @implementation public func trimtab_solve(
  _ field: trimtab_field!, _ user: UnsafeMutableRawPointer!, _ start: Double, _ end: Double, _ count: Int64,
  _ initial: UnsafePointer<Double>!, _ options: UnsafePointer<trimtab_solver_options>!,
  _ state: UnsafeMutablePointer<Double>!, _ report: UnsafeMutablePointer<trimtab_solver_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let solver = try DormandPrince(
      try engineField(field, user, "field"), from: start, to: end, initial: try required(initial, "initial"),
      count: Int(count), options: try engineOptions(options))
    let found = try solver.run()
    state?.update(from: solver.state, count: Int(count))
    target.write(contractReport(found))
  }
}

@c @implementation public func trimtab_solve_to_kinks(
  _ field: trimtab_field!, _ guards: trimtab_field!, _ user: UnsafeMutableRawPointer!, _ start: Double, _ end: Double,
  _ count: Int64, _ guard_count: Int64, _ initial: UnsafePointer<Double>!,
  _ options: UnsafePointer<trimtab_solver_options>!, _ capacity: Int64, _ kinks: UnsafeMutablePointer<Double>!,
  _ state: UnsafeMutablePointer<Double>!, _ report: UnsafeMutablePointer<trimtab_solver_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    guard capacity >= 0 else {
      throw TrimtabError(.invalidArgument, "capacity: found %, allowed 0 or more", capacity)
    }
    let watched = try KinkGuards(
      try engineField(guards, user, "guards"), count: Int(guard_count), dimension: Int(count))
    let solver = try DormandPrince(
      try engineField(field, user, "field"), from: start, to: end, initial: try required(initial, "initial"),
      count: Int(count), options: try engineOptions(options), guards: watched)
    let found = try solver.run()
    if let kinks {
      for index in 0..<min(watched.times.count, Int(capacity)) { kinks[index] = watched.times.at(index)?.pointee ?? 0 }
    }
    state?.update(from: solver.state, count: Int(count))
    target.write(contractReport(found))
  }
}
