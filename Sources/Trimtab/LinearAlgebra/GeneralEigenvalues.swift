/// The eigenvalues of a real matrix that need not be symmetric: reduced to Hessenberg form by elimination, then by QR
/// steps with double shifts. Source: Martin, Peters & Wilkinson 1970 (EISPACK's elmhes and hqr).
///
/// - Parameters:
///   - a: order x order, row-major; is destroyed. Finite.
///   - real, imaginary: `order` numbers each; conjugate pairs stand side by side
/// - Returns: whether they were all found.
///
/// Complexity: O(order^3). Since: 0.4.
public func generalEigenvalues(
  _ a: UnsafeMutablePointer<Double>, order n: Int, real: UnsafeMutablePointer<Double>,
  imaginary: UnsafeMutablePointer<Double>
) -> Bool {
  reduceToHessenberg(a, n)
  var iteration = HessenbergIteration(a: a, n: n, real: real, imaginary: imaginary)
  return iteration.run()
}

private func reduceToHessenberg(_ a: UnsafeMutablePointer<Double>, _ n: Int) {
  for m in stride(from: 1, to: n &- 1, by: 1) {
    var pivot = m
    for row in m..<n where a[row &* n &+ m &- 1].magnitude > a[pivot &* n &+ m &- 1].magnitude { pivot = row }
    let head = a[pivot &* n &+ m &- 1]
    if head == 0 { continue }
    if pivot != m {
      for column in (m &- 1)..<n { swapElements(a, pivot &* n &+ column, m &* n &+ column) }
      for row in 0..<n { swapElements(a, row &* n &+ pivot, row &* n &+ m) }
    }
    for row in (m &+ 1)..<n {
      let factor = a[row &* n &+ m &- 1] / head
      if factor == 0 { continue }
      a[row &* n &+ m &- 1] = 0
      for column in m..<n { a[row &* n &+ column] -= factor * a[m &* n &+ column] }
      for other in 0..<n { a[other &* n &+ m] += factor * a[other &* n &+ row] }
    }
  }
}

private func swapElements(_ a: UnsafeMutablePointer<Double>, _ i: Int, _ j: Int) {
  let kept = a[i]
  a[i] = a[j]
  a[j] = kept
}

private struct HessenbergIteration {
  let a: UnsafeMutablePointer<Double>
  let n: Int
  let real: UnsafeMutablePointer<Double>
  let imaginary: UnsafeMutablePointer<Double>
  private var shift = 0.0

  init(
    a: UnsafeMutablePointer<Double>, n: Int, real: UnsafeMutablePointer<Double>,
    imaginary: UnsafeMutablePointer<Double>
  ) {
    (self.a, self.n, self.real, self.imaginary) = (a, n, real, imaginary)
  }

  mutating func run() -> Bool {
    var norm = 0.0
    for i in 0..<n { for j in max(i &- 1, 0)..<n { norm += a[i &* n &+ j].magnitude } }
    var (last, tries) = (n &- 1, 0)
    while last >= 0 {
      let first = deflation(last, norm)
      let x = a[last &* n &+ last]
      if first == last {
        (real[last], imaginary[last]) = (x + shift, 0)
        (last, tries) = (last &- 1, 0)
      } else if first == last &- 1 {
        solvePair(last, x)
        (last, tries) = (last &- 2, 0)
      } else {
        if tries >= 60 { return false }
        step(first, last, isExceptional: tries > 0 && tries % 10 == 0)
        tries = tries &+ 1
      }
    }
    return true
  }

  /// The row from which on nothing but a negligible element ties the block that ends at `last`.
  private func deflation(_ last: Int, _ norm: Double) -> Int {
    var row = last
    while row > 0 {
      var size = a[(row &- 1) &* n &+ row &- 1].magnitude + a[row &* n &+ row].magnitude
      if size == 0 { size = norm }
      if a[row &* n &+ row &- 1].magnitude + size == size {
        a[row &* n &+ row &- 1] = 0
        break
      }
      row = row &- 1
    }
    return row
  }

  private func solvePair(_ last: Int, _ x: Double) {
    let y = a[(last &- 1) &* n &+ last &- 1]
    let w = a[last &* n &+ last &- 1] * a[(last &- 1) &* n &+ last]
    let p = 0.5 * (y - x)
    let q = p * p + w
    let z = q.magnitude.squareRoot()
    let origin = x + shift
    if q >= 0 {
      let far = p + (p < 0 ? -z : z)
      real[last &- 1] = origin + far
      real[last] = far == 0 ? origin + far : origin - w / far
      (imaginary[last &- 1], imaginary[last]) = (0, 0)
    } else {
      (real[last &- 1], real[last]) = (origin + p, origin + p)
      (imaginary[last &- 1], imaginary[last]) = (z, -z)
    }
  }

  private mutating func step(_ first: Int, _ last: Int, isExceptional: Bool) {
    var x = a[last &* n &+ last]
    var y = a[(last &- 1) &* n &+ last &- 1]
    var w = a[last &* n &+ last &- 1] * a[(last &- 1) &* n &+ last]
    if isExceptional {
      shift += x
      for i in 0...last { a[i &* n &+ i] -= x }
      let s = a[last &* n &+ last &- 1].magnitude + a[(last &- 1) &* n &+ last &- 2].magnitude
      (x, y, w) = (0.75 * s, 0.75 * s, -0.4375 * s * s)
    }
    var (p, q, r) = (0.0, 0.0, 0.0)
    var start = last &- 2
    while true {
      let z = a[start &* n &+ start]
      let (dx, dy) = (x - z, y - z)
      p = (dx * dy - w) / a[(start &+ 1) &* n &+ start] + a[start &* n &+ start &+ 1]
      q = a[(start &+ 1) &* n &+ start &+ 1] - z - dx - dy
      r = a[(start &+ 2) &* n &+ start &+ 1]
      let s = p.magnitude + q.magnitude + r.magnitude
      (p, q, r) = (p / s, q / s, r / s)
      if start == first { break }
      let u = a[start &* n &+ start &- 1].magnitude * (q.magnitude + r.magnitude)
      let v =
        p.magnitude
        * (a[(start &- 1) &* n &+ start &- 1].magnitude + z.magnitude + a[(start &+ 1) &* n &+ start &+ 1].magnitude)
      if u + v == v { break }
      start = start &- 1
    }
    for i in (start &+ 2)...last {
      a[i &* n &+ i &- 2] = 0
      if i != start &+ 2 { a[i &* n &+ i &- 3] = 0 }
    }
    sweep(first, start, last, p, q, r)
  }

  private func sweep(_ first: Int, _ start: Int, _ last: Int, _ p0: Double, _ q0: Double, _ r0: Double) {
    var (p, q, r, x) = (p0, q0, r0, 0.0)
    for k in start..<last {
      let hasThird = k != last &- 1
      if k != start {
        p = a[k &* n &+ k &- 1]
        q = a[(k &+ 1) &* n &+ k &- 1]
        r = hasThird ? a[(k &+ 2) &* n &+ k &- 1] : 0
        x = p.magnitude + q.magnitude + r.magnitude
        if x == 0 { continue }
        (p, q, r) = (p / x, q / x, r / x)
      }
      let size = (p * p + q * q + r * r).squareRoot()
      let s = p < 0 ? -size : size
      if s == 0 { continue }
      if k == start {
        if first != start { a[k &* n &+ k &- 1] = -a[k &* n &+ k &- 1] }
      } else {
        a[k &* n &+ k &- 1] = -s * x
      }
      p += s
      let (alpha, beta, gamma) = (p / s, q / s, r / s)
      q /= p
      r /= p
      for j in k..<n {
        var sum = a[k &* n &+ j] + q * a[(k &+ 1) &* n &+ j]
        if hasThird {
          sum += r * a[(k &+ 2) &* n &+ j]
          a[(k &+ 2) &* n &+ j] -= sum * gamma
        }
        a[(k &+ 1) &* n &+ j] -= sum * beta
        a[k &* n &+ j] -= sum * alpha
      }
      for i in 0...min(last, k &+ 3) {
        var sum = alpha * a[i &* n &+ k] + beta * a[i &* n &+ k &+ 1]
        if hasThird {
          sum += gamma * a[i &* n &+ k &+ 2]
          a[i &* n &+ k &+ 2] -= sum * r
        }
        a[i &* n &+ k &+ 1] -= sum * q
        a[i &* n &+ k] -= sum
      }
    }
  }
}
