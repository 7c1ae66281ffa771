/// A column that may hold one of the quantities.
struct ColumnCandidate: Sendable {
  var name: String
  var match: ColumnMatch
  /// Numbers in it at the front of the log.
  var valueCount = 0

  /// The user said that it is the loss.
  var isTold: Bool { match.rank == ColumnMatch.toldRank }

  /// Whether it is read before another of its quantity.
  func isBefore(_ other: ColumnCandidate) -> Bool {
    (match.rank, -valueCount) < (other.match.rank, -other.valueCount)
  }
}

/// Which column is read for each quantity.
struct ColumnChoice: Sendable {
  /// By `LoggedQuantity.rawValue`: the index of the candidate.
  private(set) var chosen = [Int?](repeating: nil, count: LoggedQuantity.allCases.count)
  private(set) var notes: [String] = []

  /// What a candidate of a better name needs of the numbers that the fullest one holds.
  static let leastShare = 10

  /// Of the candidates that hold numbers in more than a row here and there, the most precise name; of equal ones the
  /// fuller, then the first.
  init(_ candidates: [ColumnCandidate], isStepShared: Bool = false) {
    for quantity in LoggedQuantity.allCases {
      let all = candidates.indices.filter { candidates[$0].match.quantity == quantity }
      let filled = all.filter { candidates[$0].valueCount > 0 }
      let able = filled.isEmpty ? all : filled
      let most = able.map { candidates[$0].valueCount }.max() ?? 0
      let steady = able.filter {
        ColumnChoice.leastShare * candidates[$0].valueCount >= most || candidates[$0].isTold
      }
      guard let best = steady.min(by: { candidates[$0].isBefore(candidates[$1]) }) else { continue }
      chosen[quantity.rawValue] = best
      if candidates[best].match.isExponential {
        notes.append("\(ColumnChoice.words(quantity)) is the logarithm of \(quoted(candidates[best].name))")
      }
      guard quantity != .epoch, quantity != .step || !isStepShared else { continue }
      noteOthers(able.filter { $0 != best }, best, candidates)
    }
  }

  private static func words(_ quantity: LoggedQuantity) -> String { quantity.key.replacing("_", with: " ") }

  private mutating func noteOthers(_ others: [Int], _ best: Int, _ candidates: [ColumnCandidate]) {
    let name = candidates[best].name
    let twins = others.filter { candidates[$0].name == name }.count
    if twins > 0 { notes.append("\(twins + 1) columns are called \(quoted(name)): the first is read") }
    // A measure beside a loss was none to choose.
    let isLoss = candidates[best].match.rank < ColumnMatch.termRank
    let rivals = others.filter {
      candidates[$0].name != name && !(isLoss && candidates[$0].match.rank >= ColumnMatch.measureRank)
    }
    guard !rivals.isEmpty else { return }
    let shown = rivals.prefix(4).map { quoted(candidates[$0].name) }.joined(separator: " or ")
    let more = rivals.count > 4 ? " or \(rivals.count - 4) others" : ""
    notes.append("\(ColumnChoice.words(candidates[best].match.quantity)) is \(quoted(name)), not \(shown)\(more)")
  }

  /// Leaves a quantity without a column.
  mutating func drop(_ quantity: LoggedQuantity) { chosen[quantity.rawValue] = nil }

  subscript(_ quantity: LoggedQuantity) -> Int? { chosen[quantity.rawValue] }

  /// Whether what was found makes a training log: a loss beside something else of a run, or a step beside it.
  ///
  /// - Parameters:
  ///   - strangerCount: columns that are nothing of a run: a data table may have a loss among them.
  ///   - risingCount: columns of what rises as a run gets better.
  ///   - isNumbered: its rows have steps that are no column.
  func makesLog(
    _ candidates: [ColumnCandidate], strangerCount: Int, risingCount: Int = 0, isNumbered: Bool = false
  ) -> Bool {
    let hasStep = isNumbered || self[.step] != nil || self[.epoch] != nil
    let others = [LoggedQuantity.gradientNorm, .learningRate, .lossScale].compactMap { self[$0] }
    // "norm" and "scale" alone are as good a name of something else.
    let hasOther = others.contains { candidates[$0].match.rank < 20 }
    let rank = lossRank(candidates) ?? .max
    if rank == ColumnMatch.toldRank { return true }
    if rank < ColumnMatch.termRank, hasStep || hasOther || strangerCount == 0 { return true }
    guard hasStep else { return false }
    return hasOther || rank < ColumnMatch.measureRank || rank < ColumnMatch.vagueRank && strangerCount <= 4
      || rank < .max && strangerCount <= 1 || risingCount > 0 && strangerCount == 0
  }

  /// The rank of the name that is read as a loss, of either part of the data.
  func lossRank(_ candidates: [ColumnCandidate]) -> Int? {
    [LoggedQuantity.loss, .validationLoss].compactMap { self[$0] }.map { candidates[$0].match.rank }.min()
  }

  /// Key and name of each quantity that is read, in the order of `LoggedQuantity`.
  func columns(_ candidates: [ColumnCandidate], way: StepNumbering.Way) -> [(quantity: String, name: String)] {
    LoggedQuantity.allCases.compactMap { quantity in
      guard let place = self[quantity] else { return nil }
      if quantity == .epoch {
        return way == .epochs ? (LoggedQuantity.step.key, candidates[place].name) : nil
      }
      return (quantity.key, candidates[place].name)
    }
  }
}
