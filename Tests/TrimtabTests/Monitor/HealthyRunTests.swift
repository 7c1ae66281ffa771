import Testing

@testable import Trimtab

/// A real run: a network of two hidden layers that learns y = sum |x| by gradient descent, all of it shown.
private struct SmallNet {
  let sizes = [8, 24, 24, 1]
  var weights: [[Double]] = []
  var biases: [[Double]] = []
  var numbers: SeededNumbers
  let tanhLike: Bool

  init(seed: UInt64, tanhLike: Bool) {
    numbers = SeededNumbers(seed)
    self.tanhLike = tanhLike
    for layer in 0..<3 {
      weights.append(
        numbers.normals(sizes[layer] * sizes[layer + 1], scale: (2.0 / Double(sizes[layer])).squareRoot()))
      biases.append(Array(repeating: 0, count: sizes[layer + 1]))
    }
  }

  private func activation(_ z: Double) -> Double { tanhLike ? z / (1 + z.magnitude) : max(z, 0) }
  private func slope(_ z: Double) -> Double {
    tanhLike ? 1 / ((1 + z.magnitude) * (1 + z.magnitude)) : z > 0 ? 1 : 0
  }

  /// Pre-activations, weight gradients and bias gradients of each layer, and the loss of a fresh batch.
  mutating func pass(batch: Int, labelNoise: Double) -> (
    preactivations: [[Double]], weights: [[Double]], biases: [[Double]], loss: Double
  ) {
    var inputs = [numbers.normals(batch * sizes[0])]
    var preactivations: [[Double]] = []
    for layer in 0..<3 {
      var z = Array(repeating: 0.0, count: batch * sizes[layer + 1])
      for row in 0..<batch {
        for out in 0..<sizes[layer + 1] {
          var sum = biases[layer][out]
          for place in 0..<sizes[layer] {
            sum += weights[layer][out * sizes[layer] + place] * inputs[layer][row * sizes[layer] + place]
          }
          z[row * sizes[layer + 1] + out] = sum
        }
      }
      preactivations.append(z)
      inputs.append(layer < 2 ? z.map { activation($0) } : z)
    }
    var loss = 0.0
    var delta = (0..<batch).map { row in
      let target = (0..<8).map { inputs[0][row * 8 + $0].magnitude }.reduce(0, +) / 8 + labelNoise * numbers.normal()
      let error = preactivations[2][row] - target
      loss += error * error / Double(2 * batch)
      return error / Double(batch)
    }
    var weightGradients = weights.map { $0.map { _ in 0.0 } }
    var biasGradients = biases.map { $0.map { _ in 0.0 } }
    for layer in stride(from: 2, through: 0, by: -1) {
      var before = Array(repeating: 0.0, count: batch * sizes[layer])
      for row in 0..<batch {
        for out in 0..<sizes[layer + 1] {
          let error = delta[row * sizes[layer + 1] + out]
          biasGradients[layer][out] += error
          for place in 0..<sizes[layer] {
            weightGradients[layer][out * sizes[layer] + place] += error * inputs[layer][row * sizes[layer] + place]
            before[row * sizes[layer] + place] += error * weights[layer][out * sizes[layer] + place]
          }
        }
      }
      if layer > 0 { for place in before.indices { before[place] *= slope(preactivations[layer - 1][place]) } }
      delta = before
    }
    return (preactivations, weightGradients, biasGradients, loss)
  }

  mutating func move(_ rate: Double, _ gradients: [[Double]], _ biasGradients: [[Double]], decay: Double) {
    for layer in 0..<3 {
      for place in weights[layer].indices {
        weights[layer][place] -= rate * (gradients[layer][place] + decay * weights[layer][place])
      }
      for place in biases[layer].indices { biases[layer][place] -= rate * biasGradients[layer][place] }
    }
  }
}

@Suite struct HealthyRuns {
  private struct Variant {
    var name: String
    var tanhLike = false
    var batch = 32
    var labelNoise = 0.0
    var decay = 0.0
    var rate: @Sendable (Int) -> Double = { _ in 0.05 }
    var options: @Sendable (inout MonitorOptions) -> Void = { _ in }
  }

  private func train(_ variant: Variant, seed: UInt64, steps: Int = 300) throws -> MonitorRun {
    var net = SmallNet(seed: seed, tanhLike: variant.tanhLike)
    let run = try MonitorRun(variant.options)
    for layer in 0..<3 {
      try run.register("weight\(layer)", .weight, order: 2 * layer)
      try run.register("bias\(layer)", .bias, order: 2 * layer)
      try run.register("layer\(layer)", layer < 2 ? .hidden : .output, order: 2 * layer + 1) {
        $0.activation = variant.tanhLike ? .tanh : .relu
      }
    }
    for number in 1...steps {
      let pass = net.pass(batch: variant.batch, labelNoise: variant.labelNoise)
      let decision = try run.step {
        for layer in 0..<3 {
          try run.show(3 * layer, .gradient, pass.weights[layer], shape: [net.sizes[layer + 1], net.sizes[layer]])
          try run.show(3 * layer + 1, .gradient, pass.biases[layer])
          if try run.monitor.wants(3 * layer, .weight) {
            try run.show(3 * layer, .weight, net.weights[layer], shape: [net.sizes[layer + 1], net.sizes[layer]])
            try run.show(3 * layer + 1, .weight, net.biases[layer])
          }
          try run.show(
            3 * layer + 2, .preactivation, pass.preactivations[layer], shape: [variant.batch, net.sizes[layer + 1]])
        }
        try run.monitor.observe(.loss, pass.loss)
        try run.monitor.observe(.learningRate, variant.rate(number))
      }
      if decision.action <= .clip {
        net.move(
          variant.rate(number) * decision.clipFactor, pass.weights, pass.biases, decay: variant.decay)
      }
    }
    return run
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func giveNoFinding(seed: UInt64) throws {
    let variants = [
      Variant(name: "plain"), Variant(name: "smooth", tanhLike: true), Variant(name: "batch 4", batch: 4),
      Variant(name: "label noise", labelNoise: 0.3), Variant(name: "weight decay", decay: 1e-2),
      Variant(name: "warm-up", rate: { 0.05 * min(Double($0) / 60, 1) }),
      Variant(name: "restarts", rate: { 0.05 * (1 - Double($0 % 100) / 101) }),
      Variant(
        name: "adaptive clipping",
        options: {
          $0.clipping = .adaptive
          $0.maximumNorm = 0
        }),
    ]
    for variant in variants {
      let run = try train(variant, seed: seed)
      for finding in run.findings {
        Issue.record(
          "\(variant.name), seed \(seed): \(finding.rule) in \(run.name(of: finding)) at step \(finding.firstStep): \(finding.value)"
        )
      }
    }
  }

  @Test func theSameRunAtAFarTooHighRateIsFound() throws {
    let run = try train(Variant(name: "fast", rate: { _ in 3 }), seed: 1, steps: 60)
    #expect(!run.findings.isEmpty)
    #expect(try #require(run.monitor.finding(0)).firstStep < 40)
  }
}
