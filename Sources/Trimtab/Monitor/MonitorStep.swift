internal import CPlatform

/// One of the tensors of a step.
public struct StepTensor {
  public var index: Int
  public var quantity: Quantity
  /// In this step.
  public var isThere: Bool

  public init(index: Int, quantity: Quantity, isThere: Bool) {
    self.index = index
    self.quantity = quantity
    self.isThere = isThere
  }
}

extension Monitor {
  /// A whole step at once: opens it, unless it is open under this number, looks at what is wanted of the tensors, and
  /// closes it. Where the loss or a gradient is not finite all of them are looked at, for the origin.
  ///
  /// - Parameters:
  ///   - scalars: shows the numbers of the step, and gives the seconds that the host has spent on watching beside this call
  ///   - tensor: what stands at a place of `count`, and its view
  ///   - fault: of the last tensor that could not be taken; the step goes on without it
  /// - Throws: as `beginStep` and `endStep`, and what `scalars` throws.
  public func takeStep(
    _ number: Int, count: Int, scalars: () throws(TrimtabError) -> Double,
    tensor: (Int) throws(TrimtabError) -> StepTensor, view: (Int) throws(TrimtabError) -> TensorView,
    fault: inout TrimtabError?
  ) throws(TrimtabError) -> Decision {
    let start = trimtab_platform_seconds()
    if !isOpen || step != number { try beginStep(number) }
    let overhead = try scalars()
    showAll(count, gradients: true, tensor, view, &fault)
    let middle = trimtab_platform_seconds()
    if isLost { governor.alertedUntil = max(governor.alertedUntil, serial) }
    showAll(count, gradients: false, tensor, view, &fault)
    let end = trimtab_platform_seconds()
    governor.spend(middle - start + (overhead > 0 && overhead.isFinite ? overhead : 0), isOptional: false)
    governor.spend(end - middle, isOptional: true)
    return try endStep()
  }

  private func showAll(
    _ count: Int, gradients: Bool, _ tensor: (Int) throws(TrimtabError) -> StepTensor,
    _ view: (Int) throws(TrimtabError) -> TensorView, _ fault: inout TrimtabError?
  ) {
    for place in 0..<max(count, 0) {
      do throws(TrimtabError) {
        let next = try tensor(place)
        guard next.isThere, (next.quantity == .gradient) == gradients else { continue }
        let isWanted = try wants(next.index, next.quantity)
        guard isWanted else { continue }
        try look(next.index, next.quantity, try view(place))
      } catch {
        fault = error.at("tensors[%]", place)
      }
    }
  }

  /// What `wants` will say in the next step; false for what is no entry.
  public func nextWants(_ index: Int, _ quantity: Quantity) -> Bool {
    guard index >= 0, index < entries.count else { return false }
    return governor.wants(quantity, of: entries[index], serial: serial &+ 1)
  }

  /// Whether this step asks for the origin of a value that is not finite.
  private var isLost: Bool {
    if let loss = scalars[.loss], !loss.isFinite { return true }
    guard hasShown(.gradient) else { return false }
    for watched in entries {
      if let look = seen(watched, .gradient), look.pointee.summary.nonfiniteCount > 0 { return true }
    }
    return false
  }
}
