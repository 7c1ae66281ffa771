public import Trimtab

/// The extents of an array of up to eight axes, row-major; each below 2^31.
public struct Shape: BitwiseCopyable, Sendable, Equatable {
  public private(set) var rank = 0
  /// Two extents a word, the first in the lower half.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

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
  init(_ view: TensorView) {
    for axis in 0..<view.rank { append(view.shape[axis]) }
  }

  /// Does nothing beyond eight axes; what is no extent below 2^31 becomes 0, which `isProper` refuses.
  public mutating func append(_ extent: Int) {
    guard rank < Extents.capacity else { return }
    rank = rank &+ 1
    put(rank &- 1, extent)
  }

  @inline(never)
  private mutating func put(_ axis: Int, _ extent: Int) {
    let bits = UInt64(extent >= 0 && extent < 1 << 31 ? extent : 0)
    let shift = UInt64(axis & 1) &* 32
    func placed(_ word: UInt64) -> UInt64 { word & ~(0xFFFF_FFFF &<< shift) | bits &<< shift }
    switch axis &>> 1 {
    case 0: words.0 = placed(words.0)
    case 1: words.1 = placed(words.1)
    case 2: words.2 = placed(words.2)
    default: words.3 = placed(words.3)
    }
  }

  /// The extent of an axis; negative axes count from the end, 1 outside.
  @inline(never)
  public func extent(_ axis: Int) -> Int {
    let place = axis < 0 ? axis &+ rank : axis
    guard place >= 0, place < rank else { return 1 }
    let word = place < 4 ? (place < 2 ? words.0 : words.1) : (place < 6 ? words.2 : words.3)
    return Int(truncatingIfNeeded: word &>> (UInt64(place & 1) &* 32) & 0xFFFF_FFFF)
  }

  public subscript(axis: Int) -> Int { extent(axis) }

  public static func == (a: Shape, b: Shape) -> Bool {
    a.rank == b.rank && a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
      && a.words.3 == b.words.3
  }

  /// Elements; wraps where it is not proper.
  @inline(never)
  public func elementCount() -> Int {
    var product = 1
    for axis in 0..<rank { product = product &* extent(axis) }
    return product
  }

  public var count: Int { elementCount() }

  /// The same with another extent on an axis.
  @inline(never)
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var copy = self
    let place = axis < 0 ? axis &+ rank : axis
    if place >= 0, place < rank { copy.put(place, extent) }
    return copy
  }

  /// Whether every extent is 1 or more, and the elements at most 2^40.
  @inline(never)
  func isProper() -> Bool {
    var product = 1
    for axis in 0..<rank {
      guard extent(axis) >= 1, product <= 1 << 40 else { return false }
      product = product &* extent(axis)
    }
    return product <= 1 << 40
  }

  /// Writes the distance in elements from one index of each axis of `target` to the next, in an array of this shape that
  /// is broadcast to it; 0 along axes that are repeated.
  @inline(never)
  func strides(in target: Shape, to strides: UnsafeMutablePointer<Int>) {
    var step = 1
    for axis in stride(from: target.rank &- 1, through: 0, by: -1) {
      let own = axis &- target.rank &+ rank
      let extent = own < 0 ? 1 : extent(own)
      strides[axis] = extent == 1 ? 0 : step
      step = step &* extent
    }
  }

  public var extents: Extents {
    var extents = Extents()
    for axis in 0..<rank { extents[axis] = extent(axis) }
    return extents
  }

  /// The strides of the array itself.
  public var strides: Extents {
    var strides = Extents()
    var step = 1
    for axis in stride(from: rank &- 1, through: 0, by: -1) {
      strides[axis] = step
      step = step &* extent(axis)
    }
    return strides
  }

  /// The shape that two broadcast to; nil if they do not.
  @inline(never)
  func broadcast(with other: Shape) -> Shape? {
    var result = Shape()
    let longest = max(rank, other.rank)
    for axis in 0..<longest {
      let own = axis &- longest &+ rank
      let others = axis &- longest &+ other.rank
      let a = own < 0 ? 1 : extent(own)
      let b = others < 0 ? 1 : other.extent(others)
      guard a == b || a == 1 || b == 1 else { return nil }
      result.append(a == 1 ? b : a)
    }
    return result
  }
}
