import Foundation
import Testing

@testable import TrimtabFormats

/// The scanner accepts what the grammar of RFC 8259 does; Foundation's reader is the judge.
@Suite struct JSONScannerTests {
  func accepts(_ text: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { bytes in
      var scanner = JSONScanner(bytes)
      return scanner.skip() && scanner.isAtEnd()
    }
  }

  func number(_ text: String) -> Double? {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      var scanner = JSONScanner(bytes)
      var value: Double?
      return scanner.number(&value) ? value : nil
    }
  }

  @Test func knowsTheGrammar() {
    for good in [
      "{}", "[]", " {\"a\" : [1, 2.5e-3, -0, null, true, false, \"x\\u00e9\\n\"]} ", "\"\"", "0", "-1.5E+10",
      "{\"a\":{}}",
    ] { #expect(accepts(Array(good.utf8)), "\(good)") }
    for bad in [
      "", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "01", "1.", ".5", "-", "1e", "+1", "nul", "\"\\x\"",
      "\"\\u12g4\"",
      "\"a", "{a:1}", "{} x", "\"\u{1}\"", "\0", "{\"a\":1 \"b\":2}", String(repeating: "[", count: 1000),
    ] { #expect(!accepts(Array(bad.utf8)), "\(bad)") }
  }

  @Test func readsNumbersToTheLastBit() throws {
    var random = PrintedSeed()
    for _ in 0..<2000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(number("\(value)") == value)
      let short = Double(Int.random(in: -999_999_999...999_999_999, using: &random)) * 1e-8
      #expect(number("\(short)") == short)
    }
    for text in ["1e-1", "3.67170572e-1", "9.99999999e22", "5e-324", "1.7976931348623157e308", "123456789012345678901"]
    {
      #expect(number(text) == Double(text))
    }
    #expect(number("\"nan\"")?.isNaN == true && number("\"-inf\"") == -.infinity && number("\"inf\"") == .infinity)
    #expect(number("\"none\"") == nil && number("[1]") == nil)
  }

  /// What a flipped byte leaves is judged as Foundation judges it; the corpus is ASCII, as are the flips.
  @Test func judgesDamagedTextAsFoundationDoes() {
    var random = PrintedSeed()
    let text = Array(
      "{\"step\":12,\"loss\":-1.25e-3,\"seen\":{\"a \\\"b\\\"\":[1,null,true,\"nan\"]},\"x\":\"\\u00fc\"}".utf8)
    for _ in 0..<4000 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
      }
      let judge =
        (try? JSONSerialization.jsonObject(with: Data(damaged), options: [.fragmentsAllowed])) != nil
      #expect(accepts(damaged) == judge, "\(String(decoding: damaged, as: UTF8.self))")
    }
  }

  @Test func namesComeBackAsTheyWere() {
    let text = Array("\"a\\\"b\\\\c \\u00fc \\ud83d\\ude00 \\ud83d é\"".utf8)
    text.withUnsafeBufferPointer { bytes in
      var scanner = JSONScanner(bytes)
      var found: String?
      let isText = scanner.text(&found)
      #expect(isText)
      #expect(found == "a\"b\\c ü 😀 \u{FFFD} é")
    }
  }
}
