/// A panel of up to sixteen rows: panel[k, r] = source[r, k], zero for missing rows.
func packRows(
  _ source: UnsafePointer<Double>, _ stride: Int, _ rows: Int, _ depth: Int, _ panel: UnsafeMutablePointer<Double>
) {
  if rows < 16 {
    var index = 0
    while index < depth &* 16 {
      store8(.zero, panel, index)
      index &+= 8
    }
  }
  var row = 0
  while row < min(rows, 16) {
    let from = source + row &* stride
    let to = panel + row
    var k = 0
    while k < depth {
      to[k &* 16] = from[k]
      k &+= 1
    }
    row &+= 1
  }
}

/// The reverse of `packRows`.
func unpackRows(
  _ panel: UnsafePointer<Double>, _ rows: Int, _ depth: Int, _ destination: UnsafeMutablePointer<Double>, _ stride: Int
) {
  var row = 0
  while row < min(rows, 16) {
    let from = panel + row
    let to = destination + row &* stride
    var k = 0
    while k < depth {
      to[k] = from[k &* 16]
      k &+= 1
    }
    row &+= 1
  }
}

/// X L^T = B for a panel of sixteen rows of B, in place; L is lower triangular of order `depth`, row-major, its
/// diagonal inverted in `reciprocals`.
func solvePanel(
  _ lower: UnsafePointer<Double>, _ stride: Int, _ reciprocals: UnsafePointer<Double>, _ depth: Int,
  _ panel: UnsafeMutablePointer<Double>
) {
  var j = 0
  while j < depth {
    let row = lower + j &* stride
    var left = load8(panel, j &* 16)
    var right = load8(panel, j &* 16 &+ 8)
    var left1 = SIMD8<Double>.zero
    var right1 = left1
    var left2 = left1
    var right2 = left1
    var k = 0
    while k &+ 2 <= j {
      let even = SIMD8<Double>(repeating: row[k])
      let odd = SIMD8<Double>(repeating: row[k &+ 1])
      left1 = multiplyAdd(even, load8(panel, k &* 16), left1)
      right1 = multiplyAdd(even, load8(panel, k &* 16 &+ 8), right1)
      left2 = multiplyAdd(odd, load8(panel, k &* 16 &+ 16), left2)
      right2 = multiplyAdd(odd, load8(panel, k &* 16 &+ 24), right2)
      k &+= 2
    }
    if k < j {
      let value = SIMD8<Double>(repeating: row[k])
      left1 = multiplyAdd(value, load8(panel, k &* 16), left1)
      right1 = multiplyAdd(value, load8(panel, k &* 16 &+ 8), right1)
    }
    left = (left - (left1 + left2)) * reciprocals[j]
    right = (right - (right1 + right2)) * reciprocals[j]
    store8(left, panel, j &* 16)
    store8(right, panel, j &* 16 &+ 8)
    j &+= 1
  }
}
