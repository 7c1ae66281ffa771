/// What is registered with a monitor.
public enum EntryKind: Int32, Sendable {
  case parameter = 0
  case layer = 1
}

/// What an entry is for: some rules keep silent about some roles.
public enum Role: Int32, Sendable {
  case weight = 0
  case bias = 1
  case normalisation = 2
  case embedding = 3
  case hidden = 10
  case output = 11
  case attention = 12

  public var kind: EntryKind { rawValue < 10 ? .parameter : .layer }
}

/// What is observed of an entry.
public enum Quantity: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case gradient = 0
  case weight = 1
  case preactivation = 2
  case output = 3
  case outputGradient = 4
  case attention = 5
  case attentionLogits = 6

  static let count = 7

  var kind: EntryKind { self == .gradient || self == .weight ? .parameter : .layer }

  public var key: StaticText {
    switch self {
    case .gradient: "gradient"
    case .weight: "weight"
    case .preactivation: "preactivation"
    case .output: "output"
    case .outputGradient: "output_gradient"
    case .attention: "attention"
    case .attentionLogits: "attention_logits"
    }
  }
}

/// A number of the step as a whole.
public enum Scalar: Int32, Sendable, CaseIterable {
  case loss = 0
  case validationLoss = 1
  case learningRate = 2
  case lossScale = 3
  case gradientNorm = 4
  case overheadSeconds = 5
  case keptGradient = 6

  static let count = 7

  public var key: StaticText {
    switch self {
    case .loss: "loss"
    case .validationLoss: "validation_loss"
    case .learningRate: "learning_rate"
    case .lossScale: "loss_scale"
    case .gradientNorm: "gradient_norm"
    case .overheadSeconds: "overhead_seconds"
    case .keptGradient: "kept_gradient"
    }
  }
}

/// What to do with a step, worst last.
public enum Action: Int32, BitwiseCopyable, Sendable, Comparable {
  case proceed = 0
  case clip = 1
  case skip = 2
  case rollBack = 3
  case stop = 4

  public static func < (left: Action, right: Action) -> Bool { left.rawValue < right.rawValue }

  public var key: StaticText {
    switch self {
    case .proceed: "proceed"
    case .clip: "clip"
    case .skip: "skip"
    case .rollBack: "roll_back"
    case .stop: "stop"
    }
  }
}
