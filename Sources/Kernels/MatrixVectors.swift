/// y = C x for a symmetric C of which only the lower triangle is read; each row is read once.
func symmetricTimesVector(
  _ c: UnsafePointer<Double>, _ stride: Int, _ order: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < order {
    y[row] = 0
    row &+= 1
  }
  row = 0
  while row < order {
    let values = c + row &* stride
    let sum = dotAndAdd(values, row, x, x[row], y)
    y[row] += sum + values[row] * x[row]
    row &+= 1
  }
}

/// row · x, and y += factor · row, in one pass.
@inline(__always)
private func dotAndAdd(
  _ row: UnsafePointer<Double>, _ count: Int, _ x: UnsafePointer<Double>, _ factor: Double,
  _ y: UnsafeMutablePointer<Double>
) -> Double {
  let scale = SIMD8<Double>(repeating: factor)
  var first = SIMD8<Double>.zero
  var second = first
  var index = 0
  while index &+ 16 <= count {
    let left = load8(row, index)
    let right = load8(row, index &+ 8)
    first = multiplyAdd(left, load8(x, index), first)
    second = multiplyAdd(right, load8(x, index &+ 8), second)
    store8(multiplyAdd(left, scale, load8(y, index)), y, index)
    store8(multiplyAdd(right, scale, load8(y, index &+ 8)), y, index &+ 8)
    index &+= 16
  }
  var total = (first + second).sum()
  while index < count {
    total += row[index] * x[index]
    y[index] += factor * row[index]
    index &+= 1
  }
  return total
}

/// One step of tridiagonalisation over rows 0..<order of the lower triangle: C -= v w^T + w v^T, and y = C u of the
/// result.
func updateAndMultiply(
  _ c: UnsafeMutablePointer<Double>, _ stride: Int, _ order: Int, _ v: UnsafePointer<Double>,
  _ w: UnsafePointer<Double>,
  _ u: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < order {
    y[row] = 0
    row &+= 1
  }
  row = 0
  while row < order {
    let values = c + row &* stride
    let a = SIMD8<Double>(repeating: -v[row])
    let b = SIMD8<Double>(repeating: -w[row])
    let t = SIMD8<Double>(repeating: u[row])
    var sum = SIMD8<Double>.zero
    var index = 0
    while index &+ 8 <= row {
      let value = multiplyAdd(a, load8(w, index), multiplyAdd(b, load8(v, index), load8(values, index)))
      store8(value, values, index)
      sum = multiplyAdd(value, load8(u, index), sum)
      store8(multiplyAdd(value, t, load8(y, index)), y, index)
      index &+= 8
    }
    var total = sum.sum()
    while index < row {
      let value = values[index] - v[row] * w[index] - w[row] * v[index]
      values[index] = value
      total += value * u[index]
      y[index] += value * u[row]
      index &+= 1
    }
    values[row] -= 2 * v[row] * w[row]
    y[row] += total + values[row] * u[row]
    row &+= 1
  }
}

/// x = L^-1 x for a row-major lower triangle.
func solveLower(
  _ lower: UnsafePointer<Double>, _ stride: Int, _ order: Int, _ x: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < order {
    let values = lower + row &* stride
    x[row] = (x[row] - dotProduct(values, x, row)) / values[row]
    row &+= 1
  }
}

/// x = L^-T x for a row-major lower triangle.
func solveLowerTransposed(
  _ lower: UnsafePointer<Double>, _ stride: Int, _ order: Int, _ x: UnsafeMutablePointer<Double>
) {
  var row = order &- 1
  while row >= 0 {
    let values = lower + row &* stride
    let value = x[row] / values[row]
    x[row] = value
    addScaled(-value, values, x, row)
    row &-= 1
  }
}

/// (x, y) becomes (c x - s y, s x + c y).
func rotateVectors(
  _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int, _ c: Double, _ s: Double
) {
  var index = 0
  while index &+ 8 <= count {
    let a = load8(x, index)
    let b = load8(y, index)
    store8(a * c - b * s, x, index)
    store8(a * s + b * c, y, index)
    index &+= 8
  }
  while index < count {
    let a = x[index]
    let b = y[index]
    x[index] = c * a - s * b
    y[index] = s * a + c * b
    index &+= 1
  }
}

/// Sequences of rotations of neighbouring rows, applied column block by column block so that a block stays in cache.
///
/// Rotation k of `count` takes rows (row[k], row[k] + 1) = (x, y) to (c x - s y, s x + c y); columns is padded to
/// eight.
func rotateRowPairs(
  _ matrix: UnsafeMutablePointer<Double>, _ stride: Int, _ columns: Int, _ rows: UnsafePointer<Int>,
  _ cosines: UnsafePointer<Double>, _ sines: UnsafePointer<Double>, _ count: Int
) {
  var column = 0
  while column < columns {
    let width = min(32, columns &- column)
    let base = matrix + column
    var k = 0
    while k < count {
      let x = base + rows[k] &* stride
      rotateVectors(x, x + stride, width, cosines[k], sines[k])
      k &+= 1
    }
    column &+= 32
  }
}
