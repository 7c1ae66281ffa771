import Testing
import Trimtab

@testable import TrimtabTrainer

/// Every layer's first and second derivatives, with respect to its input and all of its parameters.
struct LayerTests {
  private func layer(
    _ kind: LayerDescription.Kind, units: Int = 3, _ change: (inout LayerDescription) -> Void = { _ in }
  ) -> LayerDescription {
    var layer = LayerDescription(kind)
    layer.units = units
    change(&layer)
    return layer
  }

  private func check(
    _ layers: [LayerDescription], _ sample: Shape, batch: Int = 3, graph: SparseMatrix? = nil,
    prepare: (NetworkGraph) -> Void = { _ in }
  ) throws {
    var random = SplitMix(17)
    let network = try Network(layers, inputShape: sample, precision: .float64)
    network.graph = graph
    try network.initialise(seed: 5)
    let net = try NetworkGraph(network, batch: batch, isTraining: true)
    let inputs = net.parameters + (net.words == nil ? [net.input] : [])
    for input in inputs {
      for index in 0..<net.tape.shape(of: input).count {
        net.tape.set(input, at: index, to: .random(in: -1...1, using: &random))
      }
    }
    prepare(net)
    net.tape.replay()
    let check = GradientCheck(net.tape, inputs, net.output, using: &random)
    try net.tape.check()
    try check.run(using: &random)
  }

  @Test func dense() throws {
    try check([layer(.dense) { $0.activation = .tanh }], Shape(4))
    try check([layer(.dense) { $0.hasBias = false }], Shape(2, 4))
    try check(
      [
        layer(.dense, units: 4) {
          $0.activation = .gelu
          $0.isResidual = true
        }
      ], Shape(4))
  }

  @Test func convolution() throws {
    for (kernel, stride, padding) in [(3, 1, 1), (2, 2, 0), (1, 1, 0), (3, 2, 1)] {
      try check(
        [
          layer(.convolution, units: 2) {
            ($0.kernel, $0.stride, $0.padding) = (kernel, stride, padding)
            $0.activation = .sigmoid
          }
        ], Shape(5, 4, 2), batch: 2)
    }
  }

  @Test(arguments: [LayerDescription.Kind.maximumPooling, .meanPooling])
  func pooling(_ kind: LayerDescription.Kind) throws {
    for (kernel, stride) in [(2, 2), (3, 1)] {
      try check(
        [
          layer(kind) { ($0.kernel, $0.stride) = (kernel, stride) }, layer(.activation) { $0.activation = .tanh },
          layer(.flatten), layer(.dense, units: 2),
        ], Shape(4, 5, 2), batch: 2)
    }
  }

  @Test func upsampling() throws {
    try check(
      [layer(.upsampling) { $0.kernel = 2 }, layer(.convolution, units: 1) { $0.kernel = 2 }], Shape(2, 3, 2),
      batch: 2)
  }

  @Test func graphConvolution() throws {
    let entries = [(0, 1, 0.5), (1, 1, 1.0), (2, 0, -0.7), (3, 2, 0.4), (0, 3, 0.9)]
    let graph = try SparseMatrix(rows: 4, columns: 4, count: entries.count) { entries[$0] }
    try check(
      [layer(.graphConvolution) { $0.activation = .tanh }, layer(.graphConvolution, units: 2)], Shape(3), batch: 4,
      graph: graph)
  }

  @Test func embedding() throws {
    try check(
      [
        layer(.embedding, units: 2) { $0.words = 5 }, layer(.timeMean),
        layer(.dense, units: 2) { $0.activation = .tanh },
      ], Shape(3), batch: 2
    ) { net in for place in 0..<6 { net.words?[place] = (place * 3) % 5 } }
  }

  @Test func recurrent() throws {
    try check([layer(.gru)], Shape(4, 2), batch: 2)
    try check([layer(.gru, units: 2) { $0.givesSequence = true }], Shape(3, 2), batch: 2)
  }

  @Test func attention() throws {
    for (heads, isCausal, normalises) in [(1, false, false), (2, true, false), (2, false, true)] {
      try check(
        [
          layer(.attention, units: 0) {
            $0.groups = heads
            $0.isCausal = isCausal
            $0.normalisesQueries = normalises
            // Over two numbers a deviation is often small, and a derivative then beyond the reach of differences.
            $0.epsilon = 0.1
          }
        ], Shape(3, 4), batch: 2)
    }
  }

  @Test(arguments: [
    LayerDescription.Normalisation.batch, .layer, .instance, .group, .node, .pair, .feature, .pairIndividual, .graph,
  ])
  func normalisation(_ kind: LayerDescription.Normalisation) throws {
    let own = layer(.normalisation) {
      $0.normalisation = kind
      $0.groups = 2
      // Where a deviation is small a derivative is large: differences would not reach it.
      $0.epsilon = 0.1
    }
    let activation = layer(.activation) { $0.activation = .tanh }
    let takesGraphs = kind == .pair || kind == .pairIndividual || kind == .graph
    if !takesGraphs { try check([own, activation], Shape(3, 2, 4), batch: 2) }
    if kind != .instance { try check([own, activation], Shape(4), batch: 4) }
  }

  @Test func spectralNormalisation() throws {
    try check([layer(.dense) { $0.isSpectral = true }], Shape(4)) { net in
      for buffer in net.buffers {
        for index in 0..<net.tape.shape(of: buffer).count {
          net.tape.set(buffer, at: index, to: 0.3 + Double(index) / 7)
        }
      }
    }
  }

  @Test func dropout() throws {
    try check([layer(.dropout) { $0.rate = 0.4 }, layer(.dense) { $0.activation = .tanh }], Shape(5)) { net in
      for mask in net.masks {
        for index in 0..<net.tape.shape(of: mask.value).count {
          net.tape.set(mask.value, at: index, to: index % 3 == 0 ? 0 : 1 / 0.6)
        }
      }
    }
  }

  /// Losses as functions of the prediction.
  @Test(arguments: [Loss.squared, .halfSquared, .absolute, .huber, .binaryCrossEntropy])
  func losses(_ loss: Loss) throws {
    var random = SplitMix(23)
    let check = try GradientCheck([Shape(3, 2)], using: &random) { (tape, x) throws(TrimtabError) in
      let target = tape.leaf(Shape(3, 2))
      for index in 0..<6 { tape.set(target, at: index, to: Double(index % 2)) }
      return tape.loss(loss, x[0], target)
    }
    try check.run(second: loss != .absolute, using: &random)
  }

  @Test func crossEntropyAndDivergence() throws {
    var random = SplitMix(29)
    try GradientCheck([Shape(3, 4)], using: &random) { (tape, x) throws(TrimtabError) in
      let labels = try PlaceTable(count: 3, length: 1, groups: 1, extent: 12)
      for row in 0..<3 { labels[row] = row * 4 + (row * 2) % 4 }
      return tape.crossEntropy(x[0], labels)
    }.run(using: &random)
    try GradientCheck([Shape(3, 2), Shape(3, 2)], using: &random) { (tape, x) throws(TrimtabError) in
      tape.gaussianDivergence(mean: x[0], logVariance: x[1])
    }.run(using: &random)
    // By hand: 1/2 (e^l + m^2 - 1 - l) summed over two numbers a row.
    let tape = try Tape(precision: .float64)
    let (m, l) = (tape.leaf(Shape(1, 2)), tape.leaf(Shape(1, 2)))
    tape.set(m, at: 0, to: 2)
    #expect(tape.number(tape.gaussianDivergence(mean: m, logVariance: l)) == 2)
  }
}
