public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_overlap_options>?
) throws(TrimtabError) -> OverlapOptions {
  var options = OverlapOptions()
  guard let given = try TrimtabABI.options(pointer) else { return options }
  guard let features = OverlapFeatures(rawValue: given.features) else {
    throw TrimtabError(
      .invalidArgument, "options.features: found %, allowed 0 (standard) or 1 (given)", given.features)
  }
  options.features = features
  options.resolution = Int(given.resolution)
  options.testShare = given.test_share
  options.ridge = given.ridge
  options.seed = given.seed
  options.directionCount = Int(given.direction_count)
  options.pairedSampleCount = Int(given.paired_sample_count)
  options.leastTestCount = Int(given.least_test_count)
  options.warningOverlap = given.warning_overlap
  options.warningAccuracy = given.warning_accuracy
  return options
}

@c @implementation public func trimtab_overlap(
  _ real: UnsafePointer<trimtab_tensor>!, _ fake: UnsafePointer<trimtab_tensor>!,
  _ options: UnsafePointer<trimtab_overlap_options>!, _ report: UnsafeMutablePointer<trimtab_overlap_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try overlap(
      real: try view(of: real, "real", leastRank: 1), fake: try view(of: fake, "fake", leastRank: 1),
      options: try engineOptions(options))
    var c = trimtab_overlap_report()
    c.outcome = found.outcome.rawValue
    c.verdict = found.verdict.rawValue
    c.cause = found.cause.rawValue
    c.resolution = Int64(found.resolution)
    c.real_count = Int64(found.realCount)
    c.fake_count = Int64(found.fakeCount)
    c.nonfinite_count = Int64(found.nonfiniteCount)
    c.width = Int64(found.width)
    c.test_count = Int64(found.testCount)
    c.accuracy = found.accuracy
    c.z = found.z
    c.overlap = found.overlap
    c.sliced_wasserstein = found.slicedWasserstein
    c.energy_distance = found.energyDistance
    c.maximum_mean_discrepancy = found.maximumMeanDiscrepancy
    c.bandwidth = found.bandwidth
    c.threshold = found.threshold
    c.measurement = found.measurement
    target.write(c)
  }
}

@c @implementation public func trimtab_block_average(
  _ samples: UnsafePointer<trimtab_tensor>!, _ resolution: Int64, _ output: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    guard resolution >= 1 else {
      throw TrimtabError(.invalidArgument, "resolution: found %, allowed 1 or more", resolution)
    }
    let samples = try view(of: samples, "samples", leastRank: 1)
    let target = try MutableTensorView(writing: try view(of: output, "output"))
    try BlockAverage.apply(to: samples, resolution: Int(resolution), into: target)
  }
}

@c @implementation public func trimtab_generator_signal_create(
  _ signal: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in try required(signal, "signal").pointee = retain(GeneratorSignal()) }
}

@c @implementation public func trimtab_generator_signal_add(
  _ signal: OpaquePointer!, _ real: UnsafePointer<trimtab_tensor>!, _ fake: UnsafePointer<trimtab_tensor>!,
  _ slopes: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let signal = try object(signal, as: GeneratorSignal.self, "signal")
    try signal.add(
      real: real == nil ? nil : try view(of: real, "real"), fake: fake == nil ? nil : try view(of: fake, "fake"),
      slopes: slopes == nil ? nil : try view(of: slopes, "slopes"))
  }
}

@c @implementation public func trimtab_generator_signal_merge(
  _ signal: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let signal = try object(signal, as: GeneratorSignal.self, "signal")
    signal.merge(try object(other, as: GeneratorSignal.self, "other"))
  }
}

@c @implementation public func trimtab_generator_signal_sum(
  _ signal: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_generator_signal_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(signal, as: GeneratorSignal.self, "signal").report()
    let target = try ReportTarget(report)
    var c = trimtab_generator_signal_report()
    c.outcome = found.outcome.rawValue
    c.verdict = found.verdict.rawValue
    c.cause = found.cause.rawValue
    c.real_count = Int64(found.realCount)
    c.fake_count = Int64(found.fakeCount)
    c.nonfinite_count = Int64(found.nonfiniteCount)
    c.accuracy = found.accuracy
    c.z = found.z
    c.overlap = found.overlap
    c.mean_discriminator = found.meanDiscriminator
    c.saturating = found.saturating
    c.non_saturating = found.nonSaturating
    c.threshold = found.threshold
    c.measurement = found.measurement
    target.write(c)
  }
}

@c @implementation public func trimtab_generator_signal_save(
  _ signal: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let signal = try object(signal, as: GeneratorSignal.self, "signal")
    try save(
      kind: .generatorSignal, version: GeneratorSignal.stateVersion, into: buffer, capacity: capacity, needed: needed
    ) { signal.write(to: &$0) }
  }
}

@c @implementation public func trimtab_generator_signal_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ signal: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(signal, "signal")
    target.pointee = retain(try GeneratorSignal.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_generator_signal_destroy(_ signal: OpaquePointer!) {
  release(signal, as: GeneratorSignal.self)
}
