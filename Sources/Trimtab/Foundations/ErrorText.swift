/// The text of an error, written like any interpolated string and kept as UTF-8.
///
/// Swift's own interpolation copies its code to every place that uses it and brings the whole of String with it. This
/// one does neither, which
/// keeps a library with hundreds of precise messages small.
public struct ErrorText: ExpressibleByStringInterpolation, Sendable {
  public private(set) var bytes: [UInt8]

  @inline(never)
  public init(stringLiteral value: StaticString) {
    var text = StringInterpolation(literalCapacity: 0, interpolationCount: 0)
    text.appendLiteral(value)
    bytes = text.bytes
  }

  @inline(never)
  public init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

  /// Adds what stands in `text` from the first of two characters on.
  mutating func append(_ text: ErrorText, fromFirstOf one: UInt8, _ other: UInt8) {
    var isFound = false
    for byte in text.bytes {
      isFound = isFound || byte == one || byte == other
      if isFound { bytes.append(byte) }
    }
  }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate(set) var bytes: [UInt8] = []

    @inline(never)
    public init(literalCapacity: Int, interpolationCount: Int) {}

    @inline(never)
    public mutating func appendLiteral(_ literal: StaticString) {
      guard literal.hasPointerRepresentation else { return }
      for index in 0..<literal.utf8CodeUnitCount { bytes.append(literal.utf8Start[index]) }
    }

    @inline(never)
    public mutating func appendInterpolation(_ value: StaticString) { appendLiteral(value) }

    @inline(never)
    public mutating func appendInterpolation(_ value: ErrorText) {
      for byte in value.bytes { bytes.append(byte) }
    }

    @inline(never)
    public mutating func appendInterpolation(_ value: Int) {
      if value < 0 { bytes.append(UInt8(ascii: "-")) }
      append(digits: value.magnitude)
    }

    @inline(never)
    public mutating func appendInterpolation(_ value: Double) { append(value) }

    @inline(never)
    public mutating func appendInterpolation(_ value: UInt64) { append(digits: UInt(truncatingIfNeeded: value)) }

    public mutating func appendInterpolation(_ value: some FixedWidthInteger) {
      appendInterpolation(Int(truncatingIfNeeded: value))
    }

    private mutating func append(digits value: UInt) {
      if value >= 10 { append(digits: value / 10) }
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
    }
  }
}

extension ErrorText.StringInterpolation {
  /// Whole numbers below 10^15 as they are, others with six significant digits: 0.05, 1e-07, 2.5e+300, nan, -inf.
  fileprivate mutating func append(_ value: Double) {
    guard value.isFinite else {
      appendLiteral(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
      return
    }
    if value.magnitude < 1e15, value == value.rounded(.towardZero) {
      appendInterpolation(Int(value))
      return
    }
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var mantissa = value.magnitude
    var exponent = 0
    while mantissa >= 10 {
      mantissa /= 10
      exponent = exponent &+ 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent = exponent &- 1
    }
    var digits = Int((mantissa * 1e5).rounded())
    if digits >= 1_000_000 {
      digits /= 10
      exponent = exponent &+ 1
    }
    append(significant: digits, exponent: exponent)
  }

  /// Six digits, the first of which stands for 10^exponent.
  private mutating func append(significant digits: Int, exponent: Int) {
    var digits = digits
    var count = 6
    while count > 1, digits % 10 == 0 {
      digits /= 10
      count = count &- 1
    }
    let isFixed = exponent >= -4 && exponent < 15
    var place = isFixed ? exponent : 0
    if place < 0 {
      appendLiteral("0.")
      for _ in 0..<(-1 &- place) { bytes.append(UInt8(ascii: "0")) }
    }
    var divisor = 1
    for _ in 1..<count { divisor = divisor &* 10 }
    while divisor > 0 || place >= 0 {
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: divisor > 0 ? digits / divisor % 10 : 0))
      divisor /= 10
      if place == 0, divisor > 0 { bytes.append(UInt8(ascii: ".")) }
      place = place &- 1
    }
    if !isFixed {
      appendLiteral(exponent < 0 ? "e-" : "e+")
      if exponent.magnitude < 10 { bytes.append(UInt8(ascii: "0")) }
      appendInterpolation(Int(exponent.magnitude))
    }
  }
}
