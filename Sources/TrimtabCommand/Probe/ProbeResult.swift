import Trimtab

/// What a probe of a foreign function found, for people and for programs.
struct ProbeResult {
  let library: String
  let symbol: String
  let signature: String
  let plan: ProbePlan
  let report: SmoothnessReport
  let kinks: [Kink]
  let search: KinkReport
  let start: [Double]
  let end: [Double]

  var finding: Finding? {
    guard report.verdict >= .notice else { return nil }
    return Finding(
      .smoothness, verdict: report.verdict, cause: report.cause, file: library, tensor: symbol, what: what,
      measurement: deciding, threshold: report.threshold)
  }

  private var what: String {
    let place = "on \(counted(report.segmentCount, "segment")) of the domain"
    switch report.cause {
    case .nonfiniteField: return "\(counted(report.nonfiniteCount, "value")) of the function are NaN or Inf"
    case .discontinuousField: return "the function itself jumps \(place)"
    case .nonsmoothField:
      return "the first derivative jumps \(place); a solver at rtol \(figure(report.tolerance)) rejects "
        + "\(percent(report.solverRejectionRatio)) of its steps"
    default: return "the second derivative jumps \(place)"
    }
  }

  private var deciding: (name: String, value: Double) {
    let name =
      switch (report.cause, report.threshold) {
      case (.nonfiniteField, _): "nonfinite_count"
      case (.discontinuousField, _): "first_slope"
      case (.limitedSmoothness, _): "third_slope"
      default:
        report.measurement < 0
          ? "second_slope"
          : report.measurement == report.solverRejectionRatio ? "solver_rejection_ratio" : "solver_cost"
      }
    return (name, report.measurement)
  }

  func exitStatus(failOn: Verdict?) -> Int32 {
    if let failOn, report.verdict >= failOn, report.verdict > .healthy { return 1 }
    return report.outcome == .ok ? 0 : 2
  }

  func json(exitStatus: Int32) -> String {
    let document = JSONValue.object([
      "schema": .integer(1), "version": .text(commandVersion), "exit_status": .integer(Int(exitStatus)),
      "verdict": .text(report.verdict.key.description), "library": .text(library), "symbol": .text(symbol),
      "signature": .text(signature), "findings": .array([finding].compactMap { $0?.json }),
      "inputs": .array(plan.inputNames.map(JSONValue.text)), "output_count": .integer(plan.outputCount),
      "report": reportFields(report),
      "segment": .object([
        "start": .array(start.map(JSONValue.number)), "end": .array(end.map(JSONValue.number)),
        "kinks": .array(
          kinks.map {
            .object(["position": .number($0.position), "width": .number($0.width), "jump": .number($0.jump)])
          }), "search": reportFields(search),
      ]),
    ])
    return encoded(document) + "\n"
  }

  func text() -> String {
    let verdict = report.verdict.key.description.uppercased()
    var lines = [
      "\(verdict): \(symbol) in \(library), \(counted(plan.inputNames.count, "input")), \(counted(plan.outputCount, "output"))",
      "",
    ]
    if let finding {
      lines += [
        "   found     \(finding.what)",
        "   measured  \(deciding.name) = \(figure(deciding.value)), threshold \(figure(report.threshold))",
        "   likely    \(finding.likelyCause) [\(finding.cause)]", "   cure      \(finding.cure)",
        "   check     \(finding.check)", "",
      ]
    }
    if report.outcome != .ok { lines += ["   not judged  \(report.outcome.words)", ""] }
    lines += ["smoothness"] + smoothnessLines + [""]
    if report.solverEvaluationCount > 0 { lines += ["an adaptive solver (Dormand-Prince 5(4))"] + solverLines + [""] }
    lines += ["kinks from (\(point(start))) to (\(point(end)))"] + kinkLines
    return lines.joined(separator: "\n") + "\n"
  }

  private var smoothnessLines: [String] {
    let slopes = [report.firstSlope, report.secondSlope, report.thirdSlope, report.fourthSlope]
    let broken =
      report.brokenOrder > 3
      ? "none to the third" : report.brokenOrder == 0 ? "the function itself" : "\(report.brokenOrder)"
    return [
      "   slopes of the differences 1 to 4  \(slopes.map(figure).joined(separator: "  "))",
      "   first derivative that jumps       \(broken)",
      "   Lipschitz constant                at least \(figure(report.lipschitz))",
      "   evaluations                       \(report.evaluationCount) on \(counted(report.segmentCount, "segment"))",
    ]
  }

  private var solverLines: [String] {
    let cost = report.tolerance < 1e-3 ? ", \(figure(report.solverCost)) times a smooth function's" : ""
    var lines = [
      "   at rtol \(figure(report.tolerance)): \(report.solverEvaluationCount) evaluations\(cost), \(percent(report.solverRejectionRatio)) of the steps rejected"
    ]
    if report.costExponent != 0 {
      lines.append("   evaluations grow as rtol^-\(figure(report.costExponent)); a smooth function's as rtol^-0.2")
    }
    if report.advisedTolerance > report.tolerance {
      lines.append("   tightest tolerance to be advised: \(figure(report.advisedTolerance))")
    }
    return lines
  }

  private var kinkLines: [String] {
    guard search.outcome == .ok || search.outcome == .insufficient else {
      return ["   not told: \(search.outcome.words)"]
    }
    let undecided =
      search.undecidedCount > 0
      ? [
        "   \(counted(search.undecidedCount, "window")) undecided: rounding covers a jump below \(figure(search.leastJump))"
      ]
      : []
    guard !kinks.isEmpty else { return ["   none that stands above rounding"] + undecided }
    let shown = kinks.prefix(12).map { kink in
      let place = zip(start, end).map { $0 + kink.position * ($1 - $0) }
      let jump = kink.jump > 0 ? "the slope along the segment jumps by \(figure(kink.jump))" : "a jump"
      return "   at (\(point(place))): \(jump)"
    }
    return shown + (kinks.count > 12 ? ["   and \(kinks.count - 12) more (--json lists all)"] : []) + undecided
  }

  private func point(_ numbers: [Double]) -> String {
    numbers.prefix(6).map(figure).joined(separator: ", ") + (numbers.count > 6 ? ", …" : "")
  }
}
