import Testing

@testable import TrimtabFormats

@Suite struct DecimalNumberTests {
  private func parse(_ text: String, commas: Bool = false) -> (value: Double, count: Int)? {
    Array(text.utf8).withUnsafeBufferPointer { DecimalNumber.parse($0, commas: commas) }
  }

  /// Held against the library's, which rounds correctly.
  @Test func roundsAsTheLibraryDoes() {
    let seed = UInt64.random(in: 0 ..< .max)
    var generator = SplitMix(state: seed)
    for _ in 0..<200_000 {
      let digits = Int.random(in: 1...20, using: &generator)
      var text = String((0..<digits).map { _ in Character(String(Int.random(in: 0...9, using: &generator))) })
      let point = Int.random(in: 0...digits, using: &generator)
      if point > 0, point < digits { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
      if Bool.random(using: &generator) { text += "e\(Int.random(in: -40...40, using: &generator))" }
      let found = parse(text)
      #expect(
        found?.value.bitPattern == Double(text)?.bitPattern && found?.count == text.utf8.count, "\(text) seed \(seed)")
    }
    for _ in 0..<100_000 {
      let value = Double.random(in: -1e3...1e3, using: &generator)
      #expect(parse("\(value)")?.value == value, "\(value) seed \(seed)")
    }
  }

  @Test func stopsWhereTheNumberDoes() {
    #expect(parse("1.5e")?.count == 3)
    #expect(parse("1.5e+x")?.count == 3)
    #expect(parse("12ms")?.count == 2)
    #expect(parse("5.")?.value == 5)
    #expect(parse(".5")?.value == 0.5)
    #expect(parse("1,5")?.count == 1)
    #expect(parse("1,5", commas: true)?.value == 1.5)
    #expect(parse("1e999")?.value == .infinity)
    #expect(parse("-0")?.value.sign == .minus)
    for text in ["", ".", "-", "+", "e5", ",", "-.", "abc"] { #expect(parse(text, commas: true) == nil) }
  }
}
