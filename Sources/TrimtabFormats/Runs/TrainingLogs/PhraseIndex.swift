/// Finds what the words before a number name: the longest end of them that is one of our names.
struct PhraseIndex: Sendable {
  static let greatestWordCount = 4
  static let greatestCacheCount = 1 << 14

  struct Found: Sendable {
    /// In the entries of the names; nil where the words name nothing of a run.
    var place: Int?
    /// A word that is no part of the name says that data held out are meant.
    var saysValidation = false
  }

  private var cache: [UInt64: Found] = [:]

  /// - Parameters:
  ///   - words: where the words stand in the line, the last ones.
  ///   - isValidation: whether the line said before that it is about data held out.
  mutating func find(
    _ words: ArraySlice<Range<Int>>, in line: UnsafeBufferPointer<UInt8>, isValidation: Bool,
    _ names: inout LoggedNames, _ late: (LoggedNames.Entry) -> Void
  ) -> Found {
    var hash: UInt64 = isValidation ? 0x9ae1_6a3b_2f90_404f : 0xcbf2_9ce4_8422_2325
    for word in words {
      for byte in line[word] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0x20) &* 0x100_0000_01b3
    }
    if let found = cache[hash] { return found }
    let texts = words.map { String(decoding: line[$0].prefix(ColumnName.longestName + 1), as: UTF8.self) }
    let found = look(texts, isValidation, &names, late)
    if cache.count >= PhraseIndex.greatestCacheCount { cache.removeAll(keepingCapacity: true) }
    cache[hash] = found
    return found
  }

  private func look(
    _ words: [String], _ isValidation: Bool, _ names: inout LoggedNames, _ late: (LoggedNames.Entry) -> Void
  ) -> Found {
    for start in words.indices {
      var name = words[start...].joined(separator: " ")
      guard let match = PhraseIndex.match(name, words[start...], names.loss) else { continue }
      let before = words[..<start]
      if let last = before.last, ColumnWords.vetoes.contains(last.lowercased()) { break }
      let saysValidation = before.contains(where: PhraseIndex.isValidation)
      if match.quantity == .loss, isValidation || saysValidation {
        let other = "validation " + name
        if ColumnName.match(other) != nil { name = other }
      }
      let place = name.withUTF8 { names.place(of: $0, late) }
      return Found(place: place, saysValidation: saysValidation)
    }
    return Found(place: nil, saysValidation: words.contains(where: PhraseIndex.isValidation))
  }

  /// A sentence has words like those of terms and measures: only one that stands alone before its number, or behind
  /// the part of the model that it is of, is taken for one.
  private static func match(_ name: String, _ words: ArraySlice<String>, _ loss: String?) -> ColumnMatch? {
    if name == loss {
      return ColumnMatch(
        quantity: .loss, rank: ColumnMatch.toldRank, isExponential: ColumnName.standIn(name)?.isExponential ?? false)
    }
    if let match = ColumnName.match(name) { return match }
    let isTerm = words.count == 2 && words.first.map { ColumnWords.parts.contains($0.lowercased()) } ?? false
    guard words.count == 1 || isTerm, let match = ColumnName.standIn(name), match.rank < ColumnMatch.vagueRank else {
      return nil
    }
    return match
  }

  /// The word alone; `val_accuracy` is the name of something.
  static func isValidation(_ word: String) -> Bool { ColumnWords.validation[word.lowercased()] != nil }
}
