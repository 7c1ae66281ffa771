/// The sum of squares of contiguous float32 in float64, in one order at every level. It is finite if and only if every
/// element is: no sum of squares of finite float32 leaves float64.
func squareSum(_ base: UnsafeRawPointer, _ count: Int) -> Double {
  var first = SIMD8<Double>.zero
  var second = SIMD8<Double>.zero
  var third = SIMD8<Double>.zero
  var fourth = SIMD8<Double>.zero
  var index = 0
  while index &+ 32 <= count {
    let offset = index &* 4
    let a = widen(base.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self))
    let b = widen(base.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD8<Float>.self))
    let c = widen(base.loadUnaligned(fromByteOffset: offset &+ 64, as: SIMD8<Float>.self))
    let d = widen(base.loadUnaligned(fromByteOffset: offset &+ 96, as: SIMD8<Float>.self))
    first = multiplyAdd(a, a, first)
    second = multiplyAdd(b, b, second)
    third = multiplyAdd(c, c, third)
    fourth = multiplyAdd(d, d, fourth)
    index &+= 32
  }
  var sum = total((first + second) + (third + fourth))
  while index < count {
    let value = Double(base.loadUnaligned(fromByteOffset: index &* 4, as: Float.self))
    sum += value * value
    index &+= 1
  }
  return sum
}
