/// The names that a log without a header uses, as they come, and what each is read as.
struct LoggedNames: Sendable {
  static let greatestCount = 4096

  struct Entry: Sendable {
    var name: String
    var match: ColumnMatch?
    var isCompanion = false
    var isRising = false
    var isPhase = false
    var valueCount = 0
    /// What it is read as; nil for a column that is not used.
    var role: LoggedQuantity?
    /// Of several steps on a line the one of least rank counts.
    var stepRank = Int.max
  }

  private(set) var entries: [Entry] = []
  // Open addressing by the bytes' hash, which is taken for the name: of 2^64 none will meet another.
  private var hashes: [UInt64]
  private var places: [Int32]
  private var taken = Set<LoggedQuantity>()
  private(set) var isSettled = false
  /// The name that the user gave the loss.
  let loss: String?

  init(loss: String?) {
    self.loss = loss
    hashes = [UInt64](repeating: 0, count: 4 * LoggedNames.greatestCount)
    places = [Int32](repeating: -1, count: 4 * LoggedNames.greatestCount)
  }

  /// The place of a name in `entries`; nil where there is no room for one more.
  mutating func place(of name: UnsafeBufferPointer<UInt8>, _ late: (Entry) -> Void = { _ in }) -> Int? {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash |= 1
    var slot = Int(truncatingIfNeeded: (hash &* 0x9e37_79b9_7f4a_7c15) >> 40) & (hashes.count - 1)
    while places[slot] >= 0 {
      if hashes[slot] == hash { return Int(places[slot]) }
      slot = (slot + 1) & (hashes.count - 1)
    }
    guard entries.count < LoggedNames.greatestCount else { return nil }
    hashes[slot] = hash
    places[slot] = Int32(entries.count)
    entries.append(newEntry(name))
    if let entry = entries.last, entry.role != nil { late(entry) }
    return entries.count - 1
  }

  private mutating func newEntry(_ name: UnsafeBufferPointer<UInt8>) -> Entry {
    var entry = Entry(
      name: String(decoding: name.prefix(256), as: UTF8.self), match: ColumnName.match(name, loss: loss))
    entry.isPhase = ColumnName.isPhase(name)
    entry.isCompanion = entry.match == nil && ColumnName.isCompanion(name)
    entry.isRising = entry.isCompanion && ColumnName.isRising(name)
    // A quantity that nothing was found for at the front may come later: the first evaluation, say.
    if isSettled, let match = entry.match, match.quantity != .step, match.rank < ColumnMatch.termRank,
      taken.insert(match.quantity).inserted
    {
      entry.role = match.quantity
    }
    return entry
  }

  mutating func count(_ place: Int) { entries[place].valueCount += 1 }

  /// Settles what is read, once the front was seen.
  ///
  /// - Parameter alwaysNumbered: whether every row has a step that is no column.
  /// - Returns: nil where what was found makes no training log.
  mutating func settle(alwaysNumbered: Bool = false) -> (choice: ColumnChoice, candidates: [ColumnCandidate])? {
    let matched = entries.indices.filter { entries[$0].match != nil && entries[$0].valueCount > 0 }
    let candidates = matched.compactMap { place in
      entries[place].match.map {
        ColumnCandidate(name: entries[place].name, match: $0, valueCount: entries[place].valueCount)
      }
    }
    let strangers = entries.filter { $0.match == nil && !$0.isCompanion && !$0.isPhase }.count
    // Training and evaluation may call their step differently, on lines of their own.
    let choice = ColumnChoice(candidates, isStepShared: true)
    guard
      choice.makesLog(
        candidates, strangerCount: strangers, risingCount: rising.count, isNumbered: alwaysNumbered)
    else { return nil }
    for quantity in LoggedQuantity.allCases {
      guard let chosen = choice[quantity] else { continue }
      taken.insert(quantity)
      entries[matched[chosen]].role = quantity
      entries[matched[chosen]].stepRank = -1
    }
    if choice[.step] != nil {
      for place in matched where entries[place].role == nil {
        guard let match = entries[place].match, match.quantity == .step, match.rank < 18,
          !entries[place].name.hasPrefix("_")
        else { continue }
        entries[place].role = .step
        entries[place].stepRank = match.rank
      }
    }
    isSettled = true
    return (choice, candidates)
  }

  /// Names of what rises as a run gets better.
  var rising: [String] { entries.filter(\.isRising).map(\.name) }

  /// Names that are not read.
  var unused: [String] { entries.filter { $0.role == nil && !$0.isPhase }.map(\.name) }
}
