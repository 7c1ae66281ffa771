public import CTrimtab
internal import Trimtab

private func engineOptions(
  _ pointer: UnsafePointer<trimtab_matrix_options>?
) throws(TrimtabError) -> MatrixOptions {
  var engine = MatrixOptions()
  guard let given = try options(pointer) else { return engine }
  guard let norm = MatrixNorm(rawValue: given.norm) else {
    throw TrimtabError(.invalidArgument, "options.norm: found %, allowed 1, 2, 3 or 4", given.norm)
  }
  guard let method = MatrixMethod(rawValue: given.method) else {
    throw TrimtabError(.invalidArgument, "options.method: found %, allowed 0, 1 or 2", given.method)
  }
  engine.norm = norm
  engine.method = method
  engine.criticalConditionNumber = given.critical_condition_number
  engine.relativeTolerance = given.relative_tolerance
  engine.maximumElements = Int(given.maximum_elements)
  return engine
}

private func write(_ report: MatrixReport, to target: ReportTarget<trimtab_matrix_report>) {
  var c = trimtab_matrix_report()
  c.outcome = report.outcome.rawValue
  c.verdict = report.verdict.rawValue
  c.cause = report.cause.rawValue
  c.row_count = Int64(report.rowCount)
  c.column_count = Int64(report.columnCount)
  c.nonfinite_count = Int64(report.nonfiniteCount)
  c.zero_row_count = Int64(report.zeroRowCount)
  c.zero_column_count = Int64(report.zeroColumnCount)
  c.rank = Int64(report.rank)
  c.method = report.method.rawValue
  c.certain = report.isCertain ? 1 : 0
  c.condition_number = report.conditionNumber
  c.condition_number_on_support = report.conditionNumberOnSupport
  c.largest_singular_value = report.largestSingularValue
  c.smallest_singular_value = report.smallestSingularValue
  c.stable_rank = report.stableRank
  c.relative_error_bound = report.relativeErrorBound
  c.threshold = report.threshold
  c.measurement = report.measurement
  target.write(c)
}

@c @implementation public func trimtab_matrix_condition(
  _ matrix: UnsafePointer<trimtab_tensor>!, _ options: UnsafePointer<trimtab_matrix_options>!,
  _ report: UnsafeMutablePointer<trimtab_matrix_report>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try ReportTarget(report)
    let matrix = try view(of: matrix, "matrix", leastRank: 1)
    write(try matrixCondition(of: matrix, options: try engineOptions(options)), to: target)
  }
}
