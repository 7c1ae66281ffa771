public import Trimtab

/// A monitor that a trainer shows its steps to, and the places of the trainer's arrays in it.
final class TrainerWatch {
  let monitor: Monitor
  let parameters: [Int]
  /// By activation of the net.
  let layers: [Int]
  /// Whose clipping factors hold for this step.
  private(set) var clipsEach = false

  init(_ monitor: Monitor, _ network: Network, _ graph: StepGraph) throws(TrimtabError) {
    self.monitor = monitor
    // All or none: a monitor cannot forget what was registered.
    for parameter in network.parameters.list {
      try EntryName(parameter.layer, parameter.suffix).requireNew(in: monitor)
    }
    for activation in graph.net.activations { try EntryName(activation.layer, "output").requireNew(in: monitor) }
    var parameters: [Int] = []
    for parameter in network.parameters.list {
      var entry = MonitorEntry(role: parameter.role)
      entry.order = parameter.layer
      entry.hasZeroGradient = parameter.hasZeroGradient
      entry.width = parameter.shape[-1]
      parameters.append(try EntryName(parameter.layer, parameter.suffix).register(in: monitor, entry))
    }
    var layers: [Int] = []
    let last = graph.net.activations.count &- 1
    for (place, activation) in graph.net.activations.enumerated() {
      var entry = MonitorEntry(role: place == last ? .output : .hidden)
      entry.activation = activation.activation?.watched
      entry.order = activation.layer
      layers.append(try EntryName(activation.layer, "output").register(in: monitor, entry))
    }
    self.parameters = parameters
    self.layers = layers
    clipsEach = monitor.options.clipping == .perTensor
  }

  func clipFactor(of parameter: Int) -> Double {
    guard clipsEach, parameter >= 0, parameter < parameters.count else { return 1 }
    let factor = try? monitor.clipFactor(of: parameters[parameter])
    return factor ?? 1
  }
}

/// "layer3.weight", in memory of its own with a zero byte after it.
public struct EntryName {
  public let layer: Int
  let owner: StaticText
  public let suffix: StaticText

  public init(_ layer: Int, _ suffix: StaticText, of owner: StaticText = "") {
    self.layer = layer
    self.owner = owner
    self.suffix = suffix
  }

  /// - Throws: `outOfMemory`
  public func makeText() throws(TrimtabError) -> Storage<UInt8> {
    var bytes: [UInt8] = []
    append("layer", to: &bytes)
    var divisor = 1
    while layer / divisor >= 10 { divisor = divisor &* 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: layer / divisor % 10))
      divisor /= 10
    }
    append(".", to: &bytes)
    append(owner, to: &bytes)
    append(suffix, to: &bytes)
    let text = try Storage<UInt8>(count: bytes.count &+ 1, for: "name")
    for (index, byte) in bytes.enumerated() { text.pointer[index] = byte }
    return text
  }

  func requireNew(in monitor: Monitor) throws(TrimtabError) {
    let text = try makeText()
    guard monitor.index(of: UnsafeBufferPointer(start: text.pointer, count: text.count &- 1)) == nil else {
      throw TrimtabError(
        .invalidArgument, "monitor: found an entry layer%.%, allowed one that knows none of the trainer's", layer,
        suffix)
    }
  }

  func register(in monitor: Monitor, _ entry: MonitorEntry) throws(TrimtabError) -> Int {
    let text = try makeText()
    return try monitor.register(UnsafeBufferPointer(start: text.pointer, count: text.count &- 1), entry)
  }

  private func append(_ text: StaticText, to bytes: inout [UInt8]) {
    for index in 0..<text.count { bytes.append(text.firstByte[index]) }
  }
}

extension Trainer {
  /// Lets a monitor watch each step, and obeys it; nil ends that.
  ///
  /// - Throws: `invalidArgument` (a name is taken, no graph was set), `outOfMemory`.
  public func attach(_ monitor: Monitor?) throws(TrimtabError) {
    guard let monitor else {
      watch = nil
      return
    }
    watch = try TrainerWatch(monitor, network, try graph(batch: network.graph?.rows ?? 1, isTraining: true))
  }

  /// Shows the step to the monitor, if there is one.
  func decide(_ graph: StepGraph, _ found: inout TrainerStep) throws(TrimtabError) {
    guard let watch else { return }
    let (loss, rate) = (found.loss, found.learningRate)
    let (gradients, layers) = (graph.gradients.count, graph.net.activations.count)
    var fault: TrimtabError?
    let decision = try watch.monitor.takeStep(
      found.step, count: gradients &* 2 &+ layers,
      scalars: { () throws(TrimtabError) in
        try watch.monitor.observe(.loss, loss)
        try watch.monitor.observe(.learningRate, rate)
        return 0
      },
      tensor: { (place) throws(TrimtabError) in
        if place < gradients {
          return StepTensor(
            index: watch.parameters[place], quantity: .gradient, isThere: !graph.gradients[place].isNone)
        }
        if place < 2 &* gradients {
          return StepTensor(index: watch.parameters[place &- gradients], quantity: .weight, isThere: true)
        }
        let layer = place &- 2 &* gradients
        let isJudged = graph.net.activations[layer].activation != nil
        return StepTensor(
          index: watch.layers[layer], quantity: isJudged ? .preactivation : .output, isThere: true)
      },
      view: { (place) throws(TrimtabError) in
        if place < gradients { return try self.view(graph.gradients[place], graph) }
        if place < 2 &* gradients { return try self.view(graph.net.parameters[place &- gradients], graph) }
        return try self.view(graph.net.activations[place &- 2 &* gradients].value, graph)
      },
      fault: &fault)
    found.decision = decision
    found.clipFactor = decision.clipFactor
    found.isTaken = decision.action == .proceed || decision.action == .clip
  }

  private func view(_ value: Value, _ graph: StepGraph) throws(TrimtabError) -> TensorView {
    guard let memory = graph.tape.memory(of: value) else {
      throw TrimtabError(.internal, "tape: found no value")
    }
    let shape = graph.tape.shape(of: value)
    return try TensorView(
      base: memory, elementType: options.precision.elementType, rank: shape.rank, shape: shape.extents, strides: nil)
  }
}
