public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_monitor_step(
  _ monitor: OpaquePointer!, _ step: Int64, _ scalars: UnsafePointer<trimtab_scalar>!,
  _ values: UnsafePointer<Double>!, _ scalarCount: Int64, _ entries: UnsafePointer<Int64>!,
  _ quantities: UnsafePointer<trimtab_quantity>!, _ tensors: UnsafePointer<trimtab_tensor>!, _ count: Int64,
  _ wanted: UnsafeMutablePointer<UInt8>!, _ decision: UnsafeMutablePointer<trimtab_decision>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    let target = try ReportTarget(decision, "decision")
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    if count > 0 {
      _ = try required(entries, "entries")
      _ = try required(quantities, "quantities")
      _ = try required(tensors, "tensors")
    }
    let numbers = try NamedScalars(scalars, values, scalarCount)
    var fault: TrimtabError?
    let found = try monitor.takeStep(
      Int(step), count: Int(count),
      scalars: { () throws(TrimtabError) in
        var overhead = 0.0
        try numbers.forEach { (scalar, value) throws(TrimtabError) in
          if scalar == .overheadSeconds { overhead = value } else { try monitor.observe(scalar, value) }
        }
        return overhead
      },
      tensor: { (place) throws(TrimtabError) in try stepTensor(at: place, entries, quantities, tensors) },
      view: { (place) throws(TrimtabError) in try view(at: place, of: tensors, "tensors") },
      fault: &fault)
    if let wanted {
      for place in 0..<Int(count) {
        // Nothing is raised here: it would take the place of what is said of a tensor.
        let quantity = Quantity(rawValue: UnsafeRawPointer(quantities + place).loadUnaligned(as: Int32.self))
        let index = Int(UnsafeRawPointer(entries + place).loadUnaligned(as: Int64.self))
        wanted[place] = quantity.map { monitor.nextWants(index, $0) } == true ? 1 : 0
      }
    }
    target.write(trimtab_decision(found))
    if let fault { throw fault }
  }
}

/// What stands at a place of the arrays of a step.
private func stepTensor(
  at place: Int, _ entries: UnsafePointer<Int64>, _ quantities: UnsafePointer<trimtab_quantity>,
  _ tensors: UnsafePointer<trimtab_tensor>
) throws(TrimtabError) -> StepTensor {
  StepTensor(
    index: Int(UnsafeRawPointer(entries + place).loadUnaligned(as: Int64.self)),
    quantity: try word(UnsafeRawPointer(quantities + place).loadUnaligned(as: trimtab_quantity.self), "quantities"),
    isThere: UnsafeRawPointer(tensors + place).loadUnaligned(as: trimtab_tensor.self).ndim != -1)
}

/// Numbers that a step is told, their names known.
struct NamedScalars {
  private let scalars: UnsafeRawPointer?
  private let values: UnsafeRawPointer?
  private let count: Int

  init(
    _ scalars: UnsafePointer<trimtab_scalar>?, _ values: UnsafePointer<Double>?, _ count: Int64
  ) throws(TrimtabError) {
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    self.count = Int(count)
    self.scalars = count > 0 ? UnsafeRawPointer(try required(scalars, "scalars")) : nil
    self.values = count > 0 ? UnsafeRawPointer(try required(values, "values")) : nil
    try forEach { (_, _) throws(TrimtabError) in }
  }

  func forEach(_ body: (Scalar, Double) throws(TrimtabError) -> Void) throws(TrimtabError) {
    guard let scalars, let values else { return }
    for place in 0..<count {
      let code = scalars.loadUnaligned(fromByteOffset: 4 &* place, as: Int32.self)
      try body(try word(code, "scalars"), values.loadUnaligned(fromByteOffset: 8 &* place, as: Double.self))
    }
  }
}
