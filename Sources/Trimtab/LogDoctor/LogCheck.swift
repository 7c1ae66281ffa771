/// What the log doctor looks for.
///
/// The order is that of likely origin: of findings of one verdict, what comes first here is named first.
public enum LogCheck: Int32, BitwiseCopyable, Sendable, CaseIterable {
  /// Losses of a trainer that writes something else where the loss was NaN or Inf.
  case hiddenNonfinite = 0
  /// NaN or Inf in a column.
  case nonfinite = 1
  /// A loss that does not go on where it was after a restart, a gap, or in the first rows of a file.
  case resume = 2
  /// Dynamic loss scaling that halves its scale to below 1.
  case lossScale = 3
  /// A smoothed loss that is several times its best, or above where it began, at the end.
  case divergence = 4
  /// A level that rises at once and stays.
  case jump = 5
  /// A level that rises slowly.
  case drift = 6
  /// A gradient norm that grows over the run.
  case gradientGrowth = 7
  /// A gradient norm that comes down to next to nothing.
  case gradientVanishing = 8
  /// Single values far above those before them.
  case spike = 9
  case gradientSpike = 10
  /// Up, down, up, down.
  case oscillation = 11
  /// A validation loss that rises while the training loss falls.
  case overfitting = 12
  /// A loss that does not fall.
  case plateau = 13
  /// A gradient norm that is the same number in most rows: the limit of the clip.
  case gradientClipping = 14
  /// Step numbers that go back.
  case backwardSteps = 15
  case repeatedSteps = 16
  case missingSteps = 17

  /// How many there are; `allCases` would allocate.
  public static let count = 18

  public var key: StaticText {
    switch self {
    case .nonfinite: "nonfinite"
    case .hiddenNonfinite: "hidden_nonfinite"
    case .resume: "resume"
    case .lossScale: "loss_scale"
    case .divergence: "divergence"
    case .jump: "jump"
    case .drift: "drift"
    case .gradientGrowth: "gradient_growth"
    case .gradientVanishing: "gradient_vanishing"
    case .spike: "spike"
    case .gradientSpike: "gradient_spike"
    case .oscillation: "oscillation"
    case .overfitting: "overfitting"
    case .plateau: "plateau"
    case .gradientClipping: "gradient_clipping"
    case .backwardSteps: "backward_steps"
    case .repeatedSteps: "repeated_steps"
    case .missingSteps: "missing_steps"
    }
  }

  /// The column that the check reads.
  public var quantity: LogQuantity {
    switch self {
    case .lossScale: .lossScale
    case .gradientGrowth, .gradientVanishing, .gradientSpike, .gradientClipping: .gradientNorm
    case .overfitting: .validationLoss
    case .backwardSteps, .repeatedSteps, .missingSteps: .step
    default: .loss
    }
  }

  /// Rows of its column below which it says nothing.
  public var leastRowCount: Int {
    switch self {
    case .nonfinite, .repeatedSteps, .backwardSteps: 1
    case .hiddenNonfinite, .missingSteps: 12
    case .resume: 4
    case .lossScale, .overfitting: 4
    case .divergence, .drift, .jump: 5
    case .gradientVanishing, .gradientGrowth: 24
    case .spike, .gradientSpike: 26
    case .plateau: 100
    case .oscillation: 128
    case .gradientClipping: 50
    }
  }
}

/// A column of a log.
public enum LogQuantity: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case step = 0
  case loss = 1
  case validationLoss = 2
  case gradientNorm = 3
  case learningRate = 4
  case lossScale = 5

  public var key: StaticText {
    switch self {
    case .step: "step"
    case .loss: "loss"
    case .validationLoss: "validation_loss"
    case .gradientNorm: "gradient_norm"
    case .learningRate: "learning_rate"
    case .lossScale: "loss_scale"
    }
  }
}

/// One thing that the log says went wrong, or is worth knowing. Fields mean what the C header says of them.
public struct LogFinding: BitwiseCopyable, Sendable, Equatable {
  public var check: LogCheck
  public var quantity: LogQuantity
  public var verdict: Verdict
  public var cause: Cause
  public var firstStep: Int
  public var lastStep: Int
  /// Where `value` stands.
  public var worstStep: Int
  /// Rows, or events, that it speaks of.
  public var count = 1
  /// It is still so at the end of the log.
  public var isStanding = false
  public var value: Double
  public var baseline: Double
  /// The change: a difference in the unit of the quantity, or a ratio, as the check has it.
  public var size: Double
  public var threshold: Double
  public var confidence = 1.0
  /// Standard deviation of the quantity around its level; 0 where it was not measured.
  public var noise = 0.0
}

/// Whether a check ran, or why not.
public enum LogCheckOutcome: Int32, BitwiseCopyable, Sendable {
  case ran = 0
  /// No row had the column.
  case missingColumn = 1
  case tooFewRows = 2
  /// Step numbers of no regular distance, or a loss that is at or below zero.
  case notApplicable = 3

  public var key: StaticText {
    switch self {
    case .ran: "ran"
    case .missingColumn: "missing_column"
    case .tooFewRows: "too_few_rows"
    case .notApplicable: "not_applicable"
    }
  }
}

/// What became of one check.
public struct LogCheckState: BitwiseCopyable, Sendable, Equatable {
  public var check: LogCheck
  public var outcome: LogCheckOutcome
  /// Rows of the column that it had.
  public var rowCount: Int
  /// Rows that it needs.
  public var leastRowCount: Int
}
