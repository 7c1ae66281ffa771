import Trimtab
import TrimtabFormats

extension Examiner {
  /// The condition of the covariance of samples, in one pass.
  func examineSamples(_ source: TensorSource) throws {
    guard source.shape.count >= 2 else {
      let summary = try summarise(source)
      record(source, summary)
      return skip(source, .condition, "one feature has no condition number: looked through for NaN and Inf only")
    }
    let covariance = try streamedCovariance(source)
    let report = try covariance.report()
    if report.outcome == .ok { advice.append((source.location, try covariance.advice(from: report))) }
    add(
      Reading(
        diagnosis: .condition, file: source.path, tensor: source.name, verdict: report.verdict,
        headline: conditioningHeadline(report), reportKind: "conditioning", report: reportFields(report)))
    if report.outcome != .ok { skip(source, .condition, shortage(source, report)) }
    if report.verdict >= .notice { add(conditioningFinding(source, report)) }
  }

  /// Adds all rows to a covariance, and the summary to the tensor's record.
  func streamedCovariance(_ source: TensorSource) throws -> Covariance {
    let features = source.shape.dropFirst().reduce(1, *)
    let (square, overflow) = features.multipliedReportingOverflow(by: features)
    // The moments, the eigenvectors and a copy to work in.
    guard !overflow, square <= settings.memoryLimit(source) / 24 else {
      throw FormatError(
        source.path, tensor: source.name,
        "the covariance of \(features) features needs more memory than --maximum-memory allows", isAboutMemory: true)
    }
    let covariance = try Covariance(options: settings.conditioning)
    var summary = Summary.identity
    var rows = 0
    try source.forEachRowBlock(memoryLimit: settings.memoryLimit(source)) { block in
      try summary.merge(summarize(block))
      try covariance.add(block)
      rows += block.shape[0]
      progress.update(source.location, done: summary.count, total: source.count)
    }
    judgeFiniteness(source, summary, kind: .samples)
    return covariance
  }

  /// Why samples could not be judged, and how many there were.
  private func shortage(_ source: TensorSource, _ report: ConditioningReport) -> String {
    let rows = report.sampleCount + report.nonfiniteSampleCount
    guard rows > 0 else { return source.rowsAreCounted ? "holds no sample" : "holds a header and no row of numbers" }
    let leftOut =
      report.nonfiniteSampleCount > 0 ? ", \(counted(report.nonfiniteSampleCount, "row")) with NaN or Inf left out" : ""
    return "\(reason(report)) (\(counted(report.sampleCount, "sample"))\(leftOut))"
  }

  /// Why there is no condition number.
  private func reason(_ report: ConditioningReport) -> String {
    guard report.outcome == .degenerate, report.constantFeatureCount == report.featureCount else {
      return report.outcome.words
    }
    switch report.featureCount {
    case 0: return "no feature"
    case 1: return "the only feature is constant"
    default: return "all \(report.featureCount) features are constant"
    }
  }

  func conditioningHeadline(_ report: ConditioningReport) -> String {
    guard report.outcome == .ok else { return reason(report) }
    return "condition number \(judgedNumber(report)), "
      + "of the correlation \(figure(report.conditionNumberOfCorrelation)), "
      + "rank \(report.rank) of \(report.featureCount), \(report.sampleCount) samples"
  }

  /// What decided: of a notice a count, else a condition number.
  private func decision(
    _ report: ConditioningReport
  ) -> (measurement: (name: String, value: Double)?, threshold: Double?) {
    let varying = report.featureCount - report.constantFeatureCount
    guard report.verdict == .notice else { return (report.decidingConditionNumber, report.threshold) }
    if report.sampleCount <= varying { return (("sample_count", Double(report.sampleCount)), Double(varying)) }
    if report.rank < varying { return (("rank", Double(report.rank)), Double(varying)) }
    return (("constant_feature_count", Double(report.constantFeatureCount)), 0)
  }

  /// The condition number that decided, with what it is where it is not the one on the support.
  private func judgedNumber(_ report: ConditioningReport) -> String {
    let judged = figure(report.measurement)
    if report.measurement.isNaN { return figure(report.conditionNumberOnSupport) + " on the support, not judged" }
    if report.measurement == report.conditionNumberOnSupport { return judged }
    let isShort = report.sampleCount <= report.featureCount - report.constantFeatureCount
    return isShort ? judged + " after shrinkage" : "at least " + judged
  }

  private func conditioningFinding(_ source: TensorSource, _ report: ConditioningReport) -> Finding {
    var finding = Finding(
      .condition, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "the covariance of \(report.featureCount) features over \(report.sampleCount) samples has condition number "
        + judgedNumber(report) + ", rank \(report.rank) of \(report.featureCount)",
      measurement: nil, threshold: nil)
    (finding.measurement, finding.threshold) = decision(report)
    let correlation = report.conditionNumberOfCorrelation
    if correlation > 0 { finding.evidence.append("standardising leaves a condition number of \(figure(correlation))") }
    if report.constantFeatureCount > 0 {
      finding.evidence.append("\(counted(report.constantFeatureCount, "feature")) of \(report.featureCount) never vary")
    }
    let blamed = zip(report.blamedFeatures, report.blamedShares).prefix(3).map { feature, share in
      let name = source.columnNames.indices.contains(feature) ? " (\(source.columnNames[feature]))" : ""
      return "feature \(feature)\(name) \(percent(share))"
    }
    if !blamed.isEmpty { finding.evidence.append("to blame most: \(blamed.joined(separator: ", "))") }
    finding.evidence.append("the largest stable learning rate is \(figure(report.largestStableLearningRate))")
    return finding
  }
}
