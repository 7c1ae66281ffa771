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
    return "\(report.outcome.words) (\(counted(report.sampleCount, "sample"))\(leftOut))"
  }

  func conditioningHeadline(_ report: ConditioningReport) -> String {
    guard report.outcome == .ok else { return report.outcome.words }
    return "condition number \(figure(report.conditionNumberOnSupport)), "
      + "of the correlation \(figure(report.conditionNumberOfCorrelation)), "
      + "rank \(report.rank) of \(report.featureCount), \(report.sampleCount) samples"
  }

  private func conditioningFinding(_ source: TensorSource, _ report: ConditioningReport) -> Finding {
    var finding = Finding(
      .condition, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "the covariance of \(report.featureCount) features over \(report.sampleCount) samples has condition number "
        + figure(report.conditionNumberOnSupport),
      measurement: ("condition_number_on_support", report.conditionNumberOnSupport), threshold: report.threshold)
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
