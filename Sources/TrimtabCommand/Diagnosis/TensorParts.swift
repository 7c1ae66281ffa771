import Trimtab

extension TensorView {
  /// One entry of the first axis.
  func part(_ index: Int) throws(TrimtabError) -> TensorView {
    var (extents, steps) = (Extents(), Extents())
    for axis in 1..<max(rank, 1) { (extents[axis - 1], steps[axis - 1]) = (shape[axis], strides[axis]) }
    let base = base.map { $0 + index * strides[0] * elementType.byteCount }
    return try TensorView(base: base, elementType: elementType, rank: rank - 1, shape: extents, strides: steps)
  }

  /// Its elements, in the order of rows, as float64.
  func numbers() throws(TrimtabError) -> [Double] {
    let copy = try Storage<Double>(count: count, for: "numbers")
    self.copy(from: 0, count: count, to: copy.pointer)
    return withExtendedLifetime(copy) { Array(UnsafeBufferPointer(start: copy.pointer, count: count)) }
  }
}
