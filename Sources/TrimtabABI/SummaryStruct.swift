internal import CTrimtab
internal import Trimtab

extension trimtab_summary {
  /// The C form of a summary; what is reserved is 0.
  init(_ summary: Summary) {
    self.init()
    count = Int64(summary.count)
    nan_count = Int64(summary.nanCount)
    positive_infinity_count = Int64(summary.positiveInfinityCount)
    negative_infinity_count = Int64(summary.negativeInfinityCount)
    zero_count = Int64(summary.zeroCount)
    subnormal_count = Int64(summary.subnormalCount)
    first_nonfinite_index = Int64(summary.firstNonfiniteIndex)
    minimum = summary.minimum
    maximum = summary.maximum
    greatest_magnitude = summary.greatestMagnitude
    mean = summary.mean
    l1_norm = summary.l1Norm
    l2_norm = summary.l2Norm
    scaled_sum = summary.scaledSum
    scaled_absolute_sum = summary.scaledAbsoluteSum
    scaled_square_sum = summary.scaledSquareSum
    scale_exponent = summary.scaleExponent
  }
}

extension Summary {
  /// From its C form, unchecked: `merge` checks.
  init(_ summary: trimtab_summary) {
    self.init()
    count = Int(summary.count)
    nanCount = Int(summary.nan_count)
    positiveInfinityCount = Int(summary.positive_infinity_count)
    negativeInfinityCount = Int(summary.negative_infinity_count)
    zeroCount = Int(summary.zero_count)
    subnormalCount = Int(summary.subnormal_count)
    firstNonfiniteIndex = Int(summary.first_nonfinite_index)
    minimum = summary.minimum
    maximum = summary.maximum
    greatestMagnitude = summary.greatest_magnitude
    mean = summary.mean
    l1Norm = summary.l1_norm
    l2Norm = summary.l2_norm
    scaledSum = summary.scaled_sum
    scaledAbsoluteSum = summary.scaled_absolute_sum
    scaledSquareSum = summary.scaled_square_sum
    scaleExponent = summary.scale_exponent
  }
}
