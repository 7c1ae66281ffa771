// Passes over a block of samples: row-major, each row padded with zeros to a multiple of sixteen.

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

/// Per column: extremes widened by the block, and the block's sum of scale · x - pivot.
func columnSums(
  _ block: UnsafePointer<Double>, _ rows: Int, _ width: Int, _ pivot: UnsafePointer<Double>, _ scale: Double,
  _ minimum: UnsafeMutablePointer<Double>, _ maximum: UnsafeMutablePointer<Double>, _ sum: UnsafeMutablePointer<Double>
) {
  var column = 0
  while column < width {
    var low = load8(minimum, column)
    var high = load8(maximum, column)
    let origin = load8(pivot, column)
    var total = SIMD8<Double>.zero
    var other = total
    var at = column
    var row = 0
    while row < rows {
      let value = load8(block, at)
      low.replace(with: value, where: value .< low)
      high.replace(with: value, where: value .> high)
      let centred = value * scale - origin
      if row & 1 == 0 { total += centred } else { other += centred }
      at &+= width
      row &+= 1
    }
    store8(low, minimum, column)
    store8(high, maximum, column)
    store8(total + other, sum, column)
    column &+= 8
  }
}

/// Writes scale · x - pivot - centre into panels of `depth` steps, and each row's sum of squares into `squares`.
func centreIntoPanels(
  _ block: UnsafePointer<Double>, _ rows: Int, _ width: Int, _ pivot: UnsafePointer<Double>, _ scale: Double,
  _ centre: UnsafePointer<Double>, _ panels: UnsafeMutablePointer<Double>, _ depth: Int,
  _ lanes: UnsafeMutablePointer<Double>, _ squares: UnsafeMutablePointer<Double>
) {
  var row = 0
  while row < rows {
    store8(.zero, lanes, row &* 8)
    row &+= 1
  }
  var column = 0
  while column < width {
    let leftPivot = load8(pivot, column)
    let rightPivot = load8(pivot, column &+ 8)
    let leftCentre = load8(centre, column)
    let rightCentre = load8(centre, column &+ 8)
    let panel = panels + column &* depth
    row = 0
    while row < rows {
      let at = row &* width &+ column
      let left = load8(block, at) * scale - leftPivot - leftCentre
      let right = load8(block, at &+ 8) * scale - rightPivot - rightCentre
      store8(left, panel, row &* 16)
      store8(right, panel, row &* 16 &+ 8)
      store8(multiplyAdd(left, left, multiplyAdd(right, right, load8(lanes, row &* 8))), lanes, row &* 8)
      row &+= 1
    }
    column &+= 16
  }
  row = 0
  while row < rows {
    squares[row] = load8(lanes, row &* 8).sum()
    row &+= 1
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
