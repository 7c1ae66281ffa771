/// Gives rows their steps: as the log numbers them, counted through where it counts within an epoch, or by row.
struct StepNumbering {
  enum Way: Sendable { case steps, epochs, rows }

  static let greatestEpochCount = 1 << 16

  let way: Way
  /// The step of the row before.
  private(set) var last: Int?
  /// Steps begin again with every epoch in this log.
  private(set) var isWithinEpochs = false

  private var rows = 0
  private var epoch: Int?
  /// What is added to the steps of each epoch from the first on.
  private var offsets: [Int: Int] = [:]
  private var offset = 0
  private var first: Int?
  private var previous: Int?
  private var interval = 1

  init(_ way: Way) { self.way = way }

  /// The step of the next row; nil where it says none.
  mutating func number(step: Double?, epoch: Double?, total: Double?) -> Int? {
    switch way {
    case .rows:
      defer { rows += 1 }
      last = rows
      return rows
    case .epochs:
      guard let number = StepNumbering.whole(epoch) else { return nil }
      last = number
      return number
    case .steps:
      guard let number = StepNumbering.whole(step) else { return nil }
      let numbered = countThrough(
        number, StepNumbering.whole(epoch.map { $0.rounded(.down) }), StepNumbering.whole(total))
      last = numbered
      return numbered
    }
  }

  static func whole(_ value: Double?) -> Int? {
    guard let value, value.magnitude < 0x1p53 else { return nil }
    return Int(exactly: value)
  }

  /// Where the step falls back to the beginning while the epoch goes up, the log counts within epochs.
  private mutating func countThrough(_ step: Int, _ epoch: Int?, _ total: Int?) -> Int {
    defer { previous = step }
    guard let previous else {
      first = step
      self.epoch = epoch
      return step
    }
    if step > previous, epoch == nil || epoch == self.epoch { interval = step - previous }
    let isNext = if let epoch, let before = self.epoch { epoch > before } else { false }
    let isAround = epoch == nil && total.map { step < previous && previous &+ interval >= $0 } ?? false
    // An epoch of which only the end is logged ends at the same number again.
    let fallsBack = step < previous && step <= max(first ?? 0, interval) || total != nil && step <= previous
    if isNext || isAround, fallsBack {
      if let before = self.epoch, offsets.count < StepNumbering.greatestEpochCount { offsets[before] = offset }
      offset &+= total ?? (previous &+ interval &- step)
      isWithinEpochs = true
    } else if isWithinEpochs, let epoch, let before = self.epoch, epoch < before {
      // A restart: the steps of an earlier epoch once more.
      offset = offsets[epoch] ?? offset
    }
    if let epoch { self.epoch = epoch }
    return step &+ offset
  }
}
