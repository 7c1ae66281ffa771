import Trimtab

/// An examination as a text for people: the verdict first, then the findings, the figures, and what was not checked.
struct PlainText {
  let examination: Examination
  var usesColour = false
  /// Whether every tensor gets a line.
  var listsAll = false
  /// What a subcommand says in place of "no finding"; nil where that says it.
  var outcome: Headline?

  /// What came of it: a word in place of the verdict, or nil for that.
  struct Headline {
    var word: String?
    let text: String
  }

  func render() -> String {
    var lines = [headline, ""]
    let findings = sortedFindings
    for (index, finding) in findings.enumerated() {
      lines += findingLines(finding, index + 1)
      // Lines that stand for a finding each need no gap between them.
      let isNextBrief = index + 1 < findings.count && isBrief(findings[index + 1])
      if !isBrief(finding) || !isNextBrief { lines.append("") }
    }
    for file in examination.files { lines += fileLines(file) + [""] }
    lines += otherLines()
    lines += notCheckedLines()
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private var sortedFindings: [Finding] {
    // Those of a run stand in the order in which they arose: what comes later may follow from what came first.
    examination.findings.filter { $0.diagnosis == .run }
      + examination.findings.filter { $0.diagnosis != .run }.enumerated()
      .sorted { left, right in
        (right.element.verdict, left.element.diagnosis.rank, left.offset)
          < (left.element.verdict, right.element.diagnosis.rank, right.offset)
      }
      .map(\.element)
  }

  /// What was looked at.
  private var extent: String {
    let tensors = examination.files.reduce(0) { $0 + $1.tensors.count }
    let runs = examination.files.compactMap(\.stepCount)
    var what: [String] = []
    if tensors > 0 || runs.isEmpty { what.append(counted(tensors, "tensor")) }
    if !runs.isEmpty { what.append(counted(runs.reduce(0, +), "step")) }
    return "\(what.joined(separator: " and ")) in \(counted(examination.files.count, "file"))"
  }

  private var headline: String {
    let verdict = examination.verdict
    let word = paint(verdict.key.description.uppercased(), verdict)
    let unreadable = examination.unreadable
    let isPart = unreadable.count > 0 && unreadable.count < unreadable.total
    let place = isPart ? "the rest" : extent
    let failure = unreadable.count > 0 ? "\(unreadable.count) of \(unreadable.total) could not be read; " : ""
    guard !examination.findings.isEmpty else {
      if let outcome, examination.wasJudged, failure.isEmpty {
        return "\(outcome.word.map { paint($0, verdict) } ?? word): \(outcome.text)"
      }
      return examination.wasJudged
        ? "\(word): \(failure)no finding in \(place)" : "\(word): \(failure)nothing could be judged in \(place)"
    }
    let counts = [Verdict.critical, .warning, .notice].compactMap { level in
      let count = examination.findings.filter { $0.verdict == level }.count
      return count > 0 ? "\(count) \(level.key)" : nil
    }
    let findings = "\(counted(examination.findings.count, "finding")) (\(counts.joined(separator: ", ")))"
    return "\(word): \(failure)\(findings) in \(place)\(root)"
  }

  /// What went wrong first, where all findings are of one run.
  private var root: String {
    guard let first = examination.findings.first, let rule = first.rule, let step = first.firstIndex,
      examination.findings.count > 1, examination.files.count == 1
    else { return "" }
    return "; the first is \(rule)\(first.tensor.isEmpty ? "" : " in \(first.tensor)") at step \(step)"
  }

  private func isBrief(_ finding: Finding) -> Bool { finding.isBrief && !listsAll }

  private func findingLines(_ finding: Finding, _ number: Int) -> [String] {
    if isBrief(finding) {
      let word = paint(finding.verdict.key.description, finding.verdict)
      let place = finding.tensor.isEmpty ? "" : finding.tensor + ": "
      let rule = finding.rule ?? finding.diagnosis.rawValue
      return ["\(number). \(word)  \(rule)  \(place)\(finding.what) [\(finding.cause)]"]
    }
    var rows = [("found", finding.what)]
    if let measurement = finding.measurement {
      let threshold = finding.threshold.map { ", threshold \(figure($0))" } ?? ""
      rows.append(("measured", "\(measurement.name) = \(figure(measurement.value))\(threshold)"))
    }
    if !finding.likelyCause.isEmpty { rows.append(("likely", "\(finding.likelyCause) [\(finding.cause)]")) }
    rows += finding.evidence.map { ("evidence", $0) }
    if !finding.cure.isEmpty { rows.append(("cure", finding.cure)) }
    if !finding.check.isEmpty { rows.append(("check", finding.check)) }
    let word = paint(finding.verdict.key.description, finding.verdict)
    return ["\(number). \(word)  \(finding.rule ?? finding.diagnosis.rawValue)  \(strong(finding.location))"]
      + rows.map { "   \(padded($0.0, 9)) \($0.1)" }
  }

  private func fileLines(_ file: FileRecord) -> [String] {
    if let steps = file.stepCount {
      return ["\(strong(file.path))  \(file.format), \(byteFigure(file.byteCount)), \(counted(steps, "step"))"]
        + file.course.map { $0.isEmpty ? "" : "   \($0)" } + file.notes.map { "   note: \($0)" }
    }
    var lines = [
      "\(strong(file.path))  \(file.format), \(byteFigure(file.byteCount)), \(counted(file.tensors.count, "tensor"))"
    ]
    lines += takenAs(file).map { "   \($0)" }
    let readings = examination.readings.filter { $0.file == file.path }
    let matrices = readings.filter { $0.reportKind == "matrix" }
    var rows = matrices.count > 1 && !listsAll ? matrixSummary(matrices).map { [$0] } ?? [] : matrices.map(row)
    rows += readings.filter { $0.reportKind != "matrix" }.map(row)
    lines += aligned(rows).map { "   \($0)" }
    lines += file.notes.map { "   note: \($0)" }
    return lines
  }

  /// What was read of something that is no file: a function of a library.
  private func otherLines() -> [String] {
    let files = Set(examination.files.map(\.path))
    var names: [String] = []
    for reading in examination.readings where !files.contains(reading.file) && !names.contains(reading.file) {
      names.append(reading.file)
    }
    return names.flatMap { name in
      [strong(name)] + aligned(examination.readings.filter { $0.file == name }.map(row)).map { "   \($0)" } + [""]
    }
  }

  private func row(_ reading: Reading) -> [String] {
    [
      paint(reading.verdict.key.description, reading.verdict), reading.diagnosis.rawValue, reading.tensor,
      reading.headline,
    ]
  }

  /// What the tensors were taken for, one line a kind.
  private func takenAs(_ file: FileRecord) -> [String] {
    if listsAll {
      return aligned(
        file.tensors.map {
          [
            $0.name, shapeFigure($0.shape, rowsAreCounted: $0.rows != .uncounted), $0.elementType.name.description,
            "\($0.recognition.name) (\($0.recognition.reason))",
          ]
        })
    }
    var order: [String] = []
    var counts: [String: [TensorRecord]] = [:]
    for tensor in file.tensors {
      let text = "\(tensor.recognition.name) (\(tensor.recognition.reason))"
      if counts[text] == nil { order.append(text) }
      counts[text, default: []].append(tensor)
    }
    return order.map { text in
      let tensors = counts[text] ?? []
      guard tensors.count == 1, let tensor = tensors.first else { return "\(tensors.count) taken for \(text)" }
      if let text = rowless(tensor) { return text }
      return
        "\(tensor.name.isEmpty ? "" : tensor.name + " ")\(shapeFigure(tensor.shape)) \(tensor.elementType.name) taken for \(text)"
    }
  }

  /// What a table of text is that no row of numbers was read from; nil for other tensors.
  private func rowless(_ tensor: TensorRecord) -> String? {
    let columns = counted(tensor.shape.last ?? 0, "column")
    switch tensor.rows {
    case .uncounted: return "text of \(columns), not read as a table of numbers"
    case .counted where tensor.shape.first == 0: return "a header of \(columns) and no rows"
    default: return nil
    }
  }

  private func matrixSummary(_ readings: [Reading]) -> [String]? {
    let values = readings.compactMap { reading -> (Double, Reading)? in
      guard case .object(let fields) = reading.report, case .number(let value)? = fields["measurement"],
        reading.verdict != .unknown
      else { return nil }
      return (value, reading)
    }.sorted { $0.0 < $1.0 }
    guard let worst = values.last else { return nil }
    let verdict = readings.map(\.verdict).max() ?? .unknown
    let middle = (values[(values.count - 1) / 2].0 + values[values.count / 2].0) / 2
    return [
      paint(verdict.key.description, verdict), Diagnosis.condition.rawValue,
      values.count == 1 ? "1 matrix" : "\(values.count) matrices",
      "worst condition number \(figure(worst.0)) at \(worst.1.tensor), median \(figure(middle))",
    ]
  }

  private func notCheckedLines() -> [String] {
    guard !examination.notChecked.isEmpty else { return [] }
    return [strong("not checked")]
      + examination.notChecked.map { entry in
        // Of the only file, whose name stands above, it goes without saying.
        let isOnlyFile = examination.files.count == 1 && examination.files[0].path == entry.file
        let file = isOnlyFile && !entry.isUnreadable ? "" : entry.file
        let place = [file, entry.tensor].filter { !$0.isEmpty }.joined(separator: ":")
        return "   \(place.isEmpty ? "" : place + ": ")\(entry.check.isEmpty ? "" : entry.check + ": ")\(entry.reason)"
      }
  }

  // MARK: Words on a terminal

  private func paint(_ text: String, _ verdict: Verdict) -> String {
    let code =
      switch verdict {
      case .critical: "1;31"
      case .warning: "33"
      case .notice: "36"
      case .healthy: "32"
      case .unknown: "35"
      }
    return usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private func strong(_ text: String) -> String { usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}

/// Rows whose columns stand under each other; the last column is left as it is.
func aligned(_ rows: [[String]]) -> [String] {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.compactMap { $0.count > column ? visibleCount($0[column]) : nil }.max() ?? 0
  }
  return rows.map { row in
    row.enumerated()
      .filter { widths[$0.offset] > 0 }
      .map { $0.offset == row.count - 1 ? $0.element : padded($0.element, widths[$0.offset]) }
      .joined(separator: "  ")
  }
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - visibleCount(text)))
}

/// Characters that take room: colour codes do not.
private func visibleCount(_ text: String) -> Int {
  var count = 0
  var isCode = false
  for character in text {
    if character == "\u{1B}" { isCode = true }
    if !isCode { count += 1 }
    if isCode && character == "m" { isCode = false }
  }
  return count
}
