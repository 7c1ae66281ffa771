internal import Trimtab

// Layers that mix features: dense, graph convolution, embedding, dropout.
extension NetworkGraph {
  /// x W + b over the last axis.
  @inline(never)
  func dense(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = tape.shape(of: x)
    guard shape.rank >= 2 else {
      throw TrimtabError(.shape, "layer.input: found rank %, allowed 2 or more (the batch included)", shape.rank)
    }
    let units = try need(description.units, "layer.units")
    let rows = tape.reshape(x, Shape(shape.count / shape[-1], shape[-1]))
    return tape.reshape(
      try linear("weight", "bias", rows, units, description), shape.replacing(-1, with: units))
  }

  /// x W + b for a matrix x.
  func linear(
    _ weightSuffix: StaticText, _ biasSuffix: StaticText, _ x: Value, _ units: Int,
    _ description: LayerDescription
  ) throws(TrimtabError) -> Value {
    let weight = try weight(weightSuffix, tape.shape(of: x)[-1], units, description)
    guard description.hasBias else { return tape.product(x, weight) }
    return tape.affine(x, weight, try row(biasSuffix, units, startingAt: 0))
  }

  /// S x W + b with the graph's matrix S.
  @inline(never)
  func graphConvolution(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 2)
    let units = try need(description.units, "layer.units")
    let weight = try weight("weight", shape[1], units, description)
    var y = tape.product(x, weight)
    // While the net is planned there is no graph yet.
    if network.parameters.isSettled {
      guard let graph = network.graph else {
        throw TrimtabError(.invalidArgument, "layer.graph: found none, allowed one that was set before")
      }
      y = tape.sparseProduct(graph, y)
    }
    return description.hasBias ? tape.add(y, try row("bias", units, startingAt: 0)) : y
  }

  /// Row w of the weight for word w.
  @inline(never)
  func embedding(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    guard layer == 0 else {
      throw TrimtabError(.invalidArgument, "layer.kind: found an embedding, allowed as the first layer alone")
    }
    let shape = try need(x, rank: 2)
    let units = try need(description.units, "layer.units")
    let count = try need(description.words, "layer.words")
    var own = description
    own.initialiser = description.initialiser ?? .normal
    let weight = try weight("weight", count, units, own, role: .embedding)
    let table = try PlaceTable(count: shape.count, length: units, groups: 1, extent: count)
    setWords(table)
    return tape.gather(weight, table, shape: Shape(shape[0], shape[1], units))
  }

  /// Leaves out a share of the numbers, and multiplies the others so that the mean stays.
  @inline(never)
  func dropout(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let rate = try need(share: description.rate ?? 0.5, "layer.rate")
    guard isTraining, rate > 0 else { return x }
    let mask = tape.leaf(tape.shape(of: x))
    addMask(mask, rate: rate)
    return tape.multiply(x, mask)
  }

  /// W / sigma with sigma = v^T W u, v and u fixed (Miyato et al. 2018).
  func dividedBySpectralNorm(
    _ weight: Value, _ suffix: StaticText, _ inputs: Int, _ outputs: Int
  ) throws(TrimtabError) -> Value {
    let start = Initialiser(.normal, gain: 1)
    let left = try buffer(".spectral_v", inputs, start, of: suffix)
    let right = try buffer(".spectral_u", outputs, start, of: suffix)
    let place = GraphPlace(layer, weight)
    place.buffer = buffers.count &- 2
    spectral.append(place)
    let row = tape.product(tape.reshape(left, Shape(1, inputs)), weight)
    let norm = tape.product(row, tape.reshape(right, Shape(outputs, 1)))
    return tape.divide(weight, norm)
  }
}
