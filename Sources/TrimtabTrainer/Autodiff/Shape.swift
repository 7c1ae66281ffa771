public import Trimtab

/// The extents of an array of up to eight axes, row-major.
public struct Shape: BitwiseCopyable, Sendable, Equatable {
  public private(set) var rank = 0
  public private(set) var extents = Extents()

  /// A scalar.
  public init() {}
  public init(_ a: Int) { append(a) }
  public init(_ a: Int, _ b: Int) {
    append(a)
    append(b)
  }
  public init(_ a: Int, _ b: Int, _ c: Int) {
    self.init(a, b)
    append(c)
  }
  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    self.init(a, b, c)
    append(d)
  }
  public init(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int) {
    self.init(a, b, c, d)
    append(e)
  }
  init(_ view: TensorView) {
    for axis in 0..<view.rank { append(view.shape[axis]) }
  }

  /// Does nothing beyond eight axes.
  public mutating func append(_ extent: Int) {
    guard rank < Extents.capacity else { return }
    extents[rank] = extent
    rank = rank &+ 1
  }

  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for axis in 0..<a.rank where a[axis] != b[axis] { return false }
    return true
  }

  /// The extent of an axis; negative axes count from the end, 1 outside.
  public subscript(axis: Int) -> Int {
    let place = axis < 0 ? axis &+ rank : axis
    return place >= 0 && place < rank ? extents[place] : 1
  }

  /// Elements; wraps where `check` would throw.
  public var count: Int {
    var product = 1
    for axis in 0..<rank { product = product &* extents[axis] }
    return product
  }

  /// The same with another extent on an axis.
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var copy = self
    copy.extents[axis < 0 ? axis &+ rank : axis] = extent
    return copy
  }

  /// - Throws: `shape` for an extent below 1, `overflow` where the elements are more than 2^40.
  func check(_ name: StaticString) throws(TrimtabError) {
    var product = 1
    for axis in 0..<rank {
      guard extents[axis] >= 1 else {
        throw TrimtabError(.shape, "%: found extent % on axis %, allowed 1 or more", name, extents[axis], axis)
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: extents[axis])
      guard !overflow, next <= 1 << 40 else {
        throw TrimtabError(.overflow, "%: found more than 2^40 elements, allowed no more", name)
      }
      product = next
    }
  }

  /// The distance in elements from one index of each axis of `target` to the next, in an array of this shape that is
  /// broadcast to it; 0 along axes that are repeated.
  func strides(in target: Shape) -> Extents {
    var strides = Extents()
    var step = 1
    for back in 1...Extents.capacity where back <= rank {
      let extent = extents[rank &- back]
      strides[target.rank &- back] = extent == 1 ? 0 : step
      step = step &* extent
    }
    return strides
  }

  /// The shape that two broadcast to; nil if they do not.
  func broadcast(with other: Shape) -> Shape? {
    var result = Shape()
    let longest = max(rank, other.rank)
    for axis in 0..<longest {
      let a = self[axis &- longest &+ rank, orOne: axis &- longest &+ rank]
      let b = other[axis &- longest &+ other.rank, orOne: axis &- longest &+ other.rank]
      guard a == b || a == 1 || b == 1 else { return nil }
      result.append(a == 1 ? b : a)
    }
    return result
  }

  private subscript(_: Int, orOne axis: Int) -> Int { axis >= 0 && axis < rank ? extents[axis] : 1 }
}
