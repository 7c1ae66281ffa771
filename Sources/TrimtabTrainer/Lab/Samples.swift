internal import Trimtab

/// A matrix of an experiment: rows are samples. Reads 0 and writes nothing outside.
final class Samples {
  let rows: Int
  let columns: Int
  private let storage: Storage<Double>

  init(_ rows: Int, _ columns: Int) throws(TrimtabError) {
    self.rows = max(rows, 0)
    self.columns = max(columns, 0)
    storage = try Storage(count: self.rows &* self.columns, for: "samples")
  }

  /// Of independent normal numbers of mean 0 and a deviation.
  convenience init(_ rows: Int, _ columns: Int, normal numbers: RandomNumbers, deviation: Double = 1)
    throws(TrimtabError)
  {
    try self.init(rows, columns)
    for place in 0..<count { pointer[place] = deviation * numbers.normal(at: UInt64(place)) }
  }

  /// The rows of another matrix that are named.
  convenience init(_ other: Samples, rows chosen: [Int]) throws(TrimtabError) {
    try self.init(chosen.count, other.columns)
    for (row, source) in chosen.enumerated() {
      for column in 0..<columns { self[row, column] = other[source, column] }
    }
  }

  var pointer: UnsafeMutablePointer<Double> { storage.pointer }
  var count: Int { storage.count }

  subscript(row: Int, column: Int) -> Double {
    get {
      row >= 0 && row < rows && column >= 0 && column < columns ? storage.pointer[row &* columns &+ column] : 0
    }
    set {
      if row >= 0, row < rows, column >= 0, column < columns { storage.pointer[row &* columns &+ column] = newValue }
    }
  }

  /// (rows, columns); it has to be used while this lives.
  func view() throws(TrimtabError) -> TensorView { try TensorView(storage.pointer, .float64, shape: [rows, columns]) }

  /// The same as a place to write to.
  func target() throws(TrimtabError) -> MutableTensorView { try MutableTensorView(writing: try view()) }

  /// Each column as labels: whole numbers of 64 bits are what a cross-entropy takes.
  func labels() throws(TrimtabError) -> Labels {
    let labels = try Labels(rows)
    for row in 0..<rows { labels[row] = Int(exactly: self[row, 0].rounded()) ?? 0 }
    return labels
  }
}

/// The classes of samples.
final class Labels {
  private let storage: Storage<Int64>

  init(_ count: Int) throws(TrimtabError) { storage = try Storage(count: count, for: "labels") }

  var count: Int { storage.count }

  subscript(index: Int) -> Int {
    get { index >= 0 && index < storage.count ? Int(storage.pointer[index]) : 0 }
    set { if index >= 0, index < storage.count { storage.pointer[index] = Int64(newValue) } }
  }

  func view() throws(TrimtabError) -> TensorView { try TensorView(storage.pointer, .int64, shape: [count]) }
}

/// The layers of a dense net: activations after all but the last.
func denseLayers(_ units: [Int], _ change: (inout LayerDescription) -> Void = { _ in }) -> [LayerDescription] {
  var layers: [LayerDescription] = []
  for (index, count) in units.enumerated() {
    var layer = LayerDescription(.dense)
    layer.units = count
    if index &+ 1 < units.count { change(&layer) }
    layers.append(layer)
  }
  return layers
}

extension Trainer {
  /// Sets every number of a layer's parameters of one name.
  func fill(_ layer: Int, _ suffix: StaticText, with value: Double) {
    for parameter in network.parameters.list where parameter.layer == layer && isSame(parameter.suffix, suffix) {
      guard let memory = network.parameters.memory(of: parameter) else { continue }
      for index in 0..<parameter.count {
        if options.precision == .float32 {
          memory.storeBytes(of: Float(value), toByteOffset: 4 &* index, as: Float.self)
        } else {
          memory.storeBytes(of: value, toByteOffset: 8 &* index, as: Double.self)
        }
      }
    }
  }

  /// What goes into the activation of a layer, for a batch that nothing is trained on; until the next one.
  func preactivations(of layer: Int, _ inputs: TensorView) throws(TrimtabError) -> TensorView {
    let graph = try prepared(inputs, nil, isTraining: false)
    setChance(graph)
    graph.tape.replay()
    for place in graph.net.activations where place.layer == layer {
      let shape = graph.tape.shape(of: place.value)
      return try TensorView(
        base: graph.tape.memory(of: place.value), elementType: options.precision.elementType, rank: shape.rank,
        shape: shape.extents, strides: nil)
    }
    throw TrimtabError(.internal, "layer: found % without an activation", layer)
  }

  /// The outputs for a batch, one row a sample.
  func outputs(_ inputs: Samples, _ columns: Int) throws(TrimtabError) -> Samples {
    let found = try Samples(inputs.rows, columns)
    try predict(try inputs.view(), into: try found.target())
    return found
  }
}
