import Trimtab
import TrimtabFormats

extension Examiner {
  /// The condition number of a weight as it is: [out, rest].
  func examineWeights(_ source: TensorSource) throws {
    guard source.shape.count >= 2 else {
      return judgeFiniteness(source, try summary(source), kind: NameCues.isStatistic(source.name) ? .other : .weights)
    }
    let limit = settings.memoryLimit(source)
    if !source.rowsAreCounted {
      return try source.withView(memoryLimit: limit / 4) { try examineMatrix(source, $0) }
    }
    let work = MatrixWork(source.shape)
    if work.fitsWhole(limit, settings.matrix) {
      return try source.withView(memoryLimit: limit) { try examineMatrix(source, $0) }
    }
    guard work.fitsShortSide(limit, settings.matrix), settings.matrix.norm == .two else {
      judgeFiniteness(source, try summary(source), kind: .weights)
      return skip(source, .condition, work.refusal(limit, settings.matrix))
    }
    try examineByGram(source, work)
  }

  private func examineMatrix(_ source: TensorSource, _ view: TensorView) throws {
    let summary = summarize(view)
    let report = try matrixCondition(of: view, options: settings.matrix)
    if report.verdict >= .notice || report.outcome == .nonfinite, let reason = try structure(source, view, report) {
      return leaveStructure(source, summary, reason)
    }
    judgeFiniteness(source, summary, kind: .weights)
    addMatrix(source, report)
  }

  /// A matrix too large to work on as it is: by the Gram matrix of its short side.
  private func examineByGram(_ source: TensorSource, _ work: MatrixWork) throws {
    let limit = settings.memoryLimit(source)
    let gram = try GramMatrix(order: work.shortSide)
    var summary = Summary.identity
    if work.isTall {
      try source.forEachRowBlock(memoryLimit: limit) { block in
        try summary.merge(summarize(block))
        try gram.add(block)
        progress.update(source.location, done: summary.count, total: source.count)
      }
    } else {
      try source.withView(memoryLimit: limit) { view in
        summary = summarize(view)
        try gram.add(try view.transposedMatrix(rows: work.rows, columns: work.columns))
      }
    }
    let report = try gram.report(
      rows: work.rows, columns: work.columns, elementType: source.elementType, options: settings.matrix)
    judgeFiniteness(source, summary, kind: .weights)
    addMatrix(source, report)
    if report.outcome == .ok, report.verdict == .unknown {
      skip(
        source, .condition,
        "the condition number is at least \(figure(GramMatrix.farthestConditionNumber)), beyond what the Gram matrix of "
          + "\(work.shortSide)×\(work.shortSide) shows; to look closer, \(work.need(settings.matrix))")
    }
  }

  private func addMatrix(_ source: TensorSource, _ report: MatrixReport) {
    add(
      Reading(
        diagnosis: .condition, file: source.path, tensor: source.name, verdict: report.verdict,
        headline: matrixHeadline(report), reportKind: "matrix", report: reportFields(report)))
    judgeMatrix(source, report)
  }

  /// Why what looks like a fault of a weight is none; nil where it is one.
  private func structure(_ source: TensorSource, _ view: TensorView, _ report: MatrixReport) throws -> String? {
    if let description = try StructureContent(view).description { return description }
    guard report.verdict >= .warning, source.shape.count >= 3, source.shape[0] > 1, source.shape[1] == 1 else {
      return nil
    }
    return
      "a depthwise kernel, whose filters each see a channel of their own: rank \(report.rank) as a matrix is no fault"
  }

  /// Notes that a tensor is no learned weight, and why: looked through for NaN, not judged.
  func leaveStructure(_ source: TensorSource, _ summary: Summary, _ reason: String) {
    let isMask = summary.nanCount == 0 && summary.positiveInfinityCount == 0
    isMask ? record(source, summary) : judgeFiniteness(source, summary, kind: .structure)
    take(source, for: Recognition(kind: .structure, reason: "values"))
    skip(source, .condition, "\(reason): not judged (--as tells otherwise)")
  }

  /// What is called a mask or an encoding. Only a mask may hold -Inf.
  func examineStructure(_ source: TensorSource, _ recognition: Recognition) throws {
    let found = try summary(source)
    let isMask =
      found.nanCount == 0 && found.positiveInfinityCount == 0
      && (source.name.lowercased().contains("mask") || found.finiteCount == 0 || found.minimum == found.maximum)
    isMask ? record(source, found) : judgeFiniteness(source, found, kind: .structure)
    skip(
      source, .condition,
      "laid down and not learned (\(recognition.reason)): looked through for NaN only (--as tells otherwise)")
  }

  func summary(_ source: TensorSource) throws -> Summary {
    var summary = Summary.identity
    try source.forEachElementBlock(memoryLimit: settings.memoryLimit(source)) { try summary.merge(summarize($0)) }
    return summary
  }

  private func matrixHeadline(_ report: MatrixReport) -> String {
    guard report.outcome == .ok else { return report.outcome.words }
    let least = report.method == .estimate && report.rank < 0 && settings.matrix.norm == .two ? "at least " : ""
    return "condition number \(least)\(figure(report.measurement))\(rank(report)), "
      + "stable rank \(figure(report.stableRank)), \(report.rowCount)×\(report.columnCount)"
  }

  private func rank(_ report: MatrixReport) -> String {
    report.rank < 0 ? "" : ", rank \(report.rank) of \(min(report.rowCount, report.columnCount))"
  }

  private func judgeMatrix(_ source: TensorSource, _ report: MatrixReport) {
    let zeros = report.zeroRowCount + report.zeroColumnCount
    let isUnseen = report.outcome == .ok && report.verdict == .unknown
    let isStructural = zeros > 0 && report.verdict <= .notice && !isUnseen
    guard isStructural || report.verdict >= .notice else { return }
    let shape = "\(report.rowCount)×\(report.columnCount)"
    let structure =
      "\(counted(report.zeroRowCount, "row")) and \(counted(report.zeroColumnCount, "column")) of \(shape) are exactly zero"
    if isStructural {
      return add(
        Finding(
          .condition, verdict: .notice, cause: .zeroStructure, file: source.path, tensor: source.name, what: structure,
          measurement: report.decidingField, threshold: 0))
    }
    var finding = Finding(
      .condition, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "the matrix \(shape) has condition number \(figure(report.measurement))\(rank(report))",
      measurement: report.decidingField, threshold: report.threshold)
    if zeros > 0 { finding.evidence.append(structure) }
    add(finding)
  }
}

/// What judging a matrix [first axis, rest] takes, in elements of float64 and in bytes.
struct MatrixWork {
  let rows: Int
  let columns: Int

  /// - Parameter shape: two axes at least.
  init(_ shape: [Int]) {
    rows = shape.first ?? 0
    columns = shape.dropFirst().reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
  }

  var shortSide: Int { min(rows, columns) }
  var isTall: Bool { rows >= columns }

  /// The matrix three times: to read, to work in, to keep; nil beyond 64 bits.
  private func elements(_ a: Int, _ b: Int) -> Int? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    let (work, overflowWork) = product.multipliedReportingOverflow(by: 3)
    return overflow || overflowWork ? nil : work
  }

  func fitsWhole(_ memoryLimit: Int, _ options: MatrixOptions) -> Bool {
    guard let work = elements(rows, columns) else { return false }
    return work <= options.maximumElements && work <= memoryLimit / 8
  }

  /// Twice as much again for the moments.
  func fitsShortSide(_ memoryLimit: Int, _ options: MatrixOptions) -> Bool {
    guard let work = elements(shortSide, shortSide) else { return false }
    return work <= options.maximumElements && work <= memoryLimit / 16
  }

  func need(_ options: MatrixOptions) -> String {
    let work = elements(rows, columns).map(String.init) ?? "more than 2^63"
    let bytes = elements(rows, columns).map { " and \(byteFigure($0 &* 8))" } ?? ""
    return "the whole matrix needs \(work) elements\(bytes) (--maximum-elements, now \(options.maximumElements), and "
      + "--maximum-memory)"
  }

  func refusal(_ memoryLimit: Int, _ options: MatrixOptions) -> String {
    let short = elements(shortSide, shortSide) ?? .max
    let isElements = short > options.maximumElements || options.norm != .two
    let needed = options.norm == .two ? short : elements(rows, columns) ?? .max
    let what = "a matrix of \(rows)×\(columns) needs "
    return isElements
      ? what + "\(needed) elements of work space, allowed \(options.maximumElements) (--maximum-elements)"
      : what
        + "more memory than --maximum-memory allows: \(byteFigure(short.multipliedReportingOverflow(by: 16).partialValue)), "
        + "allowed \(byteFigure(memoryLimit))"
  }
}

extension TensorView {
  /// [rows, rest] with its axes exchanged.
  fileprivate func transposedMatrix(rows: Int, columns: Int) throws -> TensorView {
    var extents = Extents()
    var steps = Extents()
    (extents[0], extents[1]) = (columns, rows)
    if isCompact {
      (steps[0], steps[1]) = (1, columns)
    } else {
      guard rank == 2 else {
        throw TrimtabError(
          .shape, "matrix: found rank % in column-major order, allowed 2 for a matrix this large", rank)
      }
      (steps[0], steps[1]) = (strides[1], strides[0])
    }
    return try TensorView(base: base, elementType: elementType, rank: 2, shape: extents, strides: steps)
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
