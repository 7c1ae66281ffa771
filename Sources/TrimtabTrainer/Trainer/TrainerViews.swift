public import Trimtab

/// What a view of a trainer shows.
public enum TrainerTensor: Int32, Sendable {
  case parameter = 0
  case buffer = 1
  case gradient = 2
  case activation = 3
  case average = 4
}

/// An array of a trainer, without a copy.
public struct TrainerView {
  public let name: EntryName
  public let memory: UnsafeMutableRawPointer
  public let shape: Shape
  /// In elements.
  public let strides: Extents
}

extension Trainer {
  public func count(of kind: TrainerTensor) -> Int {
    switch kind {
    case .parameter, .gradient: network.parameters.list.count
    case .average: average == nil ? 0 : network.parameters.list.count
    case .buffer: network.buffers.list.count
    case .activation: shown?.net.activations.count ?? 0
    }
  }

  /// - Throws: `invalidArgument` (outside, before the first step, a parameter without a gradient).
  public func view(_ kind: TrainerTensor, at index: Int) throws(TrimtabError) -> TrainerView {
    guard index >= 0, index < count(of: kind) else {
      throw TrimtabError(.invalidArgument, "index: found %, allowed below %", index, count(of: kind))
    }
    if kind == .activation, let shown {
      let found = shown.net.activations[index]
      let shape = shown.tape.shape(of: found.value)
      guard let memory = shown.tape.memory(of: found.value) else { throw missing }
      return TrainerView(
        name: EntryName(found.layer, "output"), memory: memory, shape: shape, strides: shape.strides)
    }
    let list = kind == .buffer ? network.buffers : network.parameters
    guard let parameter = list[index] else { throw missing }
    var memory = list.memory(of: parameter)
    if kind == .gradient {
      memory = nil
      if let shown { memory = shown.tape.memory(of: shown.gradients[index]) }
    } else if kind == .average {
      memory = average.map { $0.averages + parameter.offset &* options.precision.byteCount }
    }
    guard let memory else { throw missing }
    return TrainerView(
      name: EntryName(parameter.layer, parameter.suffix, of: parameter.owner), memory: memory,
      shape: parameter.viewShape,
      strides: parameter.viewStrides)
  }

  private var missing: TrimtabError {
    TrimtabError(
      .invalidArgument, "index: found nothing yet, allowed after the first step and where there is a gradient")
  }

  /// The extents of the output for one sample.
  public func outputShape() throws(TrimtabError) -> Shape {
    let graph = try graph(batch: network.graph?.rows ?? 1, isTraining: false)
    let whole = graph.tape.shape(of: graph.net.output)
    var shape = Shape()
    for axis in 1..<max(whole.rank, 1) { shape.append(whole[axis]) }
    return shape
  }
}
