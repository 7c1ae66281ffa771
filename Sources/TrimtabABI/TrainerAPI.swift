public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

/// What a trainer's handle is: the trainer, and what its views point to.
private final class TrainerHandle {
  let trainer: Trainer
  let extents: Storage<Int64>
  var names: [Storage<UInt8>] = []
  /// Whether a call is in it, which an objective of the user may be called by.
  var isRunning = false
  /// Whether it was destroyed within such a call, which then takes it away.
  var isDestroyed = false

  init(_ trainer: Trainer) throws(TrimtabError) {
    self.trainer = trainer
    extents = try Storage(count: 16, for: "trainer")
  }

  /// The text of a view's name, made once.
  func name(_ view: TrainerView) throws(TrimtabError) -> UnsafePointer<UInt8> {
    let text = try view.name.makeText()
    for known in names where known.count == text.count {
      var place = 0
      while place < text.count, known.pointer[place] == text.pointer[place] { place = place &+ 1 }
      if place == text.count { return UnsafePointer(known.pointer) }
    }
    names.append(text)
    return UnsafePointer(text.pointer)
  }
}

/// Runs `body` on the trainer behind a handle, unless the trainer's own objective asks for it: a trainer that waits for
/// its loss has no state that others may change.
@inline(never)
private func boundary(
  _ handle: OpaquePointer?, _ body: (TrainerHandle) throws(TrimtabError) -> Void
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let trainer = try object(handle, as: TrainerHandle.self, "trainer")
    guard !trainer.isRunning else {
      throw TrimtabError(.invalidArgument, "trainer: found a call within its own objective, allowed outside it")
    }
    trainer.isRunning = true
    defer {
      trainer.isRunning = false
      if trainer.isDestroyed { release(handle, as: TrainerHandle.self) }
    }
    try body(trainer)
  }
}

@c @implementation public func trimtab_trainer_create(
  _ given: UnsafePointer<trimtab_trainer_options>!, _ trainer: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(trainer, "trainer")
    guard let given = try options(try required(given, "options")) else { return }
    target.pointee = retain(
      try TrainerHandle(try Trainer(try TrainerOptions(given), custom: objective(given.objective, given.user))))
  }
}

@c @implementation public func trimtab_trainer_destroy(_ trainer: OpaquePointer!) {
  guard let trainer else { return }
  let known = Unmanaged<TrainerHandle>.fromOpaque(UnsafeRawPointer(trainer)).takeUnretainedValue()
  if known.isRunning { known.isDestroyed = true } else { release(trainer, as: TrainerHandle.self) }
}

@c @implementation public func trimtab_trainer_step(
  _ trainer: OpaquePointer!, _ inputs: UnsafePointer<trimtab_tensor>!, _ targets: UnsafePointer<trimtab_tensor>!,
  _ report: UnsafeMutablePointer<trimtab_trainer_report>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try handle.trainer.step(try view(of: inputs, "inputs"), try view(of: targets, "targets"))
    var c = trimtab_trainer_report()
    c.action = found.decision?.action.rawValue ?? 0
    c.step = Int64(found.step)
    c.loss = found.loss
    c.gradient_norm = found.gradientNorm
    c.learning_rate = found.learningRate
    c.clip_factor = found.clipFactor
    c.is_taken = found.isTaken ? 1 : 0
    c.has_constant_targets = found.hasConstantTargets ? 1 : 0
    target.write(c)
  }
}

@c @implementation public func trimtab_trainer_evaluate(
  _ trainer: OpaquePointer!, _ inputs: UnsafePointer<trimtab_tensor>!, _ targets: UnsafePointer<trimtab_tensor>!,
  _ report: UnsafeMutablePointer<trimtab_evaluation_report>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try ReportTarget(report)
    let found = try handle.trainer.evaluate(try view(of: inputs, "inputs"), try view(of: targets, "targets"))
    var c = trimtab_evaluation_report()
    c.loss = found.loss
    c.accuracy = found.accuracy
    c.count = Int64(found.count)
    target.write(c)
  }
}

@c @implementation public func trimtab_trainer_predict(
  _ trainer: OpaquePointer!, _ inputs: UnsafePointer<trimtab_tensor>!, _ outputs: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let outputs = try MutableTensorView(writing: try view(of: outputs, "outputs"), name: "outputs")
    try handle.trainer.predict(try view(of: inputs, "inputs"), into: outputs)
  }
}

@c @implementation public func trimtab_trainer_output_shape(
  _ trainer: OpaquePointer!, _ shape: UnsafeMutablePointer<Int64>!, _ rank: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let (extents, count) = (try required(shape, "shape"), try required(rank, "rank"))
    write(try handle.trainer.outputShape(), to: extents, count)
  }
}

/// The extents of a shape, and 1 beyond them.
func write(_ shape: Shape, to extents: UnsafeMutablePointer<Int64>, _ rank: UnsafeMutablePointer<Int64>) {
  for axis in 0..<Extents.capacity { extents[axis] = axis < shape.rank ? Int64(shape[axis]) : 1 }
  rank.pointee = Int64(shape.rank)
}

@c @implementation public func trimtab_trainer_set_learning_rate(_ trainer: OpaquePointer!, _ rate: Double)
  -> trimtab_status
{
  boundary(trainer) { (handle) throws(TrimtabError) in try handle.trainer.setLearningRate(rate) }
}

@c @implementation public func trimtab_trainer_set_leak(
  _ trainer: OpaquePointer!, _ start: Double, _ end: Double, _ time: Double
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    try handle.trainer.setLeak(LeakSchedule(start: start, end: end, time: time))
  }
}

@c @implementation public func trimtab_trainer_set_graph(
  _ trainer: OpaquePointer!, _ nodes: Int64, _ count: Int64, _ rows: UnsafePointer<Int64>!,
  _ columns: UnsafePointer<Int64>!, _ values: UnsafePointer<Double>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    guard count >= 0, count < 1 << 40 else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed 0 to below 2^40", count)
    }
    if count > 0 {
      _ = try required(rows, "rows")
      _ = try required(columns, "columns")
      _ = try required(values, "values")
    }
    let matrix = try SparseMatrix(rows: Int(nodes), columns: Int(nodes), count: Int(count)) { place in
      let (row, column) = (UnsafeRawPointer(rows + place), UnsafeRawPointer(columns + place))
      return (
        Int(row.loadUnaligned(as: Int64.self)), Int(column.loadUnaligned(as: Int64.self)),
        UnsafeRawPointer(values + place).loadUnaligned(as: Double.self)
      )
    }
    try handle.trainer.setGraph(matrix)
  }
}

@c @implementation public func trimtab_trainer_tensor_count(
  _ trainer: OpaquePointer!, _ what: Int32, _ count: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try required(count, "count")
    target.pointee = Int64(handle.trainer.count(of: try choice(what, "what", from: TrainerTensor.self)))
  }
}

@c @implementation public func trimtab_trainer_tensor(
  _ trainer: OpaquePointer!, _ what: Int32, _ index: Int64, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
  _ tensor: UnsafeMutablePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try required(tensor, "tensor")
    let found = try handle.trainer.view(try choice(what, "what", from: TrainerTensor.self), at: Int(index))
    let text = try handle.name(found)
    let extents = handle.extents.pointer
    for axis in 0..<found.shape.rank {
      extents[axis] = Int64(found.shape[axis])
      extents[axis &+ 8] = Int64(found.strides[axis])
    }
    var c = trimtab_tensor()
    c.data = found.memory
    c.device = trimtab_device(device_type: 1, device_id: 0)
    c.ndim = Int32(truncatingIfNeeded: found.shape.rank)
    c.dtype.code = 2
    c.dtype.bits = handle.trainer.options.precision == .float32 ? 32 : 64
    c.dtype.lanes = 1
    c.shape = extents
    c.strides = extents + 8
    target.pointee = c
    if let name { name.pointee = UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self) }
  }
}

@c @implementation public func trimtab_trainer_attach(_ trainer: OpaquePointer!, _ monitor: OpaquePointer!)
  -> trimtab_status
{
  boundary(trainer) { (handle) throws(TrimtabError) in
    guard let monitor else { return try handle.trainer.attach(nil) }
    try handle.trainer.attach(try living(monitor))
  }
}

@c @implementation public func trimtab_trainer_save(
  _ trainer: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    try save(kind: .trainer, version: Trainer.stateVersion, into: buffer, capacity: capacity, needed: needed) {
      handle.trainer.write(to: &$0)
    }
  }
}

@c @implementation public func trimtab_trainer_load(
  _ trainer: OpaquePointer!, _ buffer: UnsafeRawPointer!, _ length: Int64
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in try handle.trainer.load(try stateBytes(buffer, length)) }
}

@c @implementation public func trimtab_trainer_derivatives(
  _ trainer: OpaquePointer!, _ inputs: UnsafePointer<trimtab_tensor>!, _ targets: UnsafePointer<trimtab_tensor>!,
  _ vector: UnsafePointer<Double>!, _ count: Int64, _ loss: UnsafeMutablePointer<Double>!,
  _ gradient: UnsafeMutablePointer<Double>!, _ product: UnsafeMutablePointer<Double>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try required(loss, "loss")
    let known = handle.trainer.parameterCount
    guard count == Int64(known) else { throw TrimtabError(.mismatch, "count: found %, allowed %", count, known) }
    if vector != nil { _ = try required(product, "product") }
    target.pointee = try handle.trainer.derivatives(
      try view(of: inputs, "inputs"), try view(of: targets, "targets"), vector: vector, gradient: gradient,
      product: product)
  }
}

@c @implementation public func trimtab_trainer_sharpness(
  _ trainer: OpaquePointer!, _ inputs: UnsafePointer<trimtab_tensor>!, _ targets: UnsafePointer<trimtab_tensor>!,
  _ given: UnsafePointer<trimtab_sharpness_options>!, _ report: UnsafeMutablePointer<trimtab_sharpness_report>!
) -> trimtab_status {
  boundary(trainer) { (handle) throws(TrimtabError) in
    let target = try ReportTarget(report)
    var wanted = EigenvalueOptions()
    let given = try options(given)
    if let given {
      wanted.greatestIterations = Int(given.greatest_iterations)
      wanted.tolerance = given.tolerance
      wanted.seed = given.seed
      guard given.trace_samples >= 0 else {
        throw TrimtabError(.invalidArgument, "options.trace_samples: found %, allowed 0 or more", given.trace_samples)
      }
    }
    let found = try handle.trainer.sharpness(
      try view(of: inputs, "inputs"), try view(of: targets, "targets"), wanted,
      isPreconditioned: given?.is_preconditioned ?? 0 != 0, traceSamples: Int(given?.trace_samples ?? 0))
    var c = trimtab_sharpness_report()
    c.outcome = found.eigenvalues.outcome.rawValue
    c.largest_eigenvalue = found.eigenvalues.largest
    c.residual_bound = found.eigenvalues.largestResidual
    c.threshold = found.threshold
    c.index = found.index
    c.trace = found.trace.trace
    c.trace_error = found.trace.standardError
    c.iterations = Int64(found.eigenvalues.iterations)
    c.is_converged = found.eigenvalues.hasConverged ? 1 : 0
    target.write(c)
  }
}
