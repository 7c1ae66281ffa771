public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_monitor_create(
  _ given: UnsafePointer<trimtab_monitor_options>!, _ monitor: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(monitor, "monitor")
    target.pointee = retain(try Monitor(options: try MonitorOptions(try options(given))))
  }
}

@c @implementation public func trimtab_monitor_destroy(_ monitor: OpaquePointer!) {
  guard let monitor, isLiving(monitor) else { return }
  Unmanaged<Monitor>.fromOpaque(UnsafeRawPointer(monitor)).takeUnretainedValue().magic = 0
  release(monitor, as: Monitor.self)
}

@c @implementation public func trimtab_monitor_register(
  _ monitor: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ entry: UnsafePointer<trimtab_entry>!,
  _ index: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let name = try text(name, "name")
    guard let given = try options(try required(entry, "entry"), "entry") else { return }
    let found = try monitor.register(name, try MonitorEntry(given))
    index?.pointee = Int64(found)
  }
}

@c @implementation public func trimtab_monitor_find(
  _ monitor: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ index: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try required(index, "index")
    guard let found = monitor.index(of: try text(name, "name")) else {
      throw TrimtabError(.invalidArgument, "name: found one that is not registered, allowed a registered one")
    }
    target.pointee = Int64(found)
  }
}

@c @implementation public func trimtab_monitor_rule(
  _ monitor: OpaquePointer!, _ rule: trimtab_rule, _ settings: UnsafeMutablePointer<trimtab_rule_options>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(settings, "options")
    target.write(trimtab_rule_options(monitor.settings(of: try word(rule, "rule"))))
  }
}

@c @implementation public func trimtab_monitor_set_rule(
  _ monitor: OpaquePointer!, _ rule: trimtab_rule, _ settings: UnsafePointer<trimtab_rule_options>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    guard let given = try options(try required(settings, "options")) else { return }
    try monitor.set(
      try word(rule, "rule"),
      RuleSettings(
        isEnabled: given.is_enabled != 0, patience: Int(given.patience), warning: given.warning,
        critical: given.critical))
  }
}

@c @implementation public func trimtab_monitor_silence(
  _ monitor: OpaquePointer!, _ rule: trimtab_rule, _ entry: Int64
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.silence(rule == -1 ? nil : try word(rule, "rule"), about: Int(entry))
  }
}

// MARK: Steps

@c @implementation public func trimtab_monitor_begin_step(_ monitor: OpaquePointer!, _ step: Int64) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.beginStep(Int(step))
  }
}

@c @implementation public func trimtab_monitor_wants(
  _ monitor: OpaquePointer!, _ entry: Int64, _ quantity: trimtab_quantity, _ isWanted: UnsafeMutablePointer<Int32>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try required(isWanted, "is_wanted")
    target.pointee = try monitor.wants(Int(entry), try word(quantity, "quantity")) ? 1 : 0
  }
}

@c @implementation public func trimtab_monitor_wants_all(
  _ monitor: OpaquePointer!, _ entries: UnsafePointer<Int64>!, _ quantities: UnsafePointer<trimtab_quantity>!,
  _ count: Int64, _ wanted: UnsafeMutablePointer<UInt8>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    guard count > 0 else { return }
    let entries = try required(entries, "entries")
    let quantities = try required(quantities, "quantities")
    let wanted = try required(wanted, "wanted")
    // Once to see that all are known, and once to write.
    for pass in 0..<2 {
      for place in 0..<Int(count) {
        let isWanted = try monitor.wants(
          Int(UnsafeRawPointer(entries + place).loadUnaligned(as: Int64.self)),
          try word(UnsafeRawPointer(quantities + place).loadUnaligned(as: trimtab_quantity.self), "quantities"))
        if pass == 1 { wanted[place] = isWanted ? 1 : 0 }
      }
    }
  }
}

@c @implementation public func trimtab_monitor_observe(
  _ monitor: OpaquePointer!, _ entry: Int64, _ quantity: trimtab_quantity, _ tensor: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.observe(Int(entry), try word(quantity, "quantity"), try view(of: tensor))
  }
}

@c @implementation public func trimtab_monitor_observe_all(
  _ monitor: OpaquePointer!, _ entries: UnsafePointer<Int64>!, _ quantities: UnsafePointer<trimtab_quantity>!,
  _ tensors: UnsafePointer<trimtab_tensor>!, _ count: Int64
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    guard count > 0 else { return }
    let entries = try required(entries, "entries")
    let quantities = try required(quantities, "quantities")
    let tensors = try required(tensors, "tensors")
    try monitor.observeAll(Int(count)) { (place) throws(TrimtabError) in
      (
        Int(UnsafeRawPointer(entries + place).loadUnaligned(as: Int64.self)),
        try word(UnsafeRawPointer(quantities + place).loadUnaligned(as: trimtab_quantity.self), "quantities"),
        try view(at: place, of: tensors, "tensors")
      )
    }
  }
}

@c @implementation public func trimtab_monitor_observe_summary(
  _ monitor: OpaquePointer!, _ entry: Int64, _ quantity: trimtab_quantity, _ rank: Int32,
  _ summary: UnsafePointer<trimtab_summary>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let given = UnsafeRawPointer(try required(summary, "summary")).loadUnaligned(as: trimtab_summary.self)
    try monitor.observe(Int(entry), try word(quantity, "quantity"), summary: Summary(given), rank: Int(rank))
  }
}

@c @implementation public func trimtab_monitor_observe_sample(
  _ monitor: OpaquePointer!, _ entry: Int64, _ quantity: trimtab_quantity, _ rows: Int64,
  _ sample: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.observe(Int(entry), try word(quantity, "quantity"), sample: try view(of: sample), rows: Int(rows))
  }
}

@c @implementation public func trimtab_monitor_observe_scalar(
  _ monitor: OpaquePointer!, _ scalar: trimtab_scalar, _ value: Double
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.observe(try word(scalar, "scalar"), value)
  }
}

@c @implementation public func trimtab_monitor_observe_scalars(
  _ monitor: OpaquePointer!, _ scalars: UnsafePointer<trimtab_scalar>!, _ values: UnsafePointer<Double>!, _ count: Int64
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try NamedScalars(scalars, values, count).forEach(monitor.observe)
  }
}

@c @implementation public func trimtab_monitor_observe_noise(
  _ monitor: OpaquePointer!, _ smallBatch: Double, _ smallSquare: Double, _ bigBatch: Double, _ bigSquare: Double
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.observeNoise(
      smallBatch: smallBatch, smallSquare: smallSquare, bigBatch: bigBatch, bigSquare: bigSquare)
  }
}

@c @implementation public func trimtab_monitor_observe_width(
  _ monitor: OpaquePointer!, _ entry: Int64, _ width: Int64, _ meanMagnitude: Double
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.observeWidth(Int(entry), width: Int(width), meanMagnitude: meanMagnitude)
  }
}

@c @implementation public func trimtab_monitor_end_step(
  _ monitor: OpaquePointer!, _ decision: UnsafeMutablePointer<trimtab_decision>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(decision, "decision")
    target.write(trimtab_decision(try monitor.endStep()))
  }
}

@c @implementation public func trimtab_monitor_clip_factor(
  _ monitor: OpaquePointer!, _ entry: Int64, _ factor: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try required(factor, "factor")
    target.pointee = try monitor.clipFactor(of: Int(entry))
  }
}

@c @implementation public func trimtab_monitor_restored(_ monitor: OpaquePointer!, _ step: Int64) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    try monitor.restored(to: Int(step))
  }
}

@c @implementation public func trimtab_monitor_keep(
  _ monitor: OpaquePointer!, _ tensors: UnsafePointer<trimtab_tensor>!, _ count: Int64, _ healthySteps: Int64
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let tensors = try required(tensors, "tensors")
    try monitor.keep(Int(count), healthySteps: Int(healthySteps)) { (place) throws(TrimtabError) in
      try view(at: place, of: tensors, "tensors")
    }
  }
}

@c @implementation public func trimtab_monitor_restore(
  _ monitor: OpaquePointer!, _ tensors: UnsafePointer<trimtab_tensor>!, _ count: Int64,
  _ step: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let tensors = try required(tensors, "tensors")
    let found = try monitor.restore(Int(count)) { (place) throws(TrimtabError) in
      try view(at: place, of: tensors, "tensors")
    }
    step?.pointee = Int64(found)
  }
}
