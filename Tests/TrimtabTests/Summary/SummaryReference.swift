import Foundation

@testable import Trimtab

/// One element's value by the definition of its type, digit by digit; nothing of the engine is used.
func decode(_ pattern: UInt64, _ type: ElementType) -> Double {
  switch type {
  case .float64: Double(bitPattern: pattern)
  case .float32: decodeFloat(pattern, exponentBits: 8, fractionBits: 23)
  case .float16: decodeFloat(pattern, exponentBits: 5, fractionBits: 10)
  case .bfloat16: decodeFloat(pattern, exponentBits: 8, fractionBits: 7)
  case .float8e5m2: decodeFloat(pattern, exponentBits: 5, fractionBits: 2)
  case .float8e4m3fn:
    pattern & 0x7F == 0x7F ? .nan : decodeFloat(pattern, exponentBits: 4, fractionBits: 3, hasSpecials: false)
  case .int8: Double(Int8(truncatingIfNeeded: pattern))
  case .int16: Double(Int16(truncatingIfNeeded: pattern))
  case .int32: Double(Int32(truncatingIfNeeded: pattern))
  case .int64: Double(Int64(truncatingIfNeeded: pattern))
  case .uint8, .uint16, .uint32, .uint64: Double(pattern)
  case .bool: pattern == 0 ? 0 : 1
  }
}

private func decodeFloat(
  _ pattern: UInt64, exponentBits: Int, fractionBits: Int, hasSpecials: Bool = true
) -> Double {
  let bias = (1 << (exponentBits - 1)) - 1
  let exponent = Int(pattern >> UInt64(fractionBits)) & ((1 << exponentBits) - 1)
  let fraction = Double(pattern & ((1 << UInt64(fractionBits)) - 1)) * pow(2, Double(-fractionBits))
  let sign: Double = pattern >> UInt64(exponentBits + fractionBits) & 1 == 1 ? -1 : 1
  if hasSpecials, exponent == (1 << exponentBits) - 1 { return fraction == 0 ? sign * .infinity : .nan }
  if exponent == 0 { return sign * fraction * pow(2, Double(1 - bias)) }
  return sign * (1 + fraction) * pow(2, Double(exponent - bias))
}

/// The least magnitude that is not subnormal; 0 for integers.
func leastNormal(_ type: ElementType) -> Double {
  switch type {
  case .float64: 0x1p-1022
  case .float32, .bfloat16: 0x1p-126
  case .float16, .float8e5m2: 0x1p-14
  case .float8e4m3fn: 0x1p-6
  default: 0
  }
}

/// Neumaier's sum: exact to a unit in the last place for what is added here.
private struct CompensatedSum {
  private var sum = 0.0
  private var lost = 0.0
  var value: Double { sum + lost }

  mutating func add(_ value: Double) {
    let next = sum + value
    lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
    sum = next
  }
}

/// What a summary must say about values in this order, by the plainest loops.
struct SummaryReference {
  var summary = Summary()
  /// Sums with the greatest magnitude divided out.
  var sum = 0.0
  var absoluteSum = 0.0
  var squareSum = 0.0
  var greatest = 0.0

  init(_ values: [Double], _ type: ElementType) {
    for (index, value) in values.enumerated() {
      summary.count += 1
      if value.isNaN { summary.nanCount += 1 }
      if value == .infinity { summary.positiveInfinityCount += 1 }
      if value == -.infinity { summary.negativeInfinityCount += 1 }
      if !value.isFinite {
        if summary.firstNonfiniteIndex < 0 { summary.firstNonfiniteIndex = index }
        continue
      }
      if value == 0 { summary.zeroCount += 1 }
      if value != 0 && abs(value) < leastNormal(type) { summary.subnormalCount += 1 }
      summary.minimum = min(summary.minimum, value)
      summary.maximum = max(summary.maximum, value)
      greatest = max(greatest, abs(value))
    }
    summary.greatestMagnitude = greatest
    guard greatest > 0 else { return }
    var sums = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    for value in values where value.isFinite {
      let part = greatest < 0x1p-1000 ? value * 0x1p70 / (greatest * 0x1p70) : value / greatest
      sums.0.add(part)
      sums.1.add(abs(part))
      sums.2.add(part * part)
    }
    (sum, absoluteSum, squareSum) = (sums.0.value, sums.1.value, sums.2.value)
  }

  /// What is wrong with `found`; nil if nothing is.
  func difference(_ found: Summary, _ name: String, tolerance: Double = 1e-14) -> String? {
    let wanted = summary
    func exact(_ field: String, _ got: Double, _ want: Double) -> String? {
      got == want ? nil : "\(name): \(field) is \(got), should be \(want)"
    }
    let counts: [(String, Int, Int)] = [
      ("count", found.count, wanted.count), ("nan", found.nanCount, wanted.nanCount),
      ("+inf", found.positiveInfinityCount, wanted.positiveInfinityCount),
      ("-inf", found.negativeInfinityCount, wanted.negativeInfinityCount),
      ("zero", found.zeroCount, wanted.zeroCount), ("subnormal", found.subnormalCount, wanted.subnormalCount),
      ("first", found.firstNonfiniteIndex, wanted.firstNonfiniteIndex),
    ]
    for (field, got, want) in counts where got != want { return "\(name): \(field) is \(got), should be \(want)" }
    if let text = exact("minimum", found.minimum, wanted.minimum) ?? exact("maximum", found.maximum, wanted.maximum)
      ?? exact("greatest", found.greatestMagnitude, greatest)
    {
      return text
    }
    let exponent = greatest > 0 && !(greatest >= 0x1p-400 && greatest <= 0x1p480) ? Int32(greatest.exponent) : 0
    if found.scaleExponent != exponent { return "\(name): exponent is \(found.scaleExponent), should be \(exponent)" }
    let finite = Double(max(wanted.count - wanted.nonfiniteCount, 1))
    func close(_ field: String, _ got: Double, _ ratio: Double, _ scale: Double) -> String? {
      let want = ratio * greatest
      if want.isInfinite || got.isInfinite { return exact(field, got, want) }
      // Below float64's normal range half a unit in the last place is all that can be had.
      return abs(got - want) <= tolerance * scale * greatest + 0x1p-1074
        ? nil : "\(name): \(field) is \(got), should be \(want)"
    }
    return close("mean", found.mean, sum / finite, absoluteSum / finite)
      ?? close("l1", found.l1Norm, absoluteSum, absoluteSum)
      ?? close("l2", found.l2Norm, squareSum.squareRoot(), squareSum.squareRoot())
  }
}

/// Bytes of patterns, `offset` bytes into their memory.
func bytes(_ patterns: [UInt64], _ type: ElementType, offset: Int = 0) -> [UInt8] {
  var result = [UInt8](repeating: 0xA5, count: offset)
  for pattern in patterns {
    for byte in 0..<type.byteCount { result.append(UInt8(truncatingIfNeeded: pattern >> UInt64(8 * byte))) }
  }
  return result
}

func summarize(_ patterns: [UInt64], _ type: ElementType, offset: Int = 0) throws -> Summary {
  try bytes(patterns, type, offset: offset).withUnsafeBytes {
    summarize(try TensorView($0.baseAddress.map { $0 + offset }, type, shape: [patterns.count]))
  }
}

func summarize(_ values: [Double]) throws -> Summary { try summarize(values.map(\.bitPattern), .float64) }
