/// The signature of a C function, as `--signature` takes it.
///
///     signature = result "(" [argument {"," argument}] ")"
///     result    = "void" | number
///     argument  = number [name]                                          by value
///               | ["const" | "in" | "out" | "inout"] number "*" [name] ["[" count "]"]
///               | "void" "*" [name]                                      user data: NULL
///     number    = f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 | double float int
///
/// `const` is `in`. Without any of the words a pointer is read if nothing else is (the first of them), and written
/// otherwise. A count left out is that of the inputs: as many as the domain has ranges left.
struct ProbeSignature {
  enum Number: String, CaseIterable {
    case f64, f32, i8, i16, i32, i64, u8, u16, u32, u64

    var isFloatingPoint: Bool { self == .f64 || self == .f32 }

    /// What it takes, in words, where it does not hold a value as it is (f32 rounds it); nil where it does.
    func refusal(of value: Double) -> String? {
      func whole<Whole: FixedWidthInteger>(_ type: Whole.Type) -> String? {
        Whole(exactly: value) == nil ? "a whole number from \(Whole.min) to \(Whole.max)" : nil
      }
      return switch self {
      case .f64: nil
      case .f32:
        value.isFinite && !Float(value).isFinite ? "numbers to \(figure(Double(Float.greatestFiniteMagnitude)))" : nil
      case .i8: whole(Int8.self)
      case .i16: whole(Int16.self)
      case .i32: whole(Int32.self)
      case .i64: whole(Int64.self)
      case .u8: whole(UInt8.self)
      case .u16: whole(UInt16.self)
      case .u32: whole(UInt32.self)
      case .u64: whole(UInt64.self)
      }
    }

    /// As the shim of libffi takes it.
    var code: Int32 {
      switch self {
      case .f64: Int32(UInt8(ascii: "d"))
      case .f32: Int32(UInt8(ascii: "f"))
      case .i8: -8
      case .i16: -16
      case .i32: -32
      case .i64: -64
      case .u8: 8
      case .u16: 16
      case .u32: 32
      case .u64: 64
      }
    }

    var byteCount: Int {
      switch self {
      case .f64, .i64, .u64: 8
      case .f32, .i32, .u32: 4
      case .i16, .u16: 2
      case .i8, .u8: 1
      }
    }

    init?(word: String) {
      switch word {
      case "double": self = .f64
      case "float": self = .f32
      case "int": self = .i32
      default:
        guard let known = Number(rawValue: word) else { return nil }
        self = known
      }
    }
  }

  enum Passing { case value, input, output, both, userData }

  struct Argument {
    /// Nil for user data.
    var number: Number?
    var passing: Passing
    var name: String
    /// Nil where it was left out.
    var count: Int?
  }

  /// Nil for void.
  let result: Number?
  private(set) var arguments: [Argument]

  init(_ text: String) throws {
    var scanner = SignatureScanner(text)
    let result = try scanner.word("a type")
    guard result == "void" || Number(word: result) != nil else {
      throw scanner.malformed("found '\(result)', allowed void, \(SignatureScanner.numbers)")
    }
    self.result = Number(word: result)
    try scanner.expect("(")
    arguments = []
    var isGuess: [Bool] = []
    if scanner.take("void)") {
      try scanner.expectEnd()
    } else if !scanner.take(")") {
      repeat {
        let (argument, guessed) = try scanner.argument(arguments.count)
        guard !arguments.contains(where: { $0.name == argument.name }) else {
          throw scanner.malformed(
            "found the name '\(argument.name)' twice, allowed a name of its own for each argument")
        }
        arguments.append(argument)
        isGuess.append(guessed)
      } while scanner.take(",")
      try scanner.expect(")")
    }
    try scanner.expectEnd()
    let isRead = arguments.contains {
      $0.passing == .input || $0.passing == .both || $0.passing == .value && $0.number?.isFloatingPoint == true
    }
    if !isRead, let first = isGuess.firstIndex(of: true) { arguments[first].passing = .input }
  }
}

/// Reads a signature from left to right.
private struct SignatureScanner {
  static let numbers = ProbeSignature.Number.allCases.map(\.rawValue).joined(separator: ", ")
  private let text: [Character]
  private var place = 0

  init(_ text: String) { self.text = Array(text) }

  func malformed(_ what: String) -> ProbeError {
    ProbeError("--signature: \(what), at character \(min(place + 1, text.count + 1)) of '\(String(text))'")
  }

  private mutating func skipSpaces() { while place < text.count, text[place].isWhitespace { place += 1 } }

  /// Takes a text whose characters may have spaces between them.
  mutating func take(_ wanted: String) -> Bool {
    let before = place
    for character in wanted {
      skipSpaces()
      guard place < text.count, text[place] == character else {
        place = before
        return false
      }
      place += 1
    }
    return true
  }

  private var next: String { place < text.count ? "'\(text[place])'" : "its end" }

  mutating func expect(_ wanted: String) throws {
    guard take(wanted) else {
      skipSpaces()
      throw malformed("found \(next), allowed '\(wanted)'")
    }
  }

  mutating func expectEnd() throws {
    skipSpaces()
    guard place == text.count else { throw malformed("found \(next), allowed its end") }
  }

  private mutating func optionalWord() -> String? {
    skipSpaces()
    let start = place
    while place < text.count, text[place].isLetter || text[place] == "_" || place > start && text[place].isNumber {
      place += 1
    }
    return place > start ? String(text[start..<place]) : nil
  }

  mutating func word(_ what: String) throws -> String {
    guard let found = optionalWord() else { throw malformed("found \(next), allowed \(what)") }
    return found
  }

  /// An argument, and whether its direction is a guess.
  mutating func argument(_ index: Int) throws -> (ProbeSignature.Argument, Bool) {
    var type = try word("an argument")
    let direction = ["const", "in", "out", "inout"].contains(type) ? type : nil
    if direction != nil { type = try word("a type") }
    let number = ProbeSignature.Number(word: type)
    guard number != nil || type == "void" && direction == nil else {
      throw malformed("found '\(type)', allowed void*, \(SignatureScanner.numbers)")
    }
    guard take("*") else {
      guard let number, direction == nil || direction == "const" else {
        throw malformed("found \(next), allowed '*' after \(direction ?? type)")
      }
      let name = optionalWord() ?? "argument\(index + 1)"
      return (ProbeSignature.Argument(number: number, passing: .value, name: name), false)
    }
    let name = optionalWord() ?? "argument\(index + 1)"
    guard let number else {
      return (ProbeSignature.Argument(number: nil, passing: .userData, name: name), false)
    }
    let passing: ProbeSignature.Passing =
      switch direction {
      case "const", "in": .input
      case "inout": .both
      default: .output
      }
    return (
      ProbeSignature.Argument(number: number, passing: passing, name: name, count: try count()), direction == nil
    )
  }

  private mutating func count() throws -> Int? {
    guard take("[") else { return nil }
    skipSpaces()
    var digits = ""
    while place < text.count, text[place].isASCII, text[place].isNumber {
      digits.append(text[place])
      place += 1
    }
    guard let count = Int(digits), (1...1 << 20).contains(count) else {
      throw malformed("found '[\(digits)', allowed a count of 1 to \(1 << 20)")
    }
    try expect("]")
    return count
  }
}

/// What keeps a probe from its answer, in a sentence.
struct ProbeError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
