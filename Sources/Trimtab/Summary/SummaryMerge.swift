extension Summary {
  /// Adds what `other` has seen, as if its elements followed.
  ///
  /// Counts and sums add, extremes combine; the mean, the norms and the greatest magnitude are made anew and not read.
  /// `other.firstNonfiniteIndex` counts from the end of this summary. Associative up to rounding of the sums (relative
  /// 1e-15 each).
  /// Constant time. Since: 0.1.
  ///
  /// - Throws: `invalidArgument` if a field of either cannot come from data; then nothing has changed.
  public mutating func merge(_ other: Summary) throws(TrimtabError) {
    try checkFields(name: "summary")
    try other.checkFields(name: "other")
    guard !count.addingReportingOverflow(other.count).overflow else {
      throw TrimtabError(
        .invalidArgument, "other: found count %, which with % of summary leaves 64 bits", other.count, count)
    }
    var merged = self
    merged.combine(other)
    merged.derive()
    guard merged.scaledSum.isFinite, merged.scaledAbsoluteSum.isFinite, merged.scaledSquareSum.isFinite else {
      throw TrimtabError(
        .invalidArgument, "other: found sums that do not fit their extremes and scale_exponent %", other.scaleExponent)
    }
    self = merged
  }

  /// `merge` for fields known to be sound; `derive` is still to be called.
  @inline(never)
  mutating func combine(_ other: Summary) {
    if firstNonfiniteIndex < 0, other.firstNonfiniteIndex >= 0 {
      firstNonfiniteIndex = count &+ other.firstNonfiniteIndex
    }
    let wasEmpty = finiteCount == 0
    count = count &+ other.count
    nanCount = nanCount &+ other.nanCount
    positiveInfinityCount = positiveInfinityCount &+ other.positiveInfinityCount
    negativeInfinityCount = negativeInfinityCount &+ other.negativeInfinityCount
    zeroCount = zeroCount &+ other.zeroCount
    subnormalCount = subnormalCount &+ other.subnormalCount
    guard other.finiteCount > 0 else { return }
    if wasEmpty {
      copySums(of: other)
    } else {
      addSums(of: other)
    }
  }

  private mutating func copySums(of other: Summary) {
    minimum = other.minimum
    maximum = other.maximum
    scaledSum = other.scaledSum
    scaledAbsoluteSum = other.scaledAbsoluteSum
    scaledSquareSum = other.scaledSquareSum
    scaleExponent = other.scaleExponent
    rescale(to: Summary.scaleExponent(for: max(minimum.magnitude, maximum.magnitude)))
  }

  private mutating func addSums(of other: Summary) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    let exponent = Summary.scaleExponent(for: max(minimum.magnitude, maximum.magnitude))
    var addend = other
    rescale(to: exponent)
    addend.rescale(to: exponent)
    scaledSum += addend.scaledSum
    scaledAbsoluteSum += addend.scaledAbsoluteSum
    scaledSquareSum += addend.scaledSquareSum
  }
}

extension Summary {
  private func checkFields(name: StaticText) throws(TrimtabError) {
    try checkCounts(name: name)
    guard scaleExponent >= -1074 && scaleExponent <= 1023 else {
      throw TrimtabError(
        .invalidArgument, "%: found scale_exponent %, allowed -1074 to 1023", name, scaleExponent)
    }
    guard scaledSum.isFinite, scaledAbsoluteSum.isFinite, scaledAbsoluteSum >= 0, scaledSquareSum.isFinite,
      scaledSquareSum >= 0
    else {
      throw TrimtabError(
        .invalidArgument,
        "%: found sums %, % and %, allowed finite ones, the last two 0 or more", name, scaledSum, scaledAbsoluteSum,
        scaledSquareSum
      )
    }
    if finiteCount == 0 {
      guard scaledSum == 0, scaledAbsoluteSum == 0, scaledSquareSum == 0 else {
        throw TrimtabError(.invalidArgument, "%: found sums but no finite element, allowed 0", name)
      }
    } else {
      guard minimum.isFinite, maximum.isFinite, minimum <= maximum else {
        throw TrimtabError(
          .invalidArgument,
          "%: found minimum % and maximum %, allowed finite ones in this order", name, minimum, maximum)
      }
    }
  }

  private func checkCounts(name: StaticText) throws(TrimtabError) {
    let counts = (nanCount, positiveInfinityCount, negativeInfinityCount, zeroCount, subnormalCount)
    guard count >= 0, counts.0 >= 0, counts.1 >= 0, counts.2 >= 0, counts.3 >= 0, counts.4 >= 0 else {
      throw TrimtabError(.invalidArgument, "%: found a negative count, allowed 0 or more", name)
    }
    // Each part is at most what the parts before it leave, so no sum can overflow.
    guard counts.0 <= count, counts.1 <= count &- counts.0, counts.2 <= count &- counts.0 &- counts.1 else {
      throw TrimtabError(.invalidArgument, "%: found more NaN and infinities than its count of %", name, count)
    }
    guard counts.3 <= finiteCount, counts.4 <= finiteCount &- counts.3 else {
      throw TrimtabError(
        .invalidArgument, "%: found more zeros and subnormals than finite elements (%)", name, finiteCount)
    }
    let hasIndex = firstNonfiniteIndex >= 0 && firstNonfiniteIndex < count
    guard nonfiniteCount == 0 ? firstNonfiniteIndex == -1 : hasIndex else {
      throw TrimtabError(
        .invalidArgument,
        "%: found first_nonfinite_index % for % non-finite of % elements", name, firstNonfiniteIndex, nonfiniteCount,
        count
      )
    }
  }
}
