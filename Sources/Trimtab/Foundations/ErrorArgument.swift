/// What may stand in the text of an error: a static string, a whole number or a float64, each handed on as one word.
public protocol ErrorArgument {
  static var errorKind: ErrorArgumentKind { get }
  var errorWord: UInt64 { get }
}

/// How the word of an argument is to be read.
public enum ErrorArgumentKind: UInt32, Sendable {
  case text = 0
  case signed = 1
  case unsigned = 2
  case number = 3
}

/// The arguments of one text: two bits a kind, the first lowest, and their words.
struct ErrorArguments {
  var kinds: UInt32
  var words: (UInt64, UInt64, UInt64, UInt64)
}

extension StaticText: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .text }
  public var errorWord: UInt64 { UInt64(UInt(bitPattern: firstByte)) }
}

extension Double: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .number }
  public var errorWord: UInt64 { bitPattern }
}

extension UInt64: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .unsigned }
  public var errorWord: UInt64 { self }
}

extension Int: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .signed }
  public var errorWord: UInt64 { UInt64(bitPattern: Int64(self)) }
}

extension Int64: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .signed }
  public var errorWord: UInt64 { UInt64(bitPattern: self) }
}

extension Int32: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .signed }
  public var errorWord: UInt64 { UInt64(bitPattern: Int64(self)) }
}

extension UInt32: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .unsigned }
  public var errorWord: UInt64 { UInt64(self) }
}

extension UInt16: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .unsigned }
  public var errorWord: UInt64 { UInt64(self) }
}

extension UInt8: ErrorArgument {
  public static var errorKind: ErrorArgumentKind { .unsigned }
  public var errorWord: UInt64 { UInt64(self) }
}
