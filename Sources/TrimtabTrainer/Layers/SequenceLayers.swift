internal import Trimtab

// Layers over sequences (batch, time, features).
extension NetworkGraph {
  /// A gated recurrent unit as PyTorch has it: gates in the order reset, update, new; the state begins at 0.
  @inline(never)
  func recurrent(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 3)
    let (batch, time, features) = (shape[0], shape[1], shape[2])
    let units = try need(description.units, "layer.units")
    let input = try weight("weight_ih", features, 3 &* units, description)
    let state = try weight("weight_hh", units, 3 &* units, description)
    let inputBias = try row("bias_ih", 3 &* units, startingAt: 0)
    let stateBias = try row("bias_hh", 3 &* units, startingAt: 0)
    let gates = try blocks(length: units, of: 3, groups: batch)
    let times = try blocks(length: features, of: time, groups: batch)
    let outputs = try blocks(length: units, of: time, groups: batch)
    var h = tape.leaf(Shape(batch, units))
    var all: Value?
    for step in 0..<time {
      let now = tape.gather(x, times[step], shape: Shape(batch, features))
      let fromInput = tape.affine(now, input, inputBias)
      let fromState = tape.affine(h, state, stateBias)
      func gate(_ place: Int, _ value: Value) throws(TrimtabError) -> Value {
        tape.gather(value, gates[place], shape: Shape(batch, units))
      }
      let reset = tape.apply(
        ElementFunction(.sigmoid), tape.add(try gate(0, fromInput), try gate(0, fromState)))
      let update = tape.apply(
        ElementFunction(.sigmoid), tape.add(try gate(1, fromInput), try gate(1, fromState)))
      let fresh = tape.apply(
        ElementFunction(.tanh),
        tape.add(try gate(2, fromInput), tape.multiply(reset, try gate(2, fromState))))
      h = tape.add(fresh, tape.multiply(update, tape.subtract(h, fresh)))
      if description.givesSequence {
        let placed = tape.scatter(h, outputs[step], shape: Shape(batch, time, units))
        all = if let before = all { tape.add(before, placed) } else { placed }
      }
    }
    return all ?? h
  }

  /// Tables that each pick one of `count` blocks.
  private func blocks(length: Int, of count: Int, groups: Int) throws(TrimtabError) -> [PlaceTable] {
    var tables: [PlaceTable] = []
    for place in 0..<count {
      let table = try PlaceTable(count: 1, length: length, groups: groups, extent: count)
      table[0] = place
      tables.append(table)
    }
    return tables
  }

  /// Scaled dot-product attention over all heads, then a dense layer.
  @inline(never)
  func attention(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 3)
    let (batch, time, features) = (shape[0], shape[1], shape[2])
    let heads = try need(description.groups, "layer.groups", to: features)
    let units = description.units == 0 ? features : try need(description.units, "layer.units")
    guard units % heads == 0 else {
      throw TrimtabError(.invalidArgument, "layer.groups: found % heads for % units, allowed a divisor", heads, units)
    }
    let width = units / heads
    let rows = tape.reshape(x, Shape(batch &* time, features))
    // From (batch, time, head, width) to (batch, head, time, width), and back.
    let there = try PlaceTable(count: time &* heads, length: width, groups: batch, extent: time &* heads)
    let back = try PlaceTable(count: time &* heads, length: width, groups: batch, extent: time &* heads)
    for place in 0..<(time &* heads) {
      there[place] = place % time &* heads &+ place / time
      back[place] = place % heads &* time &+ place / heads
    }
    func split(_ value: Value) throws(TrimtabError) -> Value {
      tape.gather(value, there, shape: Shape(batch &* heads, time, width))
    }
    var query = try split(try linear("query.weight", "query.bias", rows, units, description))
    var key = try split(try linear("key.weight", "key.bias", rows, units, description))
    let value = try split(try linear("value.weight", "value.bias", rows, units, description))
    if description.normalisesQueries {
      query = tape.multiply(
        try standardised(query, over: 4, description.epsilon),
        try row("query_norm.weight", width, startingAt: 1, role: .normalisation))
      key = tape.multiply(
        try standardised(key, over: 4, description.epsilon),
        try row("key_norm.weight", width, startingAt: 1, role: .normalisation))
    }
    var logits = tape.scale(
      tape.product(query, key, transposingB: true), by: 1 / Double(width).squareRoot())
    if description.isCausal {
      let mask = tape.leaf(Shape(time, time))
      for row in 0..<time {
        for column in (row &+ 1)..<max(time, row &+ 1) { tape.set(mask, at: row &* time &+ column, to: -1e30) }
      }
      logits = tape.add(logits, mask)
    }
    let mixed = tape.product(tape.softmax(logits), value)
    let joined = tape.gather(mixed, back, shape: Shape(batch &* time, units))
    return tape.reshape(
      try linear("output.weight", "output.bias", joined, features, description), Shape(batch, time, features))
  }
}
