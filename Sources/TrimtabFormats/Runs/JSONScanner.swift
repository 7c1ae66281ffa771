/// JSON read from front to back where it lies, without a copy and with its keys in order.
///
/// A log has millions of short lines: the library's decoder takes some 12 µs a line and forgets the order of keys. What
/// it accepts is RFC 8259's grammar, but for bytes that are no UTF-8 inside a string, which a name given to the C
/// interface may hold.
struct JSONScanner {
  static let deepest = 64
  /// Bytes of a text that are kept.
  static let longestText = 4096

  let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position: Int
  private var depth = 0
  /// Whether NaN, Infinity and -Infinity are numbers, as Python writes them.
  private let takesPythonWords: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int = 0, takesPythonWords: Bool = false) {
    self.bytes = bytes
    self.position = position
    self.takesPythonWords = takesPythonWords
  }

  /// The next byte that is no white space, without taking it; 0 at the end.
  private mutating func peek() -> UInt8 {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { return byte }
      position += 1
    }
    return 0
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte, position < bytes.count else { return false }
    position += 1
    return true
  }

  mutating func isAtEnd() -> Bool {
    _ = peek()
    return position == bytes.count
  }

  // MARK: Structures

  /// Reads an object; `field` gets each key, must take its value, and answers false where that is malformed.
  mutating func object(_ field: (inout JSONScanner, JSONKey) -> Bool) -> Bool {
    guard take(UInt8(ascii: "{")), depth < JSONScanner.deepest else { return false }
    depth += 1
    defer { depth -= 1 }
    if take(UInt8(ascii: "}")) { return true }
    repeat {
      guard peek() == UInt8(ascii: "\""), let key = scanString(), take(UInt8(ascii: ":")) else { return false }
      guard field(&self, JSONKey(bytes: bytes, range: key.range, hasEscapes: key.hasEscapes)) else { return false }
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  mutating func list(_ element: (inout JSONScanner) -> Bool) -> Bool {
    guard take(UInt8(ascii: "[")), depth < JSONScanner.deepest else { return false }
    depth += 1
    defer { depth -= 1 }
    if take(UInt8(ascii: "]")) { return true }
    repeat { guard element(&self) else { return false } } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]"))
  }

  /// Passes over a value of any kind.
  mutating func skip() -> Bool {
    switch peek() {
    case UInt8(ascii: "{"): return object { scanner, _ in scanner.skip() }
    case UInt8(ascii: "["): return list { $0.skip() }
    case UInt8(ascii: "\""): return scanString() != nil
    case UInt8(ascii: "t"): return takeWord("true")
    case UInt8(ascii: "f"): return takeWord("false")
    case UInt8(ascii: "n"): return takeWord("null")
    default: return scanPythonWord() != nil || scanNumber() != nil
    }
  }

  /// What a field of another program's log says: a number, a text, or `missing` for all else but an object, which is
  /// left to `object`.
  mutating func logField(_ object: (inout JSONScanner) -> Bool) -> (value: LogValue, text: JSONKey?)? {
    switch peek() {
    case UInt8(ascii: "{"): return object(&self) ? (.missing, nil) : nil
    case UInt8(ascii: "\""):
      return scanString().map { (.text, JSONKey(bytes: bytes, range: $0.range, hasEscapes: $0.hasEscapes)) }
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"), UInt8(ascii: "I"):
      return (scanPythonWord() ?? scanNumber()).map { (.number($0), nil) }
    default: return skip() ? (.missing, nil) : nil
    }
  }

  /// The same, where what stands there is an object; else the value is passed over.
  mutating func objectOrOther(_ field: (inout JSONScanner, JSONKey) -> Bool) -> Bool {
    peek() == UInt8(ascii: "{") ? object(field) : skip()
  }

  mutating func listOrOther(_ element: (inout JSONScanner) -> Bool) -> Bool {
    peek() == UInt8(ascii: "[") ? list(element) : skip()
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for place in 0..<count where bytes[position + place] != word.utf8Start[place] { return false }
    position += count
    return true
  }

  // MARK: Values; each takes a value of any kind, and leaves `value` as it is where that is of another kind

  /// A number, or one of the texts "nan", "inf" and "-inf" that stand for those.
  mutating func number(_ value: inout Double?) -> Bool {
    switch peek() {
    case UInt8(ascii: "\""):
      guard let text = scanString() else { return false }
      let key = JSONKey(bytes: bytes, range: text.range, hasEscapes: text.hasEscapes)
      if key == "nan" { value = .nan }
      if key == "inf" { value = .infinity }
      if key == "-inf" { value = -.infinity }
      return true
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard let found = scanNumber() else { return false }
      value = found
      return true
    default: return skip()
    }
  }

  mutating func integer(_ value: inout Int?) -> Bool {
    let start = position
    var found: Double?
    guard number(&found) else { return false }
    guard let found, found.magnitude < 0x1p53 else {
      // Beyond 2^53 a number of floating point would be another one.
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if let exact = Int(text.filter { $0 != " " }) { value = exact }
      return true
    }
    if let exact = Int(exactly: found) { value = exact }
    return true
  }

  mutating func text(_ value: inout String?) -> Bool {
    guard peek() == UInt8(ascii: "\"") else { return skip() }
    guard let found = scanString() else { return false }
    let kept = found.range.lowerBound..<min(found.range.upperBound, found.range.lowerBound + JSONScanner.longestText)
    value = JSONKey(bytes: bytes, range: kept, hasEscapes: found.hasEscapes).string
    return true
  }

  // MARK: Scanning

  /// The range between the quotes.
  private mutating func scanString() -> (range: Range<Int>, hasEscapes: Bool)? {
    position += 1
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return (start..<(position - 1), hasEscapes)
      }
      guard byte >= 0x20 else { return nil }
      position += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      hasEscapes = true
      guard scanEscape() else { return nil }
    }
    return nil
  }

  private mutating func scanEscape() -> Bool {
    guard position < bytes.count else { return false }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return true
    case UInt8(ascii: "u"):
      guard bytes.count - position >= 4 else { return false }
      for place in position..<(position + 4) where hexadecimal(bytes[place]) == nil { return false }
      position += 4
      return true
    default: return false
    }
  }

  private mutating func scanNumber() -> Double? {
    let start = position
    var digits = 0.0
    var digitCount = 0
    var exponent = 0
    let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let first = position
    while let digit = digit() {
      digits = digits * 10 + digit
      digitCount += 1
    }
    guard digitCount > 0, digitCount == 1 || bytes[first] != UInt8(ascii: "0") else { return nil }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      let before = digitCount
      while let digit = digit() {
        digits = digits * 10 + digit
        digitCount += 1
        exponent -= 1
      }
      guard digitCount > before else { return nil }
    }
    guard scanExponent(&exponent) else { return nil }
    // Up to 15 digits and 22 powers of ten both factors are exact, and so is the rounding of one operation.
    if digitCount <= 15, exponent.magnitude <= 22 {
      let power = powersOfTen[Int(exponent.magnitude)]
      let value = exponent < 0 ? digits / power : digits * power
      return isNegative ? -value : value
    }
    return DecimalNumber.parse(UnsafeBufferPointer(rebasing: bytes[start..<position]), commas: false)?.value
  }

  /// One of Python's words for what is no number.
  private mutating func scanPythonWord() -> Double? {
    guard takesPythonWords else { return nil }
    if takeWord("NaN") { return .nan }
    if takeWord("Infinity") { return .infinity }
    return takeWord("-Infinity") ? -.infinity : nil
  }

  private mutating func digit() -> Double? {
    guard position < bytes.count else { return nil }
    let digit = bytes[position] &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    position += 1
    return Double(digit)
  }

  private mutating func scanExponent(_ exponent: inout Int) -> Bool {
    guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return true }
    position += 1
    var isNegative = false
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }
    var count = 0
    var found = 0
    while let digit = digit() {
      found = min(found * 10 + Int(digit), 100_000)
      count += 1
    }
    exponent += isNegative ? -found : found
    return count > 0
  }
}

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/// The value of a hexadecimal digit.
func hexadecimal(_ byte: UInt8) -> UInt16? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
