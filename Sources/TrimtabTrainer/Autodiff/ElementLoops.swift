internal import Trimtab

/// out = function(x), or weights · function(x).
func applyFunction<L: ElementLanes>(
  _ function: ElementFunction, _ weights: UnsafePointer<L.Element>?, _ x: UnsafePointer<L.Element>,
  _ out: UnsafeMutablePointer<L.Element>, _ count: Int, _ lanes: L.Type
) {
  var index = 0
  // What most steps are made of goes eight at a time.
  if function.kind == .leaky || (function.kind == .linear && weights == nil) {
    let slope = L.splat(L.narrow(function.a))
    let offset = L.splat(L.narrow(function.kind == .leaky ? 1 : function.b))
    while index &+ 8 <= count {
      let value = L.load(x + index)
      var result: L
      if function.kind == .linear {
        result =
          function.order == 0 ? value.times(slope).plus(offset) : function.order == 1 ? slope : L.splat(L.narrow(0))
      } else if function.order == 0 {
        result = value.selected(where: value, else: value.times(slope))
      } else {
        result = offset.selected(where: value, else: slope)
      }
      if let weights { result = result.times(L.load(weights + index)) }
      result.store(out + index)
      index = index &+ 8
    }
  }
  while index < count {
    var result = L.narrow(function(L.widen(x[index])))
    if let weights { result = L.narrow(L.widen(result) * L.widen(weights[index])) }
    out[index] = result
    index = index &+ 1
  }
}

/// One run of a sum, difference, product or quotient; a step is 1, or 0 for an operand that is repeated.
func combineRun<L: ElementLanes>(
  _ operation: Operation, _ a: UnsafePointer<L.Element>, _ aStep: Int, _ b: UnsafePointer<L.Element>, _ bStep: Int,
  _ out: UnsafeMutablePointer<L.Element>, _ count: Int, _ lanes: L.Type
) {
  @inline(__always) func loop(_ wide: (L, L) -> L, _ narrow: (Double, Double) -> Double) {
    var index = 0
    while index &+ 8 <= count {
      let x = aStep == 0 ? L.splat(a.pointee) : L.load(a + index)
      let y = bStep == 0 ? L.splat(b.pointee) : L.load(b + index)
      wide(x, y).store(out + index)
      index = index &+ 8
    }
    while index < count {
      out[index] = L.narrow(narrow(L.widen(a[index &* aStep]), L.widen(b[index &* bStep])))
      index = index &+ 1
    }
  }
  switch operation {
  case .add: loop({ $0.plus($1) }, +)
  case .subtract: loop({ $0.minus($1) }, -)
  case .multiply: loop({ $0.times($1) }, *)
  default: loop({ $0.over($1) }, /)
  }
}

/// Adds a run to sums in float64: to one where `step` is 0, else each element to its own.
func sumRun<L: ElementLanes>(
  _ x: UnsafePointer<L.Element>, _ sums: UnsafeMutablePointer<Double>, _ step: Int, _ count: Int, _ lanes: L.Type
) {
  var index = 0
  if step == 0 {
    var total = SIMD8<Double>.zero
    while index &+ 8 <= count {
      total += L.load(x + index).wide
      index = index &+ 8
    }
    let four = total.lowHalf + total.highHalf
    var sum = (four[0] + four[2]) + (four[1] + four[3])
    while index < count {
      sum += L.widen(x[index])
      index = index &+ 1
    }
    sums.pointee += sum
    return
  }
  while index &+ 8 <= count {
    let place = UnsafeMutableRawPointer(sums + index)
    place.storeBytes(of: place.loadUnaligned(as: SIMD8<Double>.self) + L.load(x + index).wide, as: SIMD8<Double>.self)
    index = index &+ 8
  }
  while index < count {
    sums[index] += L.widen(x[index])
    index = index &+ 1
  }
}

/// Softmax or its logarithm of a row; a row that holds NaN or +Inf becomes NaN.
func softmaxRow(_ row: UnsafeMutablePointer<Double>, _ count: Int, isLogarithm: Bool) {
  var greatest = -Double.infinity
  for index in 0..<count { greatest = max(greatest, row[index]) }
  var sum = 0.0
  for index in 0..<count {
    let value = exponential(row[index] - greatest)
    sum += value
    if !isLogarithm { row[index] = value }
  }
  let shift = greatest + logarithm(sum)
  for index in 0..<count { row[index] = isLogarithm ? row[index] - shift : row[index] / sum }
}

/// out = S x or S^T x for matrices of `width` columns.
func multiplySparse<L: ElementLanes>(
  _ matrix: SparseMatrix, _ transposes: Bool, _ x: UnsafePointer<L.Element>, _ out: UnsafeMutablePointer<L.Element>,
  _ width: Int, _ count: Int, _ lanes: L.Type
) {
  for index in 0..<count { out[index] = L.narrow(0) }
  for row in 0..<matrix.rows {
    for place in matrix.starts.pointer[row]..<matrix.starts.pointer[row &+ 1] {
      let column = matrix.places.pointer[place]
      let from = x + (transposes ? row : column) &* width
      let to = out + (transposes ? column : row) &* width
      addScaled(L.narrow(matrix.values.pointer[place]), from, to, width, lanes)
    }
  }
}

/// y += factor · x
@inline(__always)
func addScaled<L: ElementLanes>(
  _ factor: L.Element, _ x: UnsafePointer<L.Element>, _ y: UnsafeMutablePointer<L.Element>, _ count: Int,
  _ lanes: L.Type
) {
  var index = 0
  let factors = L.splat(factor)
  while index &+ 8 <= count {
    L.load(y + index).plus(L.load(x + index).times(factors)).store(y + index)
    index = index &+ 8
  }
  while index < count {
    let product = L.narrow(L.widen(x[index]) * L.widen(factor))
    y[index] = L.narrow(L.widen(y[index]) + L.widen(product))
    index = index &+ 1
  }
}
