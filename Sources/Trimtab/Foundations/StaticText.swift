/// A text of the library's own, known by where its first byte stands; a zero byte follows the last.
///
/// One word, where a StaticString takes three in every call, result and field.
public struct StaticText: ExpressibleByStringLiteral, @unchecked Sendable {
  public let firstByte: UnsafePointer<UInt8>

  /// Every StaticString here is a string literal, never a lone scalar, so that its first word is the pointer;
  /// `utf8Start` would ask each time.
  @inline(__always)
  public init(stringLiteral literal: StaticString) {
    firstByte = unsafeBitCast(literal, to: (UnsafePointer<UInt8>, Int, UInt8).self).0
  }

  /// Without the zero byte.
  public var count: Int {
    var count = 0
    while firstByte[count] != 0 { count = count &+ 1 }
    return count
  }
}

#if !hasFeature(Embedded)
  extension StaticText: CustomStringConvertible {
    public var description: String { String(cString: firstByte) }
  }
#endif
