/// The entropy of attention rows, head by head.
///
/// A row's H = -Σ p ln p over ln(keys it may look at), which are those with p above 0: so a causal row i is held against
/// ln(i + 1), and rows with one key say nothing. A head's entropy is the mean over its rows; the layer is judged by its
/// lowest head. Source: definitions 11.
final class AttentionWatch {
  static let greatestHeads = 256

  /// The highest entropy each head ever had.
  private let highest: Storage<Double>
  private let row: Storage<Double>
  private static let longestRow = 32768
  /// Of the last look; NaN before one.
  private(set) var lowestEntropy = Double.nan
  private(set) var lowestHead = -1
  /// The lowest of the heads that once were above 0.3.
  private(set) var lowestOnceHigh = Double.nan

  init() throws(TrimtabError) {
    highest = try Storage(count: AttentionWatch.greatestHeads, for: "attention heads")
    row = try Storage(count: AttentionWatch.longestRow, for: "attention row")
  }

  /// - Parameter probabilities: [..., keys]; of rank 4 and above axis 1 are the heads, else there is one. At most 256
  ///   rows a head are looked at, evenly spread.
  func add(_ probabilities: TensorView) {
    guard probabilities.rank >= 2, probabilities.count > 0 else { return }
    let keys = probabilities.shape[probabilities.rank &- 1]
    guard keys > 1, keys <= AttentionWatch.longestRow else { return }
    let heads = probabilities.rank >= 4 ? min(probabilities.shape[1], AttentionWatch.greatestHeads) : 1
    let allHeads = probabilities.rank >= 4 ? probabilities.shape[1] : 1
    let rows = probabilities.count / keys
    var rowsAHead = rows
    if probabilities.rank >= 4 {
      rowsAHead = 1
      for axis in 2..<(probabilities.rank &- 1) { rowsAHead = rowsAHead &* probabilities.shape[axis] }
    }
    lowestEntropy = .nan
    lowestOnceHigh = .nan
    for head in 0..<heads {
      let entropy = entropy(of: head, allHeads, rowsAHead, rows, keys, probabilities)
      guard !entropy.isNaN else { continue }
      highest.pointer[head] = max(highest.pointer[head], entropy)
      if !(entropy >= lowestEntropy) {
        lowestEntropy = entropy
        lowestHead = head
      }
      if highest.pointer[head] > 0.3, !(entropy >= lowestOnceHigh) { lowestOnceHigh = entropy }
    }
  }

  private func entropy(
    of head: Int, _ heads: Int, _ rowsAHead: Int, _ rows: Int, _ keys: Int, _ tensor: TensorView
  ) -> Double {
    let batches = rows / max(heads &* rowsAHead, 1)
    let count = batches &* rowsAHead
    let taken = min(count, 256)
    var sum = 0.0
    var seen = 0.0
    for place in 0..<taken {
      let index = taken > 1 ? place &* (count &- 1) / (taken &- 1) : 0
      let start = ((index / rowsAHead &* heads &+ head) &* rowsAHead &+ index % rowsAHead) &* keys
      tensor.copy(from: start, count: keys, to: row.pointer)
      let value = entropyOfRow(keys)
      if !value.isNaN {
        sum += value
        seen += 1
      }
    }
    return seen > 0 ? sum / seen : .nan
  }

  private func entropyOfRow(_ keys: Int) -> Double {
    var open = 0.0
    var entropy = 0.0
    for key in 0..<keys {
      let p = row.pointer[key]
      guard p.isFinite else { return .nan }
      if p > 0 {
        open += 1
        entropy -= p * logarithm(p)
      }
    }
    return open > 1 ? entropy / logarithm(open) : .nan
  }
}

extension Monitor {
  /// A step that moved a weight by half of itself is not what makes logits grow little by little.
  private func blamingMove(_ cause: Cause) -> Cause { hasMovedFar(0.5) ? .learningRateTooHigh : cause }

  func judgeAttention(_ watched: Watched) {
    if let attention = watched.attention, seen(watched, .attention) != nil {
      let settings = settings(of: .attentionEntropy)
      let lowest = attention.lowestOnceHigh
      judge(
        .attentionEntropy, watched,
        lowest < settings.warning
          ? Observation(
            rule: .attentionEntropy, verdict: lowest < settings.critical ? .critical : .warning,
            cause: blamingMove(.attentionCollapse), value: lowest, threshold: settings.warning, quantity: .attention,
            index: attention.lowestHead) : nil)
    }
    if let look = seen(watched, .attentionLogits) {
      let settings = settings(of: .logitGrowth)
      let greatest = look.pointee.summary.greatestMagnitude
      judge(
        .logitGrowth, watched,
        greatest > settings.warning
          ? Observation(
            rule: .logitGrowth, verdict: greatest > settings.critical ? .critical : .warning,
            cause: blamingMove(.logitGrowth), value: greatest, threshold: settings.warning, quantity: .attentionLogits)
          : nil)
    }
  }
}
