public import Trimtab

/// A parameter, or a buffer that training does not move by gradients.
public final class Parameter {
  /// Of the layer; the name is "layer3.weight".
  public let layer: Int
  public let suffix: StaticText
  /// What stands before the suffix: the weight that a buffer belongs to, where a layer has several.
  public internal(set) var owner: StaticText = ""
  /// As it lies in memory.
  public let shape: Shape
  /// As frameworks show it: weights as (out, in, ...), by strides in elements over the same memory.
  public var viewShape: Shape
  public var viewStrides: Extents
  public var role: Role
  /// The first of its elements in the memory of all.
  public let offset: Int
  let initialiser: Initialiser
  var fanIn = 1
  var fanOut = 1
  /// Set where its gradient is zero by construction.
  var hasZeroGradient = false

  public var count: Int { shape.count }

  init(_ layer: Int, _ suffix: StaticText, _ shape: Shape, _ role: Role, _ initialiser: Initialiser, offset: Int) {
    self.layer = layer
    self.suffix = suffix
    self.shape = shape
    self.role = role
    self.initialiser = initialiser
    self.offset = offset
    viewShape = shape
    viewStrides = shape.strides
  }
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
  private(set) var next = 0

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

  /// The next parameter: made where the net is being planned, else the one of before.
  func take(
    _ layer: Int, _ suffix: StaticText, _ shape: Shape, _ role: Role, _ initialiser: Initialiser
  ) throws(TrimtabError) -> (parameter: Parameter, memory: UnsafeMutableRawPointer) {
    if let base {
      guard let parameter = self[next] else {
        throw TrimtabError(.internal, "net: found a parameter more than when it was planned")
      }
      next = next &+ 1
      return (parameter, base + parameter.offset &* precision.byteCount)
    }
    let parameter = Parameter(layer, suffix, shape, role, initialiser, offset: count)
    guard shape.isProper() else {
      throw TrimtabError(.shape, "%: found more than 2^40 elements, allowed no more", suffix)
    }
    let draft = try Storage<UInt8>(count: parameter.count &* precision.byteCount, for: "parameters")
    drafts.append(draft)
    list.append(parameter)
    next = list.count
    count = count &+ parameter.count
    return (parameter, UnsafeMutableRawPointer(draft.pointer))
  }

  subscript(index: Int) -> Parameter? { index >= 0 && index < list.count ? list[index] : nil }
}
