/// Decimal numbers as text, rounded correctly, without a copy.
enum DecimalNumber {
  /// The number at the front of `text` and the bytes that it takes: `[+-] digits [. digits] [e [+-] digits]`.
  ///
  /// - Parameter commas: whether a comma is a decimal mark too.
  /// - Returns: nil where no number stands there.
  static func parse(_ text: UnsafeBufferPointer<UInt8>, commas: Bool) -> (value: Double, count: Int)? {
    var place = 0
    var isNegative = false
    if place < text.count, text[place] == UInt8(ascii: "-") || text[place] == UInt8(ascii: "+") {
      isNegative = text[place] == UInt8(ascii: "-")
      place += 1
    }
    var mantissa: UInt64 = 0
    var significant = 0
    var digits = 0
    var fraction = 0
    var hasMark = false
    while place < text.count {
      let digit = text[place] &- UInt8(ascii: "0")
      if digit < 10 {
        if mantissa > 0 || digit > 0 { significant += 1 }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits += 1
        if hasMark { fraction += 1 }
      } else if !hasMark, text[place] == UInt8(ascii: ".") || commas && text[place] == UInt8(ascii: ",") {
        hasMark = true
      } else {
        break
      }
      place += 1
    }
    guard digits > 0 else { return nil }
    var exponent = 0
    takeExponent(text, &place, &exponent)
    let power = exponent - fraction
    let magnitude =
      significant > 19 ? slow(text, place) : exact(mantissa, power) ?? slow(text, place)
    guard let magnitude else { return nil }
    return (isNegative ? -magnitude : magnitude, place)
  }

  /// Goes past an exponent; what only looks like the beginning of one is left.
  private static func takeExponent(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ exponent: inout Int) {
    var next = place
    guard next < text.count, text[next] | 0x20 == UInt8(ascii: "e") else { return }
    next += 1
    var isNegative = false
    if next < text.count, text[next] == UInt8(ascii: "-") || text[next] == UInt8(ascii: "+") {
      isNegative = text[next] == UInt8(ascii: "-")
      next += 1
    }
    let first = next
    var value = 0
    while next < text.count {
      let digit = text[next] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = min(value * 10 + Int(digit), 1_000_000)
      next += 1
    }
    guard next > first else { return }
    exponent = isNegative ? -value : value
    place = next
  }

  /// mantissa * 10^power with one rounding; nil where that takes more than 64 bits of a power of ten.
  private static func exact(_ mantissa: UInt64, _ power: Int) -> Double? {
    if mantissa == 0 { return 0 }
    if mantissa < 1 << 53, power.magnitude <= 22 {
      // Both factors are exact (Clinger 1990).
      let scale = doublePowers[Int(power.magnitude)]
      return power < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
    }
    if power == 0 { return Double(mantissa) }
    guard power < 0, power >= -19 else { return nil }
    // Python writes 17 digits. A quotient of 62 bits or more, with a bit for the remainder, rounds as the exact one.
    let divisor = integerPowers[-power]
    let shift = divisor.leadingZeroBitCount
    let aligned = mantissa << UInt64(mantissa.leadingZeroBitCount)
    let (quotient, remainder) = (divisor << UInt64(shift)).dividingFullWidth((aligned >> 1, (aligned & 1) << 63))
    let value = Double(remainder == 0 ? quotient : quotient | 1)
    return value * Double(sign: .plus, exponent: shift - mantissa.leadingZeroBitCount - 63, significand: 1)
  }

  /// The library's, without the sign.
  private static func slow(_ text: UnsafeBufferPointer<UInt8>, _ count: Int) -> Double? {
    var digits = text[..<count].map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
    if digits[0] == UInt8(ascii: "-") || digits[0] == UInt8(ascii: "+") { digits.removeFirst() }
    if digits.last == UInt8(ascii: ".") { digits.removeLast() }
    return Double(String(decoding: digits, as: UTF8.self))
  }

  private static let doublePowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
  private static let integerPowers: [UInt64] = (0...19).map { (0..<$0).reduce(UInt64(1)) { power, _ in power * 10 } }
}
