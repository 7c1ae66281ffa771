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
}

typealias Lanes = SIMD8<Double>
typealias LaneMask = SIMDMask<SIMD8<Int64>>

/// An activation as the accumulation needs it, eight units at a time.
protocol UnitActivation {
  func isActive(_ z: Lanes) -> LaneMask
  /// |f(z)|.
  func outputMagnitude(_ z: Lanes) -> Lanes
}

/// Active above zero; below it the output is `leak` times z. A leak of 0 is ReLU.
struct RectifiedActivation: UnitActivation {
  let leak: Double

  @inline(__always) func isActive(_ z: Lanes) -> LaneMask { z .> 0 }
  @inline(__always) func outputMagnitude(_ z: Lanes) -> Lanes {
    z.replacing(with: z * -leak.magnitude, where: z .<= 0)
  }
}

struct IdentityActivation: UnitActivation {
  @inline(__always) func isActive(_ z: Lanes) -> LaneMask { z .!= 0 }
  @inline(__always) func outputMagnitude(_ z: Lanes) -> Lanes { z.replacing(with: -z, where: z .< 0) }
}

/// The activations whose output takes an exponential; unit by unit.
struct SmoothActivation: UnitActivation {
  let kind: Activation

  func isActive(_ z: Lanes) -> LaneMask {
    kind == .tanh || kind == .sigmoid ? LaneMask(repeating: true) : z .> 0
  }

  func outputMagnitude(_ z: Lanes) -> Lanes {
    var output = z
    for lane in 0..<8 { output[lane] = magnitude(z[lane]) }
    return output
  }

  private func magnitude(_ z: Double) -> Double {
    switch kind {
    case .elu: z > 0 ? z : 1 - exponential(z)
    case .silu: (z / (1 + exponential(-z))).magnitude
    case .gelu: (0.5 * z * (1 + errorFunction(z * 0.70710678118654752440))).magnitude
    case .tanh: hyperbolicTangent(z).magnitude
    case .sigmoid: 1 / (1 + exponential(-z))
    default: z.magnitude
    }
  }
}
