internal import Trimtab

/// Gathers what a line says of a step, in any order.
struct LogRowBuilder {
  enum Outcome {
    case row(LogRow)
    /// Nothing on the line is a step's.
    case empty
    /// A loss, and nothing that tells of which step.
    case withoutStep
  }

  private var row = LogRow(step: 0)
  private(set) var step: Double?
  private(set) var epoch: Double?
  /// Rank of the name that gave the step: a line may have several.
  private var stepRank = Int.max
  /// Steps in an epoch, where the line says so.
  var stepsInEpoch: Double?
  /// The line is about data held out: its loss is the validation loss.
  var isValidation = false
  private(set) var hasValue = false
  /// A field of a quantity is there, whatever stands in it.
  private var isMentioned = false

  var hasLoss: Bool { row.loss != nil || row.validationLoss != nil }

  var hasTrainingLoss: Bool { row.loss != nil && !isValidation }

  mutating func reset() { self = LogRowBuilder() }

  mutating func set(_ quantity: LoggedQuantity, _ value: Double, rank: Int = 0) {
    switch quantity {
    case .step:
      guard rank < stepRank else { return }
      step = value
      stepRank = rank
      return
    case .epoch:
      epoch = value
      return
    case .loss: row.loss = value
    case .validationLoss: row.validationLoss = value
    case .gradientNorm: row.gradientNorm = value
    case .learningRate: row.learningRate = value
    case .lossScale: row.lossScale = value
    }
    hasValue = true
  }

  /// As `set`, of a value whose logarithm is meant.
  mutating func set(_ quantity: LoggedQuantity, logarithmOf value: Double, rank: Int = 0) {
    set(quantity, logarithm(value), rank: rank)
  }

  /// The line has a field for the quantity, and no number in it.
  mutating func mention(_ quantity: LoggedQuantity?) {
    if let quantity, quantity != .step, quantity != .epoch { isMentioned = true }
  }

  /// Takes a loss of NaN for none where there is a validation loss.
  mutating func leaveOutOfEvaluation() {
    if let loss = row.loss, loss.isNaN, let validation = row.validationLoss, !validation.isNaN { row.loss = nil }
  }

  mutating func finish(_ numbering: inout StepNumbering) -> Outcome {
    if isValidation, row.loss != nil {
      if row.validationLoss == nil { row.validationLoss = row.loss }
      row.loss = nil
    }
    guard hasValue || isMentioned && step != nil else { return .empty }
    guard let number = numbering.number(step: step, epoch: epoch, total: stepsInEpoch) else {
      guard hasValue else { return .empty }
      // An evaluation is of the step before it.
      guard row.loss == nil else { return .withoutStep }
      guard let last = numbering.last else { return .empty }
      row.step = last
      return .row(row)
    }
    row.step = number
    return .row(row)
  }
}
