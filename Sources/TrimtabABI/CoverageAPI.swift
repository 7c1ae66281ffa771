public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_coverage_options>?
) throws(TrimtabError) -> CoverageOptions {
  guard let given = try options(pointer) else { return CoverageOptions() }
  var options = CoverageOptions()
  options.neighbours = Int(given.neighbours)
  options.binCount = Int(given.bin_count)
  options.significance = given.significance
  options.leastCoverage = given.least_coverage
  options.leastDensity = given.least_density
  options.greatestBinShare = given.greatest_bin_share
  options.modeDeviation = given.mode_deviation
  options.leastModeCount = Int(given.least_mode_count)
  return options
}

@c @implementation public func trimtab_sample_coverage(
  _ real: UnsafePointer<trimtab_tensor>!, _ fake: UnsafePointer<trimtab_tensor>!,
  _ modes: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_coverage_options>!,
  _ report: UnsafeMutablePointer<trimtab_coverage_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try sampleCoverage(
      real: try view(of: real, "real"), fake: try view(of: fake, "fake"), modes: try optionalView(modes, "modes"),
      options: try engineOptions(options))
    var out = trimtab_coverage_report()
    out.outcome = found.outcome.rawValue
    out.verdict = found.verdict.rawValue
    out.cause = found.cause.rawValue
    out.real_count = Int64(found.realCount)
    out.fake_count = Int64(found.fakeCount)
    out.nonfinite_count = Int64(found.nonfiniteCount)
    out.zero_radius_count = Int64(found.zeroRadiusCount)
    out.precision = found.precision
    out.recall = found.recall
    out.density = found.density
    out.coverage = found.coverage
    out.expected_coverage = found.expectedCoverage
    out.bin_count = Int64(found.binCount)
    out.bin_share = found.binShare
    out.jensen_shannon = found.jensenShannon
    out.mode_count = Int64(found.modeCount)
    out.captured_mode_count = Int64(found.capturedModeCount)
    out.mode_share = found.modeShare
    out.threshold = found.threshold
    out.measurement = found.measurement
    target.write(out)
  }
}

@c @implementation public func trimtab_expected_coverage(
  _ real: Int64, _ fake: Int64, _ neighbours: Int64, _ coverage: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(coverage, "coverage")
    target.pointee = try expectedCoverage(real: Int(real), fake: Int(fake), neighbours: Int(neighbours))
  }
}

@c @implementation public func trimtab_bins_create(
  _ real: UnsafePointer<trimtab_tensor>!, _ given: UnsafePointer<trimtab_bin_options>!,
  _ bins: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(bins, "bins")
    let options = try options(given)
    target.pointee = retain(
      try DataBins(
        real: try view(of: real, "real"), count: Int(options?.bin_count ?? 100),
        significance: options?.significance ?? 0.05))
  }
}

@c @implementation public func trimtab_bins_add(
  _ bins: OpaquePointer!, _ fake: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(bins, as: DataBins.self, "bins")
    try own.add(try view(of: fake, "fake"))
  }
}

@c @implementation public func trimtab_bins_merge(_ bins: OpaquePointer!, _ other: OpaquePointer!) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(bins, as: DataBins.self, "bins")
    try own.merge(try object(other, as: DataBins.self, "other"))
  }
}

@c @implementation public func trimtab_bins_report(
  _ bins: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_bin_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(bins, as: DataBins.self, "bins")
    let target = try ReportTarget(report)
    let found = own.report()
    var out = trimtab_bin_report()
    out.outcome = found.outcome.rawValue
    out.bin_count = Int64(found.binCount)
    out.real_count = Int64(found.realCount)
    out.fake_count = Int64(found.fakeCount)
    out.nonfinite_count = Int64(found.nonfiniteCount)
    out.different_count = Int64(found.differentCount)
    out.share = found.share
    out.jensen_shannon = found.jensenShannon
    target.write(out)
  }
}

@c @implementation public func trimtab_bins_save(
  _ bins: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64, _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(bins, as: DataBins.self, "bins")
    try save(kind: .bins, version: DataBins.stateVersion, into: buffer, capacity: capacity, needed: needed, own.write)
  }
}

@c @implementation public func trimtab_bins_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ bins: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(bins, "bins")
    target.pointee = retain(try DataBins.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_bins_destroy(_ bins: OpaquePointer!) { release(bins, as: DataBins.self) }
