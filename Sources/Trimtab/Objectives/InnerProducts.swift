/// Numbers of a tensor that are read at a time.
private let blockLength = 1024

/// a.b, |a|^2 and |b|^2 of two tensors of as many elements, in float64.
func innerProducts(_ a: TensorView, _ b: TensorView) -> (dot: Double, first: Double, second: Double) {
  var found = (dot: 0.0, first: 0.0, second: 0.0)
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 &* blockLength) { memory in
    guard let left = memory.baseAddress else { return }
    let right = left + blockLength
    var start = 0
    while start < min(a.count, b.count) {
      let count = min(blockLength, a.count &- start)
      a.copy(from: start, count: count, to: left)
      b.copy(from: start, count: count, to: right)
      var (dot, first, second) = (0.0, 0.0, 0.0)
      for place in 0..<count {
        dot += left[place] * right[place]
        first += left[place] * left[place]
        second += right[place] * right[place]
      }
      found.dot += dot
      found.first += first
      found.second += second
      start = start &+ count
    }
  }
  return found
}
