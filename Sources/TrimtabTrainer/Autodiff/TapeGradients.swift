public import Trimtab

extension Tape {
  /// The gradient of a scalar with respect to each target, recorded as operations of its own.
  ///
  /// A target that the scalar does not depend on has none.
  /// Errors: `shape` (not a scalar), `invalidArgument` (a derivative of an order that is not written out), `outOfMemory`.
  /// Complexity: a small multiple of what the scalar cost.
  public func gradients(of scalar: Value, for targets: [Value]) throws(TrimtabError) -> [Value] {
    try check()
    let last = scalar.index
    guard let node = node(scalar) else {
      try check()
      return []
    }
    guard node.pointee.count == 1 else {
      throw TrimtabError(.shape, "value: found % elements, allowed 1", node.pointee.count)
    }
    let seed = reshape(constant(1), node.pointee.shape)
    let pass = try ReversePass(self, last, targets)
    pass.give(last, seed)
    for index in stride(from: last, through: 0, by: -1) { pass.passOn(index) }
    try check()
    return targets.map { pass.found($0.index) }
  }
}

/// Gradients on their way from the end of a tape to its start.
private final class ReversePass {
  let tape: Tape
  let last: Int
  /// Whether a value depends on a target, or is one.
  private let reaches: Storage<Bool>
  /// One more than the index of the value; 0: none.
  private let gradients: Storage<Int>

  init(_ tape: Tape, _ last: Int, _ targets: [Value]) throws(TrimtabError) {
    self.tape = tape
    self.last = last
    reaches = try Storage(count: last &+ 1, for: "gradients")
    gradients = try Storage(count: last &+ 1, for: "gradients")
    for target in targets where target.index >= 0 && target.index <= last { reaches.pointer[target.index] = true }
    for index in 0...last {
      guard let node = tape.nodes.at(index)?.pointee else { continue }
      if wants(node.a) || wants(node.b) || wants(node.c) { reaches.pointer[index] = true }
    }
  }

  func found(_ index: Int) -> Value {
    index >= 0 && index <= last ? Value(gradients.pointer[index] &- 1) : .none
  }

  private func wants(_ index: Int) -> Bool { index >= 0 && reaches.pointer[index] }

  @inline(never)
  func give(_ index: Int, _ gradient: Value) {
    guard wants(index), !gradient.isNone else { return }
    let before = found(index)
    gradients.pointer[index] = (before.isNone ? gradient : tape.add(before, gradient)).index &+ 1
  }

  /// Gives what is summed over the axes along which the operand was repeated.
  @inline(never)
  private func giveSummed(_ index: Int, _ gradient: Value) {
    let shape = tape.shape(of: Value(index))
    give(index, tape.reshape(tape.sum(gradient, to: shape), shape))
  }

  /// g · function(x); where the function is a constant, no pass over x.
  @inline(never)
  private func give(_ index: Int, through function: ElementFunction, _ g: Value, _ x: Value) {
    if function.isZero { return }
    if function.kind == .linear, function.order == 1 {
      return give(index, function.a == 1 ? g : tape.scale(g, by: function.a))
    }
    give(index, tape.apply(function, g, x))
  }

  func passOn(_ index: Int) {
    let g = found(index)
    guard !g.isNone, let place = tape.nodes.at(index) else { return }
    // The tape grows, and moves, while this is read.
    let node = place.pointee
    guard wants(node.a) || wants(node.b) || wants(node.c) else { return }
    let (a, b) = (Value(node.a), Value(node.b))
    let shape = tape.shape(of: a)
    switch node.operation {
    case .leaf: break
    case .reshape: give(node.a, tape.reshape(g, shape))
    case .apply: give(node.a, through: node.function.derivative, g, a)
    case .chain:
      if wants(node.a) { give(node.a, through: node.function, g, b) }
      if wants(node.b), !node.function.derivative.isZero {
        give(node.b, through: node.function.derivative, tape.multiply(g, a), b)
      }
    case .add:
      if wants(node.a) { giveSummed(node.a, g) }
      if wants(node.b) { giveSummed(node.b, g) }
    case .subtract:
      if wants(node.a) { giveSummed(node.a, g) }
      if wants(node.b) { giveSummed(node.b, tape.scale(g, by: -1)) }
    case .multiply:
      if wants(node.a) { giveSummed(node.a, tape.multiply(g, b)) }
      if wants(node.b) { giveSummed(node.b, tape.multiply(g, a)) }
    case .divide:
      let share = tape.divide(g, b)
      if wants(node.a) { giveSummed(node.a, share) }
      if wants(node.b) { giveSummed(node.b, tape.scale(tape.divide(tape.multiply(share, a), b), by: -1)) }
    case .sum: give(node.a, tape.expand(g, to: shape))
    case .product, .affine: passOnProduct(node, g, a, b)
    case .gather, .scatter, .greatest, .sparse: passOnPlaces(node, g, shape)
    case .softmax, .logSoftmax: passOnSoftmax(index, node, g, a)
    }
  }

  private func passOnPlaces(_ node: Node, _ g: Value, _ shape: Shape) {
    switch node.operation {
    case .scatter: give(node.a, tape.gather(g, tape.tables[node.table], shape: shape))
    case .sparse: give(node.a, tape.sparseProduct(tape.matrices[node.table], g, transposing: !node.transposesA))
    default: give(node.a, tape.scatter(g, tape.tables[node.table], shape: shape))
    }
  }

  private func passOnSoftmax(_ index: Int, _ node: Node, _ g: Value, _ a: Value) {
    let last: UInt32 = 1 << UInt32(max(node.shape.rank &- 1, 0))
    if node.operation == .softmax {
      let own = Value(index)
      give(node.a, tape.multiply(own, tape.subtract(g, tape.sum(tape.multiply(own, g), over: last))))
    } else {
      give(node.a, tape.subtract(g, tape.multiply(tape.softmax(a), tape.sum(g, over: last))))
    }
  }

  private func passOnProduct(_ node: Node, _ g: Value, _ a: Value, _ b: Value) {
    let (ta, tb) = (node.transposesA, node.transposesB)
    if wants(node.b) {
      give(
        node.b,
        tb
          ? tape.product(g, a, transposingA: true, transposingB: ta)
          : tape.product(a, g, transposingA: !ta, transposingB: false))
    }
    if wants(node.a) {
      give(
        node.a,
        ta
          ? tape.product(b, g, transposingA: tb, transposingB: true)
          : tape.product(g, b, transposingA: false, transposingB: !tb))
    }
    if node.operation == .affine, wants(node.c) { giveSummed(node.c, g) }
  }
}
