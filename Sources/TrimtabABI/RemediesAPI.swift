public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_whitener_fit(
  _ covariance: OpaquePointer!, _ given: UnsafePointer<trimtab_whitening_options>!,
  _ whitener: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let covariance = try object(covariance, as: Covariance.self, "covariance")
    let target = try required(whitener, "whitener")
    target.pointee = retain(try Whitener(fitting: covariance, options: try WhiteningOptions(try options(given))))
  }
}

@c @implementation public func trimtab_whitener_apply(
  _ whitener: OpaquePointer!, _ samples: UnsafePointer<trimtab_tensor>!, _ output: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let whitener = try object(whitener, as: Whitener.self, "whitener")
    let samples = try view(of: samples, "samples", leastRank: 1)
    try whitener.apply(to: samples, into: try MutableTensorView(writing: try view(of: output, "output")))
  }
}

@c @implementation public func trimtab_whitener_parameters(
  _ whitener: OpaquePointer!, _ features: Int64, _ mean: UnsafeMutablePointer<Double>!,
  _ matrix: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let whitener = try object(whitener, as: Whitener.self, "whitener")
    guard features == Int64(whitener.featureCount) else {
      throw TrimtabError(.mismatch, "features: found %, allowed %", features, whitener.featureCount)
    }
    if let mean { whitener.mean(to: mean) }
    if let matrix { whitener.matrix(to: matrix) }
  }
}

@c @implementation public func trimtab_whitener_features(
  _ whitener: OpaquePointer!, _ features: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let whitener = try object(whitener, as: Whitener.self, "whitener")
    try required(features, "features").pointee = Int64(whitener.featureCount)
  }
}

@c @implementation public func trimtab_whitener_fitted_options(
  _ whitener: OpaquePointer!, _ options: UnsafeMutablePointer<trimtab_whitening_options>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let whitener = try object(whitener, as: Whitener.self, "whitener")
    let target = try ReportTarget(options, "options")
    var c = trimtab_whitening_options()
    c.method = whitener.options.method.rawValue
    c.regularisation = whitener.options.regularisation
    target.write(c)
  }
}

@c @implementation public func trimtab_whitener_save(
  _ whitener: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let whitener = try object(whitener, as: Whitener.self, "whitener")
    try save(
      kind: .whitener, version: Whitener.stateVersion, into: buffer, capacity: capacity, needed: needed
    ) { whitener.write(to: &$0) }
  }
}

@c @implementation public func trimtab_whitener_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ whitener: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(whitener, "whitener")
    target.pointee = retain(try Whitener.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_whitener_destroy(_ whitener: OpaquePointer!) {
  release(whitener, as: Whitener.self)
}

extension WhiteningOptions {
  /// The caller's options, or the defaults.
  fileprivate init(_ options: trimtab_whitening_options?) throws(TrimtabError) {
    self.init()
    guard let options else { return }
    guard let method = WhiteningMethod(rawValue: options.method) else {
      throw TrimtabError(
        .invalidArgument, "options.method: found %, allowed 0 (ZCA), 1 (PCA) or 2 (Cholesky)", options.method)
    }
    self.method = method
    regularisation = options.regularisation
  }
}

@c @implementation public func trimtab_leak_slope(
  _ start: Double, _ end: Double, _ time: Double, _ step: Int64, _ slope: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(slope, "slope")
    let schedule = LeakSchedule(start: start, end: end, time: time)
    try schedule.check()
    guard step >= 0 else { throw TrimtabError(.invalidArgument, "step: found %, allowed 0 or more", step) }
    target.pointee = schedule.slope(at: Int(step))
  }
}

@c @implementation public func trimtab_average_update(
  _ average: UnsafePointer<trimtab_tensor>!, _ current: UnsafePointer<trimtab_tensor>!, _ decay: Double
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    try updateAverage(
      try MutableTensorView(writing: try view(of: average, "average"), name: "average"),
      towards: try view(of: current, "current"), decay: decay)
  }
}
