/// What a column of a training log can be.
enum LogQuantity: Int, CaseIterable, Sendable {
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
  var quantity: LogQuantity
  var rank: Int
}
