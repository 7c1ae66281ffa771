public import Trimtab

/// A tape of tensor operations: each is computed when it is recorded, and all again, in order, by `replay`.
///
/// `gradients` records the reverse pass as operations like any other, so a gradient can be differentiated again: a
/// gradient penalty, or the product of a Hessian with a vector (Pearlmutter 1994), is exact. A tape that is recorded once
/// for a batch shape takes no memory when it is replayed. Not for use by two threads at a time. Since: 0.3.
public final class Tape {
  public let precision: Precision
  let nodes = GrowingTable<Node>(for: "tape")
  private var memory: [Storage<UInt8>] = []
  private(set) var tables: [PlaceTable] = []
  private(set) var matrices: [SparseMatrix] = []
  let scratch: Storage<UInt8>
  var wideScratch: Storage<Double>?

  /// - Throws: `outOfMemory`
  public init(precision: Precision) throws(TrimtabError) {
    self.precision = precision
    scratch = try Storage(count: kernels.productScratchBytes, for: "tape")
  }

  /// How many values there are.
  public var count: Int { nodes.count }

  /// - Throws: `invalidArgument` for a value of another tape.
  func node(_ value: Value) throws(TrimtabError) -> Node {
    guard let node = nodes.at(value.index) else {
      throw TrimtabError(.invalidArgument, "value: found %, allowed 0 to %", value.index, nodes.count &- 1)
    }
    return node.pointee
  }

  public func shape(of value: Value) -> Shape { nodes.at(value.index)?.pointee.shape ?? Shape() }

  /// The numbers of a value, row-major; of `precision`. They stay at this address while the tape lives.
  public func memory(of value: Value) -> UnsafeMutableRawPointer? { nodes.at(value.index)?.pointee.memory }

  /// One number of a value; NaN outside.
  public func number(_ value: Value, at index: Int = 0) -> Double {
    guard let node = nodes.at(value.index)?.pointee, index >= 0, index < node.count else { return .nan }
    return precision == .float32
      ? Double(node.memory.load(fromByteOffset: 4 &* index, as: Float.self))
      : node.memory.load(fromByteOffset: 8 &* index, as: Double.self)
  }

  public func set(_ value: Value, at index: Int, to number: Double) {
    guard let node = nodes.at(value.index)?.pointee, index >= 0, index < node.count else { return }
    if precision == .float32 {
      node.memory.storeBytes(of: Float(number), toByteOffset: 4 &* index, as: Float.self)
    } else {
      node.memory.storeBytes(of: number, toByteOffset: 8 &* index, as: Double.self)
    }
  }

  /// A function's parameters, such as the slope of a scheduled leak; takes effect when the tape is replayed.
  public func setParameter(_ value: Value, _ a: Double) { nodes.at(value.index)?.pointee.function.a = a }

  // MARK: Recording

  func room(_ count: Int) throws(TrimtabError) -> UnsafeMutableRawPointer {
    let block = try Storage<UInt8>(count: max(count, 1) &* precision.byteCount, for: "tape")
    memory.append(block)
    return UnsafeMutableRawPointer(block.pointer)
  }

  func record(
    _ operation: Operation, _ a: Int = -1, _ b: Int = -1, _ c: Int = -1, shape: Shape,
    _ change: (inout Node) -> Void = { _ in }
  ) throws(TrimtabError) -> Value {
    try shape.check("value")
    var node = Node(operation, a, b, c, shape: shape, memory: try room(shape.count))
    change(&node)
    try reserveScratch(node)
    try nodes.append(node)
    evaluate(node)
    return Value(nodes.count &- 1)
  }

  func keep(_ table: PlaceTable) -> Int {
    tables.append(table)
    return tables.count &- 1
  }

  func keep(_ matrix: SparseMatrix) -> Int {
    matrices.append(matrix)
    return matrices.count &- 1
  }

  /// A value that is filled from outside, at first with 0.
  public func leaf(_ shape: Shape) throws(TrimtabError) -> Value { try record(.leaf, shape: shape) }

  /// A value that is filled from outside and stands in memory of the caller, who keeps it alive.
  func leaf(_ shape: Shape, at memory: UnsafeMutableRawPointer) throws(TrimtabError) -> Value {
    try shape.check("value")
    try nodes.append(Node(.leaf, shape: shape, memory: memory))
    return Value(nodes.count &- 1)
  }

  /// A scalar.
  public func constant(_ number: Double) throws(TrimtabError) -> Value {
    let value = try leaf(Shape())
    set(value, at: 0, to: number)
    return value
  }

  /// Computes the values from `start` on again, in the order in which they were recorded.
  public func replay(from start: Int = 0) {
    for index in max(start, 0)..<max(nodes.count, start, 0) {
      if let node = nodes.at(index) { evaluate(node.pointee) }
    }
  }
}
