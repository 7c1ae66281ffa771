/// Summarises a tensor in one pass over its memory.
///
/// An empty tensor gives the identity. NaN and infinities are counted and kept out of every other field. The sums are
/// taken in the order
/// of memory, in float64, so a transposed view costs no more than its original; the result depends on nothing but the
/// view.
/// One read of what memory holds, no allocation. Since: 0.1.
@inline(never)
public func summarize(_ tensor: TensorView) -> Summary {
  var summary = Summary()
  if let base = tensor.base, tensor.isCompact {
    summary.add(contiguous: base, count: tensor.count, elementType: tensor.elementType)
  } else if let order = MemoryOrder(tensor) {
    summary.add(order, elementType: tensor.elementType)
    summary.repeatAll(order.repetition)
    if summary.nonfiniteCount > 0 { summary.firstNonfiniteIndex = firstNonfiniteIndex(of: tensor) }
  }
  summary.derive()
  return summary
}

/// Summarises contiguous elements into `summary`: `summarize` without the view, and nearly without cost of its own for a
/// short run.
@inline(never)
public func summarize(
  contiguous base: UnsafeRawPointer, count: Int, elementType: ElementType, into summary: inout Summary
) {
  summary = Summary()
  if count > runLength || !summary.becomeOrdinary(base, count: count, elementType: elementType) {
    summary.add(contiguous: base, count: count, elementType: elementType)
  }
  summary.derive()
}

extension Summary {
  fileprivate mutating func add(_ order: MemoryOrder, elementType: ElementType) {
    let byteCount = elementType.byteCount
    let innerCount = order.innerCount
    if order.innerStride == 1 && innerCount >= gatherLength {
      order.forEachRun(byteCount: byteCount) { add(contiguous: $0, count: innerCount, elementType: elementType) }
      return
    }
    var gathered = Gathered()
    withUnsafeMutableBytes(of: &gathered) { buffer in
      guard let buffer = buffer.baseAddress else { return }
      var filled = 0
      order.forEachRun(byteCount: byteCount) { start in
        var source = start
        var left = innerCount
        while left > 0 {
          let taken = min(left, gatherLength &- filled)
          gather(source, step: order.innerStride, count: taken, byteCount: byteCount, to: buffer + filled &* byteCount)
          filled = filled &+ taken
          left = left &- taken
          if filled == gatherLength {
            add(run: buffer, count: filled, elementType: elementType)
            filled = 0
          }
          if left > 0 { source += taken &* order.innerStride &* byteCount }
        }
      }
      if filled > 0 { add(run: buffer, count: filled, elementType: elementType) }
    }
  }

  /// As if everything had been seen `times` times.
  fileprivate mutating func repeatAll(_ times: Int) {
    guard times != 1 else { return }
    count = count &* times
    nanCount = nanCount &* times
    positiveInfinityCount = positiveInfinityCount &* times
    negativeInfinityCount = negativeInfinityCount &* times
    zeroCount = zeroCount &* times
    subnormalCount = subnormalCount &* times
    scaledSum *= Double(times)
    scaledAbsoluteSum *= Double(times)
    scaledSquareSum *= Double(times)
  }
}

/// Row-major index of the first NaN or infinity; -1 if there is none.
private func firstNonfiniteIndex(of tensor: TensorView) -> Int {
  guard let base = tensor.base, tensor.count > 0 else { return -1 }
  let byteCount = tensor.elementType.byteCount
  var position = Extents()
  var step = Extents()
  var size = 1
  for axis in stride(from: tensor.rank &- 1, through: 0, by: -1) {
    step[axis] = size
    size = size &* tensor.shape[axis]
  }
  var address = base
  var index = 0
  while true {
    if kernels.firstNonfinite(tensor.elementType.rawValue, address, 1) == 0 { return index }
    var axis = tensor.rank &- 1
    while axis >= 0 {
      // Along an axis of stride 0 nothing new comes.
      let extent = tensor.strides[axis] == 0 ? 1 : tensor.shape[axis]
      position[axis] = position[axis] &+ 1
      if position[axis] < extent {
        address += tensor.strides[axis] &* byteCount
        index = index &+ step[axis]
        break
      }
      address -= (extent &- 1) &* tensor.strides[axis] &* byteCount
      index = index &- (extent &- 1) &* step[axis]
      position[axis] = 0
      axis = axis &- 1
    }
    if axis < 0 { return -1 }
  }
}
