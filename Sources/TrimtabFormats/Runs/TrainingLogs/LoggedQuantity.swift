/// What a column of a training log can be: the engine's `LogQuantity`, and the epoch, which only numbers rows.
enum LoggedQuantity: Int, CaseIterable, Sendable {
  case step, loss, validationLoss, gradientNorm, learningRate, lossScale
  /// Of use only where nothing numbers the steps, or where steps are counted within an epoch.
  case epoch

  /// The same word as in reports and in the C interface.
  var key: String {
    switch self {
    case .step: "step"
    case .loss: "loss"
    case .validationLoss: "validation_loss"
    case .gradientNorm: "gradient_norm"
    case .learningRate: "learning_rate"
    case .lossScale: "loss_scale"
    case .epoch: "epoch"
    }
  }
}

/// What a column's name says, and how precisely: of two columns that fit, the one of lower rank is used.
struct ColumnMatch: Sendable, Equatable {
  /// Of the column that the user named.
  static let toldRank = -1000
  /// From here on the name is that of one term of a loss: `d_loss`.
  static let termRank = 100
  /// From here on it is that of a measure that stands for a loss: `mse`.
  static let measureRank = 200
  /// From here on it is a word that means much else too: `error`.
  static let vagueRank = 300

  var quantity: LoggedQuantity
  var rank: Int
  /// The values are exponentials of a loss: perplexities.
  var isExponential = false
}
