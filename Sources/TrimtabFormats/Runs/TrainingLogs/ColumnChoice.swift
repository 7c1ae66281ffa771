/// A column that may hold one of the quantities.
struct ColumnCandidate: Sendable {
  var name: String
  var match: ColumnMatch
  /// Numbers in it at the front of the log.
  var valueCount = 0
}

/// Which column is read for each quantity.
struct ColumnChoice: Sendable {
  /// By `LogQuantity.rawValue`: the index of the candidate.
  private(set) var chosen = [Int?](repeating: nil, count: LogQuantity.allCases.count)
  private(set) var notes: [String] = []

  /// Of the candidates that hold numbers, the most precise name; of equal ones the first.
  init(_ candidates: [ColumnCandidate], isStepShared: Bool = false) {
    for quantity in LogQuantity.allCases {
      let all = candidates.indices.filter { candidates[$0].match.quantity == quantity }
      let filled = all.filter { candidates[$0].valueCount > 0 }
      let able = filled.isEmpty ? all : filled
      guard let best = able.min(by: { candidates[$0].match.rank < candidates[$1].match.rank }) else { continue }
      chosen[quantity.rawValue] = best
      let others = able.filter { $0 != best }.prefix(4).map { quoted(candidates[$0].name) }
      guard !others.isEmpty, quantity != .epoch, quantity != .step || !isStepShared else { continue }
      notes.append(
        "\(quantity.key.replacing("_", with: " ")) is \(quoted(candidates[best].name)), not \(others.joined(separator: " or "))"
      )
    }
  }

  subscript(_ quantity: LogQuantity) -> Int? { chosen[quantity.rawValue] }

  /// Whether what was found makes a training log: a loss beside something else of a run, or a step beside it.
  ///
  /// - Parameters:
  ///   - strangerCount: columns that are nothing of a run: a data table may have a loss among them.
  ///   - isNumbered: its rows have steps that are no column.
  func makesLog(_ candidates: [ColumnCandidate], strangerCount: Int, isNumbered: Bool = false) -> Bool {
    let hasLoss = self[.loss] != nil || self[.validationLoss] != nil
    let hasStep = isNumbered || self[.step] != nil || self[.epoch] != nil
    let others = [LogQuantity.gradientNorm, .learningRate, .lossScale].compactMap { self[$0] }
    // "norm" and "scale" alone are as good a name of something else.
    let hasOther = others.contains { candidates[$0].match.rank < 20 }
    return hasLoss && (hasStep || hasOther || strangerCount == 0) || hasStep && hasOther
  }

  /// Key and name of each quantity that is read, in the order of `LogQuantity`.
  func columns(_ candidates: [ColumnCandidate], way: StepNumbering.Way) -> [(quantity: String, name: String)] {
    LogQuantity.allCases.compactMap { quantity in
      guard let place = self[quantity] else { return nil }
      if quantity == .epoch {
        return way == .epochs ? (LogQuantity.step.key, candidates[place].name) : nil
      }
      return (quantity.key, candidates[place].name)
    }
  }
}
