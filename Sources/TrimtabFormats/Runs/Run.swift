/// One training run as a log tells it: what stays of it in memory does not grow with its length.
///
/// A reader of any log makes it by `add`.
public struct Run: Sendable {
  /// Whether a header line opened it; where not, that line was lost.
  public let hasHeader: Bool
  public internal(set) var entryCount = 0
  public private(set) var stepCount = 0
  public private(set) var firstStep: Int?
  public private(set) var lastStep: Int?
  public private(set) var loss = ScalarCourse()
  public private(set) var validationLoss = ScalarCourse()
  public private(set) var learningRate = ScalarCourse()
  public private(set) var lossScale = ScalarCourse()
  public private(set) var gradientNorm = ScalarCourse()
  public private(set) var actions = ActionCourse()
  /// In the order in which they arose.
  public private(set) var findings: [RunFinding] = []
  /// Findings beyond those that are kept.
  public private(set) var leftOutFindingCount = 0
  /// Steps to which weights were restored: how often, and the first eight.
  public private(set) var restoreCount = 0
  public private(set) var restoredSteps: [Int] = []
  /// The verdict of the last step.
  public private(set) var lastVerdict = ""
  /// Nil where the run did not end in order, or goes on.
  public private(set) var closing: RunClosing?

  /// Where in `findings` those of a number are.
  private var places: [Int: Int] = [:]
  private var lastTaken: RunStep?

  public init(hasHeader: Bool) { self.hasHeader = hasHeader }

  public mutating func add(_ step: RunStep) {
    stepCount += 1
    if firstStep == nil { firstStep = step.number }
    lastStep = step.number
    closing = nil
    if let value = step.loss { loss.add(value, at: step.number) }
    if let value = step.validationLoss { validationLoss.add(value, at: step.number) }
    if let value = step.learningRate { learningRate.add(value, at: step.number) }
    if let value = step.lossScale { lossScale.add(value, at: step.number) }
    if let value = step.gradientNorm { gradientNorm.add(value, at: step.number) }
    actions.add(step)
    if !step.verdict.isEmpty { lastVerdict = step.verdict }
    lastTaken = step
  }

  /// A file that was cut between the line of a step and that of its finding tells of the finding all the same, as far as
  /// the step does.
  mutating func tellCutFinding() {
    guard closing == nil, let step = lastTaken, ["skip", "roll_back", "stop"].contains(step.action) else { return }
    // The steps of a flight record have neither verdict nor rule; it is written when something is critical.
    guard step.verdict.isEmpty ? findings.isEmpty : step.verdict != "healthy" else { return }
    let isLost = [step.loss, step.gradientNorm].contains { $0.map { !$0.isFinite } ?? false }
    let rule = step.rule ?? (isLost ? "nonfinite" : "guard")
    guard !findings.contains(where: { $0.rule == rule }) else { return }
    var finding = RunFinding()
    finding.number = RunFinding.cut
    (finding.rule, finding.name) = (rule, step.name ?? "")
    finding.verdict = step.verdict.isEmpty ? "critical" : step.verdict
    (finding.firstStep, finding.lastStep) = (step.number, step.number)
    findings.append(finding)
  }

  /// A finding's later line takes the place of its earlier one.
  ///
  /// - Parameter hasRoom: whether a further one is kept, or only counted.
  public mutating func add(_ finding: RunFinding, hasRoom: Bool = true) {
    if let place = places[finding.number] {
      findings[place] = finding
    } else if hasRoom {
      places[finding.number] = findings.count
      findings.append(finding)
    } else {
      leftOutFindingCount += 1
    }
  }

  public mutating func addRestore(to step: Int) {
    restoreCount += 1
    if restoredSteps.count < 8 { restoredSteps.append(step) }
  }

  public mutating func close(_ closing: RunClosing) { self.closing = closing }
}
