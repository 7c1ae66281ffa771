public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_gradient_norm(
  _ gradients: UnsafePointer<trimtab_tensor>!, _ count: Int64,
  _ given: UnsafePointer<trimtab_gradient_options>!, _ report: UnsafeMutablePointer<trimtab_gradient_report>!,
  _ each: UnsafeMutablePointer<trimtab_summary>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let count = try checked(count)
    let target = try ReportTarget(report)
    let options = GradientOptions(try options(given))
    let tensors = count > 0 ? try required(gradients, "gradients") : nil
    let result = try gradientNorm(count: count, options: options) { (index) throws(TrimtabError) in
      try view(at: index, of: try required(tensors, "gradients"), "gradients")
    } visit: { index, summary in
      if let each { write(summary, to: each + index) }
    }
    target.write(trimtab_gradient_report(result))
  }
}

@c @implementation public func trimtab_gradients_create(
  _ given: UnsafePointer<trimtab_gradient_options>!, _ accumulator: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(accumulator, "accumulator")
    target.pointee = retain(try Gradients(options: GradientOptions(try options(given))))
  }
}

@c @implementation public func trimtab_gradients_add(
  _ accumulator: OpaquePointer!, _ gradients: UnsafePointer<trimtab_tensor>!, _ count: Int64
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let accumulator = try object(accumulator, as: Gradients.self, "accumulator")
    let count = try checked(count)
    let tensors = count > 0 ? try required(gradients, "gradients") : nil
    try accumulator.add(count: count) { (index) throws(TrimtabError) in
      try view(at: index, of: try required(tensors, "gradients"), "gradients")
    }
  }
}

@c @implementation public func trimtab_gradients_add_summaries(
  _ accumulator: OpaquePointer!, _ summaries: UnsafePointer<trimtab_summary>!, _ ranks: UnsafePointer<Int32>!,
  _ count: Int64
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let accumulator = try object(accumulator, as: Gradients.self, "accumulator")
    let count = try checked(count)
    let source = count > 0 ? try required(summaries, "summaries") : nil
    try accumulator.add(summaryCount: count) { (index) throws(TrimtabError) in
      let source = UnsafeRawPointer(try required(source, "summaries") + index)
      let summary = Summary(source.loadUnaligned(as: trimtab_summary.self))
      guard let ranks else { return (summary, rank: 2) }
      let rank = Int(UnsafeRawPointer(ranks + index).loadUnaligned(as: Int32.self))
      guard rank >= 0 && rank <= Extents.capacity else {
        throw TrimtabError(.invalidArgument, "ranks[%]: found %, allowed 0 to %", index, rank, Extents.capacity)
      }
      return (summary, rank)
    }
  }
}

@c @implementation public func trimtab_gradients_merge(
  _ accumulator: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let accumulator = try object(accumulator, as: Gradients.self, "accumulator")
    try accumulator.merge(try object(other, as: Gradients.self, "other"))
  }
}

@c @implementation public func trimtab_gradients_report(
  _ accumulator: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_gradient_report>!,
  _ each: UnsafeMutablePointer<trimtab_summary>!, _ count: Int64
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let accumulator = try object(accumulator, as: Gradients.self, "accumulator")
    let target = try ReportTarget(report)
    if let each {
      guard count == Int64(accumulator.tensorCount) else {
        throw TrimtabError(.mismatch, "count: found %, allowed %, one a tensor", count, accumulator.tensorCount)
      }
      for index in 0..<accumulator.tensorCount { write(accumulator.summary(at: index), to: each + index) }
    }
    target.write(trimtab_gradient_report(accumulator.report()))
  }
}

@c @implementation public func trimtab_gradients_save(
  _ accumulator: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let accumulator = try object(accumulator, as: Gradients.self, "accumulator")
    try save(
      kind: .gradients, version: Gradients.stateVersion, into: buffer, capacity: capacity, needed: needed
    ) { accumulator.write(to: &$0) }
  }
}

@c @implementation public func trimtab_gradients_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ accumulator: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(accumulator, "accumulator")
    target.pointee = retain(try Gradients.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_gradients_destroy(_ accumulator: OpaquePointer!) {
  release(accumulator, as: Gradients.self)
}

private func checked(_ count: Int64) throws(TrimtabError) -> Int {
  guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
  return Int(count)
}

extension GradientOptions {
  /// The caller's options, or the defaults.
  fileprivate init(_ options: trimtab_gradient_options?) {
    self.init()
    guard let options else { return }
    maximumNorm = options.maximum_norm
    vanishingMeanMagnitude = options.vanishing_mean_magnitude
    warningDepthSlope = options.warning_depth_slope
    criticalDepthSlope = options.critical_depth_slope
    leastDepthSpan = options.least_depth_span
    leastDepth = Int(options.least_depth)
    explodingNormFactor = options.exploding_norm_factor
  }
}

extension trimtab_gradient_report {
  fileprivate init(_ report: GradientReport) {
    self.init()
    outcome = report.outcome.rawValue
    verdict = report.verdict.rawValue
    cause = report.cause.rawValue
    tensor_count = Int64(report.tensorCount)
    element_count = Int64(report.elementCount)
    nonfinite_count = Int64(report.nonfiniteCount)
    nonfinite_tensor_count = Int64(report.nonfiniteTensorCount)
    first_nonfinite_tensor = Int64(report.firstNonfiniteTensor)
    first_nonfinite_index = Int64(report.firstNonfiniteIndex)
    zero_tensor_count = Int64(report.zeroTensorCount)
    vanishing_tensor_count = Int64(report.vanishingTensorCount)
    depth = Int64(report.depth)
    global_norm = report.globalNorm
    greatest_magnitude = report.greatestMagnitude
    mean_magnitude = report.meanMagnitude
    depth_slope = report.depthSlope
    depth_ratio = report.depthRatio
    clip_factor = report.clipFactor
    threshold = report.threshold
    measurement = report.measurement
  }
}
