public import Trimtab

/// How a net is trained.
public struct TrainerOptions: Sendable {
  public var layers: [LayerDescription]
  /// Of one sample.
  public var inputShape: Shape
  public var precision = Precision.float32
  public var seed: UInt64 = 0
  public var loss = Loss.squared
  public var optimizer = OptimizerOptions(.sgd, learningRate: 0.01)
  public var schedule = Schedule()
  public var clipping = ClippingMethod.none
  /// Of the gradients' norm; what it is for depends on `clipping`.
  public var maximumNorm = 1.0
  /// Of the moving average of the weights; 0: none is kept.
  public var averageDecay = 0.0
  public var leak = LeakSchedule()

  public init(layers: [LayerDescription], inputShape: Shape) {
    self.layers = layers
    self.inputShape = inputShape
  }
}

/// What a step came to.
public struct TrainerStep: Sendable {
  /// Counted from 1.
  public var step = 0
  public var loss = 0.0
  /// Before clipping; infinite or NaN where a gradient is.
  public var gradientNorm = 0.0
  public var learningRate = 0.0
  /// The least factor by which a gradient was clipped; 1 for none.
  public var clipFactor = 1.0
  /// What an attached monitor decided: the optimizer has obeyed it.
  public var decision: Decision?
  /// Whether the weights moved.
  public var isTaken = true
  /// Whether all samples of all steps so far, 16 or more, had the same target: a constant is all that there is to learn.
  public var hasConstantTargets = false
}

/// What a batch that nothing is trained on came to.
public struct TrainerEvaluation: Sendable {
  public var loss = 0.0
  /// The share of labels that the greatest output names; NaN where there are no labels.
  public var accuracy = Double.nan
  /// Predictions that were judged.
  public var count = 0
}
