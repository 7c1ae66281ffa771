/// What a training log says of one step, whatever its format: nil where it says nothing, NaN or Inf where it says so.
///
/// A step may have several rows: evaluations are often logged on a line of their own.
public struct LogRow: BitwiseCopyable, Sendable, Equatable {
  /// As the log numbers it; the number of the row, from 0, where it has no such column.
  public var step: Int
  /// Training loss.
  public var loss: Double?
  public var validationLoss: Double?
  /// Global norm of the gradient, before clipping if the log has both.
  public var gradientNorm: Double?
  public var learningRate: Double?
  /// Of dynamic loss scaling in mixed precision.
  public var lossScale: Double?

  public init(
    step: Int, loss: Double? = nil, validationLoss: Double? = nil, gradientNorm: Double? = nil,
    learningRate: Double? = nil, lossScale: Double? = nil
  ) {
    self.step = step
    self.loss = loss
    self.validationLoss = validationLoss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.lossScale = lossScale
  }
}
