extension ConditioningReport {
  /// Sets verdict, cause, measurement and threshold.
  ///
  /// With more samples than features that vary, the number on the support is held against max(warning, null factor ·
  /// null) and
  /// max(critical, null factor · null). With no more, the support is an accident of the sample, so the shrunk number is
  /// judged instead, against the
  /// plain thresholds, and the verdict is a notice (too few samples) at least. A singular covariance that is otherwise
  /// healthy (redundant features: duplicates, a one-hot
  /// code) and constant features are notices. Where S is singular only because of scale (the correlation matrix has a
  /// higher rank), the number on the support leaves out what is at fault: `leastByScale`, the least that the condition
  /// number can be, is then judged.
  @inline(never)
  mutating func judge(varying: Int, leastByScale: Double?, _ options: ConditioningOptions) {
    let isShort = sampleCount <= varying
    let floor = isShort ? 0 : options.nullFactor * nullConditionNumber
    let warning = max(options.warningConditionNumber, floor)
    let critical = max(options.criticalConditionNumber, floor)
    // Two samples, or two distinct ones, give the shrinkage nothing to go by: it is 0 up to rounding, and the shrunk
    // number says nothing.
    let shrunk = shrinkage > 1e-10 ? conditionNumberShrunk : .nan
    let judged = isShort ? shrunk : leastByScale ?? conditionNumberOnSupport
    measurement = judged
    threshold = judged > critical ? critical : warning
    if judged > critical {
      verdict = .critical
    } else if judged > warning {
      verdict = .warning
    } else {
      judgeWithoutAlarm(isShort: isShort, varying: varying)
      return
    }
    let afterStandardising = conditionNumberOfCorrelation
    let isScale = afterStandardising <= warning || afterStandardising < judged / 10
    cause = isScale ? .featureScale : .featureCorrelation
  }

  private mutating func judgeWithoutAlarm(isShort: Bool, varying: Int) {
    if isShort {
      (verdict, cause) = (.notice, .tooFewSamples)
    } else if rank < varying {
      (verdict, cause) = (.notice, .redundantFeature)
    } else if constantFeatureCount > 0 {
      (verdict, cause) = (.notice, .constantFeature)
    } else {
      (verdict, cause) = (.healthy, .none)
    }
  }
}

/// The greatest entries of a list of scores, worst first, with their shares of the whole.
struct BlameList {
  private static let capacity = 8
  private(set) var features: [Int] = []
  private var scores: [Double] = []
  private var total = 0.0

  mutating func add(_ feature: Int, _ score: Double) {
    guard score > 0, score < .infinity else { return }
    total += score
    var position = features.count
    for (index, known) in scores.enumerated() where score > known {
      position = index
      break
    }
    guard position < BlameList.capacity else { return }
    features.insert(feature, at: position)
    scores.insert(score, at: position)
    if features.count > BlameList.capacity {
      features.removeLast()
      scores.removeLast()
    }
  }

  /// Leaves out those with less than a hundredth of the worst one's score.
  func write(to report: inout ConditioningReport) {
    for (index, score) in scores.enumerated() where score >= 0.01 * (scores.first ?? 0) {
      report.blamedFeatures.append(features[index])
      report.blamedShares.append(score / total)
    }
  }
}

extension Covariance {
  /// Who is to blame: for scale by how far the logarithm of a feature's variance lies from the median, for correlation
  /// by the squared loadings of the
  /// correlation matrix's lowest eigenvector, for constant features those, in equal shares.
  @inline(never)
  func blame(
    _ moments: Moments, _ varying: FeatureList, _ correlation: Correlation, _ spectrum: Spectrum,
    _ report: inout ConditioningReport
  ) throws(TrimtabError) {
    var list = BlameList()
    switch report.cause {
    case .featureScale: try blameScale(varying, correlation, &list)
    case .featureCorrelation, .redundantFeature:
      let vector = try spectrum.lowestVector()
      for index in 0..<correlation.positions.count {
        let loading = vector.row(0)[index]
        list.add(varying[correlation.positions[index]], loading * loading)
      }
    case .constantFeature:
      for index in 0..<moments.features where !(moments.minimum[index] < moments.maximum[index]) { list.add(index, 1) }
    default: return
    }
    list.write(to: &report)
  }

  private func blameScale(
    _ varying: FeatureList, _ correlation: Correlation, _ list: inout BlameList
  ) throws(TrimtabError) {
    let count = correlation.positions.count
    let logarithms = try Storage<Double>(count: max(count, 1), for: "logarithms of variances")
    for index in 0..<count { logarithms.pointer[index] = logarithm(correlation.variances.pointer[index]) }
    sortDescending(logarithms.pointer, count)
    let median = 0.5 * (logarithms.pointer[count / 2] + logarithms.pointer[max(count &- 1, 0) / 2])
    for index in 0..<count {
      list.add(
        varying[correlation.positions[index]], abs(logarithm(correlation.variances.pointer[index]) - median))
    }
  }
}
