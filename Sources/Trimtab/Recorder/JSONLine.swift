/// One line of JSON, written into memory that is had once and grows only where a line is longer than any before.
///
/// Numbers have nine significant digits, which tell any two float32 apart; one that is not finite is the string "nan",
/// "inf" or "-inf". Independent of the host's locale.
struct JSONLine {
  private var storage: Storage<UInt8>
  private(set) var count = 0
  /// A line that found no memory is left out whole.
  private(set) var isBroken = false
  private var needsComma = false

  init() throws(TrimtabError) { storage = try Storage(count: 4096, for: "run log") }

  var bytes: UnsafeMutablePointer<UInt8> { storage.pointer }

  @inline(never)
  mutating func begin() {
    count = 0
    isBroken = false
    needsComma = false
    put(UInt8(ascii: "{"))
  }

  @inline(never)
  mutating func end() {
    put(UInt8(ascii: "}"))
    put(UInt8(ascii: "\n"))
  }

  // MARK: Fields

  @inline(never)
  mutating func field(_ key: StaticText, _ value: Int) {
    name(key)
    integer(value)
  }

  @inline(never)
  mutating func field(_ key: StaticText, _ value: Double) {
    name(key)
    number(value)
  }

  @inline(never)
  mutating func field(_ key: StaticText, _ value: StaticText) {
    name(key)
    quoted(value.firstByte)
  }

  /// A string of bytes that ends with a zero byte.
  @inline(never)
  mutating func field(_ key: StaticText, text: UnsafePointer<UInt8>) {
    name(key)
    quoted(text)
  }

  /// A field whose key is a string of bytes that ends with a zero byte.
  @inline(never)
  mutating func field(named key: UnsafePointer<UInt8>, _ value: Int) {
    comma()
    quoted(key)
    put(UInt8(ascii: ":"))
    integer(value)
  }

  @inline(never)
  mutating func beginObject(_ key: StaticText) {
    name(key)
    put(UInt8(ascii: "{"))
    needsComma = false
  }

  @inline(never)
  mutating func beginObject(text: UnsafePointer<UInt8>) {
    comma()
    quoted(text)
    put(UInt8(ascii: ":"))
    put(UInt8(ascii: "{"))
    needsComma = false
  }

  @inline(never)
  mutating func endObject() {
    put(UInt8(ascii: "}"))
    needsComma = true
  }

  @inline(never)
  mutating func beginList(_ key: StaticText) {
    name(key)
    put(UInt8(ascii: "["))
    needsComma = false
  }

  @inline(never)
  mutating func element(_ value: Double) {
    comma()
    number(value)
  }

  /// A string of bytes that ends with a zero byte.
  @inline(never)
  mutating func element(text: UnsafePointer<UInt8>) {
    comma()
    quoted(text)
  }

  @inline(never)
  mutating func endList() {
    put(UInt8(ascii: "]"))
    needsComma = true
  }

  // MARK: Parts

  @inline(never)
  private mutating func comma() {
    if needsComma { put(UInt8(ascii: ",")) }
    needsComma = true
  }

  @inline(never)
  private mutating func name(_ key: StaticText) {
    comma()
    quoted(key.firstByte)
    put(UInt8(ascii: ":"))
  }

  @inline(never)
  private mutating func quoted(_ text: UnsafePointer<UInt8>) {
    put(UInt8(ascii: "\""))
    var place = 0
    while text[place] != 0 {
      let byte = text[place]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        put(UInt8(ascii: "\\"))
        put(byte)
      } else {
        // A control character has no place in a name, and would need six bytes.
        put(byte < 32 ? UInt8(ascii: " ") : byte)
      }
      place = place &+ 1
    }
    put(UInt8(ascii: "\""))
  }

  @inline(never)
  private mutating func integer(_ value: Int) {
    if value < 0 { put(UInt8(ascii: "-")) }
    var rest = value.magnitude
    var divisor: UInt = 1
    while rest / divisor >= 10 { divisor = divisor &* 10 }
    while divisor > 0 {
      put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }

  @inline(never)
  private mutating func number(_ value: Double) {
    guard value.isFinite else {
      // Named a StaticText: as a pointer the literals would bring the whole of String with them.
      let word: StaticText = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
      quoted(word.firstByte)
      return
    }
    if value.magnitude < 1e9, value == value.rounded(.towardZero) {
      integer(Int(value))
      return
    }
    if value < 0 { put(UInt8(ascii: "-")) }
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
    var digits = Int((mantissa * 1e8).rounded())
    if digits >= 1_000_000_000 {
      digits /= 10
      exponent = exponent &+ 1
    }
    significant(digits, exponent)
  }

  /// Nine digits d as d.dddddddde±x, trailing zeros left out.
  @inline(never)
  private mutating func significant(_ digits: Int, _ exponent: Int) {
    var digits = digits
    var divisor = 100_000_000
    put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digits / divisor))
    digits %= divisor
    if digits > 0 { put(UInt8(ascii: ".")) }
    while digits > 0 {
      divisor /= 10
      put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digits / divisor))
      digits %= divisor
    }
    guard exponent != 0 else { return }
    put(UInt8(ascii: "e"))
    integer(exponent)
  }

  @inline(never)
  private mutating func put(_ byte: UInt8) {
    if count >= storage.count {
      guard !isBroken, let larger = try? Storage<UInt8>(count: storage.count &* 2, for: "run log") else {
        isBroken = true
        return
      }
      larger.pointer.update(from: storage.pointer, count: count)
      storage = larger
    }
    storage.pointer[count] = byte
    count = count &+ 1
  }
}
