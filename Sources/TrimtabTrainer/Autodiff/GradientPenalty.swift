public import Trimtab

extension Tape {
  /// weight · mean over the samples of (|d score / d x| - target)^2, differentiable in turn.
  ///
  /// With a target of 1 at interpolates of real and fake samples this is WGAN-GP (weight 10); with 0 at the real ones it
  /// is R1 (weight gamma/2). It is for scores of one sample each: behind a batch norm the penalty is that of the batch.
  ///
  /// - Parameters:
  ///   - scores: (samples) or (samples, 1), made of `inputs`
  ///   - inputs: (samples, features...)
  ///
  /// A gradient of 0 under a target has a slope of 0 there: 10^-24 is added under the root. Complexity: a backward pass.
  /// Source: Gulrajani et al. 2017; Mescheder, Geiger & Nowozin 2018. Since: 0.4.
  public func gradientPenalty(
    of scores: Value, at inputs: Value, weight: Double, target: Double
  ) throws(TrimtabError) -> Value {
    let shape = shape(of: inputs)
    guard shape.rank >= 1, self.shape(of: scores).count == shape[0] else {
      throw TrimtabError(
        .shape, "scores: found % elements, allowed one a sample, %", self.shape(of: scores).count, shape[0])
    }
    guard weight.isFinite, target >= 0, target.isFinite else {
      throw TrimtabError(
        .invalidArgument, "weight, target: found % and %, allowed finite numbers, the target 0 or more", weight, target)
    }
    let total = sum(scores)
    let slope = try gradients(of: total, for: [inputs])[0]
    guard !slope.isNone else {
      throw TrimtabError(
        .invalidArgument, "scores: found some that do not depend on inputs, allowed those made of them")
    }
    let samples = max(shape[0], 1)
    let flat = reshape(slope, Shape(samples, shape.count / samples))
    let squares = sum(square(flat), over: 2)
    if target == 0 { return scale(mean(squares), by: weight) }
    let norms = apply(ElementFunction(.power, a: 0.5), scale(squares, by: 1, plus: 1e-24))
    return scale(mean(square(scale(norms, by: 1, plus: -target))), by: weight)
  }
}
