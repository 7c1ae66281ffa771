/// x · y over `count` doubles, in a fixed order of additions.
func dotProduct(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
  var first = SIMD8<Double>.zero
  var second = SIMD8<Double>.zero
  let a = UnsafeRawPointer(x)
  let b = UnsafeRawPointer(y)
  var index = 0
  while index &+ 16 <= count {
    let offset = index &* 8
    first = multiplyAdd(
      a.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self),
      b.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self), first)
    second = multiplyAdd(
      a.loadUnaligned(fromByteOffset: offset &+ 64, as: SIMD8<Double>.self),
      b.loadUnaligned(fromByteOffset: offset &+ 64, as: SIMD8<Double>.self), second)
    index &+= 16
  }
  var total = (first + second).sum()
  while index < count {
    total += x[index] * y[index]
    index &+= 1
  }
  return total
}

/// y += scale · x over `count` doubles.
func addScaled(
  _ scale: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int
) {
  let a = UnsafeRawPointer(x)
  let b = UnsafeMutableRawPointer(y)
  var index = 0
  while index &+ 8 <= count {
    let offset = index &* 8
    let sum = multiplyAdd(
      a.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self), SIMD8(repeating: scale),
      b.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self))
    b.storeBytes(of: sum, toByteOffset: offset, as: SIMD8<Double>.self)
    index &+= 8
  }
  while index < count {
    y[index] += scale * x[index]
    index &+= 1
  }
}
