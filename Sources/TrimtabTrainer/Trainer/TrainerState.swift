public import Trimtab

// Everything that a run goes on from, bit for bit.
extension Trainer {
  public static let stateVersion: UInt32 = 1

  public func write(to writer: inout StateWriter) {
    writer.write(fingerprint)
    writer.write(stepCount)
    writer.write(options.optimizer.learningRate)
    for list in [network.parameters, network.buffers] {
      writer.write(list.count)
      if let base = list.base {
        writer.write(base.assumingMemoryBound(to: UInt8.self), count: list.count &* options.precision.byteCount)
      }
    }
    optimizer.write(to: &writer)
    clipping.write(to: &writer)
    average?.write(to: &writer)
  }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `mismatch` (another description); nothing has changed then.
  public func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) {
    var reader = try StateReader(bytes, kind: .trainer, newestVersion: Trainer.stateVersion)
    guard try reader.readUInt64() == fingerprint else {
      throw TrimtabError(
        .mismatch, "buffer: found a trainer of another description, allowed the same in all but the learning rate")
    }
    // Read into a second trainer first: what is not whole changes nothing.
    let fresh = try Trainer(options, custom: custom)
    try fresh.read(&reader)
    try reader.finish()
    try watch?.monitor.restored(to: fresh.stepCount)
    for (from, to) in [(fresh.network.parameters, network.parameters), (fresh.network.buffers, network.buffers)] {
      if let source = from.base, let target = to.base {
        target.copyMemory(from: source, byteCount: to.count &* options.precision.byteCount)
      }
    }
    stepCount = fresh.stepCount
    // What was seen before is not in the bytes: nothing is said of it.
    constantTargets = ConstantTargets()
    try setLearningRate(fresh.options.optimizer.learningRate)
    // The checksum has passed and the same bytes were read before.
    var again = try StateReader(bytes, kind: .trainer, newestVersion: Trainer.stateVersion)
    _ = try again.readUInt64()
    try read(&again)
  }

  private func read(_ reader: inout StateReader) throws(TrimtabError) {
    stepCount = try reader.readCount(0...Int.max)
    let rate = try reader.readDouble()
    guard rate >= 0, rate.isFinite else { throw StateReader.corrupt }
    try setLearningRate(rate)
    for list in [network.parameters, network.buffers] {
      guard try reader.readInt() == list.count else { throw StateReader.corrupt }
      if let base = list.base {
        try reader.read(
          into: base.assumingMemoryBound(to: UInt8.self), count: list.count &* options.precision.byteCount)
      }
    }
    try optimizer.read(from: &reader)
    try clipping.read(from: &reader)
    try average?.read(from: &reader)
  }

  /// Of what has to be the same: shapes and roles of all parameters and buffers, precision, optimizer, seed.
  private var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ word: Int) { hash = (hash ^ UInt64(bitPattern: Int64(word))) &* 0x0000_0100_0000_01B3 }
    mix(Int(options.precision.rawValue))
    mix(Int(options.optimizer.kind.rawValue))
    mix(Int(options.loss.rawValue))
    mix(Int(truncatingIfNeeded: options.seed))
    mix(average == nil ? 0 : 1)
    mix(Int(options.clipping.rawValue))
    let (rule, course) = (options.optimizer, options.schedule)
    mix(Int(course.kind.rawValue))
    mix(course.warmUpSteps &* 31 &+ course.steps &* 7 &+ course.interval)
    for number in [
      rule.momentum, rule.beta1, rule.beta2, rule.epsilon, rule.smoothing, rule.weightDecay, course.gamma,
      course.minimum, options.maximumNorm, options.averageDecay, options.leak.start, options.leak.end,
      options.leak.time,
    ] { mix(Int(truncatingIfNeeded: number.bitPattern)) }
    for layer in options.layers {
      mix(Int(layer.kind.rawValue))
      mix(Int(layer.activation?.rawValue ?? -1))
      mix(layer.groups &* 64 &+ layer.stride &* 8 &+ layer.padding)
      mix(layer.kernel &* 8 &+ Int(layer.normalisation.rawValue))
      mix(
        (layer.isCausal ? 1 : 0) &+ (layer.givesSequence ? 2 : 0) &+ (layer.isResidual ? 4 : 0)
          &+ (layer.isScheduled ? 8 : 0))
      for number in [layer.slope ?? -1, layer.rate ?? -1, layer.epsilon] {
        mix(Int(truncatingIfNeeded: number.bitPattern))
      }
    }
    for list in [network.parameters, network.buffers] {
      for parameter in list.list {
        mix(parameter.layer)
        for axis in 0..<parameter.shape.rank { mix(parameter.shape[axis]) }
      }
    }
    return hash
  }
}
