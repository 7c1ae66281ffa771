// Panels hold sixteen columns side by side: panel p, step k, lane j stands at p * depth * 16 + k * 16 + j, zero where
// there is no column. A product
// of panels is then a sum of outer products whose operands are read one after the other.

/// x · y + z, fused where the target has it: on baseline x86-64 a fused product is a slow call.
@inline(__always)
func multiplyAdd(_ x: SIMD8<Double>, _ y: SIMD8<Double>, _ z: SIMD8<Double>) -> SIMD8<Double> {
  #if TRIMTAB_FMA
    z.addingProduct(x, y)
  #else
    z + x * y
  #endif
}

@inline(__always)
func load8(_ base: UnsafePointer<Double>, _ index: Int) -> SIMD8<Double> {
  UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Double>.self)
}

@inline(__always)
func store8(_ value: SIMD8<Double>, _ base: UnsafeMutablePointer<Double>, _ index: Int) {
  UnsafeMutableRawPointer(base + index).storeBytes(of: value, as: SIMD8<Double>.self)
}

/// C[16 x 16] += scale · sum over k of a[k, 0..<16]^T b[k, 0..<16]. One copy of each tile's loop serves all products: a
/// tile is long work beside a call.
@inline(never)
private func addSquare(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ depth: Int, _ scale: Double,
  _ c: UnsafeMutablePointer<Double>, _ stride: Int
) {
  #if TRIMTAB_AVX512
    addWideTile(a, b, depth, scale, c, stride)
    addWideTile(a + 8, b, depth, scale, c + 8 &* stride, stride)
  #else
    var row = 0
    while row < 16 {
      addNarrowTile(a + row, b, depth, scale, c + row &* stride, stride)
      addNarrowTile(a + row, b + 8, depth, scale, c + (row &* stride &+ 8), stride)
      row &+= 4
    }
  #endif
}

/// Sixteen accumulators of eight lanes: half the registers of x86-64-v4.
@inline(never)
private func addWideTile(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ depth: Int, _ scale: Double,
  _ c: UnsafeMutablePointer<Double>, _ stride: Int
) {
  var l0 = SIMD8<Double>.zero
  var l1 = l0
  var l2 = l0
  var l3 = l0
  var l4 = l0
  var l5 = l0
  var l6 = l0
  var l7 = l0
  var r0 = l0
  var r1 = l0
  var r2 = l0
  var r3 = l0
  var r4 = l0
  var r5 = l0
  var r6 = l0
  var r7 = l0
  var offset = 0
  let end = depth &* 16
  while offset < end {
    let left = load8(b, offset)
    let right = load8(b, offset &+ 8)
    let x = a + offset
    @inline(__always) func step(_ row: Int, _ l: inout SIMD8<Double>, _ r: inout SIMD8<Double>) {
      let value = SIMD8<Double>(repeating: x[row])
      l = multiplyAdd(value, left, l)
      r = multiplyAdd(value, right, r)
    }
    step(0, &l0, &r0)
    step(1, &l1, &r1)
    step(2, &l2, &r2)
    step(3, &l3, &r3)
    step(4, &l4, &r4)
    step(5, &l5, &r5)
    step(6, &l6, &r6)
    step(7, &l7, &r7)
    offset &+= 16
  }
  let factor = SIMD8<Double>(repeating: scale)
  @inline(__always) func finish(_ row: Int, _ l: SIMD8<Double>, _ r: SIMD8<Double>) {
    let at = row &* stride
    store8(multiplyAdd(l, factor, load8(c, at)), c, at)
    store8(multiplyAdd(r, factor, load8(c, at &+ 8)), c, at &+ 8)
  }
  finish(0, l0, r0)
  finish(1, l1, r1)
  finish(2, l2, r2)
  finish(3, l3, r3)
  finish(4, l4, r4)
  finish(5, l5, r5)
  finish(6, l6, r6)
  finish(7, l7, r7)
}

/// C[4 x 8]: eight accumulators of four lanes, half the registers of x86-64-v3.
@inline(never)
private func addNarrowTile(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ depth: Int, _ scale: Double,
  _ c: UnsafeMutablePointer<Double>, _ stride: Int
) {
  var c0 = SIMD8<Double>.zero
  var c1 = c0
  var c2 = c0
  var c3 = c0
  var offset = 0
  let end = depth &* 16
  while offset < end {
    let row = load8(b, offset)
    c0 = multiplyAdd(SIMD8(repeating: a[offset]), row, c0)
    c1 = multiplyAdd(SIMD8(repeating: a[offset &+ 1]), row, c1)
    c2 = multiplyAdd(SIMD8(repeating: a[offset &+ 2]), row, c2)
    c3 = multiplyAdd(SIMD8(repeating: a[offset &+ 3]), row, c3)
    offset &+= 16
  }
  let factor = SIMD8<Double>(repeating: scale)
  store8(multiplyAdd(c0, factor, load8(c, 0)), c, 0)
  store8(multiplyAdd(c1, factor, load8(c, stride)), c, stride)
  store8(multiplyAdd(c2, factor, load8(c, 2 &* stride)), c, 2 &* stride)
  store8(multiplyAdd(c3, factor, load8(c, 3 &* stride)), c, 3 &* stride)
}

/// Sixteen-row blocks whose panels together stay in the second cache level.
private func blockPanels(_ depth: Int) -> Int { max(1, 32768 / (16 &* max(depth, 1))) }

/// C += scale · P^T P, in the tiles that reach the lower triangle; C has 16 · panelCount rows and at least as many
/// columns.
func addSymmetricProduct(
  _ panels: UnsafePointer<Double>, _ panelCount: Int, _ depth: Int, _ scale: Double, _ c: UnsafeMutablePointer<Double>,
  _ stride: Int
) {
  let panel = depth &* 16
  let blockLength = blockPanels(depth)
  var first = 0
  while first < panelCount {
    let last = min(first &+ blockLength, panelCount)
    var j = 0
    while j < last {
      var i = max(first, j)
      while i < last {
        let target = c + (i &* 16 &* stride &+ j &* 16)
        addSquare(panels + i &* panel, panels + j &* panel, depth, scale, target, stride)
        i &+= 1
      }
      j &+= 1
    }
    first = last
  }
}

/// C += scale · A^T B; C has 16 · rowPanels rows and 16 · columnPanels columns.
func addProduct(
  _ a: UnsafePointer<Double>, _ rowPanels: Int, _ b: UnsafePointer<Double>, _ columnPanels: Int, _ depth: Int,
  _ scale: Double, _ c: UnsafeMutablePointer<Double>, _ stride: Int
) {
  let panel = depth &* 16
  let blockLength = blockPanels(depth)
  var first = 0
  while first < rowPanels {
    let last = min(first &+ blockLength, rowPanels)
    var j = 0
    while j < columnPanels {
      var i = first
      while i < last {
        let target = c + (i &* 16 &* stride &+ j &* 16)
        addSquare(a + i &* panel, b + j &* panel, depth, scale, target, stride)
        i &+= 1
      }
      j &+= 1
    }
    first = last
  }
}
