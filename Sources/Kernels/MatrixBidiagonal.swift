/// One step of bidiagonalisation over `rows` rows, each read and written once.
///
/// Every row loses `left[r]` · w (the step before), then its part along v: row -= factor (row · v) v. Its first element
/// goes to `column`, and
/// the row, times that element, is added to `next`.
func bidiagonalStep(
  _ matrix: UnsafeMutablePointer<Double>, _ stride: Int, _ rows: Int, _ count: Int, _ left: UnsafePointer<Double>,
  _ w: UnsafePointer<Double>, _ v: UnsafePointer<Double>, _ factor: Double, _ column: UnsafeMutablePointer<Double>,
  _ next: UnsafeMutablePointer<Double>
) {
  var r = 0
  while r < rows {
    let row = matrix + r &* stride
    let along = subtractAndDot(row, count, left[r], w, v)
    column[r] = subtractAndAdd(row, count, factor * along, v, next)
    r &+= 1
  }
}

/// row -= a w; returns row · v.
@inline(__always)
private func subtractAndDot(
  _ row: UnsafeMutablePointer<Double>, _ count: Int, _ a: Double, _ w: UnsafePointer<Double>, _ v: UnsafePointer<Double>
) -> Double {
  let scale = SIMD8<Double>(repeating: -a)
  var even = SIMD8<Double>.zero
  var odd = even
  var index = 0
  while index &+ 16 <= count {
    let first = multiplyAdd(scale, load8(w, index), load8(row, index))
    let second = multiplyAdd(scale, load8(w, index &+ 8), load8(row, index &+ 8))
    store8(first, row, index)
    store8(second, row, index &+ 8)
    even = multiplyAdd(first, load8(v, index), even)
    odd = multiplyAdd(second, load8(v, index &+ 8), odd)
    index &+= 16
  }
  var total = (even + odd).sum()
  while index < count {
    row[index] -= a * w[index]
    total += row[index] * v[index]
    index &+= 1
  }
  return total
}

/// row -= a v; next += row[0] row; returns row[0].
@inline(__always)
private func subtractAndAdd(
  _ row: UnsafeMutablePointer<Double>, _ count: Int, _ a: Double, _ v: UnsafePointer<Double>,
  _ next: UnsafeMutablePointer<Double>
) -> Double {
  let first = row[0] - a * v[0]
  let scale = SIMD8<Double>(repeating: -a)
  let weight = SIMD8<Double>(repeating: first)
  var index = 0
  while index &+ 8 <= count {
    let value = multiplyAdd(scale, load8(v, index), load8(row, index))
    store8(value, row, index)
    store8(multiplyAdd(weight, value, load8(next, index)), next, index)
    index &+= 8
  }
  while index < count {
    row[index] -= a * v[index]
    next[index] += first * row[index]
    index &+= 1
  }
  row[0] = first
  return first
}
