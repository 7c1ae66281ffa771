public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_birthday(
  _ samples: UnsafePointer<trimtab_tensor>!, _ tolerance: Double,
  _ report: UnsafeMutablePointer<trimtab_birthday_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try birthday(try view(of: samples, "samples"), tolerance: tolerance)
    var out = trimtab_birthday_report()
    out.outcome = found.outcome.rawValue
    out.sample_count = Int64(found.sampleCount)
    out.nonfinite_count = Int64(found.nonfiniteCount)
    out.pair_count = Int64(found.pairCount)
    out.support = found.support
    out.least_support = found.leastSupport
    target.write(out)
  }
}

@c @implementation public func trimtab_birthday_probability(
  _ support: Int64, _ samples: Int64, _ probability: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(probability, "probability")
    target.pointee = try birthdayProbability(support: Int(support), samples: Int(samples))
  }
}

private func contractReport(_ report: VendiReport) -> trimtab_vendi_score_report {
  var out = trimtab_vendi_score_report()
  out.outcome = report.outcome.rawValue
  out.sample_count = Int64(report.sampleCount)
  out.unusable_count = Int64(report.unusableCount)
  out.score = report.score
  return out
}

@c @implementation public func trimtab_vendi_score(
  _ samples: UnsafePointer<trimtab_tensor>!, _ bandwidth: Double,
  _ report: UnsafeMutablePointer<trimtab_vendi_score_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    target.write(contractReport(try vendiScore(try view(of: samples, "samples"), bandwidth: bandwidth)))
  }
}

@c @implementation public func trimtab_vendi_score_of_kernel(
  _ kernel: UnsafePointer<trimtab_tensor>!, _ report: UnsafeMutablePointer<trimtab_vendi_score_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    target.write(contractReport(try vendiScore(kernel: try view(of: kernel, "kernel"))))
  }
}

@c @implementation public func trimtab_vendi_create(_ vendi: UnsafeMutablePointer<OpaquePointer?>!) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(vendi, "vendi")
    target.pointee = retain(VendiScore())
  }
}

@c @implementation public func trimtab_vendi_add(
  _ vendi: OpaquePointer!, _ samples: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(vendi, as: VendiScore.self, "vendi")
    try own.add(try view(of: samples, "samples"))
  }
}

@c @implementation public func trimtab_vendi_merge(_ vendi: OpaquePointer!, _ other: OpaquePointer!) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(vendi, as: VendiScore.self, "vendi")
    try own.merge(try object(other, as: VendiScore.self, "other"))
  }
}

@c @implementation public func trimtab_vendi_report(
  _ vendi: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_vendi_score_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(vendi, as: VendiScore.self, "vendi")
    let target = try ReportTarget(report)
    target.write(contractReport(try own.report()))
  }
}

@c @implementation public func trimtab_vendi_save(
  _ vendi: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64, _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(vendi, as: VendiScore.self, "vendi")
    try save(
      kind: .vendi, version: VendiScore.stateVersion, into: buffer, capacity: capacity, needed: needed, own.write)
  }
}

@c @implementation public func trimtab_vendi_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ vendi: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(vendi, "vendi")
    target.pointee = retain(try VendiScore.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_vendi_destroy(_ vendi: OpaquePointer!) { release(vendi, as: VendiScore.self) }

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_sampling_options>?
) throws(TrimtabError) -> SamplingCostOptions {
  guard let given = try options(pointer) else { return SamplingCostOptions() }
  var options = SamplingCostOptions()
  options.factor = given.factor
  options.noiseFloor = given.noise_floor
  options.evaluationsInUse = Int(given.evaluations_in_use)
  return options
}

@c @implementation public func trimtab_sampling_cost(
  _ evaluations: UnsafePointer<trimtab_tensor>!, _ distances: UnsafePointer<trimtab_tensor>!,
  _ options: UnsafePointer<trimtab_sampling_options>!, _ report: UnsafeMutablePointer<trimtab_sampling_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try samplingCost(
      evaluations: try view(of: evaluations, "evaluations"), distances: try view(of: distances, "distances"),
      options: try engineOptions(options))
    var out = trimtab_sampling_report()
    out.outcome = found.outcome.rawValue
    out.verdict = found.verdict.rawValue
    out.cause = found.cause.rawValue
    out.point_count = Int64(found.pointCount)
    out.nonfinite_count = Int64(found.nonfiniteCount)
    out.greatest_evaluations = Int64(found.greatestEvaluations)
    out.many_step_distance = found.manyStepDistance
    out.least_evaluations = Int64(found.leastEvaluations)
    out.distance = found.distance
    out.order = found.order
    out.threshold = found.threshold
    out.measurement = found.measurement
    target.write(out)
  }
}

@c @implementation public func trimtab_wasserstein_distance(
  _ a: UnsafePointer<trimtab_tensor>!, _ b: UnsafePointer<trimtab_tensor>!, _ distance: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(distance, "distance")
    target.pointee = try wassersteinDistance(try view(of: a, "a"), try view(of: b, "b"))
  }
}
