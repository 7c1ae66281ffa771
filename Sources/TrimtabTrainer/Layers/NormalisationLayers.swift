internal import Trimtab

extension NetworkGraph {
  @inline(never)
  func normalisation(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = tape.shape(of: x)
    guard shape.rank >= 2 else {
      throw TrimtabError(.shape, "layer.input: found rank %, allowed 2 or more (the batch included)", shape.rank)
    }
    guard description.epsilon > 0, description.epsilon.isFinite else {
      throw TrimtabError(.invalidArgument, "layer.epsilon: found %, allowed above 0", description.epsilon)
    }
    let features = shape[-1]
    let last: UInt32 = 1 << UInt32(shape.rank &- 1)
    let positions = last &- 2
    switch description.normalisation {
    case .node, .pair: return try rowNormalisation(description, x, last)
    case .feature: return try overLength(x, last, description.epsilon)
    case .pairIndividual:
      _ = try need(x, rank: 2)
      return try overLength(tape.subtract(x, tape.mean(x, over: 1)), last, description.epsilon)
    case .graph: return try shifted(try graphNormalisation(description, x), features)
    case .batch: return try shifted(try batchNormalisation(description, x, over: last &- 1), features)
    case .layer: return try shifted(try standardised(x, over: last, description.epsilon), features)
    case .instance:
      guard positions != 0 else {
        throw TrimtabError(
          .shape, "layer.input: found rank %, allowed 3 or more for an instance normalisation", shape.rank)
      }
      return try shifted(try standardised(x, over: positions, description.epsilon), features)
    case .group:
      let groups = try need(description.groups, "layer.groups", to: features)
      guard features % groups == 0 else {
        throw TrimtabError(
          .invalidArgument, "layer.groups: found % for % features, allowed a divisor", groups, features)
      }
      let split = Shape(shape[0], shape.count / shape[0] / features, groups, features / groups)
      let y = try standardised(tape.reshape(x, split), over: 0b1010, description.epsilon)
      return try shifted(tape.reshape(y, shape), features)
    }
  }

  /// (x - mean) / sqrt(variance + epsilon), the variance that of the numbers themselves.
  func standardised(_ x: Value, over axes: UInt32, _ epsilon: Double) throws(TrimtabError) -> Value {
    let centred = tape.subtract(x, tape.mean(x, over: axes))
    let variance = tape.mean(tape.square(centred), over: axes)
    return tape.multiply(centred, try inverseRoot(variance, epsilon))
  }

  /// x / sqrt(|x|^2 + epsilon) of each row.
  private func overLength(_ x: Value, _ last: UInt32, _ epsilon: Double) throws(TrimtabError) -> Value {
    tape.multiply(x, try inverseRoot(tape.sum(tape.square(x), over: last), epsilon))
  }

  /// (x - alpha mean) / sqrt(mean((x - alpha mean)^2) + epsilon) over the nodes.
  private func graphNormalisation(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 2)
    let alpha = try row("mean_scale", shape[1], startingAt: 1, role: .normalisation)
    let centred = tape.subtract(x, tape.multiply(tape.mean(x, over: 1), alpha))
    return tape.multiply(centred, try inverseRoot(tape.mean(tape.square(centred), over: 1), description.epsilon))
  }

  private func inverseRoot(_ variance: Value, _ epsilon: Double) throws(TrimtabError) -> Value {
    tape.apply(ElementFunction(.power, a: -0.5), tape.scale(variance, by: 1, plus: epsilon))
  }

  /// gamma x + beta
  private func shifted(_ x: Value, _ features: Int) throws(TrimtabError) -> Value {
    let gamma = try row("weight", features, startingAt: 1, role: .normalisation)
    let beta = try row("bias", features, startingAt: 0, role: .normalisation)
    return tape.add(tape.multiply(x, gamma), beta)
  }

  private func batchNormalisation(
    _ description: LayerDescription, _ x: Value, over axes: UInt32
  ) throws(TrimtabError) -> Value {
    let features = tape.shape(of: x)[-1]
    let rate = try need(share: description.rate ?? 0.1, "layer.rate")
    let runningMean = try buffer("running_mean", features, Initialiser(.constant, gain: 0))
    let runningVariance = try buffer("running_var", features, Initialiser(.constant, gain: 1))
    guard isTraining else {
      return tape.multiply(
        tape.subtract(x, runningMean), try inverseRoot(runningVariance, description.epsilon))
    }
    let mean = tape.mean(x, over: axes)
    let centred = tape.subtract(x, mean)
    let variance = tape.mean(tape.square(centred), over: axes)
    let count = tape.shape(of: x).count / features
    let place = GraphPlace(layer, mean)
    place.other = variance
    place.buffer = buffers.count &- 2
    place.number = rate
    place.count = count
    moments.append(place)
    return tape.multiply(centred, try inverseRoot(variance, description.epsilon))
  }

  private func rowNormalisation(
    _ description: LayerDescription, _ x: Value, _ last: UInt32
  ) throws(TrimtabError) -> Value {
    if description.normalisation == .pair {
      let shape = try need(x, rank: 2)
      let centred = tape.subtract(x, tape.mean(x, over: 1))
      let size = tape.sum(tape.square(centred))
      return tape.multiply(
        centred, try inverseRoot(tape.scale(size, by: 1 / Double(shape[0])), description.epsilon))
    }
    let root = description.rate ?? 1
    guard root >= 1, root <= 16 else {
      throw TrimtabError(.invalidArgument, "layer.rate: found a root of %, allowed 1 to 16", root)
    }
    let centred = tape.subtract(x, tape.mean(x, over: last))
    let variance = tape.mean(tape.square(centred), over: last)
    return tape.multiply(
      x,
      tape.apply(
        ElementFunction(.power, a: -0.5 / root), tape.scale(variance, by: 1, plus: description.epsilon)))
  }
}
