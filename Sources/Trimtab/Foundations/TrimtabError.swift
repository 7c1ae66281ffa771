/// What a call came to: the codes of the C contract.
public enum Status: Int32, Sendable {
  case nullArgument = 10
  case invalidArgument = 11
  case shape = 12
  case dtype = 13
  case device = 14
  case overflow = 15
  case structSize = 16
  case capacity = 17
  case mismatch = 18
  case stateCorrupt = 30
  case stateKind = 31
  case stateVersion = 32
  case outOfMemory = 40
  case file = 41
  case `internal` = 90
}

/// An error that names the argument, what was found and what is allowed.
public struct TrimtabError: Error, Sendable {
  public let status: Status
  public let text: ErrorText

  @inline(never)
  public init(_ status: Status, _ text: ErrorText) {
    self.status = status
    self.text = text
  }

  public var message: String { String(decoding: text.bytes, as: UTF8.self) }

  /// The same error with `place` for the name of its argument, which a field may follow: "tensors[3]: found ..." for
  /// "tensor: found ...".
  @inline(never)
  public func at(_ place: ErrorText) -> TrimtabError {
    var rest = ErrorText(stringLiteral: "")
    rest.append(text, fromFirstOf: UInt8(ascii: ":"), UInt8(ascii: "."))
    return TrimtabError(status, "\(place)\(rest)")
  }
}
