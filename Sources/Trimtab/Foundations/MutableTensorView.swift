/// A view that may be written to, of float32 or float64 elements.
public struct MutableTensorView {
  public let view: TensorView
  private let base: UnsafeMutableRawPointer?

  /// - Parameter view: of memory that may be written to; whoever makes this vouches for it.
  /// - Throws: `dtype` for other element types.
  public init(writing view: TensorView, name: StaticText = "output") throws(TrimtabError) {
    guard view.elementType == .float32 || view.elementType == .float64 else {
      throw TrimtabError(.dtype, "%: found %, allowed float32 or float64", name, view.elementType.name)
    }
    self.view = view
    base = view.base.map { UnsafeMutableRawPointer(mutating: $0) }
  }

  /// Writes values over elements `start ..< start + count` of the row-major logical order; what lies outside is not
  /// written.
  public func copy(from source: UnsafePointer<Double>, count wanted: Int, to start: Int) {
    guard let base, start >= 0, start < view.count else { return }
    var position = Extents()
    var rest = start
    for axis in stride(from: view.rank &- 1, through: 0, by: -1) where view.shape[axis] > 0 {
      position[axis] = rest % view.shape[axis]
      rest /= view.shape[axis]
    }
    for index in 0..<min(wanted, view.count &- start) {
      var offset = 0
      for axis in 0..<view.rank { offset = offset &+ position[axis] &* view.strides[axis] }
      if view.elementType == .float64 {
        (base + offset &* 8).storeBytes(of: source[index], as: Double.self)
      } else {
        (base + offset &* 4).storeBytes(of: Float(source[index]), as: Float.self)
      }
      advance(&position)
    }
  }

  private func advance(_ position: inout Extents) {
    var axis = view.rank &- 1
    while axis >= 0 {
      position[axis] = position[axis] &+ 1
      if position[axis] < view.shape[axis] { return }
      position[axis] = 0
      axis = axis &- 1
    }
  }
}
