extension Cause {
  /// The causes that the smoothness of a field has.
  var smoothnessWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .nonsmoothField:
      (
        "nonsmooth_field", "The first derivative jumps, as that of a ReLU net does at every zero of a unit.",
        "Use a smooth activation (SiLU, tanh, softplus), end the solver's steps at the kinks, or loosen rtol to 1e-4.",
        "Solve with the same net in SiLU at the same tolerance: the rejected steps are gone."
      )
    case .discontinuousField:
      (
        "discontinuous_field", "The function itself jumps, or is computed in less than float64.",
        "Compute it in float64; end the solver's steps at the jumps; look for a branch, a rounding or a table look-up.",
        "Halve the finest step of the probe: the greatest difference stays as it is."
      )
    case .limitedSmoothness:
      (
        "limited_smoothness", "The second derivative jumps, as that of ELU does at zero: tight tolerances cost more.",
        "Use SiLU, tanh or softplus where rtol is below 1e-6.",
        "Compare the evaluations at rtol 1e-6 and 1e-10: they grow faster than rtol^(-1/5)."
      )
    case .rejectedSteps:
      (
        "rejected_steps", "The solver rejects so many steps as kinks make it; a stiff smooth field gives .05 to .3.",
        "Probe the field; use a smooth activation, end the steps at the kinks, or loosen rtol to 1e-4.",
        "The probe's second slope is -1 for kinks and about 0 for a smooth field."
      )
    case .stepUnderflow:
      (
        "step_underflow",
        "The step fell below what the time can resolve: a pole, a jump, or a tolerance beyond float64.",
        "Loosen the tolerance; end the steps at jumps; look whether the solution grows without bound.",
        "Look at the state at the time reached: it is huge, or the field jumps there."
      )
    case .nonfiniteField:
      (
        "nonfinite_field", "The function gave NaN or Inf.",
        "Look for a logarithm, a root or a division at the edge of the domain, or keep the path within the domain.",
        "Call it at the time reached, or probe a smaller domain."
      )
    case .evaluationLimit:
      (
        "evaluation_limit", "The solver made all evaluations that it may and did not arrive.",
        "Use an implicit method if the field is stiff; else probe it for kinks, or loosen the tolerance.",
        "A low share of rejected steps speaks for a stiff field, one of a half for kinks."
      )
    default: ("none", "", "", "")
    }
  }
}
