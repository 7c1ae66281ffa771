/// Up to eight extents or strides, kept in place.
public struct Extents: BitwiseCopyable, Sendable {
  private var values: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)
  public static let capacity = 8

  public init() {}

  /// Reads 0 and writes nothing outside 0..<8.
  public subscript(axis: Int) -> Int {
    @inline(never) get {
      switch axis {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      case 3: values.3
      case 4: values.4
      case 5: values.5
      case 6: values.6
      case 7: values.7
      default: 0
      }
    }
    @inline(never) set {
      guard axis >= 0, axis < Extents.capacity else { return }
      withUnsafeMutableBytes(of: &values) { $0.storeBytes(of: newValue, toByteOffset: axis &* 8, as: Int.self) }
    }
  }
}

/// An unowned view of an n-dimensional array in host memory, checked when it is made.
///
/// Any shape, strides (in elements; negative and 0 allowed) and alignment. It keeps nothing alive: use it within the
/// call that made it.
public struct TensorView {
  /// The first element in logical order (byte offset added); nil only if `count` is 0.
  public let base: UnsafeRawPointer?
  public let elementType: ElementType
  public let rank: Int
  public let shape: Extents
  /// In elements.
  public let strides: Extents
  /// Elements, the product of the shape.
  public let count: Int

  /// - Throws: `shape` (rank, a negative extent), `overflow` (the product of extents, or the span of strides, leaves 64
  ///   bits),
  ///   `nullArgument` (elements but no memory).
  public init(
    base: UnsafeRawPointer?, elementType: ElementType, rank: Int, shape: Extents, strides: Extents?,
    name: StaticText = "tensor"
  ) throws(TrimtabError) {
    guard rank >= 0 && rank <= Extents.capacity else {
      throw TrimtabError(.shape, "%: found rank %, allowed 0 to %", name, rank, Extents.capacity)
    }
    self.count = try TensorView.elementCount(rank: rank, shape: shape, name: name)
    guard count == 0 || base != nil else {
      throw TrimtabError(.nullArgument, "%: found NULL data for % elements, allowed only for none", name, count)
    }
    let steps = strides ?? TensorView.compactStrides(rank: rank, shape: shape)
    if count > 0 {
      try TensorView.checkReach(
        rank: rank, shape: shape, strides: steps, elementType: elementType, name: name)
    }
    self.base = base
    self.elementType = elementType
    self.rank = rank
    self.shape = shape
    self.strides = steps
  }

  /// A row-major view of a typed buffer.
  public init(
    _ base: UnsafeRawPointer?, _ elementType: ElementType, shape: [Int], name: StaticText = "tensor"
  ) throws(TrimtabError) {
    var extents = Extents()
    for (axis, extent) in shape.enumerated() { extents[axis] = extent }
    try self.init(base: base, elementType: elementType, rank: shape.count, shape: extents, strides: nil, name: name)
  }

  private static func elementCount(rank: Int, shape: Extents, name: StaticText) throws(TrimtabError) -> Int {
    var count = 1
    var isEmpty = false
    for axis in 0..<rank {
      let extent = shape[axis]
      guard extent >= 0 else {
        throw TrimtabError(.shape, "%: found extent % on axis %, allowed 0 or more", name, extent, axis)
      }
      if extent == 0 { isEmpty = true }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow else {
        throw TrimtabError(.overflow, "%: found a shape whose product leaves 64 bits at axis %", name, axis)
      }
      count = product
    }
    return isEmpty ? 0 : count
  }

  private static func compactStrides(rank: Int, shape: Extents) -> Extents {
    var strides = Extents()
    var step = 1
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      strides[axis] = step
      step = step &* max(shape[axis], 1)
    }
    return strides
  }

  /// Every reachable byte offset must fit in 63 bits, so that later address arithmetic may use plain wrapping
  /// operators.
  private static func checkReach(
    rank: Int, shape: Extents, strides: Extents, elementType: ElementType, name: StaticText
  ) throws(TrimtabError) {
    var reach = elementType.byteCount
    for axis in 0..<rank where shape[axis] > 1 {
      let (span, overflow) = (shape[axis] - 1).multipliedReportingOverflow(by: strides[axis])
      let (bytes, overflowBytes) = span.multipliedReportingOverflow(by: elementType.byteCount)
      guard !overflow, !overflowBytes, bytes != Int.min else {
        throw TrimtabError(
          .overflow, "%: found stride % on axis %, whose span leaves 64 bits", name, strides[axis], axis)
      }
      let (total, overflowTotal) = reach.addingReportingOverflow(abs(bytes))
      guard !overflowTotal else {
        throw TrimtabError(.overflow, "%: found strides whose span leaves 64 bits at axis %", name, axis)
      }
      reach = total
    }
  }

  /// Whether the elements stand one after the other in logical order.
  public var isCompact: Bool { isCompact(from: 0) }

  /// The same of the part that the axes from `first` on span.
  func isCompact(from first: Int) -> Bool {
    var step = 1
    for axis in stride(from: rank - 1, through: first, by: -1) where shape[axis] != 1 {
      if strides[axis] != step { return false }
      step = step &* shape[axis]
    }
    return true
  }
}
