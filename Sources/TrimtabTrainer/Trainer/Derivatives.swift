public import Trimtab

// Derivatives that move nothing.
extension Trainer {
  /// Loss, gradient and Hessian-vector product on a batch, in training mode.
  ///
  /// - Parameters:
  ///   - vector, gradient, product: as many numbers as the parameters have, in the order of their memory
  /// - Throws: as `step`.
  public func derivatives(
    _ inputs: TensorView, _ targets: TensorView, vector: UnsafePointer<Double>?,
    gradient: UnsafeMutablePointer<Double>?, product: UnsafeMutablePointer<Double>?
  ) throws(TrimtabError) -> Double {
    let batch = try BatchInput(network: network).batch(of: inputs)
    let graph: StepGraph
    let gradients: [Value]
    var hessian: HessianOperator?
    if vector != nil {
      let made = try self.hessian(batch: batch)
      (graph, hessian, gradients) = (made.graph, made.hessian, made.hessian.gradients)
    } else {
      graph = try self.graph(batch: batch, isTraining: true)
      gradients = graph.gradients
    }
    try fill(graph, inputs, targets)
    setChance(graph)
    graph.tape.replay()
    if let gradient {
      for (index, parameter) in network.parameters.list.enumerated() {
        for place in 0..<parameter.count {
          gradient[parameter.offset &+ place] =
            gradients[index].isNone ? 0 : graph.tape.number(gradients[index], at: place)
        }
      }
    }
    if let vector, let product { hessian?.multiply(vector, into: product) }
    return graph.tape.number(graph.loss)
  }

  /// The largest eigenvalue of the Hessian on a batch, and its trace where samples are asked for.
  public func sharpness(
    _ inputs: TensorView, _ targets: TensorView, _ eigenvalue: EigenvalueOptions = EigenvalueOptions(),
    isPreconditioned: Bool = false, traceSamples: Int = 0
  ) throws(TrimtabError) -> TrainerSharpness {
    guard traceSamples >= 0 else {
      throw TrimtabError(.invalidArgument, "options.trace_samples: found %, allowed 0 or more", traceSamples)
    }
    guard !isPreconditioned || optimizer.stepCount > 0 || !options.optimizer.isAdaptive else {
      throw TrimtabError(.invalidArgument, "is_preconditioned: found 1 before the first step, allowed after it")
    }
    let count = network.parameters.count
    let curvature = try hessian(batch: try BatchInput(network: network).batch(of: inputs))
    let (graph, hessian) = (curvature.graph, curvature.hessian)
    try fill(graph, inputs, targets)
    setChance(graph)
    graph.tape.replay()
    var found = TrainerSharpness()
    let scale = try Storage<Double>(count: isPreconditioned ? count : 0, for: "preconditioner")
    if isPreconditioned { optimizer.preconditioner(into: scale.pointer) }
    found.eigenvalues = try extremeEigenvalues(
      order: count, preconditioner: isPreconditioned ? UnsafePointer(scale.pointer) : nil, options: eigenvalue
    ) { (vector, product) throws(TrimtabError) in hessian.multiply(vector, into: product) }
    if traceSamples > 0 {
      found.trace = try hutchinsonTrace(order: count, probes: traceSamples, seed: eigenvalue.seed) {
        (vector, product) throws(TrimtabError) in hessian.multiply(vector, into: product)
      }
    }
    let rate = options.optimizer.learningRate * options.schedule.rate(at: stepCount)
    found.threshold = options.optimizer.stabilityConstant / rate
    // The thresholds of adaptive rules are for what they precondition.
    found.isComparable = isPreconditioned || !options.optimizer.isAdaptive
    return found
  }
}

/// The largest eigenvalue of a trainer's Hessian against what its update rule can bear.
public struct TrainerSharpness {
  public var eigenvalues = ExtremeEigenvalues()
  public var trace = TraceEstimate()
  public var threshold = 0.0
  /// Whether the threshold is for the Hessian that was measured: not for a plain one under Adam or RMSProp.
  public var isComparable = true
  public var index: Double { isComparable ? eigenvalues.largest / threshold : .nan }
}

extension OptimizerOptions {
  var isAdaptive: Bool { kind == .adam || kind == .adamW || kind == .rmsProp }

  /// c of definitions 2: a quadratic is stable while its eigenvalue times the rate is below.
  var stabilityConstant: Double {
    switch kind {
    case .sgd, .rmsProp: UpdateRule.gradientDescent.stabilityConstant(momentum: 0)
    case .heavyBall: UpdateRule.heavyBall.stabilityConstant(momentum: momentum)
    case .nesterov: UpdateRule.nesterov.stabilityConstant(momentum: momentum)
    case .adam, .adamW: UpdateRule.averagedMomentum.stabilityConstant(momentum: beta1)
    }
  }
}

/// Loss, gradients and Hessian-vector products of any loss that an objective records on a tape.
///
/// - Throws: what `objective` throws; `shape`, `outOfMemory`.
public struct ObjectiveDerivatives {
  public let tape: Tape
  public let loss: Value
  public let gradients: [Value]
  /// Empty where no vectors were given.
  public let products: [Value]

  @inline(never)
  public init(
    _ operands: [TensorView], vectors: [TensorView], _ objective: Objective
  ) throws(TrimtabError) {
    tape = try Tape(precision: .float64)
    var leaves: [Value] = []
    for operand in operands { leaves.append(ObjectiveDerivatives.leaf(tape, operand)) }
    try tape.check()
    loss = try objective(tape, leaves)
    guard loss.index < tape.count, tape.shape(of: loss).count == 1 else {
      throw TrimtabError(.shape, "loss: found % elements, allowed 1", tape.shape(of: loss).count)
    }
    gradients = try tape.gradients(of: loss, for: leaves)
    var total = Value.none
    for (index, view) in vectors.enumerated() {
      guard index < leaves.count, Shape(view) == tape.shape(of: leaves[index]) else {
        throw TrimtabError(.shape, "vectors[%]: found another shape, allowed that of its operand", index)
      }
      guard !gradients[index].isNone else { continue }
      let part = tape.sum(tape.multiply(gradients[index], ObjectiveDerivatives.leaf(tape, view)))
      total = total.isNone ? part : tape.add(total, part)
    }
    products = total.isNone ? [] : try tape.gradients(of: total, for: leaves)
  }

  /// Writes one of the gradients or products; 0 for an operand that it does not depend on.
  @inline(never)
  public func copy(_ found: [Value], _ index: Int, to target: MutableTensorView) {
    let value = index < found.count ? found[index] : .none
    var zero = 0.0
    for place in 0..<target.view.count {
      zero = value.isNone ? 0 : tape.number(value, at: place)
      target.copy(from: &zero, count: 1, to: place)
    }
  }

  @inline(never)
  private static func leaf(_ tape: Tape, _ view: TensorView) -> Value {
    let value = tape.leaf(Shape(view))
    if let memory = tape.memory(of: value) {
      view.copy(from: 0, count: view.count, to: memory.assumingMemoryBound(to: Double.self))
    }
    return value
  }
}
