/// Numbers of which each is a function of a seed, a stream and its index: there is no state, so a number does not depend
/// on which others were asked for, on their order, or on the machine.
///
/// Philox4x32-10 makes 128 bits from a key and a counter of 128. The key is the seed, its low 32 bits first; the
/// counter's four words are the index, low word first, then the stream, low word first. Of the four words of the result,
/// r0 to r3, only r0 + 2^32 r1 is used. Source: Salmon, Moraes, Dror & Shaw 2011. Since: 0.3.
public struct RandomNumbers: Sendable, BitwiseCopyable {
  public let seed: UInt64
  public let stream: UInt64

  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// 64 random bits: r0 + 2^32 r1.
  public func bits(at index: UInt64) -> UInt64 {
    let low = UInt32(truncatingIfNeeded: index)
    let high = UInt32(truncatingIfNeeded: index >> 32)
    let block = philox(
      SIMD4(low, high, UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)), key: seed)
    return UInt64(block[0]) | UInt64(block[1]) << 32
  }

  /// Uniform in (0, 1): with k the upper 52 of the 64 bits, (2 k + 1) / 2^53. All are float64 without rounding, 0 and 1
  /// are none of them, and with u also 1 - u is one.
  public func uniform(at index: UInt64) -> Double {
    Double((bits(at: index) >> 12) << 1 | 1) * 0x1p-53
  }

  /// Normal of mean 0 and variance 1: the inverse distribution function of the uniform number. Its magnitude is at most
  /// 8.21.
  public func normal(at index: UInt64) -> Double { normalQuantile(uniform(at: index)) }

  /// A whole number from 0 to below `limit`: the upper 64 bits of the product of `limit` and the 64 bits; each is
  /// met with probability 1 / limit to within 2^-64. 0 where `limit` is 0.
  public func number(at index: UInt64, below limit: UInt64) -> UInt64 {
    bits(at: index).multipliedFullWidth(by: limit).high
  }
}

/// One block of Philox4x32-10.
public func philox(_ counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
  var x = counter
  var low = UInt32(truncatingIfNeeded: key)
  var high = UInt32(truncatingIfNeeded: key >> 32)
  for _ in 0..<10 {
    let a = UInt64(x[0]) &* 0xD251_1F53
    let b = UInt64(x[2]) &* 0xCD9E_8D57
    x = SIMD4(
      UInt32(truncatingIfNeeded: b >> 32) ^ x[1] ^ low, UInt32(truncatingIfNeeded: b),
      UInt32(truncatingIfNeeded: a >> 32) ^ x[3] ^ high, UInt32(truncatingIfNeeded: a))
    low = low &+ 0x9E37_79B9
    high = high &+ 0xBB67_AE85
  }
  return x
}
