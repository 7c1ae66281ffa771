/// How far log scale varies between nodes and between features, and what to normalise. Fields as in
/// `trimtab_feature_scale_report`: an outcome that is not `ok` leaves NaN in every measurement. Since: 0.4.
public struct FeatureScaleReport: Sendable {
  public static let listCapacity = 8

  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var advice = NormalisationAdvice.none
  public var nodeCount = 0
  public var featureCount = 0
  /// Entries that count.
  public var entryCount = 0
  public var zeroCount = 0
  public var nonfiniteCount = 0
  /// Nodes and features none of whose entries counts: they are in nothing below.
  public var emptyNodeCount = 0
  public var emptyFeatureCount = 0
  /// entryCount / (nodeCount · featureCount).
  public var coverage = Double.nan
  /// s_r: standard deviation of log scale between nodes.
  public var nodeDeviation = Double.nan
  /// s_c: between features.
  public var featureDeviation = Double.nan
  /// Of what is left, the root of MSE: 1.1107 for independent normal entries.
  public var residualDeviation = Double.nan
  /// s_r^2 / (s_r^2 + s_c^2 + MSE); 0 where all are 0.
  public var nodeCorrelation = Double.nan
  public var featureCorrelation = Double.nan
  /// SSR / SST and SSC / SST: biased upwards, for comparison alone.
  public var nodeShare = Double.nan
  public var featureShare = Double.nan
  /// F and the probability of one as great without any difference.
  public var nodeStatistic = Double.nan
  public var featureStatistic = Double.nan
  public var nodeProbability = Double.nan
  public var featureProbability = Double.nan
  /// exp(3.29 s): the factor that nine tenths of them span.
  public var nodeSpread = Double.nan
  public var featureSpread = Double.nan
  /// The greatest distance of an effect from the median of all.
  public var greatestNodeEffect = Double.nan
  public var greatestFeatureEffect = Double.nan
  public var outlierNodeCount = 0
  public var outlierFeatureCount = 0
  /// Indices, worst first, at most 8.
  public var outlierNodes: [Int] = []
  public var outlierFeatures: [Int] = []
  public var threshold = Double.nan
  /// The deviation that decided, or the greatest effect of an outlier.
  public var measurement = Double.nan

  public init() {}

  mutating func judge(_ options: FeatureScaleOptions) {
    let (r, c) = (nodeDeviation, featureDeviation)
    let (byNode, byFeature) = (r >= options.leastDeviation, c >= options.leastDeviation)
    // An axis that is alone in reaching the threshold is normalised alone, however near the other comes to it.
    if byNode, r >= options.dominance * c || !byFeature {
      (advice, cause) = (.nodeWise, .nodeScale)
    } else if byFeature, c >= options.dominance * r || !byNode {
      (advice, cause) = (.featureWise, .perFeatureScale)
    } else if byNode, byFeature {
      (advice, cause) = (.both, .nodeAndFeatureScale)
    }
    measurement = max(r, c)
    threshold = options.leastDeviation
    if advice != .none {
      verdict = measurement >= options.criticalDeviation ? .critical : .warning
      if verdict == .critical { threshold = options.criticalDeviation }
    } else if outlierNodeCount > 0 || outlierFeatureCount > 0 {
      (verdict, cause) = (.notice, .outlierScale)
      measurement = max(
        outlierNodeCount > 0 ? greatestNodeEffect : 0, outlierFeatureCount > 0 ? greatestFeatureEffect : 0)
      threshold = 3.29 * options.leastDeviation
    } else {
      verdict = .healthy
    }
  }
}

/// Which axis of features [nodes, features] to normalise; `FeatureScale` used once.
///
/// - Throws: as `FeatureScale.init` and `add`. Complexity: O(nodes · features), with missing entries times the passes
///   of the fit. Since: 0.4.
public func featureScale(
  of features: TensorView, options: FeatureScaleOptions = .init()
) throws(TrimtabError) -> FeatureScaleReport {
  let scale = try FeatureScale(options: options)
  try scale.add(features)
  return try scale.report()
}

extension FeatureScale {
  /// Reports at any time; changes nothing.
  ///
  /// - Throws: `outOfMemory`.
  public func report() throws(TrimtabError) -> FeatureScaleReport {
    var report = FeatureScaleReport()
    report.nodeCount = nodeCount
    report.featureCount = featureCount ?? 0
    report.zeroCount = zeroCount
    report.nonfiniteCount = nonfiniteCount
    let total = Double(report.nodeCount) * Double(report.featureCount)
    let fit = try ScaleFit(self)
    report.entryCount = fit.entryCount
    report.emptyNodeCount = fit.emptyRows
    report.emptyFeatureCount = fit.emptyColumns
    if total > 0 { report.coverage = Double(fit.entryCount) / total }
    guard fit.entryCount > 0 || total == 0 else {
      report.outcome = nonfiniteCount > 0 ? .nonfinite : .degenerate
      return report
    }
    guard fit.rowFreedom >= 1, fit.columnFreedom >= 1, fit.residualFreedom >= 1 else {
      report.outcome = .insufficient
      return report
    }
    measure(fit, &report)
    (report.outlierNodes, report.outlierNodeCount, report.greatestNodeEffect) = try outliers(
      fit.rowEffects, nodeCount, fit.meanSquare
    ) { self.rows.at($0)?.pointee.count ?? 0 }
    (report.outlierFeatures, report.outlierFeatureCount, report.greatestFeatureEffect) = try outliers(
      fit.columnEffects, report.featureCount, fit.meanSquare
    ) { self.columnCounts?.pointer[$0] ?? 0 }
    report.judge(options)
    return report
  }

  private func measure(_ fit: ScaleFit, _ report: inout FeatureScaleReport) {
    let (s, t) = (fit.rowVariance, fit.columnVariance)
    let whole = s + t + fit.meanSquare
    report.nodeDeviation = s.squareRoot()
    report.featureDeviation = t.squareRoot()
    report.residualDeviation = fit.meanSquare.squareRoot()
    report.nodeCorrelation = whole > 0 ? s / whole : 0
    report.featureCorrelation = whole > 0 ? t / whole : 0
    report.nodeShare = fit.totalSquares > 0 ? fit.rowSquares / fit.totalSquares : 0
    report.featureShare = fit.totalSquares > 0 ? fit.columnSquares / fit.totalSquares : 0
    report.nodeSpread = exponential(3.29 * report.nodeDeviation)
    report.featureSpread = exponential(3.29 * report.featureDeviation)
    (report.nodeStatistic, report.nodeProbability) = fit.test(fit.rowSquares, fit.rowFreedom)
    (report.featureStatistic, report.featureProbability) = fit.test(fit.columnSquares, fit.columnFreedom)
  }

  /// Effects whose distance from the median is beyond every one of: `outlierScore` deviations by the median absolute
  /// deviation, as many standard errors of a mean of that many entries, and the spread that `leastDeviation` stands for.
  private func outliers(
    _ effects: Storage<Double>, _ count: Int, _ meanSquare: Double, _ entries: (Int) -> Int
  ) throws(TrimtabError) -> ([Int], Int, Double) {
    let sorted = try Storage<Double>(count: count, for: "effects")
    var used = 0
    for index in 0..<count where entries(index) > 0 {
      sorted.pointer[used] = effects.pointer[index]
      used = used &+ 1
    }
    let centre = median(sorted.pointer, used)
    var greatest = 0.0
    for index in 0..<used {
      sorted.pointer[index] = (sorted.pointer[index] - centre).magnitude
      greatest = max(greatest, sorted.pointer[index])
    }
    let least = max(
      options.outlierScore * 1.4826 * median(sorted.pointer, used), 3.29 * options.leastDeviation)
    var (found, distances, total): ([Int], [Double], Int) = ([], [], 0)
    for index in 0..<count where entries(index) > 0 {
      let distance = (effects.pointer[index] - centre).magnitude
      let error = (meanSquare / Double(max(entries(index), 1))).squareRoot()
      guard distance > least, distance > options.outlierScore * error else { continue }
      // A mean of few logarithms has a long lower tail: for normal entries P(r < -a) <= exp(-entries (a / 2 - .225)) by
      // Chernoff's bound at 1/2. An effect below the median has to be rarer than one in a thousand such tables.
      if effects.pointer[index] < centre {
        guard Double(entries(index)) * (0.5 * distance - 0.225) > logarithm(1000 * Double(used)) else { continue }
      }
      total = total &+ 1
      var place = found.count
      while place > 0, distances[place &- 1] < distance { place = place &- 1 }
      guard place < FeatureScaleReport.listCapacity else { continue }
      found.insert(index, at: place)
      distances.insert(distance, at: place)
      if found.count > FeatureScaleReport.listCapacity {
        found.removeLast()
        distances.removeLast()
      }
    }
    return (found, total, greatest)
  }
}

/// The median; sorts in place, largest first. 0 of none.
func median(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
  guard count > 0 else { return 0 }
  sortDescending(values, count)
  return 0.5 * (values[count / 2] + values[(count &- 1) / 2])
}
