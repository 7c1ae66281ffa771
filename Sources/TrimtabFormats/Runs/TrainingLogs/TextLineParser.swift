/// Reads what a program printed about a step: a number belongs to the words before it.
struct TextLineParser {
  var names: LoggedNames
  var builder = LogRowBuilder()
  /// A pair without a name, as a progress bar has: 5/50.
  private(set) var pair: (number: Double, total: Double)?
  /// The last number stands at the very end of the line.
  private(set) var endsInNumber = false

  /// Where the pair ends.
  private var pairEnd = 0
  private var index = PhraseIndex()
  private var words: [Range<Int>] = []
  private var isValidation = false

  init(_ names: LoggedNames) { self.names = names }

  mutating func parse(_ line: UnsafeBufferPointer<UInt8>, isUnended: Bool, _ late: (LoggedNames.Entry) -> Void) {
    builder.reset()
    pair = nil
    words.removeAll(keepingCapacity: true)
    isValidation = false
    endsInNumber = false
    var scanner = TextScanner(line)
    while let token = scanner.next() {
      switch token {
      case .word(let range): takeWord(range, line, &scanner, late)
      case .number(let value, let total, let end):
        endsInNumber = end == line.count
        if endsInNumber, isUnended { break }
        takeNumber(value, total, line, scanner.position, late)
      case .other:
        note(line)
        words.removeAll(keepingCapacity: true)
      case .bound, .close: endPhrase(line)
      }
    }
  }

  private mutating func takeWord(
    _ range: Range<Int>, _ line: UnsafeBufferPointer<UInt8>, _ scanner: inout TextScanner,
    _ late: (LoggedNames.Entry) -> Void
  ) {
    if range.count <= 9, !words.isEmpty, let (value, end) = scanner.nonFinite(range.lowerBound),
      end >= range.upperBound,
      find(line, late).place != nil
    {
      scanner.goTo(end)
      takeNumber(value, nil, line, end, late)
      return
    }
    if range.count <= 10 {
      let word = String(decoding: line[range], as: UTF8.self).lowercased()
      if ColumnWords.fillers.contains(word) { return }
      if ColumnWords.bounds.contains(word) { return endPhrase(line) }
    }
    words.append(range)
  }

  private mutating func find(
    _ line: UnsafeBufferPointer<UInt8>, _ late: (LoggedNames.Entry) -> Void
  ) -> PhraseIndex.Found {
    index.find(words.suffix(PhraseIndex.greatestWordCount), in: line, isValidation: isValidation, &names, late)
  }

  private mutating func takeNumber(
    _ value: Double, _ total: Double?, _ line: UnsafeBufferPointer<UInt8>, _ next: Int,
    _ late: (LoggedNames.Entry) -> Void
  ) {
    defer { words.removeAll(keepingCapacity: true) }
    guard !words.isEmpty else { return takePair(value, total, line, next) }
    let found = find(line, late)
    if found.saysValidation { isValidation = true }
    guard let place = found.place else { return takePair(value, total, line, next) }
    let entry = names.entries[place]
    let quantity: LoggedQuantity
    if names.isSettled {
      guard let role = entry.role else { return }
      quantity = role
    } else {
      guard let match = entry.match else { return }
      quantity = match.quantity
      if quantity != .step || StepNumbering.whole(value) != nil { names.count(place) }
    }
    if quantity == .step {
      // A part of an epoch is no step.
      guard StepNumbering.whole(value) != nil else { return }
      if let total { builder.stepsInEpoch = total }
    }
    if names.isSettled, entry.match?.isExponential == true { return builder.set(quantity, logarithmOf: value) }
    builder.set(quantity, value, rank: names.isSettled ? entry.stepRank : entry.match?.rank ?? 0)
  }

  /// The first pair of a line is its progress bar's.
  private mutating func takePair(_ value: Double, _ total: Double?, _ line: UnsafeBufferPointer<UInt8>, _ next: Int) {
    guard let total, value <= total, StepNumbering.whole(value) != nil, StepNumbering.whole(total) != nil,
      pair == nil || isBehindPair(line, next)
    else { return }
    if let epoch = pair, builder.epoch == nil { builder.set(.epoch, epoch.number) }
    var place = next
    while place < line.count, line[place] == 32 { place += 1 }
    // A date and a time are followed by digits.
    let mark = place < line.count ? line[place] : 0
    if mark != UInt8(ascii: ":"), mark < 48 || mark > 57 {
      pair = (value, total)
      pairEnd = next
    }
  }

  /// Whether nothing but brackets stands between the pair and the one that ends at `next`: [1/5][20/938] is an epoch
  /// and a batch of it.
  private func isBehindPair(_ line: UnsafeBufferPointer<UInt8>, _ next: Int) -> Bool {
    line[min(pairEnd, next)..<next].allSatisfy { $0 &- 48 < 10 || "[]()/ ".utf8.contains($0) }
  }

  private mutating func endPhrase(_ line: UnsafeBufferPointer<UInt8>) {
    note(line)
    words.removeAll(keepingCapacity: true)
  }

  /// A word that stays without a number may tell what the line is about.
  private mutating func note(_ line: UnsafeBufferPointer<UInt8>) {
    guard !isValidation else { return }
    for word in words where word.count >= 3 && word.count <= 10 {
      if PhraseIndex.isValidation(String(decoding: line[word], as: UTF8.self)) { isValidation = true }
    }
  }
}
