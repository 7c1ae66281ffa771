public import Trimtab

/// A compact trainer: a net, a loss, an optimizer and what is random, from one description.
///
/// The same description, data and calls give the same bytes on every machine of one instruction set. A call that throws
/// leaves the trainer as it was. Not for use by two threads at a time. Since: 0.3.
public final class Trainer {
  public private(set) var options: TrainerOptions
  public let network: Network
  let optimizer: Optimizer
  let clipping: GradientClipping
  let average: WeightAverage?
  var custom: Objective?
  var watch: TrainerWatch?
  /// Steps whose batch was seen, taken or not.
  public internal(set) var stepCount = 0
  /// The last ones: batches come in one size, and a smaller one at the end of the data.
  private var training: [StepGraph] = []
  private var evaluating: [StepGraph] = []
  /// The last batch size whose Hessian was asked for.
  private var curvature: Curvature?
  var constantTargets = ConstantTargets()
  let squares: Storage<Double>
  let factors: Storage<Double>
  private let keptBuffers: Storage<UInt8>

  /// - Throws: `invalidArgument` and `shape`, naming the field; `outOfMemory`.
  public init(_ options: TrainerOptions, custom: Objective? = nil) throws(TrimtabError) {
    try options.optimizer.check(options.precision)
    try options.schedule.check()
    try options.leak.check("options.leak_start, leak_end", "options.leak_time")
    guard options.averageDecay >= 0, options.averageDecay < 1 else {
      throw TrimtabError(
        .invalidArgument, "options.average_decay: found %, allowed 0 to below 1", options.averageDecay)
    }
    self.options = options
    self.custom = custom
    network = try Network(options.layers, inputShape: options.inputShape, precision: options.precision)
    let count = network.parameters.count
    optimizer = try Optimizer(options.optimizer, count: count, precision: options.precision)
    let parameterCount = network.parameters.list.count
    clipping = try GradientClipping(
      options.clipping, maximumNorm: options.maximumNorm, tensors: parameterCount)
    squares = try Storage(count: parameterCount, for: "trainer")
    factors = try Storage(count: parameterCount, for: "trainer")
    keptBuffers = try Storage(count: network.buffers.count &* options.precision.byteCount, for: "trainer")
    try network.initialise(seed: options.seed)
    average =
      options.averageDecay > 0
      ? try WeightAverage(decay: options.averageDecay, count: count, precision: options.precision) : nil
    // A loss that does not fit the net shows here; a graph is asked for when it is known.
    if !options.layers.contains(where: { $0.kind == .graphConvolution }) { _ = try graph(batch: 1, isTraining: true) }
  }

  /// The matrix of graph convolutions, such as the normalised adjacency with self-loops.
  public func setGraph(_ matrix: SparseMatrix) throws(TrimtabError) {
    guard matrix.rows == matrix.columns else {
      throw TrimtabError(.shape, "graph: found % x %, allowed a square matrix", matrix.rows, matrix.columns)
    }
    network.graph = matrix
    training.removeAll()
    evaluating.removeAll()
    curvature = nil
    shown = nil
  }

  /// The Hessian for a batch size, on a tape of its own.
  func hessian(batch: Int) throws(TrimtabError) -> Curvature {
    if let curvature, curvature.graph.batch == batch { return curvature }
    let graph = try StepGraph(network, options, batch: batch, isTraining: true, custom: custom, withGradients: false)
    let made = Curvature(
      graph, try HessianOperator(graph.tape, loss: graph.loss, parameters: graph.net.parameters))
    curvature = made
    return made
  }

  /// The rate at which the schedule starts or peaks; from the next step on.
  public func setLearningRate(_ rate: Double) throws(TrimtabError) {
    try checkSize("rate", rate)
    options.optimizer.learningRate = rate
  }

  /// The leak of scheduled activations; from the next step on, which still counts from the start of training.
  public func setLeak(_ leak: LeakSchedule) throws(TrimtabError) {
    try leak.check()
    options.leak = leak
  }

  func graph(batch: Int, isTraining: Bool) throws(TrimtabError) -> StepGraph {
    for known in isTraining ? training : evaluating where known.batch == batch { return known }
    let made = try StepGraph(network, options, batch: batch, isTraining: isTraining, custom: custom)
    if isTraining {
      if training.count > 1 { training.removeFirst() }
      training.append(made)
    } else {
      if evaluating.count > 1 { evaluating.removeFirst() }
      evaluating.append(made)
    }
    return made
  }

  /// The graph whose numbers views of gradients and activations show: that of the last step.
  private(set) var shown: StepGraph?

  // MARK: Steps

  /// Trains on a batch.
  ///
  /// - Parameters:
  ///   - inputs: (batch, sample shape); words of an embedding are whole numbers
  ///   - targets: as the output, or labels (batch, ...) for the cross-entropy
  /// - Throws: `shape`, `invalidArgument` (NaN, Inf, a label outside the classes), `outOfMemory`.
  @inline(never)
  public func step(_ inputs: TensorView, _ targets: TensorView) throws(TrimtabError) -> TrainerStep {
    let graph = try prepared(inputs, targets, isTraining: true)
    var found = TrainerStep()
    // A loss of the user's may not look at its targets.
    if options.loss != .custom { try constantTargets.add(targets, batch: graph.batch) }
    found.hasConstantTargets = constantTargets.areFound
    found.learningRate = options.optimizer.learningRate * options.schedule.rate(at: stepCount)
    setChance(graph)
    keepBuffers()
    turnSpectralVectors(graph)
    graph.tape.replay()
    shown = graph
    stepCount = stepCount &+ 1
    found.step = stepCount
    found.loss = graph.tape.number(graph.loss)
    measureGradients(graph)
    found.gradientNorm = (0..<graph.gradients.count).reduce(0) { $0 + squares.pointer[$1] }.squareRoot()
    do throws(TrimtabError) {
      try decide(graph, &found)
    } catch {
      // A monitor that has another step open, or has seen this one.
      stepCount = stepCount &- 1
      network.buffers.base?.copyMemory(from: keptBuffers.pointer, byteCount: keptBuffers.count)
      throw error
    }
    if found.isTaken {
      moveWeights(graph, &found)
      followMoments(graph)
      if let average, let base = network.parameters.base {
        average.beginStep()
        average.add(base, offset: 0, count: network.parameters.count)
      }
    }
    return found
  }

  /// Before vectors of power iterations are turned for a step that a monitor may refuse.
  private func keepBuffers() {
    guard watch != nil, let base = network.buffers.base else { return }
    UnsafeMutableRawPointer(keptBuffers.pointer).copyMemory(from: base, byteCount: keptBuffers.count)
  }

  /// The loss on a batch, with what only training does (dropout, batch statistics) left out.
  public func evaluate(_ inputs: TensorView, _ targets: TensorView) throws(TrimtabError) -> TrainerEvaluation {
    let graph = try prepared(inputs, targets, isTraining: false)
    setChance(graph)
    graph.tape.replay()
    var found = TrainerEvaluation()
    found.loss = graph.tape.number(graph.loss)
    found.count = graph.batch
    if let labels = graph.labels { (found.accuracy, found.count) = accuracy(graph, labels) }
    return found
  }

  /// Writes the outputs for a batch.
  ///
  /// - Throws: as `step`; `shape` for another number of elements.
  public func predict(_ inputs: TensorView, into outputs: MutableTensorView) throws(TrimtabError) {
    let graph = try prepared(inputs, nil, isTraining: false)
    let count = graph.tape.shape(of: graph.net.output).count
    guard outputs.view.count == count else {
      throw TrimtabError(.shape, "outputs: found % elements, allowed %", outputs.view.count, count)
    }
    setChance(graph)
    graph.tape.replay()
    for place in 0..<count {
      var number = graph.tape.number(graph.net.output, at: place)
      outputs.copy(from: &number, count: 1, to: place)
    }
  }

  /// Numbers of all parameters together.
  public var parameterCount: Int { network.parameters.count }

  func prepared(
    _ inputs: TensorView, _ targets: TensorView?, isTraining: Bool
  ) throws(TrimtabError) -> StepGraph {
    let graph = try graph(batch: try BatchInput(network: network).batch(of: inputs), isTraining: isTraining)
    try fill(graph, inputs, targets)
    return graph
  }

  /// Checks all of a batch, then copies it.
  func fill(_ graph: StepGraph, _ inputs: TensorView, _ targets: TensorView?) throws(TrimtabError) {
    let reader = BatchInput(network: network)
    try reader.checkInputs(inputs)
    if let targets { try reader.checkTargets(targets, for: graph) }
    if let targets, options.loss == .binaryCrossEntropy { try reader.checkShares(targets) }
    reader.fill(graph, inputs, targets)
  }

  /// What a step sets on its tape beside the batch.
  func setChance(_ graph: StepGraph) {
    for value in graph.net.scheduled { graph.tape.setParameter(value, options.leak.slope(at: stepCount)) }
    fillMasks(graph)
  }

  private func accuracy(_ graph: StepGraph, _ labels: PlaceTable) -> (Double, Int) {
    let classes = max(graph.tape.shape(of: graph.net.output)[-1], 1)
    let rows = labels.places.count
    var right = 0
    for row in 0..<rows {
      var best = row &* classes
      for place in best..<(row &+ 1) &* classes
      where graph.tape.number(graph.net.output, at: place) > graph.tape.number(graph.net.output, at: best) {
        best = place
      }
      if best == labels[row] { right = right &+ 1 }
    }
    return (Double(right) / Double(max(rows, 1)), rows)
  }

  @inline(never)
  private func measureGradients(_ graph: StepGraph) {
    for (index, gradient) in graph.gradients.enumerated() {
      let memory = graph.tape.memory(of: gradient)
      squares.pointer[index] =
        memory.map {
          squaredNorm($0, count: graph.tape.shape(of: gradient).count, precision: options.precision)
        } ?? 0
    }
  }

  @inline(never)
  private func moveWeights(_ graph: StepGraph, _ found: inout TrainerStep) {
    _ = clipping.judge(squares.pointer, factors: factors.pointer)
    let asked = found.clipFactor
    for index in 0..<factors.count { found.clipFactor = min(found.clipFactor, asked * factors.pointer[index]) }
    optimizer.beginStep(learningRate: found.learningRate)
    for (index, gradient) in graph.gradients.enumerated() {
      guard let memory = graph.tape.memory(of: gradient), let parameter = network.parameters[index],
        let weights = network.parameters.memory(of: parameter)
      else { continue }
      optimizer.update(
        weights, gradient: memory, offset: parameter.offset, count: parameter.count,
        factor: factors.pointer[index] * asked * (watch?.clipFactor(of: index) ?? 1), decays: true)
    }
  }
}
