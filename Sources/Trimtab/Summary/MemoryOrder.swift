/// A tensor's elements in an order that suits memory rather than the indices: each element that memory holds once,
/// forwards, with the
/// smallest step innermost.
///
/// Axes of stride 0 repeat what is there already, so they become a factor; negative strides are walked from their other
/// end.
struct MemoryOrder {
  let base: UnsafeRawPointer
  /// How often every element occurs.
  let repetition: Int
  /// Axes that are left, outermost first, neighbours joined where they can be.
  private(set) var rank = 0
  private(set) var shape = Extents()
  private(set) var strides = Extents()

  /// nil for a tensor without elements.
  init?(_ tensor: TensorView) {
    guard var base = tensor.base, tensor.count > 0 else { return nil }
    var repetition = 1
    var sizes = Extents()
    var steps = Extents()
    var found = 0
    for axis in 0..<tensor.rank where tensor.shape[axis] > 1 {
      let extent = tensor.shape[axis]
      var step = tensor.strides[axis]
      if step == 0 {
        repetition = repetition &* extent
        continue
      }
      if step < 0 {
        base += (extent &- 1) &* step &* tensor.elementType.byteCount
        step = 0 &- step
      }
      var place = found
      while place > 0 && steps[place &- 1] < step {
        steps[place] = steps[place &- 1]
        sizes[place] = sizes[place &- 1]
        place = place &- 1
      }
      steps[place] = step
      sizes[place] = extent
      found = found &+ 1
    }
    self.base = base
    self.repetition = repetition
    join(found, sizes, steps)
  }

  private mutating func join(_ found: Int, _ sizes: Extents, _ steps: Extents) {
    for axis in 0..<found {
      let (span, overflow) = steps[axis].multipliedReportingOverflow(by: sizes[axis])
      if rank > 0, !overflow, strides[rank &- 1] == span {
        shape[rank &- 1] = shape[rank &- 1] &* sizes[axis]
        strides[rank &- 1] = steps[axis]
      } else {
        shape[rank] = sizes[axis]
        strides[rank] = steps[axis]
        rank = rank &+ 1
      }
    }
  }

  /// Elements along the innermost axis.
  var innerCount: Int { rank == 0 ? 1 : shape[rank &- 1] }
  var innerStride: Int { rank == 0 ? 1 : strides[rank &- 1] }

  /// Calls `body` with the first address of each innermost run.
  func forEachRun(byteCount: Int, _ body: (UnsafeRawPointer) -> Void) {
    // The axis next to the innermost is a plain loop, the others are counted through.
    let last = rank &- 2
    let repeats = last >= 0 ? shape[last] : 1
    let step = last >= 0 ? strides[last] &* byteCount : 0
    var position = Extents()
    var address = base
    while true {
      var place = address
      for _ in 0..<max(repeats, 1) {
        body(place)
        place += step
      }
      var axis = last &- 1
      while axis >= 0 {
        position[axis] = position[axis] &+ 1
        if position[axis] < shape[axis] {
          address += strides[axis] &* byteCount
          break
        }
        address -= (shape[axis] &- 1) &* strides[axis] &* byteCount
        position[axis] = 0
        axis = axis &- 1
      }
      if axis < 0 { return }
    }
  }
}
