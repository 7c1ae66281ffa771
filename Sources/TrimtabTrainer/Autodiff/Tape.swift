public import Trimtab

/// A tape of tensor operations: each is computed when it is recorded, and all again, in order, by `replay`.
///
/// `gradients` records the reverse pass as operations like any other, so a gradient can be differentiated again: a
/// gradient penalty, or the product of a Hessian with a vector (Pearlmutter 1994), is exact. A tape that is recorded once
/// for a batch shape takes no memory when it is replayed.
///
/// An operation that cannot be recorded gives a value that is none, and so does all that is made of it; `check` then
/// throws the first error. Not for use by two threads at a time. Since: 0.3.
public final class Tape {
  /// What `magic` holds while a callback of the user may record.
  public static let openMagic: UInt64 = 0x7472_696d_7461_7065
  /// The first field: a handle that is used too late shows, as far as memory still says so.
  public var magic: UInt64 = 0
  public let precision: Precision
  let nodes = GrowingTable<Node>(for: "tape")
  private var memory: [Storage<UInt8>] = []
  /// What aliases point into, and has no other owner for as long as the tape is replayed.
  var lent: [Storage<Double>] = []
  private(set) var tables: [PlaceTable] = []
  private(set) var matrices: [SparseMatrix] = []
  let scratch: Storage<UInt8>
  var wideScratch: Storage<Double>
  let sweep: Sweep
  private var failure: TrimtabError?
  /// Of the first failure: errors that follow from it have taken the place of its text.
  private var isOutOfMemory = false

  /// - Throws: `outOfMemory`
  public init(precision: Precision) throws(TrimtabError) {
    self.precision = precision
    scratch = try Storage(count: kernels.productScratchBytes, for: "tape")
    wideScratch = try Storage(count: 64, for: "tape")
    sweep = try Sweep()
  }

  /// How many values there are.
  public var count: Int { nodes.count }

  /// - Throws: the error of the first operation that could not be recorded.
  public func check() throws(TrimtabError) {
    if isOutOfMemory { throw TrimtabError(.outOfMemory, "tape: found % values, more memory than can be had", count) }
    if let failure { throw failure }
  }

  func fail(_ error: TrimtabError) -> Value {
    if failure == nil {
      failure = error
      isOutOfMemory = error.status == .outOfMemory
    }
    return .none
  }

  /// A place among the values; nil for a value that is none.
  @inline(never)
  func node(_ value: Value) -> UnsafeMutablePointer<Node>? {
    if let node = nodes.at(value.index) { return node }
    // What an error before made is none: that error is the one to tell.
    if failure == nil {
      failure = TrimtabError(
        .invalidArgument, "value: found %, allowed 0 to %", value.index, nodes.count &- 1)
    }
    return nil
  }

  @inline(never)
  public func shape(of value: Value) -> Shape { nodes.at(value.index)?.pointee.shape ?? Shape() }

  /// The numbers of a value, row-major; of `precision`. They stay at this address while the tape lives.
  @inline(never)
  public func memory(of value: Value) -> UnsafeMutableRawPointer? { nodes.at(value.index)?.pointee.memory }

  /// One number of a value; NaN outside.
  @inline(never)
  public func number(_ value: Value, at index: Int = 0) -> Double {
    guard let node = nodes.at(value.index), index >= 0, index < node.pointee.count else { return .nan }
    let memory = node.pointee.memory
    return precision == .float32
      ? Double(memory.load(fromByteOffset: 4 &* index, as: Float.self))
      : memory.load(fromByteOffset: 8 &* index, as: Double.self)
  }

  @inline(never)
  public func set(_ value: Value, at index: Int, to number: Double) {
    guard let node = nodes.at(value.index), index >= 0, index < node.pointee.count else { return }
    let memory = node.pointee.memory
    if precision == .float32 {
      memory.storeBytes(of: Float(number), toByteOffset: 4 &* index, as: Float.self)
    } else {
      memory.storeBytes(of: number, toByteOffset: 8 &* index, as: Double.self)
    }
  }

  /// A function's parameters, such as the slope of a scheduled leak; takes effect when the tape is replayed.
  public func setParameter(_ value: Value, _ a: Double) {
    guard let own = nodes.at(value.index)?.pointee else { return }
    // The function's derivatives, which gradients are made of, hold the number too.
    for index in value.index..<count {
      guard let node = nodes.at(index), node.pointee.function.kind == own.function.kind else { continue }
      let operand =
        node.pointee.operation == .apply ? node.pointee.a : node.pointee.operation == .chain ? node.pointee.b : -1
      if operand == own.a { node.pointee.function.a = a }
    }
  }

  // MARK: Recording

  @inline(never)
  func record(
    _ operation: Operation, _ a: Value = .none, _ b: Value = .none, _ c: Value = .none, shape: Shape,
    function: ElementFunction = ElementFunction(.linear), transposesA: Bool = false, transposesB: Bool = false,
    table: Int = -1
  ) -> Value {
    guard failure == nil else { return .none }
    do throws(TrimtabError) {
      guard shape.isProper() else {
        throw TrimtabError(.shape, "value: found an extent of 0 or more than 2^40 elements, allowed from 1 on")
      }
      let count = shape.count
      let block = try Storage<UInt8>(count: count &* precision.byteCount, for: "tape")
      memory.append(block)
      // Sums are added up, and rows of a softmax taken, in float64.
      let wide = operation == .sum ? count : shape[-1]
      if wide > wideScratch.count { wideScratch = try Storage(count: wide, for: "tape") }
      var node = Node(operation, shape: shape, memory: UnsafeMutableRawPointer(block.pointer))
      (node.a, node.b, node.c) = (a.index, b.index, c.index)
      node.function = function
      node.transposesA = transposesA
      node.transposesB = transposesB
      node.table = table
      return try append(node)
    } catch {
      return fail(error)
    }
  }

  /// Appends a node and computes it.
  func append(_ node: Node) throws(TrimtabError) -> Value {
    try nodes.append(node)
    if let node = nodes.at(nodes.count &- 1) { evaluate(node) }
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
  public func leaf(_ shape: Shape) -> Value { record(.leaf, shape: shape) }

  /// A value under a shape whose memory is another's, or the caller's, who keeps it alive.
  @inline(never)
  func alias(_ operation: Operation, _ a: Value, _ shape: Shape, at memory: UnsafeMutableRawPointer) -> Value {
    guard failure == nil else { return .none }
    do throws(TrimtabError) {
      guard shape.isProper() else {
        throw TrimtabError(.shape, "value: found an extent of 0 or more than 2^40 elements, allowed from 1 on")
      }
      var node = Node(operation, shape: shape, memory: memory)
      node.a = a.index
      return try append(node)
    } catch {
      return fail(error)
    }
  }

  /// A scalar.
  public func constant(_ number: Double) -> Value {
    let value = leaf(Shape())
    set(value, at: 0, to: number)
    return value
  }

  /// Computes the values from `start` on again, in the order in which they were recorded.
  public func replay(from start: Int = 0) {
    var index = max(start, 0)
    while let node = nodes.at(index) {
      evaluate(node)
      index = index &+ 1
    }
  }
}
