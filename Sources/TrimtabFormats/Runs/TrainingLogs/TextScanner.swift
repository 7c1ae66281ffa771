/// Takes a printed line to pieces: words, numbers, and what stands between.
struct TextScanner {
  enum Token {
    case word(Range<Int>)
    /// A number, and the number behind a slash: 100/500.
    case number(Double, total: Double?, end: Int)
    /// A number that is no value: a date, a percentage, one with a unit.
    case other
    /// A name does not reach over it.
    case bound
    /// A bracket that closes.
    case close
  }

  let line: UnsafeBufferPointer<UInt8>
  private(set) var position = 0
  /// Where a word in brackets ends that belongs to the name before it.
  private var nameEnd = -1

  init(_ line: UnsafeBufferPointer<UInt8>) { self.line = line }

  private func byte(_ place: Int) -> UInt8 { place < line.count ? line[place] : 0 }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  private static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  mutating func next() -> Token? {
    while position < line.count {
      let byte = line[position]
      if TextScanner.isLetter(byte) { return .word(takeWord()) }
      if TextScanner.isDigit(byte) || startsSigned() { return takeNumber() }
      position += 1
      switch byte {
      case 0x1b: skipEscape()
      case UInt8(ascii: ","), UInt8(ascii: "|"), UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}"),
        UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "<"):
        // An arrow points from a name to its number.
        if byte == UInt8(ascii: "-"), self.byte(position) == UInt8(ascii: ">") { continue }
        return .bound
      case UInt8(ascii: "["), UInt8(ascii: "("):
        var place = position
        while self.byte(place) == 32 { place += 1 }
        let inner = self.byte(place)
        // A number in brackets is the name's before them.
        if TextScanner.isDigit(inner) || inner == UInt8(ascii: "-") || inner == UInt8(ascii: "+") { continue }
        if nonFinite(place) != nil { continue }
        if let end = namePartEnd(place) {
          // Loss (val) is another than loss; loss (avg) is none.
          let isValidation = PhraseIndex.isValidation(String(decoding: line[place..<end], as: UTF8.self))
          (position, nameEnd) = isValidation ? (place, end) : (end + 1, -1)
          continue
        }
        return .bound
      case UInt8(ascii: "]"), UInt8(ascii: ")"):
        if position == nameEnd + 1 { continue }
        return .close
      default: continue
      }
    }
    return nil
  }

  /// Where the word in brackets ends that begins there, if a number follows: loss (avg): 2.5.
  private func namePartEnd(_ place: Int) -> Int? {
    var end = place
    while TextScanner.isLetter(byte(end)), end - place < 12 { end += 1 }
    guard end > place, byte(end) == UInt8(ascii: ")") else { return nil }
    let mark = byte(byte(end + 1) == 32 ? end + 2 : end + 1)
    return mark == UInt8(ascii: ":") || mark == UInt8(ascii: "=") ? end : nil
  }

  /// A sign or a point at the front of a number or of one of the words for what is no number.
  private func startsSigned() -> Bool {
    let byte = line[position]
    guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") else { return false }
    let next = self.byte(position + 1)
    if TextScanner.isDigit(next) || byte != UInt8(ascii: ".") && next == UInt8(ascii: ".") {
      return TextScanner.isDigit(next) || TextScanner.isDigit(self.byte(position + 2))
    }
    let letter = next | 0x20
    guard byte != UInt8(ascii: "."), letter == UInt8(ascii: "n") || letter == UInt8(ascii: "i") else { return false }
    return nonFinite(position) != nil
  }

  /// Goes past the colours of a terminal.
  private mutating func skipEscape() {
    guard byte(position) == UInt8(ascii: "[") else { return }
    position += 1
    while position < line.count, !(0x40...0x7e).contains(line[position]) { position += 1 }
    position = min(position + 1, line.count)
  }

  private mutating func takeWord() -> Range<Int> {
    let start = position
    while position < line.count {
      let here = line[position]
      if TextScanner.isWordByte(here) {
        position += 1
        continue
      }
      // train/loss, val-loss, grad.norm
      guard here == UInt8(ascii: "/") || here == UInt8(ascii: "-") || here == UInt8(ascii: ".") || here == 0x40,
        TextScanner.isLetter(byte(position + 1)) || here == UInt8(ascii: "/") && TextScanner.isDigit(byte(position + 1))
      else { break }
      position += 1
    }
    return start..<position
  }

  /// NaN or Inf at a place, and where the word ends.
  func nonFinite(_ place: Int) -> (value: Double, end: Int)? {
    var end = place
    if byte(end) == UInt8(ascii: "-") || byte(end) == UInt8(ascii: "+") { end += 1 }
    while TextScanner.isLetter(byte(end)) { end += 1 }
    guard end > place, end - place <= 9, !TextScanner.isDigit(byte(end)) else { return nil }
    guard case .number(let value) = LogValue(UnsafeBufferPointer(rebasing: line[place..<end])) else { return nil }
    // Windows and C say which NaN: nan(ind).
    if value.isNaN, byte(end) == UInt8(ascii: "("), TextScanner.isLetter(byte(end + 1)) {
      while end < line.count, line[end] != UInt8(ascii: ")") { end += 1 }
      end = min(end + 1, line.count)
    }
    return (value, end)
  }

  mutating func goTo(_ place: Int) { position = max(position, min(place, line.count)) }

  private mutating func takeNumber() -> Token {
    if let (value, end) = nonFinite(position) {
      position = end
      return .number(value, total: nil, end: end)
    }
    let rest = UnsafeBufferPointer(rebasing: line[position...])
    guard let (value, count) = DecimalNumber.parse(rest, commas: true) else {
      position += 1
      return .bound
    }
    var found = value
    var end = position + count
    if line[position..<end].contains(UInt8(ascii: ",")) {
      // 1,2,3 is a list, and 1,000 in a step is read by nobody twice the same.
      if byte(end) == UInt8(ascii: ",") || byte(end) == UInt8(ascii: ".") { return takeOther() }
      if byte(end - 1) == UInt8(ascii: ","), let (whole, length) = DecimalNumber.parse(rest, commas: false) {
        found = whole
        end = position + length
      }
    }
    if byte(end) == UInt8(ascii: "#") { return takeWindowsWord() }
    let mark = byte(end)
    if TextScanner.isLetter(mark) || mark == UInt8(ascii: "%") { return takeOther() }
    if mark == UInt8(ascii: ":") || mark == UInt8(ascii: "-"), TextScanner.isDigit(byte(end + 1)) { return takeOther() }
    let hasComma = line[position..<end].contains(UInt8(ascii: ","))
    position = end
    let total = takeTotal()
    // A step of 1,000 may be one or a thousand.
    if hasComma, found.magnitude >= 1, found == found.rounded() { return .other }
    return .number(found, total: total, end: position)
  }

  /// 1.#QNAN and its like.
  private mutating func takeWindowsWord() -> Token {
    var end = position
    while end < line.count, TextScanner.isWordByte(line[end]) || [35, 43, 45, 46].contains(line[end]) { end += 1 }
    defer { position = end }
    guard case .number(let value) = LogValue(UnsafeBufferPointer(rebasing: line[position..<end])) else { return .other }
    return .number(value, total: nil, end: end)
  }

  private mutating func takeOther() -> Token {
    while position < line.count,
      TextScanner.isWordByte(line[position])
        || [
          UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "/"),
          UInt8(ascii: "%"), UInt8(ascii: "+"),
        ].contains(line[position])
    {
      position += 1
    }
    return .other
  }

  /// The number behind a slash.
  private mutating func takeTotal() -> Double? {
    var place = position
    while byte(place) == 32 { place += 1 }
    guard byte(place) == UInt8(ascii: "/") else { return nil }
    place += 1
    while byte(place) == 32 { place += 1 }
    guard TextScanner.isDigit(byte(place)) else { return nil }
    let rest = UnsafeBufferPointer(rebasing: line[place...])
    guard let (total, count) = DecimalNumber.parse(rest, commas: false), byte(place + count) != UInt8(ascii: "/") else {
      return nil
    }
    position = place + count
    return total
  }
}
