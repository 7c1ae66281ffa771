import Trimtab
import TrimtabFormats

/// Training logs of any program: read row by row by the log doctor.
extension Examiner {
  /// - Parameter named: the paths that the user gave; a stranger among them is an error, one in a folder is not.
  func examineLogs(_ paths: [String], named: [String]) {
    for path in paths {
      do { try examineLog(path) } catch let error as FormatError {
        refuse(path, error.message, isUnreadable: named.contains(path))
      } catch let error as TrimtabError {
        refuse(path, error.message, isUnreadable: false)
      } catch {
        refuse(path, "\(error)", isUnreadable: named.contains(path))
      }
    }
  }

  private func refuse(_ path: String, _ reason: String, isUnreadable: Bool) {
    examination.notChecked.append(
      NotChecked(file: path, tensor: "", check: "", reason: reason, isUnreadable: isUnreadable))
  }

  private func examineLog(_ path: String) throws {
    let log = try TrainingLog(path: path)
    let doctor = try LogDoctor(options: settings.log)
    let reading = try log.forEachRow(
      progress: { self.progress.update(path, done: $0, total: $1) }, { doctor.add($0) })
    let report = doctor.finish()
    var findings: [LogFinding] = []
    for index in 0..<report.findingCount { if let found = doctor.finding(at: index) { findings.append(found) } }
    for finding in findings { add(LogWords(source: finding, report: report, path: path).finding) }
    var worst = report.verdict
    if let notice = damage(reading, path) {
      add(notice)
      worst = max(worst, .notice)
    }
    if let failure = reading.failure { refuse(path, failure.message, isUnreadable: true) }
    let states = (0..<LogCheck.allCases.count).compactMap { doctor.state(at: $0) }
    noteNotChecked(states, report, path)

    var record = FileRecord(path: path, format: log.formatWords, byteCount: log.byteCount)
    record.stepCount = report.rowCount
    record.course = LogCourseLines(report: report, reading: reading).lines
    record.notes = log.notes + reading.notes.filter { !log.notes.contains($0) } + notes(log, reading, report)
    examination.files.append(record)
    add(
      Reading(
        diagnosis: .log, file: path, tensor: "", verdict: worst, headline: "", reportKind: "log",
        report: logReport(log, reading, report, findings, states)))
  }

  private func notes(_ log: TrainingLog, _ reading: LogReading, _ report: LogReport) -> [String] {
    var notes: [String] = []
    if !log.hasSteps { notes.append("the log has no steps: its rows are counted from 0") }
    if let line = reading.tornLine { notes.append("line \(line), the last, is torn: it was being written at the end") }
    if reading.repeatedHeaderCount > 0 {
      let lines = reading.repeatedHeaderLines.map(String.init).joined(separator: ", ")
      notes.append("\(counted(reading.repeatedHeaderCount, "further header")): the log was begun again (line \(lines))")
    }
    if reading.withoutStepCount > 0 {
      notes.append("\(counted(reading.withoutStepCount, "row")) without a step left out")
    }
    if report.leftOutFindingCount > 0 {
      notes.append("\(counted(report.leftOutFindingCount, "further finding")) left out")
    }
    return notes
  }

  /// What could not be read of a log that was.
  private func damage(_ reading: LogReading, _ path: String) -> Finding? {
    var what: [String] = []
    if reading.damagedCount > 0 {
      let shown = reading.damages.prefix(4).map { "\($0.line) (\($0.reason))" }.joined(separator: ", ")
      let more = reading.damagedCount > 4 ? " …" : ""
      what.append("\(counted(reading.damagedCount, "line")) cannot be read: \(shown)\(more)")
    }
    if reading.checksumFailureCount > 0 {
      what.append("the checksum of \(counted(reading.checksumFailureCount, "record")) does not fit")
    }
    if reading.lostByteCount > 0 { what.append("\(counted(reading.lostByteCount, "byte")) between records are lost") }
    for column in reading.textColumns.prefix(4) {
      what.append(
        "\(counted(column.count, "cell")) of \(column.name) hold text, such as \"\(column.firstText)\" on line \(column.firstLine)"
      )
    }
    guard !what.isEmpty else { return nil }
    return Finding(
      diagnosis: .log, verdict: .notice, cause: "damaged_lines", file: path, tensor: "",
      what: what.joined(separator: "; ") + "; all else was read",
      measurement: ("damaged_line_count", Double(reading.damagedCount + reading.checksumFailureCount)), threshold: 0,
      likelyCause:
        "The machine or the disk failed while the file was written, several programs wrote it, or it was changed.",
      cure: "None needed for what was read; look at how the log is written.",
      check: "Look at the lines named.")
  }

  /// Checks that did not run: one entry for each column that is missing.
  private func noteNotChecked(_ states: [LogCheckState], _ report: LogReport, _ path: String) {
    func note(_ checks: [LogCheck], _ reason: String) {
      let keys = checks.map { words($0.key.description) }.joined(separator: ", ")
      examination.notChecked.append(NotChecked(file: path, tensor: "", check: keys, reason: reason))
    }
    for quantity in LogQuantity.allCases {
      let missing = states.filter { $0.outcome == .missingColumn && $0.check.quantity == quantity }.map(\.check)
      if !missing.isEmpty { note(missing, missingColumnWords(quantity)) }
    }
    if report.learningRate.count == 0, report.rowCount > 0 {
      note([], missingColumnWords(.learningRate))
    }
    for state in states where state.outcome == .tooFewRows {
      note([state.check], "\(counted(state.rowCount, "row")), and it takes \(state.leastRowCount)")
    }
    for state in states where state.outcome == .notApplicable {
      note(
        [state.check],
        state.check == .missingSteps
          ? "steps keep no regular distance, so that none can be told to be missing"
          : "the loss is at or below zero, where a level says nothing")
    }
  }

  private func missingColumnWords(_ quantity: LogQuantity) -> String {
    switch quantity {
    case .gradientNorm:
      "no gradient norm in the log; log the global norm before clipping: it shows trouble before the loss does"
    case .validationLoss:
      "no validation loss in the log; without it neither overfitting nor wrong labels can be seen"
    case .lossScale: "no loss scale in the log (only training in float16 has one)"
    case .learningRate:
      "no learning rate in the log; without it a rise after a restart of the schedule looks like any other"
    case .loss, .step: "no \(words(quantity.key.description)) in the log"
    }
  }
}

extension TrainingLog {
  var formatWords: String {
    switch format {
    case .csv: "training log (table)"
    case .jsonLines: "training log (JSON Lines)"
    case .trainerState: "training log (trainer_state.json)"
    case .lightning: "training log (Lightning)"
    case .tensorBoard: "training log (TensorBoard)"
    case .text: "training log (text)"
    }
  }
}
