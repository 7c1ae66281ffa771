import TrimtabFormats

/// What a run log or flight record says, for programs; names as in monitor.h.
func runReport(_ file: RunFile) -> JSONValue {
  .object([
    "format_version": .integer(file.version), "step_count": .integer(file.runs.reduce(0) { $0 + $1.stepCount }),
    "runs": .array(file.runs.map(runFields)), "left_out_run_count": .integer(file.leftOutRunCount),
    "damaged_line_count": .integer(file.damage.count),
    "damaged_lines": .array(file.damage.firstLines.map(JSONValue.integer)),
    "torn_line": file.damage.tornLine.map(JSONValue.integer) ?? .null,
    "salvaged_count": .integer(file.damage.salvagedCount),
    "unknown_line_count": .integer(file.unknownLineCount),
  ])
}

private func runFields(_ run: Run) -> JSONValue {
  .object([
    "entry_count": .integer(run.entryCount), "header": .boolean(run.hasHeader), "step_count": .integer(run.stepCount),
    "first_step": run.firstStep.map(JSONValue.integer) ?? .null,
    "last_step": run.lastStep.map(JSONValue.integer) ?? .null, "last_verdict": .text(run.lastVerdict),
    "loss": course(run.loss), "validation_loss": course(run.validationLoss),
    "learning_rate": course(run.learningRate), "loss_scale": course(run.lossScale),
    "gradient_norm": course(run.gradientNorm),
    "actions": .array(run.actions.totals.map(range)), "action_ranges": .array(run.actions.ranges.map(range)),
    "left_out_action_range_count": .integer(run.actions.leftOutCount),
    "findings": .array(run.findings.map(fields)), "left_out_finding_count": .integer(run.leftOutFindingCount),
    "restored_count": .integer(run.restoreCount),
    "restored_steps": .array(run.restoredSteps.map(JSONValue.integer)),
    "closing": run.closing.map(fields) ?? .null,
  ])
}

private func course(_ values: ScalarCourse) -> JSONValue {
  guard values.count > 0 else { return .null }
  func point(_ point: ScalarCourse.Point?) -> JSONValue {
    point.map { .object(["step": .integer($0.step), "value": .number($0.value)]) } ?? .null
  }
  return .object([
    "count": .integer(values.count), "first": point(values.first), "least": point(values.least),
    "greatest": point(values.greatest), "last": point(values.last),
    "nonfinite_count": .integer(values.nonfiniteCount),
    "nonfinite_steps": .array(values.nonfiniteSteps.map(JSONValue.integer)),
  ])
}

private func range(_ range: ActionRange) -> JSONValue {
  .object([
    "action": .text(range.action), "rule": .text(range.rule), "name": .text(range.name),
    "first_step": .integer(range.firstStep), "last_step": .integer(range.lastStep), "count": .integer(range.count),
  ])
}

private func fields(_ finding: RunFinding) -> JSONValue {
  .object([
    "rule": .text(finding.rule), "verdict": .text(finding.verdict), "cause": .text(finding.cause),
    "name": .text(finding.name), "quantity": .optional(finding.quantity),
    "first_step": .integer(finding.firstStep), "last_step": .integer(finding.lastStep),
    "count": .integer(finding.count), "index": .integer(finding.index), "value": .number(finding.value),
    "threshold": .number(finding.threshold), "confidence": .number(finding.confidence),
    "is_standing": finding.isStanding.map(JSONValue.boolean) ?? .null,
    "before": .array(finding.before.map(JSONValue.number)),
  ])
}

private func fields(_ closing: RunClosing) -> JSONValue {
  .object([
    "last_step": .integer(closing.lastStep), "step_count": .integer(closing.stepCount),
    "finding_count": .integer(closing.findingCount), "lost_count": .integer(closing.lostCount),
    "failure": .integer(closing.failure), "cost_fraction": .number(closing.costFraction),
    "never_seen": .array(closing.neverSeen.map(JSONValue.text)),
    "coverage": .array(
      closing.coverage.map {
        .object([
          "quantity": .text($0.quantity), "entry_count": .integer($0.entryCount),
          "look_count": .integer($0.lookCount), "left_out_count": .integer($0.leftOutCount),
          "interval": .integer($0.interval),
        ])
      }),
  ])
}
