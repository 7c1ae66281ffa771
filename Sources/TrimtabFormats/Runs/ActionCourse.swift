/// Steps in a row with one action for one reason.
public struct ActionRange: Sendable, Equatable {
  public var action = ""
  /// What the action was for; empty where the log does not say.
  public var rule = ""
  /// The entry that the first of them was for; empty for none.
  public var name = ""
  public var firstStep = 0
  public var lastStep = 0
  public var count = 0
}

/// What was done with the steps that were not simply taken, in bounded memory.
public struct ActionCourse: Sendable, Equatable {
  static let greatestRangeCount = 64
  static let greatestKindCount = 32

  /// The first ranges.
  public private(set) var ranges: [ActionRange] = []
  /// Ranges beyond those; their steps are in the totals all the same.
  public private(set) var leftOutCount = 0
  /// All steps of one action and rule, in the order in which they first came; `name` is the first one's.
  public private(set) var totals: [ActionRange] = []
  private var last: ActionRange?
  private var lastIsKept = false
  private var wasAction = false

  public init() {}

  mutating func add(_ step: RunStep) {
    guard step.action != "proceed" else {
      wasAction = false
      return
    }
    let one = ActionRange(
      action: step.action, rule: step.rule ?? "", name: step.name ?? "", firstStep: step.number,
      lastStep: step.number, count: 1)
    if let place = totals.firstIndex(where: { $0.action == one.action && $0.rule == one.rule }) {
      extend(&totals[place], step.number)
    } else if totals.count < ActionCourse.greatestKindCount {
      totals.append(one)
    }
    if wasAction, let last, last.action == one.action, last.rule == one.rule {
      if lastIsKept { extend(&ranges[ranges.count - 1], step.number) }
    } else {
      lastIsKept = ranges.count < ActionCourse.greatestRangeCount
      if lastIsKept { ranges.append(one) } else { leftOutCount += 1 }
      last = one
    }
    wasAction = true
  }

  private func extend(_ range: inout ActionRange, _ step: Int) {
    range.lastStep = step
    range.count += 1
  }
}
