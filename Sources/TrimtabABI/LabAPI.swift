public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

private func summary(_ found: SeedSummary) -> trimtab_seed_summary {
  trimtab_seed_summary(median: found.median, low: found.low, high: found.high, coverage: found.coverage)
}

/// An element by a caller's index.
private func element<Element>(_ list: [Element], _ index: Int64) throws(TrimtabError) -> Element {
  guard index >= 0, index < Int64(list.count) else {
    throw TrimtabError(.invalidArgument, "index: found %, allowed 0 to below %", index, list.count)
  }
  return list[Int(index)]
}

@c @implementation public func trimtab_lab_count(_ count: UnsafeMutablePointer<Int64>!) -> trimtab_status {
  boundary { () throws(TrimtabError) in try required(count, "count").pointee = Int64(Experiment.all.count) }
}

@c @implementation public func trimtab_lab_experiment(
  _ index: Int64, _ experiment: UnsafeMutablePointer<trimtab_experiment>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(experiment, "experiment")
    let found = try element(Experiment.all, index)
    var c = trimtab_experiment()
    c.section = Int32(found.section)
    c.name = cString(found.name)
    c.title = cString(found.title)
    c.horizontal = cString(found.axes.horizontal)
    c.vertical = cString(found.axes.vertical)
    c.is_horizontal_logarithmic = found.axes.isHorizontalLogarithmic ? 1 : 0
    c.is_vertical_logarithmic = found.axes.isVerticalLogarithmic ? 1 : 0
    target.write(c)
  }
}

@c @implementation public func trimtab_lab_run(
  _ name: UnsafePointer<CChar>!, _ given: UnsafePointer<trimtab_lab_options>!,
  _ result: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(result, "result")
    let text = try text(name, "name")
    guard let experiment = Experiment.named(text) else {
      throw TrimtabError(.invalidArgument, "name: found one that is unknown, allowed those of trimtab_lab_experiment")
    }
    let options = try options(given)
    guard let seeds = Int(exactly: options?.seeds ?? 8) else {
      throw TrimtabError(.invalidArgument, "options.seeds: found %, allowed 1 to 10000", options?.seeds ?? 8)
    }
    let user = options?.user
    let progress = options?.progress
    target.pointee = retain(
      try LabReport(experiment, seeds: seeds, firstSeed: options?.first_seed ?? 0) { done, total in
        guard let progress else { return true }
        return progress(user, Int64(done), Int64(total)) == 0
      })
  }
}

@c @implementation public func trimtab_lab_result_report(
  _ result: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_lab_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(result, as: LabReport.self, "result")
    let target = try ReportTarget(report)
    var c = trimtab_lab_report()
    c.is_held = found.isHeld ? 1 : 0
    c.seed_count = Int64(found.seedCount)
    c.measurement_count = Int64(found.measurements.count)
    c.expectation_count = Int64(found.expectations.count)
    c.held_count = Int64(found.heldCount)
    c.curve_count = Int64(found.curves.count)
    target.write(c)
  }
}

@c @implementation public func trimtab_lab_result_measurement(
  _ result: OpaquePointer!, _ index: Int64, _ measurement: UnsafeMutablePointer<trimtab_lab_measurement>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let report = try object(result, as: LabReport.self, "result")
    let target = try ReportTarget(measurement, "measurement")
    let found = try element(report.measurements, index)
    var c = trimtab_lab_measurement()
    c.role = found.role.rawValue
    c.arm = cString(found.arm)
    c.quantity = cString(found.quantity)
    c.over_seeds = summary(found.summary)
    target.write(c)
  }
}

@c @implementation public func trimtab_lab_result_expectation(
  _ result: OpaquePointer!, _ index: Int64, _ expectation: UnsafeMutablePointer<trimtab_lab_expectation>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let report = try object(result, as: LabReport.self, "result")
    let target = try ReportTarget(expectation, "expectation")
    let found = try element(report.expectations, index)
    var c = trimtab_lab_expectation()
    c.is_held = found.isHeld ? 1 : 0
    c.claim = cString(found.claim)
    c.bound = found.bound.limit
    c.is_lowest = found.bound.isLowest ? 1 : 0
    c.measured = found.measured
    c.over_seeds = summary(found.summary)
    target.write(c)
  }
}

@c @implementation public func trimtab_lab_result_curve(
  _ result: OpaquePointer!, _ index: Int64, _ arm: UnsafeMutablePointer<UnsafePointer<CChar>?>!, _ capacity: Int64,
  _ x: UnsafeMutablePointer<Double>!, _ y: UnsafeMutablePointer<Double>!, _ count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let report = try object(result, as: LabReport.self, "result")
    let (arm, count) = (try required(arm, "arm"), try required(count, "count"))
    guard capacity >= 0 else {
      throw TrimtabError(.invalidArgument, "capacity: found %, allowed 0 or more", capacity)
    }
    let found = try element(report.curves, index)
    arm.pointee = cString(found.arm)
    count.pointee = Int64(found.x.count)
    for place in 0..<min(found.x.count, Int(capacity)) {
      if let x { x[place] = found.x[place] }
      if let y { y[place] = found.y[place] }
    }
  }
}

@c @implementation public func trimtab_lab_result_destroy(_ result: OpaquePointer!) {
  release(result, as: LabReport.self)
}
