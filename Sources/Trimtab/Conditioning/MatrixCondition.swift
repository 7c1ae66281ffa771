/// Condition number of a matrix as it is: s1 / sn, or |A| |A^-1| in another norm.
///
/// - Parameters:
///   - matrix: [m, n]; rank 1 is one row; above 2 the first axis is kept and the rest flattened.
///   - options: norm, method and limits.
/// Edge cases: NaN or Inf: outcome `nonfinite`; all zero: `degenerate`; empty: `insufficient`. Zero rows and columns
/// are counted, and left out of
/// `conditionNumberOnSupport`, which the verdict looks at.
/// - Throws: `shape` (rank 0; not square for a norm other than two), `invalidArgument`, `outOfMemory`.
/// - Complexity: O(m n min(m, n)). Source: Drmac & Veselic 2008; Higham 1988; Golub & Van Loan. Since: 0.1.
public func matrixCondition(
  of matrix: TensorView, options: MatrixOptions = .init()
) throws(TrimtabError) -> MatrixReport {
  try options.check()
  let (rows, columns) = try matrixExtents(matrix)
  var report = MatrixReport()
  report.rowCount = rows
  report.columnCount = columns
  report.threshold = threshold(rows, columns, matrix.elementType, options)
  guard options.norm == .two || rows == columns else {
    throw TrimtabError(.shape, "matrix: found % x %, allowed a square matrix for this norm", rows, columns)
  }
  guard rows > 0, columns > 0 else {
    report.outcome = .insufficient
    return report
  }
  let (elements, overflow) = rows.multipliedReportingOverflow(by: columns)
  let (work, overflowWork) = elements.multipliedReportingOverflow(by: 3)
  guard !overflow, !overflowWork, work <= options.maximumElements else {
    throw TrimtabError(
      .invalidArgument,
      "matrix: found % x %, which needs more work space than maximum_elements, %", rows, columns,
      options.maximumElements
    )
  }
  let input = try MatrixInput(matrix, rows: rows, columns: columns)
  report.nonfiniteCount = input.nonfiniteCount
  report.zeroRowCount = input.zeroRows
  report.zeroColumnCount = input.zeroColumns
  guard input.nonfiniteCount == 0 else {
    report.outcome = .nonfinite
    return report
  }
  guard input.frobeniusSquare > 0 else {
    report.outcome = .degenerate
    report.zeroRowCount = rows
    report.zeroColumnCount = columns
    report.rank = 0
    report.conditionNumber = .infinity
    report.conditionNumberOnSupport = .infinity
    report.largestSingularValue = 0
    report.smallestSingularValue = 0
    return report
  }
  if options.norm == .two {
    try report.measureSingularValues(input, options)
  } else {
    try report.measureByInverse(input, options)
  }
  report.judge()
  return report
}

private func matrixExtents(_ matrix: TensorView) throws(TrimtabError) -> (rows: Int, columns: Int) {
  guard matrix.rank >= 1 else { throw TrimtabError(.shape, "matrix: found rank 0, allowed 1 to 8") }
  guard matrix.rank >= 2 else { return (1, matrix.shape[0]) }
  var columns = 1
  for axis in 1..<matrix.rank {
    let (product, overflow) = columns.multipliedReportingOverflow(by: matrix.shape[axis])
    guard !overflow else { throw TrimtabError(.overflow, "matrix: found a number of columns that leaves 64 bits") }
    columns = product
  }
  return (matrix.shape[0], columns)
}

private func threshold(_ rows: Int, _ columns: Int, _ type: ElementType, _ options: MatrixOptions) -> Double {
  if options.criticalConditionNumber > 0 { return options.criticalConditionNumber }
  // Rounding the elements moves a singular value by at most epsilon / 2 |A|_F, that is, epsilon / 2 sqrt(min(m, n)) s1.
  // Integers are exact: they
  // are judged in the precision they are computed in. Types shorter than float32 are multiplied with float32
  // accumulators, and weights that
  // were rounded to them are no fault, so float32's epsilon serves for them.
  let epsilon = type.epsilon > 0 ? min(type.epsilon, 0x1p-23) : 0x1p-52
  return max(1 / (Double(max(rows, columns, 1)).squareRoot() * epsilon), 1)
}

extension MatrixReport {
  @inline(never)
  fileprivate mutating func measureSingularValues(_ input: MatrixInput, _ options: MatrixOptions) throws(TrimtabError) {
    if options.method == .automatic && input.isSymmetric {
      if let answer = try certifiedCondition(input.matrix, tolerance: options.relativeTolerance) {
        method = .automatic
        isCertain = true
        rank = input.rows
        conditionNumber = answer.largest / answer.smallest
        conditionNumberOnSupport = conditionNumber
        measurement = conditionNumber
        relativeErrorBound = answer.relativeErrorBound
        setSingularValues(answer.largest, answer.smallest, input)
        return
      }
    }
    method = .exact
    let values = try SingularExtremes(try input.shortSideVectors(), longSide: max(input.rows, input.columns))
    rank = values.rank
    let isFull = values.count == min(input.rows, input.columns)
    let smallest = isFull ? values.smallest : 0
    conditionNumber = smallest > 0 ? values.largest / smallest : .infinity
    conditionNumberOnSupport = values.smallestCounted > 0 ? values.largest / values.smallestCounted : .infinity
    let withAll = values.smallest > 0 ? values.largest / values.smallest : .infinity
    measurement = values.rank < values.count ? withAll : conditionNumberOnSupport
    setSingularValues(values.largest, smallest, input)
    // Backward error of the orthogonal transformations, of order eps |A|, beside the smallest singular value.
    let bound = 8 * Double(values.count).squareRoot() * 0x1p-52 * conditionNumber
    isCertain = bound < 1
    relativeErrorBound = isCertain ? bound : .infinity
  }

  private mutating func setSingularValues(_ largest: Double, _ smallest: Double, _ input: MatrixInput) {
    largestSingularValue = largest * input.unit
    smallestSingularValue = smallest * input.unit
    stableRank = input.frobeniusSquare / (largest * largest)
  }

  @inline(never)
  fileprivate mutating func measureByInverse(_ input: MatrixInput, _ options: MatrixOptions) throws(TrimtabError) {
    method = options.method == .estimate ? .estimate : .exact
    let order = input.rows
    var sums = try MatrixNormSums(order: order)
    // Rows of the matrix stand in for columns: the norms of the transpose.
    for i in 0..<order { sums.addColumn(input.matrix.row(i), order) }
    let transposed = sums.norms
    let factors = try LUFactors(input.matrix)
    guard !factors.isSingular else {
      conditionNumber = .infinity
      conditionNumberOnSupport = .infinity
      measurement = .infinity
      return
    }
    if method == .estimate {
      conditionNumber = transposed.infinity * (try factors.inverseOneNormEstimate())
    } else {
      let inverse = try factors.inverseNorms()
      switch options.norm {
      case .one: conditionNumber = transposed.infinity * inverse.one
      case .infinity: conditionNumber = transposed.one * inverse.infinity
      default: conditionNumber = transposed.frobenius * inverse.frobenius
      }
      let bound = 8 * Double(order) * 0x1p-52 * conditionNumber
      isCertain = bound < 1
      relativeErrorBound = isCertain ? bound : .infinity
    }
    if !(conditionNumber < .infinity) { conditionNumber = .infinity }
    conditionNumberOnSupport = conditionNumber
    measurement = conditionNumber
  }

  /// Singular in its own precision is critical. Zero rows and columns are structure and no fault.
  @inline(never)
  fileprivate mutating func judge() {
    let isDeficient = rank >= 0 && rank < min(rowCount &- zeroRowCount, columnCount &- zeroColumnCount)
    let hasZeros = zeroRowCount > 0 || zeroColumnCount > 0
    if conditionNumberOnSupport > threshold && !(hasZeros && rank < 0) || isDeficient {
      (verdict, cause) = (.critical, .rankDeficient)
      // A singular value that falls out of the rank lies below s1 max(m, n) 2^-52, which may be the lower bar.
      if isDeficient { threshold = min(threshold, 0x1p52 / Double(max(rowCount, columnCount, 1))) }
    } else if hasZeros {
      (verdict, cause) = (.notice, .zeroStructure)
    } else {
      (verdict, cause) = (.healthy, .none)
    }
  }
}
