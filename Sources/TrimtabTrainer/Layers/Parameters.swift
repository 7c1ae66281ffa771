public import Trimtab

/// A parameter, or a buffer that training does not move by gradients.
public struct Parameter: Sendable {
  /// Of the layer; the name is "layer3.weight".
  public let layer: Int
  public let suffix: StaticString
  /// As it lies in memory.
  public let shape: Shape
  /// As frameworks show it: weights as (out, in, ...), by strides in elements over the same memory.
  public let viewShape: Shape
  public let viewStrides: Extents
  public let role: Role
  /// The first of its elements in the memory of all.
  public let offset: Int
  let initialiser: Initialiser
  let fanIn: Int
  let fanOut: Int
  /// Set where its gradient is zero by construction.
  var hasZeroGradient = false

  public var count: Int { shape.count }
}

/// The parameters of a net side by side in one block, so that an optimizer, a checkpoint or a Hessian sees one vector.
///
/// While a net is planned its list grows, and each parameter has memory of its own; then `settle` lays them out.
final class ParameterList {
  let precision: Precision
  private(set) var list: [Parameter] = []
  private(set) var count = 0
  private var memory: Storage<UInt8>?
  private var drafts: [Storage<UInt8>] = []
  /// The next one that a net under construction asks for.
  private var next = 0

  init(precision: Precision) { self.precision = precision }

  var isSettled: Bool { memory != nil }
  /// All of them; nil before `settle`.
  var base: UnsafeMutableRawPointer? { memory.map { UnsafeMutableRawPointer($0.pointer) } }

  func begin() { next = 0 }

  func settle() throws(TrimtabError) {
    memory = try Storage(count: max(count, 1) &* precision.byteCount, for: "parameters")
    drafts.removeAll()
  }

  func memory(of parameter: Parameter) -> UnsafeMutableRawPointer? {
    base.map { $0 + parameter.offset &* precision.byteCount }
  }

  /// The next parameter as a leaf of a tape: made where the net is being planned, else the one of before.
  func leaf(_ tape: Tape, _ make: (Int) -> Parameter) throws(TrimtabError) -> Value {
    if let base {
      guard next < list.count else {
        throw TrimtabError(.internal, "net: found a parameter more than when it was planned")
      }
      let parameter = list[next]
      next = next &+ 1
      return try tape.leaf(parameter.shape, at: base + parameter.offset &* precision.byteCount)
    }
    let parameter = make(count)
    try parameter.shape.check("parameter")
    let draft = try Storage<UInt8>(count: parameter.count &* precision.byteCount, for: "parameters")
    drafts.append(draft)
    list.append(parameter)
    count = count &+ parameter.count
    return try tape.leaf(parameter.shape, at: UnsafeMutableRawPointer(draft.pointer))
  }

  subscript(index: Int) -> Parameter? { index >= 0 && index < list.count ? list[index] : nil }

  func markZeroGradient(_ index: Int) {
    if index >= 0, index < list.count { list[index].hasZeroGradient = true }
  }
}
