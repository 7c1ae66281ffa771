// Four lanes at a time: there are processors that widen float32 to eight lanes at half the speed of two times four.

/// The sum of squares of contiguous float32 in float64, in one order at every level. It is finite if and only if every
/// element is: no sum of squares of finite float32 leaves float64.
func squareSum(_ base: UnsafeRawPointer, _ count: Int) -> Double {
  #if TRIMTAB_FMA
    var greatest = SIMD8<UInt32>()
    return squares(base, count, &greatest, alsoGreatest: false)
  #else
    // The baseline is kept small.
    var greatest: UInt32 = 0
    return squareSumAndGreatest(base, count, &greatest)
  #endif
}

/// The same, and the bits of the greatest magnitude.
func squareSumAndGreatest(_ base: UnsafeRawPointer, _ count: Int, _ bits: UnsafeMutablePointer<UInt32>) -> Double {
  var greatest = SIMD8<UInt32>()
  let sum = squares(base, count, &greatest, alsoGreatest: true)
  let four = greatest.lowHalf.replacing(with: greatest.highHalf, where: greatest.highHalf .> greatest.lowHalf)
  bits.pointee = max(max(four[0], four[1]), max(four[2], four[3]))
  return sum
}

@inline(__always)
private func squares(
  _ base: UnsafeRawPointer, _ count: Int, _ greatest: inout SIMD8<UInt32>, alsoGreatest: Bool
) -> Double {
  var (a, b, c, d) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
  var (e, f, g, h) = (a, a, a, a)
  var other = greatest
  var index = 0
  while index &+ 32 <= count {
    let run = base + index &* 4
    addSquares(run, 0, &a, &b)
    addSquares(run, 32, &c, &d)
    addSquares(run, 64, &e, &f)
    addSquares(run, 96, &g, &h)
    if alsoGreatest {
      raise(&greatest, run, 0)
      raise(&other, run, 32)
      raise(&greatest, run, 64)
      raise(&other, run, 96)
    }
    index &+= 32
  }
  let four = ((a + c) + (e + g)) + ((b + d) + (f + h))
  let two = four.lowHalf + four.highHalf
  var sum = two[0] + two[1]
  if alsoGreatest { greatest.replace(with: other, where: other .> greatest) }
  while index < count {
    let single = base.loadUnaligned(fromByteOffset: index &* 4, as: Float.self)
    let value = Double(single)
    sum += value * value
    if alsoGreatest { greatest[0] = max(greatest[0], single.magnitude.bitPattern) }
    index &+= 1
  }
  return sum
}

/// Eight elements: the first four to one sum, the next to another.
@inline(__always)
private func addSquares(
  _ base: UnsafeRawPointer, _ offset: Int, _ first: inout SIMD4<Double>, _ second: inout SIMD4<Double>
) {
  let low = widen(base.loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self))
  let high = widen(base.loadUnaligned(fromByteOffset: offset &+ 16, as: SIMD4<Float>.self))
  // The product of two float32 is exact in float64, so a fused step gives the same bits.
  #if TRIMTAB_FMA
    first = first.addingProduct(low, low)
    second = second.addingProduct(high, high)
  #else
    first += low * low
    second += high * high
  #endif
}

@inline(__always)
private func raise(_ greatest: inout SIMD8<UInt32>, _ base: UnsafeRawPointer, _ offset: Int) {
  let found = base.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self) & SIMD8(repeating: 0x7FFF_FFFF)
  greatest.replace(with: found, where: found .> greatest)
}

@inline(__always) private func widen(_ v: SIMD4<Float>) -> SIMD4<Double> {
  SIMD4<Double>(Double(v[0]), Double(v[1]), Double(v[2]), Double(v[3]))
}
