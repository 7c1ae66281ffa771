import Trimtab
import TrimtabFormats

private func isZero(_ summary: Summary) -> Bool { summary.count > 0 && summary.zeroCount == summary.count }

/// Tensors whose gradient became, and stayed, exactly zero.
struct SilencedGradient {
  let tensor: String
  let file: String
  /// The first step from which on it is zero.
  let step: Int?
}

extension Examiner {
  struct JudgedStep {
    let step: GradientSteps.Step
    let report: GradientReport
    let summaries: [Summary]

    /// Names of the weights whose gradient is exactly zero.
    var zeroWeights: [String] {
      zip(step.tensors, summaries).filter { $0.source.shape.count >= 2 && isZero($1) }.map(\.0.name)
    }
  }

  private typealias Judged = JudgedStep

  /// Judges every step, and sums the steps up in one reading and a finding per cause.
  func examineGradients(_ group: GradientSteps, file: String) {
    var judged: [Judged] = []
    for step in group.steps {
      guard let first = step.tensors.first else { continue }
      progress.update(first.source.location)
      attempt(first.source, .gradients) {
        let summaries = try step.tensors.map { try gradientSummary($0.source) }
        let accumulator = try Gradients(options: settings.gradients)
        try accumulator.add(summaries: summaries, ranks: step.tensors.map(\.source.shape.count))
        judged.append(Judged(step: step, report: accumulator.report(), summaries: summaries))
      }
    }
    guard !judged.isEmpty else { return }
    let growth = growthFinding(judged, file)
    addGradientReading(judged, growth, file)
    if let growth { add(growth) }
    for cause in orderedCauses(judged) { addGradientFinding(cause, judged, file) }
    noteSilenced(judged, file)
  }

  private func gradientSummary(_ source: TensorSource) throws -> Summary {
    var summary = Summary.identity
    try source.forEachElementBlock(memoryLimit: settings.memoryLimit(source)) { try summary.merge(summarize($0)) }
    record(source, summary)
    return summary
  }

  private func orderedCauses(_ judged: [Judged]) -> [Cause] {
    var causes: [Cause] = []
    for one in judged where one.report.verdict >= .notice && !causes.contains(one.report.cause) {
      causes.append(one.report.cause)
    }
    if !causes.contains(.zeroGradient), !lastingZeros(judged).isEmpty { causes.append(.zeroGradient) }
    return causes
  }

  private func addGradientReading(_ judged: [Judged], _ growth: Finding?, _ file: String) {
    guard let worst = judged.max(by: { $0.report.verdict < $1.report.verdict }) else { return }
    let norms = judged.map(\.report.globalNorm).filter { !$0.isNaN }
    let factors = judged.map(\.report.clipFactor)
    let lasting = lastingZeros(judged)
    let verdict = max(worst.report.verdict, lasting.isEmpty ? .unknown : .warning, growth?.verdict ?? .unknown)
    let aim = "for a norm of \(figure(settings.gradients.maximumNorm))"
    var headline =
      norms.isEmpty
      ? worst.report.outcome.words
      : "global norm \(figure(norms.max() ?? 0)), clip factor \(figure(factors.min() ?? 1)) \(aim)"
    var fields: JSONValue = reportFields(worst.report)
    if judged.count > 1 {
      let range =
        "global norm \(figure(norms.min() ?? 0)) to \(figure(norms.max() ?? 0)), "
        + "clip factor \(figure(factors.min() ?? 1)) to \(figure(factors.max() ?? 1)) \(aim)"
      headline = "\(judged.count) steps, " + (norms.isEmpty ? headline : range)
      let bad = judged.filter { $0.report.verdict >= .warning || !lasting.isDisjoint(with: $0.zeroWeights) }
      if let first = bad.first?.step.index { headline += ", \(bad.count) bad from step \(first) on" }
      fields = .object([
        "step_count": .integer(judged.count), "bad_step_count": .integer(bad.count),
        "first_bad_step": bad.first?.step.index.map(JSONValue.integer) ?? .null,
        "worst_step": worst.step.index.map(JSONValue.integer) ?? .null,
        "steps": .array(judged.map(stepFields)),
      ])
    }
    add(
      Reading(
        diagnosis: .gradients, file: file, tensor: "", verdict: verdict, headline: headline,
        reportKind: judged.count > 1 ? "gradient_steps" : "gradient", report: fields))
  }

  private func stepFields(_ judged: Judged) -> JSONValue {
    guard case .object(var fields) = reportFields(judged.report) else { return .null }
    fields["step"] = judged.step.index.map(JSONValue.integer) ?? .null
    return .object(fields)
  }

  private func addGradientFinding(_ cause: Cause, _ judged: [Judged], _ file: String) {
    let lasting = cause == .zeroGradient ? lastingZeros(judged) : []
    let affected = judged.filter {
      $0.report.cause == cause && $0.report.verdict >= .notice || !lasting.isDisjoint(with: $0.zeroWeights)
    }
    guard let first = affected.first, let worst = affected.max(by: { $0.report.verdict < $1.report.verdict }) else {
      return
    }
    let when = first.step.index.map { " at step \($0)" } ?? ""
    let more = affected.count > 1 ? ", and at \(affected.count - 1) of the \(judged.count - 1) other steps" : ""
    var finding = Finding(
      .gradients, verdict: max(worst.report.verdict, lasting.isEmpty ? .unknown : .warning), cause: cause, file: file,
      tensor: affectedTensor(cause, first),
      what: gradientSentence(cause, first) + when + more,
      measurement: cause == .zeroGradient
        ? ("zero_tensor_count", Double(first.report.zeroTensorCount)) : first.report.decidingField,
      threshold: cause == .zeroGradient ? 0 : first.report.threshold)
    finding.firstIndex = first.step.index
    let zero = zip(first.step.tensors, first.summaries).filter { isZero($0.1) }.map(\.0.name)
    if cause == .zeroGradient, !zero.isEmpty {
      finding.evidence.append("zero\(when): \(zero.prefix(6).joined(separator: ", "))\(zero.count > 6 ? " …" : "")")
    }
    if !lasting.isEmpty { finding.evidence.append("\(counted(lasting.count, "gradient")) stay zero to the last step") }
    let peak = judged.filter { !$0.report.globalNorm.isNaN }.max { $0.report.globalNorm < $1.report.globalNorm }
    if let peak, let step = peak.step.index, judged.count > 1 {
      finding.evidence.append("the global norm is greatest at step \(step): \(figure(peak.report.globalNorm))")
    }
    add(finding)
  }

  /// The key of the tensor to look at first; empty where it is no single one.
  private func affectedTensor(_ cause: Cause, _ judged: Judged) -> String {
    let index = judged.report.firstNonfiniteTensor
    guard cause == .nonfiniteGradient, judged.step.tensors.indices.contains(index) else { return "" }
    return judged.step.tensors[index].source.name
  }

  private func gradientSentence(_ cause: Cause, _ judged: Judged) -> String {
    let report = judged.report
    switch cause {
    case .nonfiniteGradient:
      let source =
        judged.step.tensors.indices.contains(report.firstNonfiniteTensor)
        ? judged.step.tensors[report.firstNonfiniteTensor].source : nil
      let place = source.map { " of \($0.name) \(position(report.firstNonfiniteIndex, $0))" } ?? ""
      return
        "\(report.nonfiniteCount) NaN or Inf in \(counted(report.nonfiniteTensorCount, "gradient")), the first\(place)"
    case .zeroGradient:
      return "\(report.zeroTensorCount) of \(report.tensorCount) gradients are exactly zero throughout"
    case .explodingGradient where report.isByNorm:
      return "the global norm is \(figure(report.globalNorm))"
    case .tinyGradient:
      return "\(report.vanishingTensorCount) of \(report.tensorCount) gradients have all but vanished"
    default:
      return
        "the gradients' root mean square changes by \(figure(report.depthSlope)) decades a layer over \(report.depth) layers"
    }
  }

  /// Remembers which gradients are zero at the last step, and since when, as evidence for what other files show.
  private func noteSilenced(_ judged: [Judged], _ file: String) {
    guard judged.count > 1, let last = judged.last else { return }
    for (index, tensor) in last.step.tensors.enumerated() where isZero(last.summaries[index]) {
      var since = last.step.index
      for earlier in judged.reversed() {
        guard let place = earlier.step.tensors.firstIndex(where: { $0.name == tensor.name }),
          isZero(earlier.summaries[place])
        else { break }
        since = earlier.step.index
      }
      silencedGradients[FileName(file).directory, default: []].append(
        SilencedGradient(tensor: tensor.name, file: file, step: since))
    }
  }

  /// Dead layers beside gradients that went to zero: one explains the other.
  func addEvidenceAcrossFiles() {
    for index in examination.findings.indices {
      let finding = examination.findings[index]
      let folder = FileName(finding.file).directory
      if isAboutDeadUnits(finding), let evidence = silenceEvidence(folder) {
        examination.findings[index].evidence.append(evidence)
      }
      if finding.cause == Cause.zeroGradient.key.description, let evidence = deathEvidence(folder) {
        examination.findings[index].evidence.append(evidence)
      }
    }
  }

  private func isAboutDeadUnits(_ finding: Finding) -> Bool {
    finding.diagnosis == .neurons && finding.measurement?.name == "dead_fraction"
  }

  private func silenceEvidence(_ folder: String) -> String? {
    guard let silenced = silencedGradients[folder], let first = silenced.first else { return nil }
    let steps = silenced.compactMap(\.step).min().map { " from step \($0) on" } ?? ""
    return "\(counted(silenced.count, "gradient")) in \(FileName(first.file).name) stay exactly zero\(steps): "
      + silenced.prefix(4).map(\.tensor).joined(separator: ", ") + (silenced.count > 4 ? " …" : "")
  }

  private func deathEvidence(_ folder: String) -> String? {
    let deaths = examination.findings.filter { isAboutDeadUnits($0) && FileName($0.file).directory == folder }
    guard let first = deaths.first else { return nil }
    return
      "the units behind them are dead: \(deaths.map(\.tensor).joined(separator: ", ")) in \(FileName(first.file).name), "
      + "likely cause \(first.cause)"
  }
}
