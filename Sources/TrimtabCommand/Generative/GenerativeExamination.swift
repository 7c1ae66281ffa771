import ArgumentParser
import Trimtab
import TrimtabFormats

/// What a diagnostic of generative models came to, before it is laid to a file.
struct GenerativeResult {
  let verdict: Verdict
  let cause: Cause
  let outcome: Outcome
  let headline: String
  let reportKind: String
  let report: JSONValue
  /// The name of the field that decided.
  let decided: String
  let measurement: Double
  let threshold: Double
  /// What was found, in a sentence.
  let what: String

  /// Why nothing could be told.
  var reason: String { cause == .none ? outcome.words : cause.text.description }
}

/// ", name value" of a number that was measured; nothing of one that was not.
private func measured(_ name: String, _ value: Double, _ write: (Double) -> String = figure) -> String {
  value.isNaN ? "" : ", \(name) \(write(value))"
}

extension Examiner {
  /// Runs a diagnostic on whole arrays: each path is a file of one array, or file:key, and what it is taken for.
  func examineGenerative(
    _ paths: [(path: String, role: String)], _ body: ([TensorView]) throws -> GenerativeResult
  ) {
    let sources = paths.compactMap { tensor($0.path, for: .generative, as: $0.role) }
    guard let first = sources.first, sources.count == paths.count else { return }
    attempt(first, .generative) { conclude(try withViews(sources, [], body), first) }
    progress.finish()
  }

  private func withViews(
    _ sources: [TensorSource], _ views: [TensorView], _ body: ([TensorView]) throws -> GenerativeResult
  ) throws -> GenerativeResult {
    guard let source = sources.first else { return try body(views) }
    return try withView(source) { view in
      try withViews(Array(sources.dropFirst()), views + [view], body)
    }
  }

  private func conclude(_ result: GenerativeResult, _ source: TensorSource) {
    add(
      Reading(
        diagnosis: .generative, file: source.path, tensor: source.name, verdict: result.verdict,
        headline: result.headline, reportKind: result.reportKind, report: result.report))
    if result.outcome != .ok { skip(source, .generative, result.reason) }
    guard result.cause != .none, result.verdict >= .notice else { return }
    add(
      Finding(
        .generative, verdict: result.verdict, cause: result.cause, file: source.path, tensor: source.name,
        what: result.what, measurement: (result.decided, result.measurement), threshold: result.threshold))
  }
}

extension GenerativeResult {
  init(_ report: ExposureReport) {
    let what =
      report.divergedCount > 0 && report.outcome == .ok
      ? "\(report.divergedCount) of \(counted(report.sequenceCount, "sequence")) diverged, the first at step "
        + "\(report.firstDivergence)"
      : report.outcome == .ok
        ? "\(percent(report.excess)) more error at length \(report.length) than single steps explain"
        : report.outcome == .degenerate
          ? "no error in steps with true prefixes to length \(report.length), which leaves nothing to hold "
            + "\(figure(report.accumulatedError)) against"
          : "no step was measured both ways"
    self.init(
      verdict: report.verdict, cause: report.cause, outcome: report.outcome,
      headline: what + measured("growth exponent", report.growthExponent), reportKind: "exposure",
      report: reportFields(report), decided: report.divergedCount > 0 ? "diverged_count" : "excess",
      measurement: report.divergedCount > 0 ? Double(report.divergedCount) : report.excess,
      threshold: report.threshold, what: what)
  }

  init(_ report: PosteriorReport) {
    let what = "\(report.activeCount) of \(counted(report.dimensionCount, "latent dimension")) active"
    let isShare = report.threshold < 1 && report.verdict != .notice
    let asked =
      isShare ? report.threshold * Double(report.dimensionCount) : max(report.threshold, Double(report.activeCount + 1))
    self.init(
      verdict: report.verdict, cause: report.cause, outcome: report.outcome,
      headline: report.outcome == .ok
        ? "\(what), divergence \(figure(report.divergence)) nats" : counted(report.sampleCount, "usable sample"),
      reportKind: "posterior",
      report: reportFields(report), decided: "active_count", measurement: Double(report.activeCount),
      threshold: asked, what: what)
  }

  init(_ report: CoverageReport) {
    let what =
      report.cause == .blurredSamples
      ? "the samples' density is \(figure(report.density)) where the data's own law has 1"
      : "coverage \(figure(report.coverage)) where the data's own law has \(figure(report.expectedCoverage))"
    let name =
      report.cause == .blurredSamples
      ? "density"
      : report.measurement == report.binShare
        ? "bin_share"
        : report.modeCount > 0 && report.threshold == Double(report.modeCount) ? "captured_mode_count" : "measurement"
    self.init(
      verdict: report.verdict, cause: report.cause, outcome: report.outcome,
      headline: report.outcome == .ok
        ? "coverage \(figure(report.coverage)) of \(figure(report.expectedCoverage)) expected, density "
          + figure(report.density) + measured("bins that differ", report.binShare, percent)
        : "\(counted(report.fakeCount, "sample")) beside \(report.realCount) of the data, "
          + "\(report.nonfiniteCount) not finite",
      reportKind: "coverage", report: reportFields(report), decided: name, measurement: report.measurement,
      threshold: report.threshold, what: what)
  }

  init(_ report: SamplingCostReport) {
    let least =
      "\(report.leastEvaluations) of \(report.greatestEvaluations) evaluations are as good as all (distance "
      + "\(figure(report.manyStepDistance)))"
    self.init(
      verdict: report.verdict, cause: report.cause, outcome: report.outcome,
      headline: report.outcome == .ok
        ? least + measured("order", report.order) : counted(report.pointCount, "usable point"), reportKind: "sampling",
      report: reportFields(report),
      decided: "distance", measurement: report.measurement, threshold: report.threshold,
      what: "the evaluations in use leave a distance of \(figure(report.distance)); \(least)")
  }
}
