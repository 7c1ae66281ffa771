/// Rounds of predictions keyed by sample id: whether pseudo-labels hold still.
///
/// Per sample two labels and, of probabilities, one row of float16 are kept; per round the counts. Since 0.1.
public final class LabelDrift {
  public let options: DriftOptions
  private(set) var kind: Predictions.Kind?
  private(set) var classCount = 0
  private(set) var rounds: [DriftRound] = []
  private(set) var table: SampleTable?
  private var stamp: UInt64 = 0

  /// - Throws: `invalidArgument`.
  public init(options: DriftOptions = DriftOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
    classCount = options.statedClassCount
  }

  /// Rounds seen.
  public var roundCount: Int { rounds.count }

  /// Adds predictions of one round, or of a part of it. On failure nothing has changed.
  ///
  /// - Parameters:
  ///   - round: 0 or more; the same as before (another batch of it) or greater.
  ///   - ids: [n] integers that name the samples, each at most once a round; nil: the row index, counted on within
  ///     the round.
  ///   - predictions: as in `pseudoLabelDrift`; always the same kind and classes.
  /// - Throws: `shape`, `dtype`, `invalidArgument` (a round that goes back, an id twice in a round), `outOfMemory`.
  /// - Complexity: O(n C).
  public func add(round: Int, ids: TensorView? = nil, predictions: TensorView) throws(TrimtabError) {
    // Before any of them is looked at: strides of 0 claim more samples than a lifetime could read.
    guard predictions.shape[0] <= SampleTable.greatestCount else {
      throw TrimtabError(
        .shape, "predictions: found % samples, allowed at most %", predictions.shape[0], SampleTable.greatestCount)
    }
    let batch = try Predictions(predictions, options: options, name: "predictions")
    try check(round, ids, batch)
    let table = try samples(rowLength: batch.kind == .probabilities ? batch.classCount : 0)
    let classes = max(classCount, batch.classCount)
    let isNew = rounds.last?.number != round
    let target = try self.round(round, isNew, classes)
    let ordinal = isNew ? rounds.count : rounds.count &- 1
    let scratch = try Storage<Double>(count: 2 &* table.rowLength, for: "predictions")
    let members = try Storage<Int>(count: batch.count, for: "predictions")
    try enter(ids, firstRow: isNew ? 0 : target.seen, ordinal, into: members, of: table)

    for row in 0..<batch.count { count(batch, row, members.pointer[row], table, target, ordinal, scratch.pointer) }
    target.seen = target.seen &+ batch.count
    if isNew { rounds.append(target) }
    self.table = table
    kind = batch.kind
    classCount = classes
  }

  private func check(_ round: Int, _ ids: TensorView?, _ batch: Predictions) throws(TrimtabError) {
    let latest = rounds.last?.number ?? 0
    guard round >= latest else {
      throw TrimtabError(.invalidArgument, "round: found %, allowed % or more", round, latest)
    }
    guard rounds.count < Int(Int32.max) else { throw TrimtabError(.overflow, "round: found more than 2^31 rounds") }
    if let ids {
      guard ids.rank == 1, ids.shape[0] == batch.count else {
        throw TrimtabError(
          .shape, "ids: found rank % and % ids, allowed rank 1 and %", ids.rank, ids.count, batch.count)
      }
      guard !ids.elementType.isFloatingPoint, ids.elementType != .bool else {
        throw TrimtabError(.dtype, "ids: found %, allowed integers of shape [n]", ids.elementType.name)
      }
    }
    guard let kind else { return }
    guard kind == batch.kind else {
      throw TrimtabError(
        .dtype, "predictions: found another kind than before, allowed always labels or always probabilities")
    }
    guard kind == .labels || batch.classCount == classCount else {
      throw TrimtabError(.shape, "predictions: found % classes, allowed % as before", batch.classCount, classCount)
    }
  }

  private func samples(rowLength: Int) throws(TrimtabError) -> SampleTable {
    if let table { return table }
    return try SampleTable(rowLength: rowLength)
  }

  private func round(_ number: Int, _ isNew: Bool, _ classes: Int) throws(TrimtabError) -> DriftRound {
    guard !isNew, let last = rounds.last else { return try DriftRound(number: number, classCount: classes) }
    try last.reserve(classes: classes)
    return last
  }

  /// Finds or appends the batch's samples; an id that this round has already is an error and leaves no trace.
  private func enter(
    _ ids: TensorView?, firstRow: Int, _ ordinal: Int, into members: Storage<Int>, of table: SampleTable
  ) throws(TrimtabError) {
    let before = table.count
    stamp = stamp &+ 1
    do throws(TrimtabError) {
      for row in 0..<members.count {
        let id = ids?.integer(at: row) ?? (firstRow &+ row)
        let sample = try table.findOrAppend(id)
        guard table.stamps.pointer[sample] != stamp, Int(table.lastRound.pointer[sample]) != ordinal else {
          throw TrimtabError(.invalidArgument, "ids: found % twice in a round, allowed once", id)
        }
        table.stamps.pointer[sample] = stamp
        members.pointer[row] = sample
      }
    } catch {
      table.truncate(to: before)
      throw error
    }
  }

  private func count(
    _ batch: Predictions, _ row: Int, _ sample: Int, _ table: SampleTable, _ round: DriftRound, _ ordinal: Int,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    var later = Prediction()
    if batch.kind == .labels {
      later.label = batch.label(row)
    } else {
      let (label, greatest) = batch.probabilities(row, into: scratch)
      later = Prediction(label: label, isConfident: label >= 0 && batch.passes(options.confidenceGate, greatest))
    }
    let latest = Int(table.latest.pointer[sample])
    let last = Int(table.lastRound.pointer[sample])
    let isNext = ordinal > 0 && last == ordinal &- 1
    if isNext {
      let earlier = Prediction(label: latest, isConfident: table.isConfident.pointer[sample])
      let isCounted = round.count(earlier, later, beforeThat: Int(table.previous.pointer[sample]))
      if isCounted && table.rowLength > 0 {
        let earlierRow = scratch + table.rowLength
        decode(table.row(sample), table.rowLength, into: earlierRow)
        round.addDistances(from: earlierRow, to: scratch, classes: table.rowLength)
      }
    }
    table.previous.pointer[sample] = Int32(truncatingIfNeeded: isNext ? latest : -1)
    table.latest.pointer[sample] = Int32(truncatingIfNeeded: later.label)
    table.lastRound.pointer[sample] = Int32(truncatingIfNeeded: ordinal)
    table.isConfident.pointer[sample] = later.isConfident
    let stored = table.row(sample)
    for c in 0..<table.rowLength { stored[c] = later.label >= 0 ? UInt16(float16BitsOf: scratch[c]) : 0 }
  }

  /// A stored row, normalised again after its rounding.
  private func decode(_ stored: UnsafeMutablePointer<UInt16>, _ length: Int, into row: UnsafeMutablePointer<Double>) {
    var sum = 0.0
    for c in 0..<length {
      row[c] = Double(Float(float16Bits: stored[c]))
      sum += row[c]
    }
    guard sum > 0 else { return }
    for c in 0..<length { row[c] /= sum }
  }

  /// Adds another shard: the same rounds over other ids. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (options, kind, classes, rounds, a shared id), `outOfMemory`.
  public func merge(_ other: LabelDrift) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than in drift, allowed the same")
    }
    guard let theirs = other.table, let theirKind = other.kind else { return }
    if let kind, kind != theirKind || (kind == .probabilities && classCount != other.classCount) {
      throw TrimtabError(.mismatch, "other: found another kind of predictions or number of classes, allowed the same")
    }
    let table = try samples(rowLength: theirs.rowLength)
    let merged = try mergedRounds(other, max(classCount, other.classCount))
    try append(theirs, to: table)
    for (index, round) in merged.enumerated() where index < other.rounds.count { round.add(other.rounds[index]) }
    rounds = merged
    self.table = table
    kind = theirKind
    classCount = max(classCount, other.classCount)
  }

  /// This stream's rounds with room for the classes of both, or as many new ones.
  private func mergedRounds(_ other: LabelDrift, _ classes: Int) throws(TrimtabError) -> [DriftRound] {
    var merged = rounds
    if rounds.isEmpty {
      for round in other.rounds { merged.append(try DriftRound(number: round.number, classCount: classes)) }
    }
    guard merged.count == other.rounds.count else {
      throw TrimtabError(.mismatch, "other: found % rounds, allowed % as in drift", other.rounds.count, merged.count)
    }
    for index in 0..<merged.count where merged[index].number != other.rounds[index].number {
      throw TrimtabError(
        .mismatch, "other: found round %, allowed % as in drift", other.rounds[index].number, merged[index].number)
    }
    for round in merged { try round.reserve(classes: classes) }
    return merged
  }

  private func append(_ theirs: SampleTable, to table: SampleTable) throws(TrimtabError) {
    let before = table.count
    do throws(TrimtabError) {
      for sample in 0..<theirs.count {
        let id = theirs.ids.pointer[sample]
        guard table.find(id) < 0 else {
          throw TrimtabError(.mismatch, "other: found id % in both shards, allowed in one", id)
        }
        let own = try table.findOrAppend(id)
        table.lastRound.pointer[own] = theirs.lastRound.pointer[sample]
        table.latest.pointer[own] = theirs.latest.pointer[sample]
        table.previous.pointer[own] = theirs.previous.pointer[sample]
        table.isConfident.pointer[own] = theirs.isConfident.pointer[sample]
        table.row(own).update(from: theirs.row(sample), count: table.rowLength)
      }
    } catch {
      table.truncate(to: before)
      throw error
    }
  }

  /// Reports on the latest round; changes nothing.
  public func report() -> DriftReport {
    guard let last = rounds.last else { return emptyReport }
    return report(on: last, earlierSeen: rounds.count > 1 ? rounds[rounds.count &- 2].seen : 0)
  }

  /// Reports on the round that was the `index`-th seen; the first has nothing before it and is insufficient.
  /// - Throws: `invalidArgument`.
  public func report(round index: Int) throws(TrimtabError) -> DriftReport {
    guard index >= 0 && index < rounds.count else {
      throw TrimtabError(.invalidArgument, "index: found %, allowed 0 to less than % rounds", index, rounds.count)
    }
    return report(on: rounds[index], earlierSeen: index > 0 ? rounds[index &- 1].seen : 0)
  }

  private var emptyReport: DriftReport {
    var report = DriftReport()
    report.outcome = .insufficient
    report.classCount = classCount
    report.threshold = options.warningFlipRate
    return report
  }

  private func report(on round: DriftRound, earlierSeen: Int) -> DriftReport {
    var flips = 0
    var compared = 0
    for round in rounds {
      flips = flips &+ round.flips
      compared = compared &+ round.compared
    }
    return DriftReport(
      round, since: rounds.first(where: { $0.compared > 0 }) ?? round, earlierSeen: earlierSeen, classCount: classCount,
      hasProbabilities: kind == .probabilities,
      options: options, roundCount: rounds.count, flips: flips, compared: compared,
      hasSeveralClasses: kind == .probabilities || options.statedClassCount > 1 || showsSeveralClasses)
  }

  /// Whether labels of two classes were compared in any rounds.
  private var showsSeveralClasses: Bool {
    var only = -1
    for round in rounds {
      for label in 0..<round.classCount where round.earlierCount(label) > 0 || round.laterCount(label) > 0 {
        if only >= 0 && only != label { return true }
        only = label
      }
    }
    return false
  }

  public static let stateVersion: UInt32 = 1

  init(
    options: DriftOptions, kind: Predictions.Kind?, classCount: Int, rounds: [DriftRound], table: SampleTable?
  ) {
    self.options = options
    self.kind = kind
    self.classCount = classCount
    self.rounds = rounds
    self.table = table
  }
}
