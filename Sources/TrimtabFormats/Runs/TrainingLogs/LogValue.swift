/// What a field of a training log says.
enum LogValue: Equatable {
  /// NaN and Inf too: of a loss they are what matters most.
  case number(Double)
  case missing
  /// A word for no value: null, None, N/A.
  case void
  case text

  /// - Parameter commas: whether a comma is a decimal mark.
  init(_ cell: UnsafeBufferPointer<UInt8>, commas: Bool = false) {
    var start = 0
    var end = cell.count
    while start < end, cell[start] <= 32 { start += 1 }
    while end > start, cell[end - 1] <= 32 { end -= 1 }
    guard start < end else {
      self = .missing
      return
    }
    let text = UnsafeBufferPointer(rebasing: cell[start..<end])
    if let (value, count) = DecimalNumber.parse(text, commas: commas), count == text.count {
      self = .number(value)
    } else {
      self = LogValue.word(text)
    }
  }

  /// The words that programs write for what is no number.
  private static func word(_ text: UnsafeBufferPointer<UInt8>) -> LogValue {
    guard text.count <= 24 else { return .text }
    var word = text.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
    var isNegative = false
    if word[0] == UInt8(ascii: "-") || word[0] == UInt8(ascii: "+") {
      isNegative = word[0] == UInt8(ascii: "-")
      word.removeFirst()
    }
    // Fixed columns pad Windows' words with zeros: 1.#QNAN00.
    if word.starts(with: "1.#".utf8) {
      while word.last == UInt8(ascii: "0") { word.removeLast() }
    }
    switch String(decoding: word, as: UTF8.self) {
    case "nan", "1.#qnan", "1.#snan", "1.#ind", "1.#nan", "nan(ind)", "nan(snan)", "qnan", "snan", "#num!", "#div/0!":
      return .number(.nan)
    case "inf", "infinity", "1.#inf", "\u{221e}": return .number(isNegative ? -.infinity : .infinity)
    case "", "-", "?": return .missing
    case "null", "none", "na", "n/a", "#n/a", "nil", "<na>": return .void
    case let word: return word.hasPrefix("nan(") && word.hasSuffix(")") ? .number(.nan) : .text
    }
  }
}
