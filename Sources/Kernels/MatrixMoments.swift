// Passes over a block of samples: row-major, a multiple of sixteen elements to a row.

/// Whether none of `count` values is NaN or infinite.
func allFinite(_ values: UnsafePointer<Double>, _ count: Int) -> Bool {
  var first = SIMD8<Double>.zero
  var second = first
  var index = 0
  while index &+ 16 <= count {
    first += load8(values, index) * 0
    second += load8(values, index &+ 8) * 0
    index &+= 16
  }
  var total = (first + second).sum()
  while index < count {
    total += values[index] * 0
    index &+= 1
  }
  return total == 0
}

/// Eight elements from `index` on: float32 where `Element` is Float.
@inline(__always)
private func loadSamples<Element>(_ base: UnsafeRawPointer, _ index: Int, _ type: Element.Type) -> SIMD8<Double> {
  Element.self == Float.self
    ? widen(base.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self))
    : base.loadUnaligned(fromByteOffset: index &* 8, as: SIMD8<Double>.self)
}

/// Per column of `rows` rows, `stride` elements apart: extremes widened by the block, and the block's sum of scale · x
/// - pivot.
func columnSums(
  _ block: UnsafeRawPointer, _ isSingle: Bool, _ rows: Int, _ stride: Int, _ width: Int,
  _ pivot: UnsafePointer<Double>, _ scale: Double, _ minimum: UnsafeMutablePointer<Double>,
  _ maximum: UnsafeMutablePointer<Double>, _ sum: UnsafeMutablePointer<Double>
) {
  if isSingle {
    columnSums(block, Float.self, rows, stride, width, pivot, scale, minimum, maximum, sum)
  } else {
    columnSums(block, Double.self, rows, stride, width, pivot, scale, minimum, maximum, sum)
  }
}

@inline(__always)
private func columnSums<Element>(
  _ block: UnsafeRawPointer, _ type: Element.Type, _ rows: Int, _ stride: Int, _ width: Int,
  _ pivot: UnsafePointer<Double>, _ scale: Double, _ minimum: UnsafeMutablePointer<Double>,
  _ maximum: UnsafeMutablePointer<Double>, _ sum: UnsafeMutablePointer<Double>
) {
  var column = 0
  while column < width {
    var low = load8(minimum, column)
    var high = load8(maximum, column)
    let origin = load8(pivot, column)
    var even = SIMD8<Double>.zero
    var odd = even
    var at = column
    var row = 0
    while row < rows {
      let value = loadSamples(block, at, type)
      low.replace(with: value, where: value .< low)
      high.replace(with: value, where: value .> high)
      (even, odd) = (odd, even + (value * scale - origin))
      at &+= stride
      row &+= 1
    }
    store8(low, minimum, column)
    store8(high, maximum, column)
    store8(even + odd, sum, column)
    column &+= 8
  }
}

/// Writes scale · x - pivot - centre into panels of `depth` steps, and each row's sum of squares into `squares`.
func centreIntoPanels(
  _ block: UnsafeRawPointer, _ isSingle: Bool, _ rows: Int, _ stride: Int, _ width: Int,
  _ pivot: UnsafePointer<Double>, _ scale: Double, _ centre: UnsafePointer<Double>,
  _ panels: UnsafeMutablePointer<Double>, _ depth: Int, _ lanes: UnsafeMutablePointer<Double>,
  _ squares: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < rows {
    store8(.zero, lanes, row &* 8)
    row &+= 1
  }
  if isSingle {
    packCentred(block, Float.self, rows, stride, width, pivot, scale, centre, panels, depth, lanes)
  } else {
    packCentred(block, Double.self, rows, stride, width, pivot, scale, centre, panels, depth, lanes)
  }
  row = 0
  while row < rows {
    squares[row] = load8(lanes, row &* 8).sum()
    row &+= 1
  }
}

@inline(__always)
private func packCentred<Element>(
  _ block: UnsafeRawPointer, _ type: Element.Type, _ rows: Int, _ stride: Int, _ width: Int,
  _ pivot: UnsafePointer<Double>, _ scale: Double, _ centre: UnsafePointer<Double>,
  _ panels: UnsafeMutablePointer<Double>, _ depth: Int, _ lanes: UnsafeMutablePointer<Double>
) {
  var column = 0
  while column < width {
    let leftPivot = load8(pivot, column)
    let rightPivot = load8(pivot, column &+ 8)
    let leftCentre = load8(centre, column)
    let rightCentre = load8(centre, column &+ 8)
    let panel = panels + column &* depth
    var row = 0
    while row < rows {
      let at = row &* stride &+ column
      let left = loadSamples(block, at, type) * scale - leftPivot - leftCentre
      let right = loadSamples(block, at &+ 8, type) * scale - rightPivot - rightCentre
      store8(left, panel, row &* 16)
      store8(right, panel, row &* 16 &+ 8)
      store8(multiplyAdd(left, left, multiplyAdd(right, right, load8(lanes, row &* 8))), lanes, row &* 8)
      row &+= 1
    }
    column &+= 16
  }
}

/// total[p, j] += sum over k of weights[k] · panels[p, k, j], over the first `rows` steps.
func addWeightedRows(
  _ panels: UnsafePointer<Double>, _ panelCount: Int, _ depth: Int, _ rows: Int, _ weights: UnsafePointer<Double>,
  _ total: UnsafeMutablePointer<Double>
) {
  var index = 0
  while index < panelCount {
    let panel = panels + index &* depth &* 16
    var left = load8(total, index &* 16)
    var right = load8(total, index &* 16 &+ 8)
    var row = 0
    while row < rows {
      let weight = SIMD8<Double>(repeating: weights[row])
      left = multiplyAdd(weight, load8(panel, row &* 16), left)
      right = multiplyAdd(weight, load8(panel, row &* 16 &+ 8), right)
      row &+= 1
    }
    store8(left, total, index &* 16)
    store8(right, total, index &* 16 &+ 8)
    index &+= 1
  }
}
