/// The activation that follows the pre-activations; it decides what "active", "output" and "saturated" mean.
public enum Activation: Int32, Sendable, CaseIterable {
  case relu = 0
  case leakyRelu = 1
  case elu = 2
  case silu = 3
  case gelu = 4
  case tanh = 5
  case sigmoid = 6
  case identity = 7

  /// The bounds outside of which a pre-activation is saturated; infinite for activations that never saturate.
  ///
  /// Source: SageMaker Debugger's SaturatedActivation.
  public var saturationBounds: (low: Double, high: Double) {
    switch self {
    case .tanh: (-9.4999, 9.4999)
    case .sigmoid: (-23, 16.99999)
    default: (-.infinity, .infinity)
    }
  }

  /// Whether the output is made of straight lines, which the kernel draws itself.
  var isPiecewiseLinear: Bool { self == .relu || self == .leakyRelu || self == .identity }

  /// As the kernel says it: 0: z > 0 is active; 1: z != 0; 2: every finite z.
  var activeKind: Int {
    switch self {
    case .tanh, .sigmoid: 2
    case .identity: 1
    default: 0
    }
  }

  /// |f(z)| of the activations that take an exponential.
  func outputMagnitude(_ z: Double) -> Double {
    switch self {
    case .elu: z > 0 ? z : 1 - exponential(z)
    case .silu: (z / (1 + exponential(-z))).magnitude
    case .gelu: (0.5 * z * (1 + errorFunction(z * 0.70710678118654752440))).magnitude
    case .tanh: hyperbolicTangent(z).magnitude
    case .sigmoid: 1 / (1 + exponential(-z))
    default: z.magnitude
    }
  }
}
