import Trimtab
import TrimtabFormats

/// What a training log says, for programs; names as in log_doctor.h.
func logReport(
  _ log: TrainingLog, _ reading: LogReading, _ report: LogReport, _ findings: [LogFinding], _ states: [LogCheckState]
) -> JSONValue {
  .object([
    "format": .text(log.format.rawValue), "row_count": .integer(report.rowCount),
    "first_step": .integer(report.firstStep), "last_step": .integer(report.lastStep),
    "outcome": .text(report.outcome.key.description), "verdict": .text(report.verdict.key.description),
    "cause": .text(report.cause.key.description), "noise": .number(report.noise),
    "loss": extremes(report.loss), "validation_loss": extremes(report.validationLoss),
    "gradient_norm": extremes(report.gradientNorm), "learning_rate": extremes(report.learningRate),
    "loss_scale": extremes(report.lossScale), "findings": .array(findings.map(fields)),
    "left_out_finding_count": .integer(report.leftOutFindingCount), "checks": .array(states.map(fields)),
    "columns": .object(
      Dictionary(reading.columns.map { ($0.quantity, JSONValue.text($0.name)) }) { first, _ in first }),
    "rising_columns": .array(log.risingColumns.map(JSONValue.text)),
    "unused_columns": .array(log.unusedColumns.map(JSONValue.text)),
    "unused_column_count": .integer(log.unusedColumnCount),
    "damaged_line_count": .integer(reading.damagedCount),
    "damaged_lines": .array(
      reading.damages.map { .object(["line": .integer($0.line), "reason": .text($0.reason)]) }),
    "unread_line_count": .integer(reading.unreadCount), "short_row_count": .integer(reading.shortRowCount),
    "text_columns": .array(reading.textColumns.map(fields)),
    "checksum_failure_count": .integer(reading.checksumFailureCount),
    "torn_line": reading.tornLine.map(JSONValue.integer) ?? .null,
    "repeated_header_count": .integer(reading.repeatedHeaderCount),
  ])
}

private func extremes(_ values: LogExtremes) -> JSONValue {
  guard values.count > 0 else { return .null }
  func point(_ value: Double, _ step: Int) -> JSONValue { .object(["value": .number(value), "step": .integer(step)]) }
  return .object([
    "count": .integer(values.count), "nonfinite_count": .integer(values.nonfiniteCount),
    "first": point(values.first, values.firstStep), "least": point(values.least, values.leastStep),
    "greatest": point(values.greatest, values.greatestStep), "last": point(values.last, values.lastStep),
  ])
}

private func fields(_ finding: LogFinding) -> JSONValue {
  .object([
    "check": .text(finding.check.key.description), "quantity": .text(finding.quantity.key.description),
    "verdict": .text(finding.verdict.key.description), "cause": .text(finding.cause.key.description),
    "first_step": .integer(finding.firstStep), "last_step": .integer(finding.lastStep),
    "worst_step": .integer(finding.worstStep), "count": .integer(finding.count),
    "standing": .boolean(finding.isStanding), "value": .number(finding.value), "baseline": .number(finding.baseline),
    "size": .number(finding.size), "noise": .number(finding.noise), "threshold": .number(finding.threshold),
    "confidence": .number(finding.confidence),
  ])
}

private func fields(_ column: LogReading.TextColumn) -> JSONValue {
  .object([
    "name": .text(column.name), "cell_count": .integer(column.count), "first_line": .integer(column.firstLine),
    "first_text": .text(column.firstText),
  ])
}

private func fields(_ state: LogCheckState) -> JSONValue {
  .object([
    "check": .text(state.check.key.description), "outcome": .text(state.outcome.key.description),
    "quantity": .text(state.check.quantity.key.description), "row_count": .integer(state.rowCount),
    "least_row_count": .integer(state.leastRowCount),
  ])
}
