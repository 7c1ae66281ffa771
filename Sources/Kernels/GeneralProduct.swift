// C = A B or C += A B for matrices of float32 or float64, of any strides. B is packed panel by panel, zero beyond its
// edge; A is read where it stands. Every element of C is one sum in the order of the depth, in blocks of `blockDepth`,
// so neither the tiles nor the edges change a bit of it.

/// Steps of the depth that one packed panel covers.
private let blockDepth = 256
/// Bytes of scratch that a product needs: a panel of two vectors a step, and a tile for what the edges cut.
let productScratchBytes = (blockDepth &+ 8) &* 128

/// Where a matrix stands: the distance in elements between its rows and between its columns.
struct Placed<Element> {
  let base: UnsafePointer<Element>
  let row: Int
  let column: Int

  @inline(__always) func at(_ i: Int, _ j: Int) -> Placed {
    Placed(base: base + (i &* row &+ j &* column), row: row, column: column)
  }
}

func multiplyFloats(
  _ a: UnsafeRawPointer, _ aRow: Int, _ aColumn: Int, _ b: UnsafeRawPointer, _ bRow: Int, _ bColumn: Int, _ rows: Int,
  _ columns: Int, _ depth: Int, _ adds: Bool, _ c: UnsafeMutableRawPointer, _ stride: Int,
  _ scratch: UnsafeMutableRawPointer
) {
  multiply(
    Placed(base: a.assumingMemoryBound(to: Float.self), row: aRow, column: aColumn),
    Placed(base: b.assumingMemoryBound(to: Float.self), row: bRow, column: bColumn), rows, columns, depth, adds,
    c.assumingMemoryBound(to: Float.self), stride, scratch, SIMD16<Float>.self)
}

func multiplyDoubles(
  _ a: UnsafeRawPointer, _ aRow: Int, _ aColumn: Int, _ b: UnsafeRawPointer, _ bRow: Int, _ bColumn: Int, _ rows: Int,
  _ columns: Int, _ depth: Int, _ adds: Bool, _ c: UnsafeMutableRawPointer, _ stride: Int,
  _ scratch: UnsafeMutableRawPointer
) {
  multiply(
    Placed(base: a.assumingMemoryBound(to: Double.self), row: aRow, column: aColumn),
    Placed(base: b.assumingMemoryBound(to: Double.self), row: bRow, column: bColumn), rows, columns, depth, adds,
    c.assumingMemoryBound(to: Double.self), stride, scratch, SIMD8<Double>.self)
}

@inline(__always)
private func multiply<V: ProductLanes>(
  _ a: Placed<V.Element>, _ b: Placed<V.Element>, _ rows: Int, _ columns: Int, _ depth: Int, _ adds: Bool,
  _ c: UnsafeMutablePointer<V.Element>, _ stride: Int, _ scratch: UnsafeMutableRawPointer, _ lanes: V.Type
) {
  let width = 2 &* V.laneCount
  let panel = scratch.assumingMemoryBound(to: V.Element.self)
  let tile = panel + blockDepth &* width
  var start = 0
  while start < depth {
    let part = min(blockDepth, depth &- start)
    let keeps = adds || start > 0
    var column = 0
    while column < columns {
      let count = min(width, columns &- column)
      pack(b.at(start, column), part, count, panel, lanes)
      var row = 0
      while row < rows {
        let height = min(8, rows &- row)
        let target = c + (row &* stride &+ column)
        let isWhole = count == width
        addRows(
          a.at(row, start), panel, part, height, keeps && isWhole, isWhole ? target : tile, isWhole ? stride : width,
          lanes)
        if !isWhole { copyTile(tile, height, count, keeps, target, stride, lanes) }
        row &+= 8
      }
      column &+= width
    }
    start &+= part
  }
}

/// The panel of up to two vectors of columns, step after step.
@inline(never)
private func pack<V: ProductLanes>(
  _ b: Placed<V.Element>, _ depth: Int, _ count: Int, _ panel: UnsafeMutablePointer<V.Element>, _ lanes: V.Type
) {
  let width = 2 &* V.laneCount
  if b.column == 1, count == width {
    var k = 0
    while k < depth {
      V.load(b.base + k &* b.row).store(panel + k &* width)
      V.load(b.base + (k &* b.row &+ V.laneCount)).store(panel + (k &* width &+ V.laneCount))
      k &+= 1
    }
    return
  }
  if count < width {
    var place = 0
    while place < depth &* width {
      V.zeros.store(panel + place)
      place &+= V.laneCount
    }
  }
  var column = 0
  while column < count {
    let from = b.base + column &* b.column
    let to = panel + column
    var k = 0
    while k < depth {
      to[k &* width] = from[k &* b.row]
      k &+= 1
    }
    column &+= 1
  }
}

@inline(never)
private func copyTile<V: ProductLanes>(
  _ tile: UnsafePointer<V.Element>, _ rows: Int, _ columns: Int, _ adds: Bool, _ c: UnsafeMutablePointer<V.Element>,
  _ stride: Int, _ lanes: V.Type
) {
  var row = 0
  while row < rows {
    var column = 0
    while column < columns {
      let value = tile[row &* 2 &* V.laneCount &+ column]
      let at = row &* stride &+ column
      c[at] = adds ? V.sum(c[at], value) : value
      column &+= 1
    }
    row &+= 1
  }
}

/// Up to eight rows of C, two vectors wide.
@inline(__always)
private func addRows<V: ProductLanes>(
  _ a: Placed<V.Element>, _ panel: UnsafePointer<V.Element>, _ depth: Int, _ height: Int, _ adds: Bool,
  _ c: UnsafeMutablePointer<V.Element>, _ stride: Int, _ lanes: V.Type
) {
  var row = 0
  #if TRIMTAB_AVX512
    if height == 8 { return addEightRows(a, panel, depth, adds, c, stride, lanes) }
  #endif
  while row &+ 4 <= height {
    addFourRows(a.at(row, 0), panel, depth, adds, c + row &* stride, stride, lanes)
    addFourRows(a.at(row, 0), panel + V.laneCount, depth, adds, c + (row &* stride &+ V.laneCount), stride, lanes)
    row &+= 4
  }
  while row < height {
    addRow(a.at(row, 0), panel, depth, adds, c + row &* stride, lanes)
    row &+= 1
  }
}

/// Sixteen accumulators: half the registers of x86-64-v4.
@inline(never)
private func addEightRows<V: ProductLanes>(
  _ a: Placed<V.Element>, _ panel: UnsafePointer<V.Element>, _ depth: Int, _ adds: Bool,
  _ c: UnsafeMutablePointer<V.Element>, _ stride: Int, _ lanes: V.Type
) {
  var l0 = V.zeros
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
  var x = a.base
  var y = panel
  let second = 4 &* a.row
  var k = 0
  while k < depth {
    let left = V.load(y)
    let right = V.load(y + V.laneCount)
    let z = x + second
    @inline(__always) func step(_ at: UnsafePointer<V.Element>, _ l: inout V, _ r: inout V) {
      let value = V.splat(at.pointee)
      l = l.adding(value, left)
      r = r.adding(value, right)
    }
    step(x, &l0, &r0)
    step(x + a.row, &l1, &r1)
    step(x + 2 &* a.row, &l2, &r2)
    step(x + 3 &* a.row, &l3, &r3)
    step(z, &l4, &r4)
    step(z + a.row, &l5, &r5)
    step(z + 2 &* a.row, &l6, &r6)
    step(z + 3 &* a.row, &l7, &r7)
    x += a.column
    y += 2 &* V.laneCount
    k &+= 1
  }
  @inline(__always) func finish(_ row: Int, _ l: V, _ r: V) {
    let at = c + row &* stride
    (adds ? l.plus(V.load(at)) : l).store(at)
    (adds ? r.plus(V.load(at + V.laneCount)) : r).store(at + V.laneCount)
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

/// Four accumulators of one vector, which is two registers of x86-64-v3.
@inline(never)
private func addFourRows<V: ProductLanes>(
  _ a: Placed<V.Element>, _ panel: UnsafePointer<V.Element>, _ depth: Int, _ adds: Bool,
  _ c: UnsafeMutablePointer<V.Element>, _ stride: Int, _ lanes: V.Type
) {
  var c0 = V.zeros
  var c1 = c0
  var c2 = c0
  var c3 = c0
  var x = a.base
  var y = panel
  var k = 0
  while k < depth {
    let row = V.load(y)
    c0 = c0.adding(V.splat(x.pointee), row)
    c1 = c1.adding(V.splat((x + a.row).pointee), row)
    c2 = c2.adding(V.splat((x + 2 &* a.row).pointee), row)
    c3 = c3.adding(V.splat((x + 3 &* a.row).pointee), row)
    x += a.column
    y += 2 &* V.laneCount
    k &+= 1
  }
  @inline(__always) func finish(_ row: Int, _ sum: V) {
    let at = c + row &* stride
    (adds ? sum.plus(V.load(at)) : sum).store(at)
  }
  finish(0, c0)
  finish(1, c1)
  finish(2, c2)
  finish(3, c3)
}

@inline(never)
private func addRow<V: ProductLanes>(
  _ a: Placed<V.Element>, _ panel: UnsafePointer<V.Element>, _ depth: Int, _ adds: Bool,
  _ c: UnsafeMutablePointer<V.Element>, _ lanes: V.Type
) {
  var left = V.zeros
  var right = left
  var k = 0
  while k < depth {
    let value = V.splat(a.base[k &* a.column])
    left = left.adding(value, V.load(panel + 2 &* k &* V.laneCount))
    right = right.adding(value, V.load(panel + (2 &* k &+ 1) &* V.laneCount))
    k &+= 1
  }
  (adds ? left.plus(V.load(c)) : left).store(c)
  (adds ? right.plus(V.load(c + V.laneCount)) : right).store(c + V.laneCount)
}
