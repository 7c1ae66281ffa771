internal import Trimtab

/// A function of one number, and which of its derivatives.
///
/// Derivatives up to the fourth are written out, so that a loss which holds a gradient can itself be differentiated
/// twice. Where a function has a kink the derivative from the left is taken, as PyTorch does for ReLU at 0.
public struct ElementFunction: BitwiseCopyable, Sendable {
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// a x + b
    case linear
    /// x^a; a a multiple of one half is exact to the roundings of its products and its root
    case power
    case exponential
    case logarithm
    case magnitude
    /// x above 0, a x elsewhere; a = 0 is ReLU
    case leaky
    /// b (x above 0, a (exp x - 1) elsewhere); ELU, and SELU with its two constants
    case elu
    /// x times the logistic function
    case silu
    /// x times the normal distribution function
    case gelu
    case softplus
    case tanh
    case sigmoid
    /// x^2/2 within a of 0, a (|x| - a/2) elsewhere
    case huber
  }

  public var kind: Kind
  public var order: UInt8 = 0
  public var a = 0.0
  public var b = 0.0

  public static let greatestOrder: UInt8 = 4

  public init(_ kind: Kind, a: Double = 0, b: Double = 0) {
    self.kind = kind
    self.a = a
    self.b = b
  }

  public static var selu: ElementFunction {
    ElementFunction(.elu, a: 1.6732632423543772848170429916717, b: 1.0507009873554804934193349852946)
  }

  /// The next derivative.
  var derivative: ElementFunction {
    var next = self
    next.order = order &+ 1
    return next
  }

  /// Whether it is 0 everywhere.
  var isZero: Bool {
    switch kind {
    case .linear: order >= 2
    case .magnitude, .leaky: order >= 2
    case .huber: order >= 3
    case .power: a == a.rounded() && a >= 0 && Double(order) > a
    default: false
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    switch kind {
    case .linear: order == 0 ? a * x + b : order == 1 ? a : 0
    case .power: powerDerivative(x)
    case .exponential: exponential(x)
    case .logarithm: order == 0 ? logarithm(x) : logarithmDerivative(x)
    case .magnitude: order == 0 ? x.magnitude : order == 1 ? (x > 0 ? 1 : x < 0 ? -1 : 0) : 0
    case .leaky: order == 0 ? (x > 0 ? x : a * x) : order == 1 ? (x > 0 ? 1 : a) : 0
    case .elu: eluDerivative(x)
    case .silu: siluDerivative(x)
    case .gelu: geluDerivative(x)
    case .softplus:
      order == 0
        ? max(x, 0) + logarithmOfOne(plus: exponential(-x.magnitude)) : sigmoidDerivative(x, order &- 1)
    case .tanh: tanhDerivative(x)
    case .sigmoid: sigmoidDerivative(x, order)
    case .huber:
      order == 0
        ? (x.magnitude <= a ? 0.5 * x * x : a * (x.magnitude - 0.5 * a))
        : order == 1 ? max(-a, min(a, x)) : order == 2 ? (x.magnitude < a ? 1 : 0) : 0
    }
  }

  private func powerDerivative(_ x: Double) -> Double {
    var factor = 1.0
    for step in 0..<Int(order) { factor *= a - Double(step) }
    return factor == 0 ? 0 : factor * power(x, a - Double(order))
  }

  private func logarithmDerivative(_ x: Double) -> Double {
    let inverse = 1 / x
    switch order {
    case 1: return inverse
    case 2: return -inverse * inverse
    case 3: return 2 * inverse * inverse * inverse
    default: return -6 * inverse * inverse * inverse * inverse
    }
  }

  private func eluDerivative(_ x: Double) -> Double {
    if x > 0 { return order == 0 ? b * x : order == 1 ? b : 0 }
    let value = a * b * exponential(x)
    return order == 0 ? value - a * b : value
  }

  /// f = x s: the k-th derivative is k s^(k-1) + x s^(k).
  private func siluDerivative(_ x: Double) -> Double {
    let value = x * sigmoidDerivative(x, order)
    return order == 0 ? value : Double(order) * sigmoidDerivative(x, order &- 1) + value
  }

  private func geluDerivative(_ x: Double) -> Double {
    let density = 0.39894228040143267794 * exponential(-0.5 * x * x)
    let square = x * x
    switch order {
    case 0, 1:
      let share = 0.5 * (1 + errorFunction(x * 0.70710678118654752440))
      return order == 0 ? x * share : share + x * density
    case 2: return density * (2 - square)
    case 3: return density * x * (square - 4)
    default: return density * (square * (7 - square) - 4)
    }
  }

  private func tanhDerivative(_ x: Double) -> Double {
    let t = hyperbolicTangent(x)
    let slope = 1 - t * t
    switch order {
    case 0: return t
    case 1: return slope
    case 2: return -2 * t * slope
    case 3: return slope * (6 * t * t - 2)
    default: return slope * t * (16 - 24 * t * t)
    }
  }

  private func sigmoidDerivative(_ x: Double, _ order: UInt8) -> Double {
    let e = exponential(-x.magnitude)
    let s = x >= 0 ? 1 / (1 + e) : e / (1 + e)
    let slope = s * (1 - s)
    switch order {
    case 0: return s
    case 1: return slope
    case 2: return slope * (1 - 2 * s)
    case 3: return slope * (1 - 6 * slope)
    default: return slope * (1 - 2 * s) * (1 - 12 * slope)
    }
  }
}

/// ln(1 + x) for x from 0 to 1, without losing what 1 + x rounds away.
private func logarithmOfOne(plus x: Double) -> Double {
  let sum = 1 + x
  return sum == 1 ? x : logarithm(sum) * (x / (sum - 1))
}

/// x^p.
func power(_ x: Double, _ p: Double) -> Double {
  guard (2 * p).rounded() == 2 * p, p.magnitude <= 16 else {
    return x == 0 ? (p > 0 ? 0 : .infinity) : exponential(p * logarithm(x))
  }
  var product = 1.0
  for _ in 0..<Int(p.magnitude) { product *= x }
  if p.magnitude != p.magnitude.rounded(.down) { product *= x.squareRoot() }
  return p < 0 ? 1 / product : product
}
