internal import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

/// One of a list of words, or `invalidArgument`.
func choice<Word: RawRepresentable>(
  _ value: Int32, _ name: StaticText, from words: Word.Type
) throws(TrimtabError) -> Word where Word.RawValue == Int32 {
  guard let word = Word(rawValue: value) else {
    throw TrimtabError(.invalidArgument, "%: found %, allowed one of the header's", name, value)
  }
  return word
}

extension TrainerOptions {
  init(_ options: trimtab_trainer_options) throws(TrimtabError) {
    guard options.layer_count >= 1, options.layer_count <= 4096 else {
      throw TrimtabError(.invalidArgument, "options.layer_count: found %, allowed 1 to 4096", options.layer_count)
    }
    guard options.input_rank >= 1, options.input_rank < Int64(Extents.capacity) else {
      throw TrimtabError(
        .shape, "options.input_rank: found %, allowed 1 to %", options.input_rank, Extents.capacity &- 1)
    }
    let given = UnsafeRawPointer(try required(options.layers, "options.layers"))
    let extents = UnsafeRawPointer(try required(options.input_shape, "options.input_shape"))
    var layers: [LayerDescription] = []
    for index in 0..<Int(options.layer_count) {
      let layer = given.loadUnaligned(
        fromByteOffset: index &* MemoryLayout<trimtab_layer>.stride, as: trimtab_layer.self)
      do throws(TrimtabError) {
        layers.append(try LayerDescription(layer))
      } catch {
        throw error.at("layers[%]", index)
      }
    }
    var shape = Shape()
    for axis in 0..<Int(options.input_rank) {
      let extent = extents.loadUnaligned(fromByteOffset: axis &* 8, as: Int64.self)
      guard extent >= 1, extent < 1 << 31 else {
        throw TrimtabError(
          extent < 1 ? .shape : .overflow, "options.input_shape[%]: found %, allowed from 1 to below 2^31", axis, extent
        )
      }
      shape.append(Int(extent))
    }
    self.init(layers: layers, inputShape: shape)
    precision = try choice(options.precision, "options.precision", from: Precision.self)
    seed = options.seed
    loss = try choice(options.loss, "options.loss", from: Loss.self)
    optimizer = OptimizerOptions(
      try choice(options.optimizer, "options.optimizer", from: OptimizerOptions.Kind.self),
      learningRate: options.learning_rate)
    optimizer.momentum = options.momentum
    optimizer.beta1 = options.beta1
    optimizer.beta2 = options.beta2
    optimizer.epsilon = options.epsilon
    optimizer.smoothing = options.smoothing
    optimizer.weightDecay = options.weight_decay
    schedule.kind = try choice(options.schedule, "options.schedule", from: Schedule.Kind.self)
    schedule.warmUpSteps = Int(options.warm_up_steps)
    schedule.steps = Int(options.total_steps)
    schedule.interval = Int(options.step_size)
    schedule.gamma = options.decay
    schedule.minimum = options.minimum_factor
    clipping = try choice(options.clipping, "options.clipping", from: ClippingMethod.self)
    maximumNorm = options.maximum_norm
    averageDecay = options.average_decay
    leak.start = options.leak_start
    leak.end = options.leak_end
    leak.time = options.leak_time
  }
}

extension LayerDescription {
  init(_ layer: trimtab_layer) throws(TrimtabError) {
    let known = UInt32(truncatingIfNeeded: MemoryLayout<trimtab_layer>.size)
    guard layer.struct_size == known else {
      throw TrimtabError(
        .structSize, "layer: found struct_size %, allowed % (initialise it with its _INIT macro)", layer.struct_size,
        known)
    }
    self.init(try choice(layer.kind, "layer.kind", from: Kind.self))
    // Each kind says of what it uses what is allowed.
    units = Int(layer.units)
    kernel = Int(layer.kernel)
    stride = Int(layer.stride)
    padding = Int(layer.padding)
    groups = Int(layer.groups)
    words = Int(layer.words)
    if layer.activation != -1 {
      activation = try choice(layer.activation, "layer.activation", from: LayerActivation.self)
    }
    normalisation = try choice(layer.normalisation, "layer.normalisation", from: Normalisation.self)
    gain = layer.gain
    if layer.initialiser != 0 {
      guard let kind = Initialiser.Kind(rawValue: layer.initialiser &- 1) else {
        throw TrimtabError(
          .invalidArgument, "layer.initialiser: found %, allowed one of the header's", layer.initialiser)
      }
      initialiser = kind
    }
    guard layer.flags < 128 else {
      throw TrimtabError(.invalidArgument, "layer.flags: found %, allowed a sum of the header's", layer.flags)
    }
    hasBias = layer.flags & 1 == 0
    isSpectral = layer.flags & 2 != 0
    isCausal = layer.flags & 4 != 0
    normalisesQueries = layer.flags & 8 != 0
    givesSequence = layer.flags & 16 != 0
    isResidual = layer.flags & 32 != 0
    isScheduled = layer.flags & 64 != 0
    slope = layer.slope == -1 ? nil : layer.slope
    rate = layer.rate == -1 ? nil : layer.rate
    epsilon = layer.epsilon
  }
}

/// A callback of the user as a loss.
func objective(
  _ callback: trimtab_objective?, _ user: UnsafeMutableRawPointer?
) -> Objective? {
  guard let callback else { return nil }
  return { (tape, operands) throws(TrimtabError) in
    let values = try Storage<Int64>(count: operands.count, for: "operands")
    for (place, operand) in operands.enumerated() { values.pointer[place] = Int64(operand.index) }
    var loss: Int64 = -1
    tape.magic = Tape.openMagic
    defer { tape.magic = 0 }
    let status = callback(
      user, OpaquePointer(Unmanaged.passUnretained(tape).toOpaque()), values.pointer, Int64(operands.count), &loss)
    guard status == 0 else {
      throw TrimtabError(.callback, "objective: found the callback ended with %, allowed 0", status)
    }
    return try tape.value(at: Int(loss))
  }
}
