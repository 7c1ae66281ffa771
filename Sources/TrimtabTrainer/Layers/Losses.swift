internal import Trimtab

/// What a net is trained for.
public enum Loss: Int32, Sendable {
  /// The mean of (p - t)^2 over all numbers.
  case squared = 0
  /// Half of (p - t)^2, summed over the outputs and averaged over the samples.
  case halfSquared = 1
  /// The mean of |p - t|.
  case absolute = 2
  /// The mean of Huber's loss with its bend at 1.
  case huber = 3
  /// The mean of -ln softmax(p) at the label; targets are labels.
  case crossEntropy = 4
  /// The mean of ln(1 + e^p) - p t, p a logit and t from 0 to 1.
  case binaryCrossEntropy = 5
  /// What a callback of the user records.
  case custom = 6

  public var takesLabels: Bool { self == .crossEntropy }
}

extension Tape {
  /// A scalar loss of predictions and targets of one shape.
  func loss(_ kind: Loss, _ prediction: Value, _ target: Value) -> Value {
    let difference = subtract(prediction, target)
    let count = shape(of: prediction).count
    switch kind {
    case .squared: return mean(square(difference))
    case .halfSquared:
      let samples = Double(max(shape(of: prediction)[0], 1))
      return scale(sum(square(difference)), by: 0.5 / samples)
    case .absolute: return mean(apply(ElementFunction(.magnitude), difference))
    case .huber: return mean(apply(ElementFunction(.huber, a: 1), difference))
    default:
      let bent = sum(apply(ElementFunction(.softplus), prediction))
      return scale(subtract(bent, sum(multiply(prediction, target))), by: 1 / Double(count))
    }
  }

  /// -ln softmax at the places of the labels, averaged.
  func crossEntropy(_ logits: Value, _ labels: PlaceTable) -> Value {
    let rows = labels.places.count
    let chosen = gather(logSoftmax(logits), labels, shape: Shape(rows))
    return scale(sum(chosen), by: -1 / Double(rows))
  }

  /// The Kullback-Leibler divergence of normal distributions from the standard one, summed over the last axis and
  /// averaged over the others: 1/2 (exp l + m^2 - 1 - l), m the means and l the logarithms of the variances.
  public func gaussianDivergence(mean m: Value, logVariance l: Value) -> Value {
    let variance = apply(ElementFunction(.exponential), l)
    let square = square(m)
    let total = sum(subtract(add(variance, square), scale(l, by: 1, plus: 1)))
    let shape = shape(of: m)
    return scale(total, by: 0.5 * Double(shape[-1]) / Double(shape.count))
  }
}
