/// What a program minimises: the values are pinned.
public enum LossKind: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case unknown = 0
  /// From logits.
  case crossEntropy = 1
  /// Of log-probabilities.
  case negativeLogLikelihood = 2
  /// Of probabilities.
  case binaryCrossEntropy = 3
  case binaryCrossEntropyWithLogits = 4
  case squaredError = 5
  case absoluteError = 6
  case huber = 7

  var isRegression: Bool { rawValue >= 5 }
  var isOfClasses: Bool { self == .crossEntropy || self == .negativeLogLikelihood }
  var isBinary: Bool { self == .binaryCrossEntropy || self == .binaryCrossEntropyWithLogits }
}

public enum LossReduction: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case unknown = 0
  case mean = 1
  case sum = 2
  case none = 3
}

/// What stands between the last layer and the loss.
public enum OutputActivation: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case unknown = 0
  case none = 1
  case relu = 2
  case softmax = 3
  case logSoftmax = 4
  case sigmoid = 5
  case tanh = 6
}

/// The loss of a step and the batch that it is of, as the host found them. What is not known is NaN, or 0 of a count.
public struct ObjectiveFacts: BitwiseCopyable, Sendable {
  public var loss = LossKind.unknown
  public var reduction = LossReduction.unknown
  public var activation = OutputActivation.unknown
  /// Outputs and targets were repeated against each other along the samples: each is held against all others' targets.
  public var isCrossed = false
  /// One target of a sample stands for several outputs.
  public var isTargetRepeated = false
  public var sampleCount = 0
  /// What the mean is over: labels, or elements of a regression.
  public var elementCount = 0
  /// Outputs of a sample: classes under cross entropy. Under a softmax, how many it is over.
  public var outputCount = 0
  /// Different targets so far, up to a cap.
  public var distinctCount = 0
  public var inputFingerprint: UInt64 = 0
  public var targetFingerprint: UInt64 = 0
  /// What was handed to the backward pass over the mean loss: below 0 where the sign was turned.
  public var scale = Double.nan
  public var meanLoss = Double.nan
  /// The mean loss of the best constant output, over the targets so far.
  public var guessLoss = Double.nan
  public var targetMean = Double.nan
  public var targetDeviation = Double.nan
  public var targetMinimum = Double.nan
  public var targetMaximum = Double.nan
  public var integerShare = Double.nan
  /// Of the targets, beyond what the activation can give.
  public var unreachableShare = Double.nan
  public var outputMean = Double.nan
  public var outputDeviation = Double.nan
  public var outputMinimum = Double.nan
  public var outputMaximum = Double.nan
  /// Of the outputs that are exactly 0.
  public var zeroOutputShare = Double.nan

  public init() {}
}

/// How the model is called and the optimizer set, as the host found them. What is not known is NaN, or 0 of a count.
public struct SetUpFacts: BitwiseCopyable, Sendable {
  /// The optimizer began anew in the midst of the run.
  public var isStateLost = false
  /// No batch normalisation has gathered statistics yet.
  public var isUntracked = false
  /// Weight decay does not go through the gradient.
  public var isDecoupled = false
  public var normalisationCount = 0
  public var dropoutCount = 0
  /// Samples and values per channel that a batch normalisation took its statistics from in training, at the least.
  public var batchRows = 0
  public var batchValues = 0
  /// Passes with gradients, in training mode and not.
  public var trainingPasses = 0
  public var frozenPasses = 0
  /// Evaluations that were followed by a loss on other data, in training mode and not.
  public var evaluationsInTraining = 0
  public var evaluations = 0
  /// Samples seen without gradients between two steps, at the most.
  public var evaluationRows = 0
  /// And with them, in a pass.
  public var trainingRows = 0
  public var dropout = Double.nan
  public var learningRate = Double.nan
  public var weightDecay = Double.nan
  public var epsilon = Double.nan
  /// As the type of the optimizer's state holds it.
  public var heldEpsilon = Double.nan
  public var gradientScale = Double.nan
  public var zeroGradientShare = Double.nan
  public var gradientNorm = Double.nan
  public var weightNorm = Double.nan
  /// The gradient norm as the backward pass left it, and as the optimizer took it.
  public var normBefore = Double.nan
  public var normAfter = Double.nan

  public init() {}
}
