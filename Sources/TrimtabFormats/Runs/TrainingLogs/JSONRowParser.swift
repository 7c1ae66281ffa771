internal import Trimtab

/// Reads objects of any keys as rows; what is nested is named by its path: `train/loss`.
struct JSONRowParser {
  static let greatestAttemptCount = 4096

  var names: LoggedNames
  var builder = LogRowBuilder()
  /// Why the line does not say its step or its loss.
  private(set) var unread: String?
  private var path: [UInt8] = []
  /// The entries whose numbers the line gave, while names are not settled.
  private var found: [Int] = []

  init(_ names: LoggedNames) { self.names = names }

  /// Reads an object at the front of `scanner` into `builder`; false where it is malformed.
  mutating func parse(_ scanner: inout JSONScanner, _ reading: inout LogReading, line: Int) -> Bool {
    builder.reset()
    path.removeAll(keepingCapacity: true)
    return fields(&scanner, &reading, line)
  }

  /// Counts the numbers of the line; only a line that is whole tells of the columns.
  mutating func countFound() {
    for place in found { names.count(place) }
  }

  private mutating func fields(_ scanner: inout JSONScanner, _ reading: inout LogReading, _ line: Int) -> Bool {
    scanner.object { scanner, key in
      let length = path.count
      if length > 0 { path.append(UInt8(ascii: "/")) }
      path.append(contentsOf: key.bytes[key.range])
      defer { path.removeLast(path.count - length) }
      var isObject = false
      let found = scanner.logField { scanner in
        isObject = true
        return fields(&scanner, &reading, line)
      }
      guard let found else { return false }
      if !isObject { take(found.value, found.text, &reading, line) }
      return true
    }
  }

  private mutating func take(_ value: LogValue, _ text: JSONKey?, _ reading: inout LogReading, _ line: Int) {
    var value = value
    let characters = text.map { UnsafeBufferPointer(rebasing: $0.bytes[$0.range]) }
    // Some programs write their numbers as texts.
    if let characters { value = LogValue(characters) }
    let place = path.withUnsafeBufferPointer { name in
      names.place(of: name) { reading.columns.append(($0.match?.quantity.key ?? "", $0.name)) }
    }
    guard let place else { return }
    let entry = names.entries[place]
    switch value {
    case .number(let number):
      let quantity = names.isSettled ? entry.role : entry.match?.quantity
      // A part of an epoch is no step.
      if quantity == .step, StepNumbering.whole(number) == nil { return }
      if !names.isSettled { found.append(place) }
      if !names.isSettled, let match = entry.match {
        builder.set(match.quantity, number, rank: match.rank)
      } else if let role = entry.role {
        entry.match?.isExponential == true
          ? builder.set(role, logarithmOf: number) : builder.set(role, number, rank: entry.stepRank)
      }
    case .text:
      guard let characters else { return }
      if entry.isPhase {
        if ColumnName.isValidation(characters) { builder.isValidation = true }
      } else if entry.role != nil {
        builder.mention(entry.role)
        reading.addText(characters, inColumn: entry.name, line: line)
        unread = unread ?? LogReading.unreadReason(characters, entry.role, entry.name)
      }
    case .missing, .void: builder.mention(entry.role)
    }
  }
}

extension JSONRowParser {
  /// All objects on a line, or in what should be one object: where a line feed was lost several stand there.
  ///
  /// - Returns: whether the bytes are objects and nothing else.
  mutating func parseAll(
    _ bytes: UnsafeBufferPointer<UInt8>, _ reading: inout LogReading, line: Int, _ take: (inout LogRowBuilder) -> Void
  ) -> Bool {
    var scanner = JSONScanner(bytes, takesPythonWords: true)
    found.removeAll(keepingCapacity: true)
    unread = nil
    var isSound = true
    var attempts = 0
    var place = 0
    while attempts < JSONRowParser.greatestAttemptCount {
      scanner = JSONScanner(bytes, from: place, takesPythonWords: true)
      if scanner.isAtEnd() { return isSound }
      if parse(&scanner, &reading, line: line) {
        take(&builder)
        place = scanner.position
        continue
      }
      isSound = false
      attempts += 1
      guard let next = JSONRowParser.nextRow(bytes, after: place) else { return false }
      place = next
    }
    return false
  }

  /// Where the next object begins that is no value of a broken one: its names would lack their path.
  private static func nextRow(_ bytes: UnsafeBufferPointer<UInt8>, after place: Int) -> Int? {
    var before: UInt8 = 0
    for next in (place + 1)..<max(place + 1, bytes.count) {
      if bytes[next] == UInt8(ascii: "{"), before != UInt8(ascii: ":"), before != UInt8(ascii: "[") { return next }
      if bytes[next] > 32 { before = bytes[next] }
    }
    return nil
  }
}
