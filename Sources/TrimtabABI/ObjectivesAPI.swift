public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

private func engineOptions(_ pointer: UnsafePointer<trimtab_balance_options>?) throws(TrimtabError) -> BalanceOptions {
  guard let given = try options(pointer) else { return BalanceOptions() }
  var options = BalanceOptions()
  options.pixelWeight = given.pixel_weight
  options.adversarialWeight = given.adversarial_weight
  options.leastRatio = given.least_ratio
  options.greatestRatio = given.greatest_ratio
  return options
}

private func contractReport(_ report: BalanceReport) -> trimtab_gradient_balance_report {
  var out = trimtab_gradient_balance_report()
  out.outcome = report.outcome.rawValue
  out.verdict = report.verdict.rawValue
  out.cause = report.cause.rawValue
  out.count = Int64(report.count)
  out.nonfinite_count = Int64(report.nonfiniteCount)
  out.ratio = report.ratio
  out.mean_cosine = report.meanCosine
  out.cosine = report.cosine
  out.conflict_share = report.conflictShare
  out.pixel_norm = report.pixelNorm
  out.adversarial_norm = report.adversarialNorm
  out.adaptive_weight = report.adaptiveWeight
  out.measurement = report.measurement
  out.threshold = report.threshold
  return out
}

@c @implementation public func trimtab_gradient_balance(
  _ pixel: UnsafePointer<trimtab_tensor>!, _ adversarial: UnsafePointer<trimtab_tensor>!,
  _ options: UnsafePointer<trimtab_balance_options>!, _ report: UnsafeMutablePointer<trimtab_gradient_balance_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let balance = try GradientBalance(options: try engineOptions(options))
    try balance.add(pixel: try view(of: pixel, "pixel"), adversarial: try view(of: adversarial, "adversarial"))
    target.write(contractReport(balance.report()))
  }
}

@c @implementation public func trimtab_balance_create(
  _ options: UnsafePointer<trimtab_balance_options>!, _ balance: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(balance, "balance")
    target.pointee = retain(try GradientBalance(options: try engineOptions(options)))
  }
}

@c @implementation public func trimtab_balance_add(
  _ balance: OpaquePointer!, _ pixel: UnsafePointer<trimtab_tensor>!, _ adversarial: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(balance, as: GradientBalance.self, "balance")
    try found.add(pixel: try view(of: pixel, "pixel"), adversarial: try view(of: adversarial, "adversarial"))
  }
}

@c @implementation public func trimtab_balance_merge(_ balance: OpaquePointer!, _ other: OpaquePointer!)
  -> trimtab_status
{
  boundary { () throws(TrimtabError) in
    let found = try object(balance, as: GradientBalance.self, "balance")
    try found.merge(try object(other, as: GradientBalance.self, "other"))
  }
}

@c @implementation public func trimtab_balance_report(
  _ balance: OpaquePointer!, _ report: UnsafeMutablePointer<trimtab_gradient_balance_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(balance, as: GradientBalance.self, "balance")
    try ReportTarget(report).write(contractReport(found.report()))
  }
}

@c @implementation public func trimtab_balance_save(
  _ balance: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let found = try object(balance, as: GradientBalance.self, "balance")
    try save(
      kind: .gradientBalance, version: GradientBalance.stateVersion, into: buffer, capacity: capacity, needed: needed,
      found.write)
  }
}

@c @implementation public func trimtab_balance_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ balance: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(balance, "balance")
    target.pointee = retain(try GradientBalance.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_balance_destroy(_ balance: OpaquePointer!) {
  release(balance, as: GradientBalance.self)
}

@c @implementation public func trimtab_adaptive_weight(
  _ pixel_norm: Double, _ adversarial_norm: Double, _ factor: Double, _ step: Int64, _ start: Int64
) -> Double {
  adaptiveWeight(
    pixelNorm: pixel_norm, adversarialNorm: adversarial_norm, factor: factor, step: Int(step), start: Int(start))
}

@c @implementation public func trimtab_project_conflicts(
  _ gradients: UnsafePointer<trimtab_tensor>!, _ count: Int64, _ seed: UInt64,
  _ conflict_count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let given = try required(gradients, "gradients")
    guard count >= 2, count <= 1024 else {
      throw TrimtabError(.invalidArgument, "count: found % gradients, allowed 2 to 1024", count)
    }
    var targets: [MutableTensorView] = []
    for index in 0..<Int(count) {
      let found = try view(at: index, of: given, "gradients")
      do throws(TrimtabError) { targets.append(try MutableTensorView(writing: found, name: "gradients")) } catch {
        throw error.at("gradients[%]", index)
      }
    }
    let found = try projectConflicts(targets, seed: seed)
    conflict_count?.pointee = Int64(found)
  }
}

@c @implementation public func trimtab_balance_losses(
  _ count: Int64, _ norms: UnsafePointer<Double>!, _ losses: UnsafePointer<Double>!,
  _ initial_losses: UnsafePointer<Double>!, _ given: UnsafePointer<trimtab_loss_balance_options>!,
  _ weights: UnsafeMutablePointer<Double>!, _ targets: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    guard count >= 1, count <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed 1 to 2^20", count)
    }
    let size = Int(count)
    var settings = LossBalanceOptions()
    if let found = try options(given) { (settings.asymmetry, settings.rate) = (found.asymmetry, found.rate) }
    try balanceLosses(
      norms: UnsafeBufferPointer(start: try required(norms, "norms"), count: size),
      losses: UnsafeBufferPointer(start: try required(losses, "losses"), count: size),
      initialLosses: UnsafeBufferPointer(start: try required(initial_losses, "initial_losses"), count: size),
      weights: UnsafeMutableBufferPointer(start: try required(weights, "weights"), count: size),
      targets: targets.map { UnsafeMutableBufferPointer(start: $0, count: size) }, options: settings)
  }
}

@c @implementation public func trimtab_blur(
  _ outputs: UnsafePointer<trimtab_tensor>!, _ references: UnsafePointer<trimtab_tensor>!, _ range: Double,
  _ threshold: Double, _ report: UnsafeMutablePointer<trimtab_blur_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try blur(
      try view(of: outputs, "outputs"), try view(of: references, "references"), range: range, threshold: threshold)
    var out = trimtab_blur_report()
    out.outcome = found.outcome.rawValue
    out.verdict = found.verdict.rawValue
    out.cause = found.cause.rawValue
    out.image_count = Int64(found.imageCount)
    out.nonfinite_count = Int64(found.nonfiniteCount)
    out.output_laplacian = found.outputLaplacian
    out.reference_laplacian = found.referenceLaplacian
    out.ratio = found.ratio
    out.mean_squared_error = found.meanSquaredError
    out.peak_signal_to_noise = found.peakSignalToNoise
    out.threshold = found.threshold
    target.write(out)
  }
}

@c @implementation public func trimtab_game_stability(
  _ jacobian: UnsafePointer<trimtab_tensor>!, _ step: Double, _ report: UnsafeMutablePointer<trimtab_game_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try gameStability(try view(of: jacobian, "jacobian"), step: step)
    var out = trimtab_game_report()
    out.outcome = found.outcome.rawValue
    out.verdict = found.verdict.rawValue
    out.cause = found.cause.rawValue
    out.greatest_modulus = found.greatestModulus
    out.real = found.real
    out.imaginary = found.imaginary
    out.greatest_real = found.greatestReal
    out.threshold = found.threshold
    target.write(out)
  }
}

@c @implementation public func trimtab_interpolates(
  _ real: UnsafePointer<trimtab_tensor>!, _ fake: UnsafePointer<trimtab_tensor>!, _ step: Int64, _ seed: UInt64,
  _ output: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    try interpolate(
      real: try view(of: real, "real"), fake: try view(of: fake, "fake"), step: Int(step), seed: seed,
      into: try MutableTensorView(writing: try view(of: output, "output")))
  }
}

@c @implementation public func trimtab_tape_gradient_penalty(
  _ tape: OpaquePointer!, _ scores: trimtab_value, _ inputs: trimtab_value, _ weight: Double, _ penaltyTarget: Double,
  _ result: UnsafeMutablePointer<trimtab_value>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let tape = try openTape(tape)
    let place = try required(result, "result")
    let made = try tape.gradientPenalty(
      of: try tape.value(at: Int(scores)), at: try tape.value(at: Int(inputs)), weight: weight, target: penaltyTarget)
    try tape.check()
    place.pointee = Int64(made.index)
  }
}
