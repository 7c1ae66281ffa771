public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_posterior_collapse_options>?
) throws(TrimtabError) -> PosteriorOptions {
  guard let given = try options(pointer) else { return PosteriorOptions() }
  var options = PosteriorOptions()
  options.activeVariance = given.active_variance
  options.collapsedDivergence = given.collapsed_divergence
  options.collapsedShare = given.collapsed_share
  options.leastActiveShare = given.least_active_share
  options.expectedActiveCount = Int(given.expected_active_count)
  return options
}

private func contractReport(_ report: PosteriorReport) -> trimtab_posterior_collapse_report {
  var out = trimtab_posterior_collapse_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.sample_count = Int64(report.sampleCount)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.dimension_count = Int64(report.dimensionCount)
  out.active_count = Int64(report.activeCount)
  out.collapsed_count = Int64(report.collapsedCount)
  out.disputed_count = Int64(report.disputedCount)
  out.divergence = report.divergence
  out.information_bound = report.informationBound
  out.information = report.information
  out.draw_count = Int64(report.drawCount)
  out.threshold = report.threshold
  out.measurement = report.measurement
  return out
}

@c @implementation public func trimtab_posterior_collapse(
  _ means: UnsafePointer<trimtab_tensor>!, _ log_variances: UnsafePointer<trimtab_tensor>!,
  _ draws: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_posterior_collapse_options>!,
  _ report: UnsafeMutablePointer<trimtab_posterior_collapse_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try posteriorCollapse(
      means: try view(of: means, "means"), logVariances: try view(of: log_variances, "log_variances"),
      draws: try optionalView(draws, "draws"), options: try engineOptions(options))
    target.write(contractReport(found))
  }
}

@c @implementation public func trimtab_posterior_create(
  _ options: UnsafePointer<trimtab_posterior_collapse_options>!, _ posterior: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(posterior, "posterior")
    target.pointee = retain(try PosteriorCollapse(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_posterior_add(
  _ posterior: OpaquePointer!, _ means: UnsafePointer<trimtab_tensor>!,
  _ log_variances: UnsafePointer<trimtab_tensor>!, _ draws: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(posterior, as: PosteriorCollapse.self, "posterior")
    try own.add(
      means: try view(of: means, "means"), logVariances: try view(of: log_variances, "log_variances"),
      draws: try optionalView(draws, "draws"))
  }
}

@c @implementation public func trimtab_posterior_merge(
  _ posterior: OpaquePointer!, _ other: OpaquePointer!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(posterior, as: PosteriorCollapse.self, "posterior")
    try own.merge(try object(other, as: PosteriorCollapse.self, "other"))
  }
}

@c @implementation public func trimtab_posterior_report(
  _ posterior: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_posterior_collapse_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(posterior, as: PosteriorCollapse.self, "posterior")
    try ReportTarget(report).write(contractReport(own.report()))
  }
}

@c @implementation public func trimtab_posterior_dimensions(
  _ posterior: OpaquePointer!, _ dimensions: Int64, _ each: UnsafeMutablePointer<trimtab_latent_dimension>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(posterior, as: PosteriorCollapse.self, "posterior")
    guard dimensions == Int64(own.dimensionCount) else {
      throw TrimtabError(
        .mismatch, "dimensions: found %, allowed % as in the first batch", dimensions, own.dimensionCount)
    }
    guard dimensions > 0 else { return }
    let target = try required(each, "each")
    for index in 0..<own.dimensionCount {
      let found = own.latent(index)
      target[index] = trimtab_latent_dimension(
        mean: found.mean, variance: found.variance, divergence: found.divergence,
        collapsed_share: found.collapsedShare, is_active: found.isActive ? 1 : 0,
        is_collapsed: found.isCollapsed ? 1 : 0)
    }
  }
}

@c @implementation public func trimtab_posterior_save(
  _ posterior: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let own = try object(posterior, as: PosteriorCollapse.self, "posterior")
    try save(
      kind: .posterior, version: PosteriorCollapse.stateVersion, into: buffer, capacity: capacity, needed: needed,
      own.write)
  }
}

@c @implementation public func trimtab_posterior_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ posterior: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(posterior, "posterior")
    target.pointee = retain(try PosteriorCollapse.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_posterior_destroy(_ posterior: OpaquePointer!) {
  release(posterior, as: PosteriorCollapse.self)
}

@c @implementation public func trimtab_linear_posterior(
  _ eigenvalues: UnsafePointer<Double>!, _ count: Int64, _ decoder_variance: Double, _ beta: Double,
  _ active_count: UnsafeMutablePointer<Int64>!, _ divergence: UnsafeMutablePointer<Double>!,
  _ each: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    if count > 0 { _ = try required(eigenvalues, "eigenvalues") }
    let found = try LinearPosterior(
      eigenvalues: UnsafeBufferPointer(start: eigenvalues, count: Int(count)), decoderVariance: decoder_variance,
      beta: beta, each: each)
    active_count?.pointee = Int64(found.activeCount)
    divergence?.pointee = found.divergence
  }
}

@c @implementation public func trimtab_decoder_sensitivity(
  _ outputs: UnsafePointer<trimtab_tensor>!, _ shuffled: UnsafePointer<trimtab_tensor>!,
  _ sensitivity: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(sensitivity, "sensitivity")
    target.pointee = try decoderSensitivity(
      outputs: try view(of: outputs, "outputs"), shuffled: try view(of: shuffled, "shuffled"))
  }
}

@c @implementation public func trimtab_decoder_sensitivities(
  _ latents: UnsafePointer<trimtab_tensor>!, _ output_count: Int64, _ decoder: trimtab_decoder!,
  _ user: UnsafeMutableRawPointer!, _ each: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let given = try view(of: latents, "latents")
    let decoder = try required(decoder, "decoder")
    let target = try required(each, "each")
    let (samples, dimensions) = (Int64(given.shape[0]), Int64(given.shape[1]))
    try decoderSensitivities(latents: given, outputCount: Int(output_count), each: target) { latents, outputs in
      decoder(user, latents, samples, dimensions, outputs, output_count) == 0
    }
  }
}

@c @implementation public func trimtab_annealed_weight(
  _ step: Int64, _ total: Int64, _ cycles: Int64, _ ratio: Double, _ weight: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(weight, "weight")
    target.pointee = try annealedWeight(step: Int(step), total: Int(total), cycles: Int(cycles), ratio: ratio)
  }
}

@c @implementation public func trimtab_free_bits(
  _ divergences: UnsafePointer<trimtab_tensor>!, _ least: Double, _ loss: UnsafeMutablePointer<Double>!,
  _ slopes: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(loss, "loss")
    let given = try view(of: divergences, "divergences")
    if let slopes {
      let output = try MutableTensorView(writing: try view(of: slopes, "slopes"), name: "slopes")
      target.pointee = try freeBits(given, least: least, slopes: output)
    } else {
      target.pointee = try freeBits(given, least: least)
    }
  }
}
