internal import Trimtab

/// The runs of elements that an operation over up to three broadcast arrays goes through, with as few and as long ones
/// as their strides allow.
struct Sweep {
  /// Of the innermost axis.
  private(set) var length = 1
  private(set) var steps: (a: Int, b: Int, c: Int) = (0, 0, 0)
  private var rank = 0
  private var shape = Extents()
  private var a = Extents()
  private var b = Extents()
  private var c = Extents()

  /// - Parameters:
  ///   - target: the shape that is gone through
  ///   - a, b, c: strides over it, in elements
  init(_ target: Shape, _ a: Extents, _ b: Extents, _ c: Extents) {
    for axis in 0..<target.rank where target[axis] != 1 {
      let extent = target[axis]
      let last = rank &- 1
      if rank > 0, self.a[last] == a[axis] &* extent, self.b[last] == b[axis] &* extent,
        self.c[last] == c[axis] &* extent
      {
        shape[last] = shape[last] &* extent
      } else {
        shape[rank] = extent
        rank = rank &+ 1
      }
      self.a[rank &- 1] = a[axis]
      self.b[rank &- 1] = b[axis]
      self.c[rank &- 1] = c[axis]
    }
    if rank > 0 {
      rank = rank &- 1
      length = shape[rank]
      steps = (self.a[rank], self.b[rank], self.c[rank])
    }
  }

  /// Calls `body` with the offsets of the three arrays at the start of each run, in row-major order.
  @inline(__always)
  func forEachRun(_ body: (Int, Int, Int) -> Void) {
    var position = Extents()
    var (x, y, z) = (0, 0, 0)
    while true {
      body(x, y, z)
      var axis = rank &- 1
      while axis >= 0 {
        position[axis] = position[axis] &+ 1
        x = x &+ a[axis]
        y = y &+ b[axis]
        z = z &+ c[axis]
        if position[axis] < shape[axis] { break }
        position[axis] = 0
        x = x &- a[axis] &* shape[axis]
        y = y &- b[axis] &* shape[axis]
        z = z &- c[axis] &* shape[axis]
        axis = axis &- 1
      }
      if axis < 0 { return }
    }
  }
}
