import Testing
import Trimtab

@testable import TrimtabTrainer

struct OptimizerTests {
  /// A step over all elements, in two pieces.
  private func step<Number>(
    _ optimizer: Optimizer, _ weights: inout [Number], _ gradient: [Number], split: Int = 0, factor: Double = 1,
    decays: Bool = true
  ) {
    optimizer.beginStep(learningRate: optimizer.options.learningRate)
    let count = weights.count
    let stride = MemoryLayout<Number>.stride
    weights.withUnsafeMutableBytes { weights in
      gradient.withUnsafeBytes { gradient in
        guard let w = weights.baseAddress, let g = gradient.baseAddress else { return }
        optimizer.update(w, gradient: g, offset: 0, count: split, factor: factor, decays: decays)
        optimizer.update(
          w + split * stride, gradient: g + split * stride, offset: split, count: count - split, factor: factor,
          decays: decays)
      }
    }
  }

  @Test(arguments: OptimizerOracle.all)
  func pyTorch(_ oracle: OptimizerOracle) throws {
    let optimizer = try Optimizer(oracle.options, count: OptimizerOracle.count, precision: .float64)
    let single = try Optimizer(oracle.options, count: OptimizerOracle.count, precision: .float32)
    var weights = OptimizerOracle.start
    var singleWeights = weights.map { Float($0) }
    for index in 0..<100 {
      let gradient = OptimizerOracle.gradient(index)
      // Pieces of every length; a factor of 1/2 of gradients twice as great changes no bit.
      step(optimizer, &weights, gradient.map { 2 * $0 }, split: index % 12, factor: 0.5)
      step(single, &singleWeights, gradient.map { Float($0) })
      for (at, values) in oracle.weights where at == index + 1 {
        for (place, value) in zip(OptimizerOracle.places, values) {
          #expect((weights[place] - value).magnitude <= 1e-12, "step \(at), weight \(place)")
          #expect((Double(singleWeights[place]) - value).magnitude <= 3e-5, "float32, step \(at), weight \(place)")
        }
      }
    }
    #expect(optimizer.stepCount == 100)
  }

  @Test(arguments: [OptimizerOptions.Kind.adam, .adamW])
  func firstStepOfAdamIsTheLearningRate(_ kind: OptimizerOptions.Kind) throws {
    let optimizer = try Optimizer(OptimizerOptions(kind, learningRate: 1e-3), count: 9, precision: .float64)
    let gradient = [1e-3, -2, 3e4, 5, -7e-2, 1e5, 1, -1, 40]
    var weights = [Double](repeating: 0.5, count: 9)
    step(optimizer, &weights, gradient)
    for (weight, slope) in zip(weights, gradient) {
      // epsilon / |g| is what is left of it.
      let expected = 1e-3 / (1 + 1e-8 / slope.magnitude)
      #expect(((0.5 - weight) * (slope > 0 ? 1 : -1) - expected).magnitude <= 2.3e-16)
    }
  }

  @Test(arguments: OptimizerOracle.all)
  func partsThatDoNotDecay(_ oracle: OptimizerOracle) throws {
    let decaying = try Optimizer(oracle.options, count: 11, precision: .float64)
    var options = oracle.options
    options.weightDecay = 0
    let plain = try Optimizer(options, count: 11, precision: .float64)
    var (a, b) = (OptimizerOracle.start, OptimizerOracle.start)
    for index in 0..<5 {
      step(decaying, &a, OptimizerOracle.gradient(index), decays: false)
      step(plain, &b, OptimizerOracle.gradient(index))
    }
    #expect(a == b)
  }

  @Test(arguments: OptimizerOracle.all)
  func continuesBitForBit(_ oracle: OptimizerOracle) throws {
    for precision in [Precision.float32, .float64] {
      if precision == .float32 {
        try continues(oracle, OptimizerOracle.start.map { Float($0) }, precision) { Float($0) }
      } else {
        try continues(oracle, OptimizerOracle.start, precision) { $0 }
      }
    }
  }

  private func continues<Number: Equatable>(
    _ oracle: OptimizerOracle, _ start: [Number], _ precision: Precision, _ number: (Double) -> Number
  ) throws {
    let first = try Optimizer(oracle.options, count: 11, precision: precision)
    var weights = start
    for index in 0..<7 { step(first, &weights, OptimizerOracle.gradient(index).map(number)) }
    let bytes = saved { first.write(to: &$0) }
    var other = weights
    let second = try Optimizer(OptimizerOptions(oracle.kind, learningRate: 9), count: 11, precision: precision)
    try loaded(bytes) { (reader) throws(TrimtabError) in try second.read(from: &reader) }
    #expect(second.stepCount == 7)
    #expect(second.options == first.options)
    for index in 7..<14 {
      step(first, &weights, OptimizerOracle.gradient(index).map(number))
      step(second, &other, OptimizerOracle.gradient(index).map(number))
    }
    #expect(weights == other)
    let shorter = try Optimizer(oracle.options, count: 10, precision: precision)
    #expect(throws: TrimtabError.self) {
      try loaded(bytes) { (reader) throws(TrimtabError) in try shorter.read(from: &reader) }
    }
    #expect(shorter.stepCount == 0)
  }

  @Test func preconditioners() throws {
    for oracle in OptimizerOracle.all {
      var options = oracle.options
      options.weightDecay = 0
      for precision in [Precision.float32, .float64] {
        let optimizer = try Optimizer(options, count: 3, precision: precision)
        let gradient = [0.5, -2, 8]
        if precision == .float32 {
          var weights: [Float] = [1, 2, 3]
          step(optimizer, &weights, gradient.map { Float($0) })
        } else {
          var weights = [1.0, 2, 3]
          step(optimizer, &weights, gradient)
        }
        var found = [0.0, 0, 0]
        optimizer.preconditioner(into: &found)
        for (value, slope) in zip(found, gradient) {
          let expected =
            switch oracle.kind {
            case .adam, .adamW: slope.magnitude + 1e-8
            case .rmsProp: 0.1 * slope.magnitude + 1e-8
            default: 1.0
            }
          #expect((value - expected).magnitude <= (precision == .float32 ? 1e-6 : 1e-14) * expected)
        }
      }
    }
  }

  /// The step at which a quadratic begins to diverge is the one that theory gives: 2, 2 (1 + b) and
  /// 2 (1 + b) / (1 + 2 b) over its curvature.
  @Test(arguments: [
    (OptimizerOptions.Kind.sgd, 2.0), (.heavyBall, 3.8), (.nesterov, 3.8 / 2.8),
  ])
  func stability(_ kind: OptimizerOptions.Kind, _ limit: Double) throws {
    for share in [0.98, 1.02] {
      let optimizer = try Optimizer(
        OptimizerOptions(kind, learningRate: limit * share), count: 1, precision: .float64)
      var weights = [1.0]
      for _ in 0..<2000 { step(optimizer, &weights, weights) }
      #expect((weights[0].magnitude < 1) == (share < 1))
    }
  }

  @Test func refusesBadOptionsByName() {
    let fields: [(String, WritableKeyPath<OptimizerOptions, Double>, Bool)] = [
      ("learning_rate", \.learningRate, false), ("momentum", \.momentum, true), ("beta1", \.beta1, true),
      ("beta2", \.beta2, true), ("epsilon", \.epsilon, false), ("smoothing", \.smoothing, true),
      ("weight_decay", \.weightDecay, false),
    ]
    for (name, field, isShare) in fields {
      let more = isShare ? [1.0] : name == "epsilon" ? [0, 1e-60] : []
      for value in [-1e-9, .nan, .infinity, -.infinity] + more {
        var options = OptimizerOptions(.adam, learningRate: 1)
        options[keyPath: field] = value
        do {
          _ = try Optimizer(options, count: 3, precision: .float32)
          Issue.record("\(name) = \(value) was taken")
        } catch {
          #expect(error.status == .invalidArgument)
          #expect(error.message.hasPrefix("options.\(name): found "), "\(error.message)")
          #expect(error.message.contains(name == "epsilon" ? "allowed finite above 0" : "allowed 0"))
        }
      }
    }
  }

  @Test func refusesWhatCannotBe() throws {
    for count in [-1, Int.max, Int.min, 1 << 60] {
      #expect(throws: TrimtabError.self) {
        _ = try Optimizer(OptimizerOptions(.adam, learningRate: 1), count: count, precision: .float64)
      }
    }
    let optimizer = try Optimizer(OptimizerOptions(.adam, learningRate: 1), count: 4, precision: .float64)
    var weights = [1.0, 1, 1, 1]
    let gradient = weights
    optimizer.update(&weights, gradient: gradient, offset: 0, count: 4, factor: 1, decays: true)
    #expect(weights == gradient, "no step was begun")
    optimizer.beginStep(learningRate: 1)
    for (offset, count) in [(1, 4), (-1, 2), (0, -1), (5, 0), (Int.max, 2), (2, Int.max)] {
      optimizer.update(&weights, gradient: gradient, offset: offset, count: count, factor: 1, decays: true)
    }
    #expect(weights == gradient)
    // What the kind needs no memory for does not get any by a change of the options.
    let plain = try Optimizer(OptimizerOptions(.sgd, learningRate: 0.5), count: 4, precision: .float64)
    plain.options.kind = .adam
    plain.beginStep(learningRate: 0.5)
    plain.update(&weights, gradient: gradient, offset: 0, count: 4, factor: 1, decays: true)
    #expect(weights == [0.5, 0.5, 0.5, 0.5])
    let empty = try Optimizer(OptimizerOptions(.adamW, learningRate: 0.5), count: 0, precision: .float32)
    empty.beginStep(learningRate: 0.5)
    empty.update(&weights, gradient: gradient, offset: 0, count: 0, factor: 1, decays: true)
  }
}

/// The bytes of a state; the kind is of no account here.
func saved(_ write: (inout StateWriter) -> Void) -> [UInt8] {
  var counter = StateWriter()
  write(&counter)
  var bytes = [UInt8](repeating: 0, count: counter.length)
  bytes.withUnsafeMutableBytes { buffer in
    var writer = StateWriter(into: buffer)
    write(&writer)
    _ = writer.finish(kind: .detector, version: 1)
  }
  return bytes
}

func loaded(_ bytes: [UInt8], _ read: (inout StateReader) throws(TrimtabError) -> Void) throws {
  try bytes.withUnsafeBytes { buffer in
    var reader = try StateReader(buffer, kind: .detector, newestVersion: 1)
    try read(&reader)
    try reader.finish()
  }
}
