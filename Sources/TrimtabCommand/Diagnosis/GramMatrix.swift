import Trimtab

/// G = sum x xᵀ over the vectors of a matrix' long side, in float64: its eigenvalues are the squared singular values.
///
/// Squaring halves the digits: beyond `farthestConditionNumber` nothing can be told. In return the memory is that of
/// the short side squared, however long the other side is.
final class GramMatrix {
  static let farthestConditionNumber = 1e7

  private let covariance: Covariance
  private let order: Int
  private var zeroVectors = 0
  private var row: Storage<Double>

  init(order: Int) throws {
    var options = ConditioningOptions()
    options.maximumFeatures = max(order, 1)
    covariance = try Covariance(options: options)
    self.order = order
    row = try Storage(count: order, for: "row")
  }

  /// Adds vectors [count, order]; axes after the first are flattened.
  func add(_ vectors: TensorView) throws {
    try covariance.add(vectors)
    withExtendedLifetime(row) {
      for start in stride(from: 0, to: vectors.count, by: order) {
        vectors.copy(from: start, count: order, to: row.pointer)
        if row.buffer.allSatisfy({ $0 == 0 }) { zeroVectors += 1 }
      }
    }
  }

  /// The report on the matrix [rows, columns], one of which is the order.
  func report(rows: Int, columns: Int, elementType: ElementType, options: MatrixOptions) throws -> MatrixReport {
    // The engine says the threshold of a matrix without elements too.
    let longSide = max(rows, columns)
    let empty = try TensorView(nil, elementType, shape: [longSide, 0])
    var report = MatrixReport()
    report.threshold = try matrixCondition(of: empty, options: options).threshold
    report.rowCount = rows
    report.columnCount = columns
    report.method = .estimate
    guard covariance.nonfiniteSampleCount == 0 else {
      report.outcome = .nonfinite
      return report
    }
    let gram = try moments()
    let squared = try withExtendedLifetime(gram) {
      var plain = MatrixOptions()
      plain.maximumElements = options.maximumElements
      return try matrixCondition(
        of: TensorView(UnsafeRawPointer(gram.pointer), .float64, shape: [order, order]), options: plain)
    }
    let zeroComponents = squared.zeroRowCount
    (report.zeroRowCount, report.zeroColumnCount) =
      rows >= columns ? (zeroVectors, zeroComponents) : (zeroComponents, zeroVectors)
    report.outcome = squared.outcome
    guard squared.outcome == .ok else { return report }
    fill(&report, squared, gram)
    return report
  }

  private func fill(_ report: inout MatrixReport, _ squared: MatrixReport, _ gram: Storage<Double>) {
    let limit = GramMatrix.farthestConditionNumber
    let support = squared.conditionNumberOnSupport.squareRoot()
    let isSeen = squared.rank == order - squared.zeroRowCount && support < limit
    var trace = 0.0
    for index in 0..<order { trace += gram.pointer[index * order + index] }
    report.conditionNumberOnSupport = isSeen ? support : limit
    report.measurement = report.conditionNumberOnSupport
    report.conditionNumber = squared.zeroRowCount > 0 ? .infinity : report.conditionNumberOnSupport
    report.rank = isSeen ? squared.rank : -1
    report.largestSingularValue = squared.largestSingularValue.squareRoot()
    if isSeen {
      report.smallestSingularValue = squared.zeroRowCount > 0 ? 0 : squared.smallestSingularValue.squareRoot()
    }
    report.stableRank = squared.largestSingularValue > 0 ? trace / squared.largestSingularValue : .nan
    if report.conditionNumberOnSupport > report.threshold {
      (report.verdict, report.cause) = (.critical, .rankDeficient)
    } else if !isSeen {
      report.verdict = .unknown
    } else if report.zeroRowCount > 0 || report.zeroColumnCount > 0 {
      (report.verdict, report.cause) = (.notice, .zeroStructure)
    } else {
      report.verdict = .healthy
    }
  }

  /// The sum of x xᵀ from the covariance M2 / n and the mean.
  private func moments() throws -> Storage<Double> {
    let (elements, overflow) = order.multipliedReportingOverflow(by: order)
    guard !overflow else { throw TrimtabError(.overflow, "matrix: found a side whose square leaves 64 bits") }
    let gram = try Storage<Double>(count: elements, for: "Gram matrix")
    let mean = try Storage<Double>(count: order, for: "mean")
    covariance.covariance(to: gram.pointer)
    covariance.mean(to: mean.pointer)
    let count = Double(covariance.sampleCount)
    for i in 0..<order {
      for j in 0..<order {
        let place = i * order + j
        gram.pointer[place] = count * (gram.pointer[place] + mean.pointer[i] * mean.pointer[j])
      }
    }
    return gram
  }
}
