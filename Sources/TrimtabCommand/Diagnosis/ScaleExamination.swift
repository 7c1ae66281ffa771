import Trimtab
import TrimtabFormats

extension Examiner {
  /// Every array of the files as features [nodes, features].
  func examineScales(_ paths: [String]) {
    let walk = FileWalk(paths)
    examination.notChecked += walk.notChecked
    for path in walk.files {
      guard
        let opened = open(
          path, as: { _, _ in Recognition(kind: .samples, reason: "told by the subcommand") })
      else { continue }
      examination.files.append(opened.record)
      for (source, _) in opened.tensors { attempt(source, .scale) { try examineScale(source) } }
    }
    progress.finish()
  }

  private func examineScale(_ source: TensorSource) throws {
    guard source.shape.count == 2 else {
      let summary = try summarise(source)
      record(source, summary)
      return skip(source, .scale, "rank \(source.shape.count), allowed 2: nodes and features")
    }
    let scale = try FeatureScale(options: settings.scale)
    var summary = Summary.identity
    try source.forEachRowBlock(memoryLimit: settings.memoryLimit(source)) { block in
      try summary.merge(summarize(block))
      try scale.add(block)
      progress.update(source.location, done: summary.count, total: source.count)
    }
    judgeFiniteness(source, summary, kind: .samples)
    let report = try scale.report()
    add(
      Reading(
        diagnosis: .scale, file: source.path, tensor: source.name, verdict: report.verdict,
        headline: headline(report), reportKind: "feature_scale", report: reportFields(report)))
    if report.outcome != .ok {
      skip(
        source, .scale,
        "\(report.outcome.words) (\(counted(report.entryCount, "entry that counts", "entries that count")))")
    }
    if report.verdict >= .notice { add(finding(source, report)) }
  }

  private func headline(_ report: FeatureScaleReport) -> String {
    guard report.outcome == .ok else { return report.outcome.words }
    return "log scale deviates by \(figure(report.nodeDeviation)) between nodes, \(figure(report.featureDeviation)) "
      + "between features; normalise: \(report.advice.key.description.replacing("_", with: "-"))"
  }

  private func finding(_ source: TensorSource, _ report: FeatureScaleReport) -> Finding {
    let isByNode = report.nodeDeviation >= report.featureDeviation
    let deciding =
      report.cause == .outlierScale
      ? (report.outlierNodeCount > 0 ? "greatest_node_effect" : "greatest_feature_effect")
      : isByNode ? "node_deviation" : "feature_deviation"
    var finding = Finding(
      .scale, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "nine tenths of \(report.nodeCount) nodes span a factor of \(figure(report.nodeSpread)) in scale, those of "
        + "\(report.featureCount) features \(figure(report.featureSpread))",
      measurement: (deciding, report.measurement), threshold: report.threshold)
    finding.evidence.append(
      "\(percent(report.coverage)) of the entries count; independent ones would leave a deviation of 1.11, here "
        + figure(report.residualDeviation))
    for (name, count, list) in [
      ("nodes", report.outlierNodeCount, report.outlierNodes),
      ("features", report.outlierFeatureCount, report.outlierFeatures),
    ] where count > 0 {
      finding.evidence.append(
        "\(count) \(name) stand out: \(list.map(String.init).joined(separator: ", "))\(count > list.count ? ", …" : "")"
      )
    }
    return finding
  }
}
