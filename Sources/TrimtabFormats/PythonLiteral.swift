/// The few Python literals that stand in .npy headers: a flat dictionary of text, booleans, tuples of integers, and
/// lists.
struct PythonLiteral {
  enum Value: Equatable {
    case text(String)
    case boolean(Bool)
    case tuple([Int])
    /// A structured dtype; what it holds does not matter.
    case list
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The dictionary, or nil for anything else. After it only white space may follow.
  mutating func parseDictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var entries: [String: Value] = [:]
    while !take("}") {
      guard let key = parseText(), take(":"), let value = parseValue(), entries[key] == nil else { return nil }
      entries[key] = value
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    return position == bytes.count ? entries : nil
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] <= 32 { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func parseText() -> String? {
    skipSpace()
    guard position < bytes.count else { return nil }
    let quote = bytes[position]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { return nil }
    let text = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    position = end + 1
    return text
  }

  private mutating func parseValue() -> Value? {
    if take(word: "True") { return .boolean(true) }
    if take(word: "False") { return .boolean(false) }
    if take("[") { return skipList() ? .list : nil }
    if take("(") { return parseTuple().map(Value.tuple) }
    return parseText().map(Value.text)
  }

  /// Skips to the bracket that closes the list; brackets inside text do not count.
  private mutating func skipList() -> Bool {
    var depth = 1
    while position < bytes.count, depth > 0 {
      switch bytes[position] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        guard parseText() != nil else { return false }
        continue
      default: break
      }
      position += 1
    }
    return depth == 0
  }

  private mutating func parseTuple() -> [Int]? {
    var values: [Int] = []
    while !take(")") {
      guard let value = parseInteger() else { return nil }
      values.append(value)
      if !take(",") { return take(")") ? values : nil }
    }
    return values
  }

  private mutating func parseInteger() -> Int? {
    skipSpace()
    let start = position
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
    while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
      position += 1
    }
    let value = Int(String(decoding: bytes[start..<position], as: UTF8.self))
    _ = position < bytes.count && bytes[position] == UInt8(ascii: "L") && take("L")  // Python 2 wrote 3L
    return value
  }
}
