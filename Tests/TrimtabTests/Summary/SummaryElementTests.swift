import Foundation
import Testing

@testable import Trimtab

@Suite struct SummaryElementTests {
  private static let small = ElementType.allCases.filter { $0.byteCount <= 2 }

  @Test(arguments: small) func everyPatternAlone(_ type: ElementType) throws {
    let patterns = UInt64(1) << UInt64(8 * type.byteCount)
    let memory = bytes((0..<patterns).map { $0 }, type)
    try memory.withUnsafeBytes { memory in
      for pattern in 0..<patterns {
        let view = try TensorView(memory.baseAddress.map { $0 + Int(pattern) * type.byteCount }, type, shape: [1])
        let difference = SummaryReference([decode(pattern, type)], type)
          .difference(summarize(view), "\(type.name) \(pattern)", tolerance: 0)
        #expect(difference == nil)
      }
    }
  }

  @Test(arguments: small) func allPatternsTogether(_ type: ElementType) throws {
    let patterns = (0..<(UInt64(1) << UInt64(8 * type.byteCount))).map { $0 }
    let difference = SummaryReference(patterns.map { decode($0, type) }, type)
      .difference(try summarize(patterns, type), "\(type.name)")
    #expect(difference == nil)
  }

  @Test(arguments: ElementType.allCases) func everyLengthAndAlignment(_ type: ElementType) throws {
    var deviates = Deviates()
    let mask = type.byteCount == 8 ? UInt64.max : (UInt64(1) << UInt64(8 * type.byteCount)) - 1
    for length in 0...257 {
      // Zero patterns among them; a third without anything but ordinary numbers, so that the fast path alone is met
      // too.
      let patterns = (0..<length).map { _ in
        length % 3 == 0 ? ordinary(type, &deviates) : deviates.below(5) == 0 ? 0 : deviates.bits() & mask
      }
      let first = try summarize(patterns, type)
      let difference = SummaryReference(patterns.map { decode($0, type) }, type).difference(
        first, "\(type.name) \(length)")
      #expect(difference == nil)
      for offset in [1, 3, 7, 33] { #expect(try summarize(patterns, type, offset: offset) == first) }
    }
  }

  private func ordinary(_ type: ElementType, _ deviates: inout Deviates) -> UInt64 {
    let value = deviates.normal()
    return switch type {
    case .float64: value.bitPattern
    case .float32: UInt64(Float(value).bitPattern)
    case .bfloat16: UInt64(Float(value).bitPattern >> 16)
    case .float16: UInt64(Float16(value).bitPattern)
    case .float8e5m2: UInt64(Float16(value).bitPattern >> 8)
    default: UInt64(deviates.below(100) + 1)
    }
  }

  @Test(arguments: ElementType.allCases) func longerThanEveryBlock(_ type: ElementType) throws {
    var deviates = Deviates()
    for length in [2047, 2048, 2049, 32767, 32768, 32769, 70_001] {
      var patterns = (0..<length).map { _ in ordinary(type, &deviates) }
      for _ in 0..<deviates.below(3) { patterns[deviates.below(length)] = 0 }
      let difference = SummaryReference(patterns.map { decode($0, type) }, type)
        .difference(try summarize(patterns, type), "\(type.name) \(length)")
      #expect(difference == nil)
    }
  }

  @Test(arguments: [ElementType.float64, .float32, .float16, .bfloat16, .float8e4m3fn, .float8e5m2])
  func aNonfiniteValueAtEachPosition(_ type: ElementType) throws {
    let specials: [UInt64] =
      switch type {
      case .float64: [0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0xFFF0_0000_0000_0001]
      case .float32: [0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 0xFF80_0001]
      case .bfloat16: [0x7FC0, 0x7F80, 0xFF80, 0xFF81]
      case .float16: [0x7E00, 0x7C00, 0xFC00, 0xFC01]
      case .float8e5m2: [0x7E, 0x7C, 0xFC, 0xFD]
      default: [0x7F, 0xFF]
      }
    var deviates = Deviates()
    let patterns = (0..<300).map { _ in ordinary(type, &deviates) }
    for position in 0..<300 {
      for special in specials {
        var changed = patterns
        changed[position] = special
        let difference = SummaryReference(changed.map { decode($0, type) }, type)
          .difference(try summarize(changed, type), "\(type.name) \(special) at \(position)")
        #expect(difference == nil)
      }
    }
  }
}
