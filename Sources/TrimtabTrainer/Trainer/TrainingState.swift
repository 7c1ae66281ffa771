internal import Trimtab

// What training moves without gradients.
extension Trainer {
  /// Masks of dropout: number i of the stream of a layer and step decides about element i.
  func fillMasks(_ graph: StepGraph) {
    for mask in graph.net.masks {
      let random = RandomNumbers(
        seed: options.seed, stream: 1 << 40 | UInt64(mask.layer) << 32 | UInt64(stepCount & 0xFFFF_FFFF))
      let kept = 1 / (1 - mask.number)
      for index in 0..<graph.tape.shape(of: mask.value).count {
        graph.tape.set(mask.value, at: index, to: random.uniform(at: UInt64(index)) < mask.number ? 0 : kept)
      }
    }
  }

  /// Running means and variances move towards those of the batch (the variance without bias, as PyTorch has it).
  func followMoments(_ graph: StepGraph) {
    for moment in graph.net.moments {
      guard graph.net.buffers.count > moment.buffer &+ 1 else { continue }
      let (mean, variance) = (graph.net.buffers[moment.buffer], graph.net.buffers[moment.buffer &+ 1])
      let correction = moment.count > 1 ? Double(moment.count) / Double(moment.count &- 1) : 1
      for index in 0..<graph.tape.shape(of: mean).count {
        let (m, v) = (graph.tape.number(moment.value, at: index), graph.tape.number(moment.other, at: index))
        guard m.isFinite, v.isFinite else { continue }
        let before = (graph.tape.number(mean, at: index), graph.tape.number(variance, at: index))
        graph.tape.set(mean, at: index, to: before.0 + moment.number * (m - before.0))
        graph.tape.set(variance, at: index, to: before.1 + moment.number * (v * correction - before.1))
      }
    }
  }

  /// One step of the power iteration: v = W u, u = W^T v, each to length 1.
  func turnSpectralVectors(_ graph: StepGraph) {
    let tape = graph.tape
    for place in graph.net.spectral where graph.net.buffers.count > place.buffer &+ 1 {
      let (weight, buffer) = (place.value, place.buffer)
      let (rows, columns) = (tape.shape(of: weight)[0], tape.shape(of: weight)[1])
      let (left, right) = (graph.net.buffers[buffer], graph.net.buffers[buffer &+ 1])
      turn(tape, rows, columns, from: right, to: left) { row, column in
        tape.number(weight, at: row &* columns &+ column)
      }
      turn(tape, columns, rows, from: left, to: right) { column, row in
        tape.number(weight, at: row &* columns &+ column)
      }
    }
  }

  private func turn(
    _ tape: Tape, _ rows: Int, _ columns: Int, from: Value, to: Value, _ element: (Int, Int) -> Double
  ) {
    var square = 0.0
    for row in 0..<rows {
      var sum = 0.0
      for column in 0..<columns { sum += element(row, column) * tape.number(from, at: column) }
      tape.set(to, at: row, to: sum)
      square += sum * sum
    }
    let length = max(square.squareRoot(), 1e-12)
    for row in 0..<rows { tape.set(to, at: row, to: tape.number(to, at: row) / length) }
  }
}
