/// What a cell of a table says.
enum CellNumber {
  case number(Double)
  /// Empty, or one of the words for a missing value.
  case missing
  case text

  private static let missingWords: Set<String> = ["nan", "na", "n/a", "null", "none", "-nan", "+nan", "#n/a", "?"]
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  init(_ cell: ArraySlice<UInt8>) {
    var cell = cell
    while let first = cell.first, first == 32 || first == 9 { cell.removeFirst() }
    while let last = cell.last, last == 32 || last == 9 { cell.removeLast() }
    if cell.isEmpty {
      self = .missing
    } else if let value = CellNumber.parseDecimal(cell) {
      self = .number(value)
    } else {
      self = CellNumber.word(cell)
    }
  }

  private static func word(_ cell: ArraySlice<UInt8>) -> CellNumber {
    guard cell.count <= 9 else { return .text }
    let word = String(decoding: cell, as: UTF8.self).lowercased()
    if missingWords.contains(word) { return .missing }
    switch word {
    case "inf", "+inf", "infinity", "+infinity": return .number(.infinity)
    case "-inf", "-infinity": return .number(-.infinity)
    default: return .text
    }
  }

  /// `[+-] digits [. digits] [e [+-] digits]`, rounded correctly; nil for anything else.
  private static func parseDecimal(_ cell: ArraySlice<UInt8>) -> Double? {
    var index = cell.startIndex
    let end = cell.endIndex
    var isNegative = false
    if cell[index] == UInt8(ascii: "-") || cell[index] == UInt8(ascii: "+") {
      isNegative = cell[index] == UInt8(ascii: "-")
      index += 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    var fraction = 0
    var hasPoint = false
    while index < end {
      let byte = cell[index]
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        mantissa = mantissa &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        digits += 1
        if hasPoint { fraction += 1 }
      } else {
        break
      }
      index += 1
    }
    guard digits > 0, let exponent = parseExponent(cell[index..<end]) else { return nil }
    let power = exponent - fraction
    // Both factors are exact below 2^53 and up to 10^22, so one rounding is left (Clinger 1990).
    if digits <= 18, mantissa < 1 << 53, abs(power) <= 22 {
      let scale = powersOfTen[abs(power)]
      let value = power < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
      return isNegative ? -value : value
    }
    return Double(String(decoding: cell, as: UTF8.self))
  }

  /// 0 for nothing, nil for what is no exponent; cut off at a million, far beyond what counts.
  private static func parseExponent(_ cell: ArraySlice<UInt8>) -> Int? {
    guard let mark = cell.first else { return 0 }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return nil }
    var rest = cell.dropFirst()
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    var value = 0
    for byte in rest {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
    }
    return isNegative ? -value : value
  }
}
