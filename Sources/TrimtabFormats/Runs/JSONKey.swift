/// A string of JSON where it lies, between its quotes.
struct JSONKey {
  let bytes: UnsafeBufferPointer<UInt8>
  let range: Range<Int>
  let hasEscapes: Bool

  /// Equality of the bytes as written: an escaped letter is another key.
  static func == (key: JSONKey, word: StaticString) -> Bool {
    guard key.range.count == word.utf8CodeUnitCount else { return false }
    for place in 0..<key.range.count where key.bytes[key.range.lowerBound + place] != word.utf8Start[place] {
      return false
    }
    return true
  }

  /// The text; what is no UTF-8, and half of a surrogate pair, becomes the replacement character.
  var string: String {
    guard hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
    var text: [UInt8] = []
    var units: [UInt16] = []
    var place = range.lowerBound
    while place < range.upperBound {
      let byte = bytes[place]
      place += 1
      guard byte == UInt8(ascii: "\\"), place < range.upperBound else {
        flush(&units, into: &text)
        text.append(byte)
        continue
      }
      let letter = bytes[place]
      place += 1
      if letter == UInt8(ascii: "u"), range.upperBound - place >= 4 {
        units.append((place..<place + 4).reduce(0) { $0 << 4 | (hexadecimal(bytes[$1]) ?? 0) })
        place += 4
      } else {
        flush(&units, into: &text)
        text.append(unescaped(letter))
      }
    }
    flush(&units, into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func flush(_ units: inout [UInt16], into text: inout [UInt8]) {
    guard !units.isEmpty else { return }
    text += String(decoding: units, as: UTF16.self).utf8
    units.removeAll()
  }

  private func unescaped(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: letter
    }
  }
}
