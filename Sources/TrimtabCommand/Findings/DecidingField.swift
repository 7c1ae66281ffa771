import Trimtab

/// A number that decided, and the name of the report's field that holds it.
typealias DecidingField = (name: String, value: Double)

extension GradientReport {
  /// The field that decided, by the cause.
  var decidingField: DecidingField {
    switch cause {
    case .nonfiniteGradient: ("nonfinite_count", Double(nonfiniteCount))
    case .zeroGradient: ("zero_tensor_count", Double(zeroTensorCount))
    case .tinyGradient: ("vanishing_tensor_count", Double(vanishingTensorCount))
    case .explodingGradient where isByNorm: ("global_norm", globalNorm)
    default: ("depth_slope", depthSlope)
    }
  }

  /// Whether an explosion is one of the norm: the slope of an explosion is below zero, no norm is.
  var isByNorm: Bool { cause == .explodingGradient && measurement > 0 }
}

extension MatrixReport {
  /// The field that decided: zeros for what is structure, else a condition number.
  ///
  /// Where singular values fall out of the rank beside whole zeros, the number over the rest is the least that
  /// the matrix can have.
  var decidingField: DecidingField {
    let zeros = zeroRowCount + zeroColumnCount
    if zeros > 0, cause != .rankDeficient {
      return zeroRowCount > 0
        ? ("zero_row_count", Double(zeroRowCount)) : ("zero_column_count", Double(zeroColumnCount))
    }
    if zeros == 0 { return ("condition_number", measurement) }
    let isDeficient = rank >= 0 && rank < min(rowCount - zeroRowCount, columnCount - zeroColumnCount)
    return (isDeficient ? "condition_number_at_least" : "condition_number_on_support", measurement)
  }
}

extension ConditioningReport {
  /// The condition number that decided.
  ///
  /// It is after shrinkage where there are no more samples than features that vary, and the least that it can be where
  /// scale alone makes the covariance singular.
  var decidingConditionNumber: DecidingField {
    let varying = featureCount - constantFeatureCount
    if sampleCount <= varying { return ("condition_number_shrunk", measurement) }
    guard measurement == conditionNumberOnSupport else { return ("condition_number_at_least", measurement) }
    return (rank < varying ? "condition_number_on_support" : "condition_number", measurement)
  }
}

extension DriftReport {
  /// Whether a collapse is one into a single class, and not a distance from the class shares that should be.
  func isCollapseIntoOne(_ options: DriftOptions) -> Bool {
    cause == .classCollapse && options.classPrior == nil && greatestClassShare >= options.collapseShare
      && measurement == greatestClassShare
  }

  /// The field that decided, by the cause and the verdict.
  func decidingField(_ options: DriftOptions) -> DecidingField {
    switch cause {
    // Critical by the flips, a warning by the share of them that goes back.
    case .targetOscillation where verdict < .critical: ("oscillation_share", oscillationShare)
    case .classCollapse where isCollapseIntoOne(options): ("greatest_class_share", greatestClassShare)
    case .classCollapse where options.classPrior != nil && classPriorDistance > classShift:
      ("class_prior_distance", classPriorDistance)
    case .classCollapse where classShift > options.classDistance: ("class_shift", classShift)
    // The report has no field of its own for it.
    case .classCollapse: ("class_shift_since_first_round", measurement)
    case .emptyGate: ("gate_coverage", gateCoverage)
    default: ("flip_rate", flipRate)
    }
  }
}
