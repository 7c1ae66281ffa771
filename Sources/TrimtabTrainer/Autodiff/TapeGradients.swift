public import Trimtab

extension Tape {
  /// The gradient of a scalar with respect to each target, recorded as operations of its own.
  ///
  /// A target that the scalar does not depend on has nil.
  /// Errors: `shape` (not a scalar), `invalidArgument` (a derivative of an order that is not written out), `outOfMemory`.
  /// Complexity: a small multiple of what the scalar cost.
  public func gradients(of scalar: Value, for targets: [Value]) throws(TrimtabError) -> [Value?] {
    guard try node(scalar).count == 1 else {
      throw TrimtabError(.shape, "value: found % elements, allowed 1", try node(scalar).count)
    }
    let seed = try constant(1)
    return try gradients(of: scalar, seed: try reshape(seed, try node(scalar).shape), for: targets)
  }

  /// The gradient of the sum of `seed` · `value`.
  public func gradients(of value: Value, seed: Value, for targets: [Value]) throws(TrimtabError) -> [Value?] {
    let last = value.index
    let reaches = try Storage<Bool>(count: last &+ 1, for: "gradients")
    for target in targets where target.index <= last { reaches.pointer[target.index] = true }
    for index in 0...last {
      guard let node = nodes.at(index)?.pointee else { continue }
      for operand in [node.a, node.b, node.c] where operand >= 0 && reaches.pointer[operand] {
        reaches.pointer[index] = true
      }
    }
    var pass = try ReversePass(tape: self, reaches: reaches, last: last)
    try pass.give(last, seed)
    for index in stride(from: last, through: 0, by: -1) { try pass.passOn(index) }
    return targets.map { pass.found($0.index) }
  }
}

/// Gradients on their way from the end of a tape to its start.
private struct ReversePass {
  let tape: Tape
  let reaches: Storage<Bool>
  let last: Int
  /// One more than the index of the value; 0: none.
  private let gradients: Storage<Int>

  init(tape: Tape, reaches: Storage<Bool>, last: Int) throws(TrimtabError) {
    self.tape = tape
    self.reaches = reaches
    self.last = last
    gradients = try Storage(count: last &+ 1, for: "gradients")
  }

  func found(_ index: Int) -> Value? {
    guard index >= 0, index <= last, gradients.pointer[index] > 0 else { return nil }
    return Value(gradients.pointer[index] &- 1)
  }

  private func wants(_ index: Int) -> Bool { index >= 0 && reaches.pointer[index] }

  mutating func give(_ index: Int, _ gradient: Value) throws(TrimtabError) {
    guard wants(index) else { return }
    let total = if let before = found(index) { try tape.add(before, gradient) } else { gradient }
    gradients.pointer[index] = total.index &+ 1
  }

  /// Gives what is summed over the axes along which the operand was repeated.
  private mutating func give(_ index: Int, summed gradient: Value) throws(TrimtabError) {
    let shape = tape.shape(of: Value(index))
    try give(index, try tape.reshape(try tape.sum(gradient, to: shape), shape))
  }

  mutating func passOn(_ index: Int) throws(TrimtabError) {
    guard let g = found(index), let node = tape.nodes.at(index)?.pointee,
      wants(node.a) || wants(node.b) || wants(node.c)
    else { return }
    let (a, b) = (Value(node.a), Value(node.b))
    let shape = wants(node.a) ? tape.shape(of: a) : node.shape
    switch node.operation {
    case .leaf: break
    case .reshape: try give(node.a, try tape.reshape(g, shape))
    case .apply: try give(node.a, through: node.function.derivative, g, a)
    case .chain:
      if wants(node.a) { try give(node.a, through: node.function, g, b) }
      if wants(node.b), !node.function.derivative.isZero {
        try give(node.b, through: node.function.derivative, try tape.multiply(g, a), b)
      }
    case .add, .subtract, .multiply, .divide: try passOnBinary(node, g, a, b)
    case .sum: try give(node.a, try tape.expand(g, to: shape))
    case .product, .affine: try passOnProduct(node, g, a, b)
    case .gather: try give(node.a, try tape.scatter(g, tape.tables[node.table], shape: shape))
    case .scatter: try give(node.a, try tape.gather(g, tape.tables[node.table], shape: shape))
    case .greatest: try give(node.a, try tape.scatter(g, tape.tables[node.table], shape: shape))
    case .sparse:
      try give(node.a, try tape.sparseProduct(tape.matrices[node.table], g, transposing: !node.transposesA))
    case .softmax:
      let own = Value(index)
      let centre = try tape.sum(try tape.multiply(own, g), over: 1 << UInt32(max(node.shape.rank &- 1, 0)))
      try give(node.a, try tape.multiply(own, try tape.subtract(g, centre)))
    case .logSoftmax:
      let total = try tape.sum(g, over: 1 << UInt32(max(node.shape.rank &- 1, 0)))
      try give(node.a, try tape.subtract(g, try tape.multiply(try tape.softmax(a), total)))
    }
  }

  /// g · function(x); where the function is a constant, no pass over x.
  private mutating func give(
    _ index: Int, through function: ElementFunction, _ g: Value, _ x: Value
  ) throws(TrimtabError) {
    if function.isZero { return }
    if function.kind == .linear, function.order == 1 {
      return try give(index, function.a == 1 ? g : try tape.scale(g, by: function.a))
    }
    try give(index, try tape.chain(function, g, x))
  }

  private mutating func passOnBinary(_ node: Node, _ g: Value, _ a: Value, _ b: Value) throws(TrimtabError) {
    switch node.operation {
    case .add:
      if wants(node.a) { try give(node.a, summed: g) }
      if wants(node.b) { try give(node.b, summed: g) }
    case .subtract:
      if wants(node.a) { try give(node.a, summed: g) }
      if wants(node.b) { try give(node.b, summed: try tape.scale(g, by: -1)) }
    case .multiply:
      if wants(node.a) { try give(node.a, summed: try tape.multiply(g, b)) }
      if wants(node.b) { try give(node.b, summed: try tape.multiply(g, a)) }
    default:
      let share = try tape.divide(g, b)
      if wants(node.a) { try give(node.a, summed: share) }
      if wants(node.b) {
        try give(node.b, summed: try tape.scale(try tape.divide(try tape.multiply(share, a), b), by: -1))
      }
    }
  }

  private mutating func passOnProduct(_ node: Node, _ g: Value, _ a: Value, _ b: Value) throws(TrimtabError) {
    let (ta, tb) = (node.transposesA, node.transposesB)
    if wants(node.b) {
      try give(
        node.b,
        tb
          ? try tape.product(g, a, transposingA: true, transposingB: ta)
          : try tape.product(a, g, transposingA: !ta, transposingB: false))
    }
    if wants(node.a) {
      try give(
        node.a,
        ta
          ? try tape.product(b, g, transposingA: tb, transposingB: true)
          : try tape.product(g, b, transposingA: false, transposingB: !tb))
    }
    if node.operation == .affine, wants(node.c) { try give(node.c, summed: g) }
  }
}
