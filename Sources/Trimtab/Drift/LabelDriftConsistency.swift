extension LabelDrift {
  /// Whether counts and samples fit each other as adding and merging leave them: what a checksum cannot vouch for.
  ///
  /// Of the latest round the samples say all but the matches that could not be compared and the distances; of earlier
  /// rounds only bounds can be held.
  /// - Throws: `outOfMemory`.
  func isConsistent() throws(TrimtabError) -> Bool {
    guard let kind, let table else { return classCount == options.statedClassCount }
    let stated = options.statedClassCount
    guard stated == 0 || classCount == stated else { return false }
    switch kind {
    case .labels: guard stated > 0 || classCount <= DriftOptions.greatestInferredClassCount else { return false }
    case .probabilities: guard classCount >= 1 else { return false }
    }
    var earlier: DriftRound?
    for round in rounds {
      guard round.fits(after: earlier, samples: table.count), kind == .probabilities || round.isWithoutProbabilities
      else { return false }
      earlier = round
    }
    for sample in 0..<table.count where !table.isConsistent(sample, rowsOf: kind) { return false }
    return try latestRoundIsThatOfItsSamples(table)
  }

  private func latestRoundIsThatOfItsSamples(_ table: SampleTable) throws(TrimtabError) -> Bool {
    guard let last = rounds.last else { return table.count == 0 }
    let counted = try DriftRound(number: last.number, classCount: last.classCount)
    let seen = try Storage<Int>(count: rounds.count, for: "buffer")
    var known = 0
    for sample in 0..<table.count {
      let ordinal = Int(table.lastRound.pointer[sample])
      seen.pointer[ordinal] &+= 1
      guard ordinal == rounds.count &- 1, table.previous.pointer[sample] >= 0 else { continue }
      known = known &+ 1
      _ = counted.count(
        Prediction(label: Int(table.previous.pointer[sample])),
        Prediction(label: Int(table.latest.pointer[sample]), isConfident: table.isConfident.pointer[sample]))
    }
    for ordinal in 0..<rounds.count where rounds[ordinal].seen < seen.pointer[ordinal] { return false }
    guard last.seen == seen.pointer[rounds.count &- 1], last.matched >= known, last.compared == counted.compared,
      last.flips == counted.flips, last.gatePasses == counted.gatePasses
    else { return false }
    for label in 0..<last.classCount {
      guard last.earlierCount(label) == counted.earlierCount(label), last.laterCount(label) == counted.laterCount(label)
      else { return false }
    }
    return true
  }
}

extension DriftRound {
  /// Whether the counts can follow those of the round before; nil: none was.
  fileprivate func fits(after earlier: DriftRound?, samples: Int) -> Bool {
    guard seen <= samples, matched <= earlier?.seen ?? 0, threeCompared <= earlier?.compared ?? 0,
      oscillations <= earlier?.flips ?? 0
    else { return false }
    // Classes change their counts by flips alone.
    var moved = 0
    for label in 0..<classCount { moved = moved &+ abs(laterCount(label) &- earlierCount(label)) }
    return moved / 2 <= flips
  }

  fileprivate var isWithoutProbabilities: Bool {
    confident == 0 && gatePasses == 0 && totalVariation == 0 && jensenShannon == 0 && kullbackLeibler == 0
  }
}

extension SampleTable {
  /// Whether a sample's labels, gate and row fit each other.
  fileprivate func isConsistent(_ sample: Int, rowsOf kind: Predictions.Kind) -> Bool {
    let label = Int(latest.pointer[sample])
    if lastRound.pointer[sample] == 0 && previous.pointer[sample] >= 0 { return false }
    if isConfident.pointer[sample] && (kind == .labels || label < 0) { return false }
    guard kind == .probabilities else { return true }
    let row = row(sample)
    let greatest = label >= 0 ? row[label] : 0
    var sum = 0.0
    for c in 0..<rowLength {
      // The bits of halves from 0 to 1 are in the order of their values.
      guard row[c] <= greatest else { return false }
      sum += Double(Float(float16Bits: row[c]))
    }
    return label < 0 || (sum - 1).magnitude <= 0x1p-10 + Double(rowLength) * 0x1p-24
  }
}
