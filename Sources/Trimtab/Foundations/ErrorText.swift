/// Writes the text of an error into memory of a fixed length, cut at what fits.
///
/// It knows neither String nor arrays and allocates nothing, so that a text can be written when there is no memory, and
/// every place that raises an error stays a few instructions long.
struct ErrorText {
  /// Bytes of the memory, the zero byte at the end included.
  static let capacity = 1024

  private let base: UnsafeMutablePointer<UInt8>
  private(set) var length = 0

  init(into base: UnsafeMutablePointer<UInt8>) { self.base = base }

  /// Writes `format` with an argument in the place of each percent sign, and the zero byte.
  @inline(never)
  mutating func write(_ format: UnsafePointer<UInt8>, _ arguments: ErrorArguments) {
    var place = 0
    var index = 0
    while format[place] != 0 {
      if format[place] == UInt8(ascii: "%") {
        put(arguments, index)
        index = index &+ 1
      } else {
        put(format[place])
      }
      place = place &+ 1
    }
    base[length] = 0
  }

  /// Writes what stands in `text` from the first colon or full stop on.
  @inline(never)
  mutating func writeRest(of text: UnsafePointer<UInt8>) {
    var place = 0
    while text[place] != 0, text[place] != UInt8(ascii: ":"), text[place] != UInt8(ascii: ".") { place = place &+ 1 }
    put(text + place)
    base[length] = 0
  }

  private mutating func put(_ arguments: ErrorArguments, _ index: Int) {
    let words = arguments.words
    let word = index == 0 ? words.0 : index == 1 ? words.1 : index == 2 ? words.2 : words.3
    switch ErrorArgumentKind(rawValue: arguments.kinds &>> UInt32(truncatingIfNeeded: index &* 2) & 3) {
    case .number: put(Double(bitPattern: word))
    case .signed: put(signed: Int(truncatingIfNeeded: word))
    case .unsigned: put(digits: UInt(truncatingIfNeeded: word))
    default:
      if let text = UnsafePointer<UInt8>(bitPattern: UInt(truncatingIfNeeded: word)) { put(text) }
    }
  }

  private mutating func put(_ text: UnsafePointer<UInt8>) {
    var place = 0
    while text[place] != 0 {
      put(text[place])
      place = place &+ 1
    }
  }

  @inline(never)
  private mutating func put(_ byte: UInt8) {
    guard length < ErrorText.capacity - 1 else { return }
    base[length] = byte
    length = length &+ 1
  }

  @inline(never)
  private mutating func put(signed value: Int) {
    if value < 0 { put(UInt8(ascii: "-")) }
    put(digits: value.magnitude)
  }

  @inline(never)
  private mutating func put(digits value: UInt) {
    var divisor: UInt = 1
    while value / divisor >= 10 { divisor = divisor &* 10 }
    while divisor > 0 {
      put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }

  /// Whole numbers below 10^15 as they are, others with six significant digits: 0.05, 1e-07, 2.5e+300, nan, -inf.
  @inline(never)
  private mutating func put(_ value: Double) {
    if value.isNaN { return putWord("nan") }
    if value < 0 { put(UInt8(ascii: "-")) }
    var mantissa = value.magnitude
    guard mantissa < .infinity else { return putWord("inf") }
    if mantissa < 1e15, mantissa == mantissa.rounded(.towardZero) { return put(digits: UInt(mantissa)) }
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
    put(significant: digits, exponent: exponent)
  }

  /// Six digits, the first of which stands for 10^exponent.
  private mutating func put(significant digits: Int, exponent: Int) {
    var digits = digits
    var divisor = 100_000
    while divisor > 1, digits % 10 == 0 {
      digits /= 10
      divisor /= 10
    }
    let isFixed = exponent >= -4 && exponent < 15
    var place = isFixed ? exponent : 0
    if place < 0 {
      putWord("0.")
      for _ in 0..<(-1 &- place) { put(UInt8(ascii: "0")) }
    }
    while divisor > 0 || place >= 0 {
      put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: divisor > 0 ? digits / divisor % 10 : 0))
      divisor /= 10
      if place == 0, divisor > 0 { put(UInt8(ascii: ".")) }
      place = place &- 1
    }
    if !isFixed {
      putWord(exponent < 0 ? "e-" : "e+")
      if exponent.magnitude < 10 { put(UInt8(ascii: "0")) }
      put(digits: exponent.magnitude)
    }
  }

  private mutating func putWord(_ text: StaticText) { put(text.firstByte) }
}
