internal import Trimtab

/// Takes a user's arrays into a tape, all or nothing: checked first, then copied.
struct BatchInput {
  let network: Network

  /// The batch of an array of inputs.
  ///
  /// - Throws: `shape`
  func batch(of inputs: TensorView) throws(TrimtabError) -> Int {
    let expected = network.inputShape
    guard inputs.rank == expected.rank &+ 1 else {
      throw TrimtabError(
        .shape, "inputs: found rank %, allowed % (the batch and one sample)", inputs.rank, expected.rank &+ 1)
    }
    for axis in 0..<expected.rank where inputs.shape[axis &+ 1] != expected[axis] {
      throw TrimtabError(
        .shape, "inputs: found extent % on axis %, allowed %", inputs.shape[axis &+ 1], axis &+ 1, expected[axis])
    }
    guard inputs.shape[0] >= 1 else { throw TrimtabError(.shape, "inputs: found no sample, allowed 1 or more") }
    return inputs.shape[0]
  }

  /// - Throws: `shape`, `invalidArgument` for NaN, Inf or a word outside the list.
  func checkInputs(_ inputs: TensorView) throws(TrimtabError) {
    guard network.takesWords else { return try requireFinite(inputs, "inputs") }
    try requireLabels(inputs, "inputs", below: network.layers.first?.words ?? 0)
  }

  func checkTargets(_ targets: TensorView, for graph: StepGraph) throws(TrimtabError) {
    let shape = graph.tape.shape(of: graph.net.output)
    // Labels have no axis of classes; one output a sample may go without its axis.
    let isShort = graph.labels != nil || (shape[-1] == 1 && targets.rank == shape.rank &- 1)
    let rank = isShort ? shape.rank &- 1 : shape.rank
    guard targets.rank == rank else {
      throw TrimtabError(.shape, "targets: found rank %, allowed %", targets.rank, rank)
    }
    for axis in 0..<rank where targets.shape[axis] != shape[axis] {
      throw TrimtabError(
        .shape, "targets: found extent % on axis %, allowed %", targets.shape[axis], axis, shape[axis])
    }
    if graph.labels != nil { return try requireLabels(targets, "targets", below: shape[-1]) }
    try requireFinite(targets, "targets")
  }

  func fill(_ graph: StepGraph, _ inputs: TensorView, _ targets: TensorView?) {
    if let words = graph.net.words {
      forEachNumber(inputs) { words[$0] = Int($1) }
    } else {
      copy(inputs, to: graph.net.input, graph.tape)
    }
    guard let targets else { return }
    if let labels = graph.labels {
      let classes = graph.tape.shape(of: graph.net.output)[-1]
      forEachNumber(targets) { labels[$0] = $0 &* classes &+ Int($1) }
    } else {
      copy(targets, to: graph.target, graph.tape)
    }
  }

  private func copy(_ view: TensorView, to value: Value, _ tape: Tape) {
    guard let memory = tape.memory(of: value) else { return }
    if view.isCompact, view.elementType == tape.precision.elementType, let base = view.base {
      memory.copyMemory(from: base, byteCount: view.count &* tape.precision.byteCount)
    } else {
      forEachNumber(view) { tape.set(value, at: $0, to: $1) }
    }
  }

  /// - Throws: `invalidArgument` for a number outside 0 to 1.
  func checkShares(_ targets: TensorView) throws(TrimtabError) {
    var wrong = (index: -1, number: 0.0)
    forEachNumber(targets) { if wrong.index < 0, !($1 >= 0 && $1 <= 1) { wrong = ($0, $1) } }
    guard wrong.index < 0 else {
      throw TrimtabError(
        .invalidArgument, "targets: found % at index %, allowed 0 to 1", wrong.number, wrong.index)
    }
  }

  private func requireFinite(_ view: TensorView, _ name: StaticText) throws(TrimtabError) {
    var first = -1
    // What float64 holds may be infinite in float32.
    let mayOverflow = network.precision == .float32 && view.elementType == .float64
    if view.isCompact, view.elementType.isFloatingPoint, !mayOverflow, let base = view.base {
      first = kernels.firstNonfinite(view.elementType.rawValue, base, view.count)
      if first >= view.count { first = -1 }
    } else {
      forEachNumber(view) {
        if first < 0, !$1.isFinite || (mayOverflow && !Float($1).isFinite) { first = $0 }
      }
    }
    guard first < 0 else {
      throw TrimtabError(
        .invalidArgument, "%: found NaN or Inf at index %, allowed finite numbers of the trainer's precision", name,
        first)
    }
  }

  private func requireLabels(
    _ view: TensorView, _ name: StaticText, below limit: Int
  ) throws(TrimtabError) {
    var wrong = (index: -1, number: 0.0)
    forEachNumber(view) { index, number in
      if wrong.index < 0, !(number >= 0 && number < Double(limit) && number == number.rounded()) {
        wrong = (index, number)
      }
    }
    guard wrong.index < 0 else {
      throw TrimtabError(
        .invalidArgument, "%: found % at index %, allowed whole numbers from 0 to %", name, wrong.number, wrong.index,
        limit &- 1)
    }
  }
}

/// Hands out the numbers of an array in order, as float64.
@inline(never)
func forEachNumber(_ view: TensorView, _ body: (Int, Double) -> Void) {
  // 1024 bytes: more would not stand on the stack.
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 128) { block in
    guard let block = block.baseAddress else { return }
    var start = 0
    while start < view.count {
      let count = min(128, view.count &- start)
      view.copy(from: start, count: count, to: block)
      for index in 0..<count { body(start &+ index, block[index]) }
      start = start &+ count
    }
  }
}
