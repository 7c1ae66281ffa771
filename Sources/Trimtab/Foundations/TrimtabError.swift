internal import CPlatform

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
  case callback = 60
  case `internal` = 90
}

/// An error that names the argument, what was found and what is allowed.
///
/// Its text is a format in which each percent sign stands for the next argument: `TrimtabError(.shape, "%: found rank
/// %", name, rank)`. In the Embedded library an error is empty: status and text of what was raised last stand in memory
/// of the thread, and the boundary takes them from there at once. Errors then cost no register on their way.
public struct TrimtabError: Error, Sendable {
  #if hasFeature(Embedded)
    public var status: Status { Status(rawValue: trimtab_platform_raised_status()) ?? .internal }
  #else
    public let status: Status
    private let text: [UInt8]
    public var message: String { String(decoding: text, as: UTF8.self) }

    public init(_ status: Status, message: String) {
      self.status = status
      text = Array(message.utf8)
    }
  #endif

  private var noText: StaticText { "" }

  /// The text's bytes and how many they are.
  public func withText<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
    #if hasFeature(Embedded)
      guard let text = trimtab_platform_raised_text() else { return body(noText.firstByte, 0) }
      var length = 0
      while text[length] != 0 { length = length &+ 1 }
      return body(text, length)
    #else
      return (text + [0]).withUnsafeBufferPointer { text in
        text.baseAddress.map { body($0, text.count - 1) } ?? body(noText.firstByte, 0)
      }
    #endif
  }

  /// `code` is the status and, from bit 8 on, the kinds of the arguments; where `rest` is given, its text from the
  /// first colon or full stop on follows.
  @inline(never)
  private init(
    code: UInt32, _ format: UnsafePointer<UInt8>, _ words: (UInt64, UInt64, UInt64, UInt64),
    rest: TrimtabError? = nil
  ) {
    let arguments = ErrorArguments(kinds: code &>> 8, words: words)
    let status = Int32(truncatingIfNeeded: code & 0xFF)
    #if hasFeature(Embedded)
      let before = trimtab_platform_raised_text()
      guard let memory = trimtab_platform_raise(status) else { return }
      var text = ErrorText(into: memory)
      text.write(format, arguments)
      if rest != nil, let before { text.writeRest(of: before) }
    #else
      self.status = Status(rawValue: status) ?? .internal
      text = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ErrorText.capacity) { memory in
        guard let base = memory.baseAddress else { return [] }
        var text = ErrorText(into: base)
        text.write(format, arguments)
        rest?.withText { before, _ in text.writeRest(of: before) }
        return Array(memory.prefix(text.length))
      }
    #endif
  }
}

// Inlined into every caller, where all but the arguments' words is a constant.
extension TrimtabError {
  @inline(__always)
  public init(_ status: Status, _ format: StaticText) {
    self.init(none: TrimtabError.code(status), format.firstByte)
  }

  @inline(__always)
  public init<A: ErrorArgument>(_ status: Status, _ format: StaticText, _ a: A) {
    self.init(one: TrimtabError.code(status, A.errorKind), format.firstByte, a.errorWord)
  }

  @inline(__always)
  public init<A: ErrorArgument, B: ErrorArgument>(_ status: Status, _ format: StaticText, _ a: A, _ b: B) {
    self.init(two: TrimtabError.code(status, A.errorKind, B.errorKind), format.firstByte, a.errorWord, b.errorWord)
  }

  @inline(__always)
  public init<A: ErrorArgument, B: ErrorArgument, C: ErrorArgument>(
    _ status: Status, _ format: StaticText, _ a: A, _ b: B, _ c: C
  ) {
    self.init(
      four: TrimtabError.code(status, A.errorKind, B.errorKind, C.errorKind), format.firstByte, a.errorWord,
      b.errorWord, c.errorWord, 0)
  }

  @inline(__always)
  public init<A: ErrorArgument, B: ErrorArgument, C: ErrorArgument, D: ErrorArgument>(
    _ status: Status, _ format: StaticText, _ a: A, _ b: B, _ c: C, _ d: D
  ) {
    self.init(
      four: TrimtabError.code(status, A.errorKind, B.errorKind, C.errorKind, D.errorKind), format.firstByte,
      a.errorWord, b.errorWord, c.errorWord, d.errorWord)
  }

  /// The same error with a place for the name of its argument, which a field may follow: "tensors[3]: found ..." for
  /// "tensor: found ...".
  @inline(__always)
  public func at<A: ErrorArgument>(_ format: StaticText, _ a: A) -> TrimtabError {
    at(TrimtabError.code(status, A.errorKind), format.firstByte, a.errorWord, 0)
  }

  @inline(__always)
  public func at<A: ErrorArgument, B: ErrorArgument>(_ format: StaticText, _ a: A, _ b: B) -> TrimtabError {
    at(TrimtabError.code(status, A.errorKind, B.errorKind), format.firstByte, a.errorWord, b.errorWord)
  }

  @inline(never)
  private func at(_ code: UInt32, _ format: UnsafePointer<UInt8>, _ a: UInt64, _ b: UInt64) -> TrimtabError {
    TrimtabError(code: code, format, (a, b, 0, 0), rest: self)
  }

  @inline(__always)
  private static func code(
    _ status: Status, _ a: ErrorArgumentKind = .text, _ b: ErrorArgumentKind = .text, _ c: ErrorArgumentKind = .text,
    _ d: ErrorArgumentKind = .text
  ) -> UInt32 {
    UInt32(bitPattern: status.rawValue) | a.rawValue << 8 | b.rawValue << 10 | c.rawValue << 12 | d.rawValue << 14
  }

  // What is called: the fewer words a caller has to set, the shorter it is.

  @inline(never)
  private init(none code: UInt32, _ format: UnsafePointer<UInt8>) { self.init(code: code, format, (0, 0, 0, 0)) }

  @inline(never)
  private init(one code: UInt32, _ format: UnsafePointer<UInt8>, _ a: UInt64) {
    self.init(code: code, format, (a, 0, 0, 0))
  }

  @inline(never)
  private init(two code: UInt32, _ format: UnsafePointer<UInt8>, _ a: UInt64, _ b: UInt64) {
    self.init(code: code, format, (a, b, 0, 0))
  }

  @inline(never)
  private init(four code: UInt32, _ format: UnsafePointer<UInt8>, _ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    self.init(code: code, format, (a, b, c, d))
  }
}
