// What the summary kernels say about whole vectors, spelled for concrete vectors: the generic forms do not reach vector
// instructions.

@inline(__always) func splat(_ value: UInt32) -> SIMD16<UInt32> { SIMD16(repeating: value) }
@inline(__always) func splat(_ value: UInt64) -> SIMD8<UInt64> { SIMD8(repeating: value) }
@inline(__always) func splat(_ value: Double) -> SIMD8<Double> { SIMD8(repeating: value) }

@inline(__always) func bits(_ values: SIMD16<Float>) -> SIMD16<UInt32> {
  unsafeBitCast(values, to: SIMD16<UInt32>.self)
}
@inline(__always) func bits(_ values: SIMD8<Double>) -> SIMD8<UInt64> {
  unsafeBitCast(values, to: SIMD8<UInt64>.self)
}
@inline(__always) func magnitude(_ values: SIMD8<Double>) -> SIMD8<Double> {
  unsafeBitCast(bits(values) & splat(0x7FFF_FFFF_FFFF_FFFF), to: SIMD8<Double>.self)
}

/// The lesser of each pair; `a` where `b` is NaN.
@inline(__always) func lesser(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  a.replacing(with: b, where: b .< a)
}
@inline(__always) func greater(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
  a.replacing(with: b, where: b .> a)
}
@inline(__always) func lesser(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
  a.replacing(with: b, where: b .< a)
}
@inline(__always) func greater(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
  a.replacing(with: b, where: b .> a)
}
@inline(__always) func lesser(_ a: SIMD16<UInt32>, _ b: SIMD16<UInt32>) -> SIMD16<UInt32> {
  a.replacing(with: b, where: b .< a)
}
@inline(__always) func lesser(_ a: SIMD8<UInt64>, _ b: SIMD8<UInt64>) -> SIMD8<UInt64> {
  a.replacing(with: b, where: b .< a)
}

// Across the lanes of one vector.

@inline(__always) func lowest(_ values: SIMD8<Float>) -> Float {
  let four = values.lowHalf.replacing(with: values.highHalf, where: values.highHalf .< values.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}
@inline(__always) func lowest(_ values: SIMD16<Float>) -> Float {
  lowest(values.lowHalf.replacing(with: values.highHalf, where: values.highHalf .< values.lowHalf))
}
@inline(__always) func highest(_ values: SIMD16<Float>) -> Float { -lowest(-values) }

@inline(__always) func lowest(_ values: SIMD8<Double>) -> Double {
  let four = values.lowHalf.replacing(with: values.highHalf, where: values.highHalf .< values.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}
@inline(__always) func highest(_ values: SIMD8<Double>) -> Double { -lowest(-values) }

@inline(__always) func lowest(_ values: SIMD16<UInt32>) -> UInt32 {
  let eight = values.lowHalf.replacing(with: values.highHalf, where: values.highHalf .< values.lowHalf)
  let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .< eight.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}
@inline(__always) func lowest(_ values: SIMD8<UInt64>) -> UInt64 {
  let four = values.lowHalf.replacing(with: values.highHalf, where: values.highHalf .< values.lowHalf)
  return min(min(four[0], four[1]), min(four[2], four[3]))
}

/// In one order at every level.
@inline(__always) func total(_ values: SIMD8<Double>) -> Double {
  let four = values.lowHalf + values.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// Spelled lane by lane, which the compiler makes one instruction; the standard library's conversion may stay a call.
@inline(__always) func widen(_ v: SIMD8<Float>) -> SIMD8<Double> {
  SIMD8<Double>(
    Double(v[0]), Double(v[1]), Double(v[2]), Double(v[3]), Double(v[4]), Double(v[5]), Double(v[6]), Double(v[7]))
}
