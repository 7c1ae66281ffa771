public import Trimtab

/// A net as a list of layers: plans its parameters, and records itself on tapes for any batch.
public final class Network {
  public let layers: [LayerDescription]
  /// Of one sample, without the batch.
  public let inputShape: Shape
  public let precision: Precision
  let parameters: ParameterList
  /// Running means and variances, and the vectors of power iterations.
  let buffers: ParameterList
  /// Of graph convolutions.
  var graph: SparseMatrix?
  /// Whether the first layer takes words.
  public var takesWords: Bool { layers.first?.kind == .embedding }

  /// Plans the net on a batch of one.
  ///
  /// - Throws: `invalidArgument` and `shape` with the layer and its field, `outOfMemory`.
  public init(_ layers: [LayerDescription], inputShape: Shape, precision: Precision) throws(TrimtabError) {
    guard layers.count >= 1, layers.count <= 4096 else {
      throw TrimtabError(.invalidArgument, "layers: found %, allowed 1 to 4096", layers.count)
    }
    self.layers = layers
    self.inputShape = inputShape
    self.precision = precision
    parameters = ParameterList(precision: precision)
    buffers = ParameterList(precision: precision)
    guard inputShape.isProper(), inputShape.rank < Extents.capacity else {
      throw TrimtabError(
        .shape, "options.input_shape: found % extents that do not fit, allowed 1 to 7 from 1 on, at most 2^40 together",
        inputShape.rank)
    }
    _ = try NetworkGraph(self, batch: 1, isTraining: true)
    try parameters.settle()
    try buffers.settle()
  }

  /// Fills parameters as their initialisers say, from streams of their own, so that a layer's numbers do not depend on the
  /// layers before it.
  func initialise(seed: UInt64) throws(TrimtabError) {
    try initialise(parameters, seed, firstStream: 0)
    try initialise(buffers, seed, firstStream: 1 << 20)
  }

  @inline(never)
  private func initialise(_ list: ParameterList, _ seed: UInt64, firstStream: Int) throws(TrimtabError) {
    for (index, parameter) in list.list.enumerated() {
      guard let memory = list.memory(of: parameter) else { continue }
      let columns = max(parameter.shape[-1], 1)
      try parameter.initialiser.fill(
        memory, precision: precision, rows: parameter.count / columns, columns: columns, fanIn: parameter.fanIn,
        fanOut: parameter.fanOut, from: RandomNumbers(seed: seed, stream: UInt64(firstStream &+ index)))
    }
  }
}

/// A value of a net's graph that something is done with in each step.
final class GraphPlace {
  let layer: Int
  let value: Value
  var other = Value.none
  var activation: LayerActivation?
  var number = 0.0
  var buffer = 0
  var count = 0

  init(_ layer: Int, _ value: Value) {
    self.layer = layer
    self.value = value
  }
}

/// A batch's way through a net, on a tape.
final class NetworkGraph {
  let network: Network
  let tape: Tape
  let isTraining: Bool
  /// The place of a first layer's words, where there is one; the input then is not used.
  private(set) var words: PlaceTable?
  private(set) var input: Value
  private(set) var output: Value
  /// In the order of the net's lists.
  private(set) var parameters: [Value] = []
  private(set) var buffers: [Value] = []
  /// What a monitor is shown: what goes into an activation, and what comes out of a layer without one.
  private(set) var activations: [GraphPlace] = []
  /// Masks of dropout, to be filled before each replay; `number` is the share that is left out.
  private(set) var masks: [GraphPlace] = []
  /// The mean of a batch, with its variance beside it; `buffer` is followed by the variance's, `number` is the share of
  /// the batch in both, `count` how many numbers there are for a feature.
  var moments: [GraphPlace] = []
  /// Weights that are divided by their largest singular value; `buffer` holds its left vector, the next its right one.
  var spectral: [GraphPlace] = []
  /// Activations whose slope is scheduled.
  private(set) var scheduled: [Value] = []
  /// The layer that is being recorded.
  private(set) var layer = 0

  init(_ network: Network, batch: Int, isTraining: Bool) throws(TrimtabError) {
    self.network = network
    self.isTraining = isTraining
    tape = try Tape(precision: network.precision)
    var shape = Shape(batch)
    for axis in 0..<network.inputShape.rank { shape.append(network.inputShape[axis]) }
    // The rows of a graph are its nodes.
    input = tape.leaf(shape)
    try tape.check()
    output = input
    network.parameters.begin()
    network.buffers.begin()
    for index in network.layers.indices {
      layer = index
      do throws(TrimtabError) {
        try record(network.layers[index])
        try tape.check()
      } catch {
        throw error.at("layers[%]", index)
      }
    }
  }

  private func record(_ description: LayerDescription) throws(TrimtabError) {
    let before = output
    switch description.kind {
    case .dense: output = try dense(description, before)
    case .convolution: output = try convolution(description, before)
    case .graphConvolution: output = try graphConvolution(description, before)
    case .embedding: output = try embedding(description, before)
    case .gru: output = try recurrent(description, before)
    case .attention: output = try attention(description, before)
    case .activation: break
    case .normalisation: output = try normalisation(description, before)
    case .dropout: output = try dropout(description, before)
    case .maximumPooling, .meanPooling: output = try pooling(description, before)
    case .upsampling: output = try upsampling(description, before)
    case .flatten:
      let shape = tape.shape(of: before)
      output = tape.reshape(before, Shape(shape[0], shape.count / max(shape[0], 1)))
    case .timeMean:
      let shape = try need(before, rank: 3)
      output = tape.reshape(tape.mean(before, over: 2), Shape(shape[0], shape[2]))
    }
    try activate(description)
    if description.isResidual {
      guard tape.shape(of: before) == tape.shape(of: output) else {
        throw TrimtabError(.shape, "layer.residual: found a layer that changes the shape, allowed one that does not")
      }
      output = tape.add(before, output)
    }
  }

  private func activate(_ description: LayerDescription) throws(TrimtabError) {
    guard let activation = description.activation else {
      if description.kind == .activation {
        throw TrimtabError(.invalidArgument, "layer.activation: found none, allowed one")
      }
      if hasWeights(description.kind) { activations.append(GraphPlace(layer, output)) }
      return
    }
    if let slope = description.slope, !(slope >= 0 && slope < .infinity) {
      throw TrimtabError(.invalidArgument, "layer.slope: found %, allowed 0 or more, finite", slope)
    }
    let place = GraphPlace(layer, output)
    place.activation = activation
    activations.append(place)
    if activation != .identity { output = tape.apply(activation.function(slope: description.slope), output) }
    if description.isScheduled {
      guard activation == .leakyRelu else {
        throw TrimtabError(
          .invalidArgument, "layer.flags: found an activation without a leak, allowed leaky ReLU")
      }
      scheduled.append(output)
    }
  }

  private func hasWeights(_ kind: LayerDescription.Kind) -> Bool {
    switch kind {
    case .dense, .convolution, .graphConvolution, .gru, .attention: true
    default: false
    }
  }

  // MARK: Parts of layers

  /// - Throws: `shape`
  func need(_ value: Value, rank: Int) throws(TrimtabError) -> Shape {
    let shape = tape.shape(of: value)
    guard shape.rank == rank else {
      throw TrimtabError(.shape, "layer.input: found rank %, allowed % (the batch included)", shape.rank, rank)
    }
    return shape
  }

  /// A field of a description that counts something.
  func need(_ count: Int, _ name: StaticText, from least: Int = 1, to most: Int = 1 << 24) throws(TrimtabError) -> Int {
    guard count >= least, count <= most else {
      throw TrimtabError(.invalidArgument, "%: found %, allowed % to %", name, count, least, most)
    }
    return count
  }

  func need(share: Double, _ name: StaticText) throws(TrimtabError) -> Double {
    guard share >= 0, share < 1 else {
      throw TrimtabError(.invalidArgument, "%: found %, allowed 0 to below 1", name, share)
    }
    return share
  }

  /// A weight of `inputs` x `outputs`, shown as (outputs, inputs).
  func weight(
    _ suffix: StaticText, _ inputs: Int, _ outputs: Int, _ description: LayerDescription, role: Role = .weight
  ) throws(TrimtabError) -> Value {
    let (parameter, memory) = try network.parameters.take(
      layer, suffix, Shape(inputs, outputs), role, try choice(description))
    parameter.fanIn = inputs
    parameter.fanOut = outputs
    if role == .weight {
      parameter.viewShape = Shape(outputs, inputs)
      parameter.viewStrides[0] = 1
      parameter.viewStrides[1] = outputs
    }
    let value = tape.alias(.leaf, .none, parameter.shape, at: memory)
    parameters.append(value)
    return description.isSpectral ? try dividedBySpectralNorm(value, suffix, inputs, outputs) : value
  }

  /// A row of numbers that begin alike.
  func row(
    _ suffix: StaticText, _ count: Int, startingAt number: Double, role: Role = .bias
  ) throws(TrimtabError) -> Value {
    let (parameter, memory) = try network.parameters.take(
      layer, suffix, Shape(count), role, Initialiser(.constant, gain: number))
    let value = tape.alias(.leaf, .none, parameter.shape, at: memory)
    parameters.append(value)
    return value
  }

  /// Numbers that training follows without gradients.
  func buffer(
    _ suffix: StaticText, _ count: Int, _ initialiser: Initialiser, of weight: StaticText = ""
  ) throws(TrimtabError) -> Value {
    let (parameter, memory) = try network.buffers.take(layer, suffix, Shape(count), .normalisation, initialiser)
    parameter.owner = weight
    let value = tape.alias(.leaf, .none, parameter.shape, at: memory)
    buffers.append(value)
    return value
  }

  /// Unless the user chose: He for ReLU and its kin, LeCun for SELU, Xavier for what saturates and for none.
  private func choice(_ description: LayerDescription) throws(TrimtabError) -> Initialiser {
    guard description.gain.isFinite else {
      throw TrimtabError(.invalidArgument, "layer.gain: found %, allowed a finite number", description.gain)
    }
    let kind: Initialiser.Kind
    switch description.activation {
    case .relu, .leakyRelu, .elu, .silu, .gelu, .softplus: kind = .heNormal
    case .selu: kind = .leCunNormal
    default: kind = .xavierUniform
    }
    return Initialiser(description.initialiser ?? kind, gain: description.gain)
  }

  func setWords(_ table: PlaceTable) { words = table }
  func addMask(_ value: Value, rate: Double) {
    let mask = GraphPlace(layer, value)
    mask.number = rate
    masks.append(mask)
  }
}
