public import CTrimtab
internal import Trimtab
internal import TrimtabTrainer

@c @implementation public func trimtab_tape_record(
  _ tape: OpaquePointer!, _ operation: Int32, _ operands: UnsafePointer<trimtab_value>!, _ count: Int64, _ a: Double,
  _ b: Double, _ result: UnsafeMutablePointer<trimtab_value>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let tape = try openTape(tape)
    let target = try required(result, "result")
    guard let function = TapeFunction(rawValue: operation) else {
      throw TrimtabError(.invalidArgument, "operation: found %, allowed one of the header's", operation)
    }
    guard count == Int64(function.operandCount) else {
      throw TrimtabError(.invalidArgument, "count: found % operands, allowed %", count, function.operandCount)
    }
    var values: [Value] = []
    if count > 0 {
      let operands = UnsafeRawPointer(try required(operands, "operands"))
      for place in 0..<Int(count) {
        values.append(try tape.value(at: Int(operands.loadUnaligned(fromByteOffset: place &* 8, as: Int64.self))))
      }
    }
    target.pointee = Int64(try tape.record(function, values, a, b).index)
  }
}

@c @implementation public func trimtab_tape_shape(
  _ tape: OpaquePointer!, _ value: trimtab_value, _ shape: UnsafeMutablePointer<Int64>!,
  _ rank: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let tape = try openTape(tape)
    let found = tape.shape(of: try tape.value(at: Int(value)))
    write(found, to: try required(shape, "shape"), try required(rank, "rank"))
  }
}

@c @implementation public func trimtab_objective_derivatives(
  _ callback: trimtab_objective!, _ user: UnsafeMutableRawPointer!, _ operands: UnsafePointer<trimtab_tensor>!,
  _ count: Int64, _ vectors: UnsafePointer<trimtab_tensor>!, _ loss: UnsafeMutablePointer<Double>!,
  _ gradients: UnsafePointer<trimtab_tensor>!, _ products: UnsafePointer<trimtab_tensor>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(loss, "loss")
    guard let objective = objective(callback, user) else {
      throw TrimtabError(.nullArgument, "objective: found NULL, allowed a callback")
    }
    guard count >= 1, count <= 1 << 20 else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed 1 to 2^20", count)
    }
    let operands = try required(operands, "operands")
    if vectors != nil { _ = try required(products, "products") }
    let given = try views(operands, Int(count), "operands")
    let directions = vectors == nil ? [] : try views(vectors, Int(count), "vectors")
    let slopes = try targets(gradients, given, "gradients")
    let bends = try targets(vectors == nil ? nil : products, given, "products")
    let found = try ObjectiveDerivatives(given, vectors: directions, objective)
    target.pointee = found.tape.number(found.loss)
    for (place, slope) in slopes.enumerated() { found.copy(found.gradients, place, to: slope) }
    for (place, bend) in bends.enumerated() { found.copy(found.products, place, to: bend) }
  }
}

/// The tape behind a handle, while the callback that was given it runs.
func openTape(_ handle: OpaquePointer?) throws(TrimtabError) -> Tape {
  let handle = try required(handle, "tape")
  // The field follows the object's header of two words.
  let first = UnsafeRawPointer(handle) + 2 * MemoryLayout<UInt>.stride
  guard first.load(as: UInt64.self) == Tape.openMagic else {
    throw TrimtabError(.invalidArgument, "tape: found one whose callback has ended, allowed within it")
  }
  return try object(handle, as: Tape.self, "tape")
}

private func views(
  _ tensors: UnsafePointer<trimtab_tensor>, _ count: Int, _ name: StaticText
) throws(TrimtabError) -> [TensorView] {
  var views: [TensorView] = []
  for index in 0..<count { views.append(try view(at: index, of: tensors, name)) }
  return views
}

/// Views to write to, each as large as its operand.
private func targets(
  _ tensors: UnsafePointer<trimtab_tensor>?, _ operands: [TensorView], _ name: StaticText
) throws(TrimtabError) -> [MutableTensorView] {
  guard let tensors else { return [] }
  var targets: [MutableTensorView] = []
  for (index, operand) in operands.enumerated() {
    let found = try view(at: index, of: tensors, name)
    guard found.count == operand.count else {
      throw TrimtabError(.shape, "%[%]: found % elements, allowed %", name, index, found.count, operand.count)
    }
    targets.append(try MutableTensorView(writing: found, name: name))
  }
  return targets
}
