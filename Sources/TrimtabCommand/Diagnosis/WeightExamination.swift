import Trimtab
import TrimtabFormats

extension Examiner {
  /// The condition number of a weight as it is: [out, rest].
  func examineWeights(_ source: TensorSource) throws {
    guard source.shape.count >= 2 else {
      let summary = try summarise(source)
      return record(source, summary)
    }
    guard let work = workByteCount(source), work <= settings.memoryLimit(source) else {
      judgeFiniteness(source, try summary(source), kind: .weights)
      return skip(
        source, .condition, "a matrix of \(shapeFigure(source.shape)) needs more memory than --maximum-memory allows")
    }
    try source.withView(memoryLimit: settings.memoryLimit(source)) { view in
      judgeFiniteness(source, summarize(view), kind: .weights)
      let report = try matrixCondition(of: view, options: settings.matrix)
      add(
        Reading(
          diagnosis: .condition, file: source.path, tensor: source.name, verdict: report.verdict,
          headline: matrixHeadline(report), reportKind: "matrix", report: reportFields(report)))
      judgeMatrix(source, report)
    }
  }

  private func summary(_ source: TensorSource) throws -> Summary {
    var summary = Summary.identity
    try source.forEachElementBlock(memoryLimit: settings.memoryLimit(source)) { try summary.merge(summarize($0)) }
    return summary
  }

  /// The matrix in float64, three times: to read, to work in, to keep; nil beyond 64 bits.
  private func workByteCount(_ source: TensorSource) -> Int? {
    let (bytes, overflow) = source.count.multipliedReportingOverflow(by: 24)
    return overflow ? nil : bytes
  }

  private func matrixHeadline(_ report: MatrixReport) -> String {
    guard report.outcome == .ok else { return report.outcome.words }
    let rank = report.rank < 0 ? "" : ", rank \(report.rank) of \(min(report.rowCount, report.columnCount))"
    return "condition number \(figure(report.conditionNumberOnSupport))\(rank), "
      + "stable rank \(figure(report.stableRank)), \(report.rowCount)×\(report.columnCount)"
  }

  private func judgeMatrix(_ source: TensorSource, _ report: MatrixReport) {
    let zeros = report.zeroRowCount + report.zeroColumnCount
    let isStructural = zeros > 0 && report.verdict <= .notice
    guard isStructural || report.verdict >= .notice else { return }
    let shape = "\(report.rowCount)×\(report.columnCount)"
    let structure =
      "\(counted(report.zeroRowCount, "row")) and \(counted(report.zeroColumnCount, "column")) of \(shape) are exactly zero"
    if isStructural {
      return add(
        Finding(
          .condition, verdict: .notice, cause: .zeroStructure, file: source.path, tensor: source.name, what: structure,
          measurement: ("condition_number_on_support", report.conditionNumberOnSupport), threshold: nil))
    }
    var finding = Finding(
      .condition, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "the matrix \(shape) has condition number \(figure(report.conditionNumberOnSupport))",
      measurement: ("condition_number_on_support", report.conditionNumberOnSupport), threshold: report.threshold)
    if zeros > 0 { finding.evidence.append(structure) }
    add(finding)
  }
}

extension Outcome {
  /// What an outcome means to people.
  var words: String {
    switch self {
    case .ok: "measured"
    case .insufficient: "too little data to tell"
    case .degenerate: "degenerate: the quantity has no meaning here"
    case .nonfinite: "NaN or Inf stand where values were needed"
    }
  }
}
