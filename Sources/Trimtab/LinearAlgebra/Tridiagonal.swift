/// x becomes the unit eigenvector of a symmetric tridiagonal matrix that belongs to the eigenvalue nearest `value`.
///
/// Four solves by Gaussian elimination with partial pivoting; zero pivots are replaced by rounding errors, of numbers
/// of the magnitude `unit`. Source: Golub & Van Loan, 8.2.2.
func inverseIteration(
  _ d: UnsafePointer<Double>, _ e: UnsafePointer<Double>, _ count: Int, _ value: Double,
  _ x: UnsafeMutablePointer<Double>, unit: Double = 1
) throws(TrimtabError) {
  guard count > 0 else { return }
  let memory = try Storage<Double>(count: 5 &* count, for: "inverse iteration")
  let diagonal = memory.pointer
  let first = diagonal + count
  let second = first + count
  let factor = second + count
  let swapped = factor + count
  for i in 0..<count {
    diagonal[i] = d[i] - value
    first[i] = i &+ 1 < count ? e[i] : 0
    // Any start will do that no eigenvector is orthogonal to: a fixed irregular one.
    x[i] = 1 + 0.5 * Double((i &* 7919) % 101) / 101
  }
  let tiny = 0x1p-52 * unit
  for i in 0..<max(count &- 1, 0) {
    let below = e[i]
    let next = i &+ 2 < count ? first[i &+ 1] : 0
    if abs(below) > abs(diagonal[i]) {
      swapped[i] = 1
      factor[i] = diagonal[i] / below
      let (oldFirst, oldDiagonal) = (first[i], diagonal[i &+ 1])
      diagonal[i] = below
      first[i] = oldDiagonal
      second[i] = next
      diagonal[i &+ 1] = oldFirst - factor[i] * oldDiagonal
      first[i &+ 1] = -factor[i] * next
    } else {
      if abs(diagonal[i]) < tiny { diagonal[i] = tiny }
      factor[i] = below / diagonal[i]
      diagonal[i &+ 1] -= factor[i] * first[i]
    }
  }
  if abs(diagonal[count &- 1]) < tiny { diagonal[count &- 1] = tiny }
  for round in 0..<4 {
    if round > 0 {
      for i in 0..<max(count &- 1, 0) {
        if swapped[i] != 0 { (x[i], x[i &+ 1]) = (x[i &+ 1], x[i]) }
        x[i &+ 1] -= factor[i] * x[i]
      }
    }
    for i in Swift.stride(from: count &- 1, through: 0, by: -1) {
      var sum = x[i]
      if i &+ 1 < count { sum -= first[i] * x[i &+ 1] }
      if i &+ 2 < count { sum -= second[i] * x[i &+ 2] }
      x[i] = sum / diagonal[i]
    }
    var largest = 0.0
    for i in 0..<count { largest = max(largest, abs(x[i])) }
    guard largest > 0, largest < .infinity else { return }
    for i in 0..<count { x[i] /= largest }
  }
  let length = kernels.dotProduct(x, x, count).squareRoot()
  for i in 0..<count { x[i] /= length }
}

/// Eigenvalues above `value` of the symmetric tridiagonal matrix with diagonal d and e beside it, by Sylvester's law of
/// inertia.
func eigenvaluesAbove(_ value: Double, _ d: UnsafePointer<Double>, _ e: UnsafePointer<Double>, _ count: Int)
  -> Int
{
  var above = 0
  var pivot = 1.0
  for i in 0..<count {
    let coupling = i > 0 ? e[i &- 1] * e[i &- 1] / pivot : 0
    pivot = d[i] - value - coupling
    if abs(pivot) < 0x1p-900 { pivot = 0x1p-900 }
    if pivot > 0 { above = above &+ 1 }
  }
  return above
}

/// The eigenvalue with `rank` eigenvalues above it, to rounding, by bisection. Source: Golub & Van Loan, 8.4.1.
func tridiagonalEigenvalue(
  rank: Int, _ d: UnsafePointer<Double>, _ e: UnsafePointer<Double>, _ count: Int
) -> Double {
  var low = Double.infinity
  var high = -Double.infinity
  for i in 0..<count {
    let radius = (i > 0 ? abs(e[i &- 1]) : 0) + (i &+ 1 < count ? abs(e[i]) : 0)
    low = min(low, d[i] - radius)
    high = max(high, d[i] + radius)
  }
  for _ in 0..<100 {
    let middle = low + 0.5 * (high - low)
    guard middle > low, middle < high else { break }
    if eigenvaluesAbove(middle, d, e, count) > rank { low = middle } else { high = middle }
  }
  return low + 0.5 * (high - low)
}
