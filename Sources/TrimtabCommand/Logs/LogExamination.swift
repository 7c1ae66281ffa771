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
    let log = try TrainingLog(path: path, loss: settings.logLoss)
    let doctor = try LogDoctor(options: settings.log)
    var stepCount = 0
    var last: Int?
    let tell = { (done: Int, total: Int) in self.progress.update(path, done: done, total: total) }
    let reading = try log.forEachRow(progress: tell) { row in
      // Evaluations, and the scalars of an event file, say the step of the row before again.
      if row.step != last { stepCount += 1 }
      last = row.step
      doctor.add(row)
    }
    let report = doctor.finish()
    var findings: [LogFinding] = []
    for index in 0..<report.findingCount { if let found = doctor.finding(at: index) { findings.append(found) } }
    for finding in findings { add(LogWords(source: finding, report: report, path: path).finding) }
    var worst = report.verdict
    if let notice = LogDamage(log: log, reading: reading).finding {
      add(notice)
      worst = max(worst, .notice)
    }
    if report.outcome == .insufficient { worst = .unknown }
    if let failure = reading.failure { refuse(path, failure.message, isUnreadable: true) }
    if let reason = LogDamage(log: log, reading: reading).refusal { refuse(path, reason, isUnreadable: true) }
    let states = (0..<LogCheck.allCases.count).compactMap { doctor.state(at: $0) }
    noteNotChecked(states, report, log)

    var record = FileRecord(path: path, format: log.formatWords, byteCount: log.byteCount)
    record.stepCount = stepCount
    record.course = LogCourseLines(log: log, report: report, reading: reading).lines
    record.notes = log.notes + reading.notes.filter { !log.notes.contains($0) } + notes(log, reading, report)
    examination.files.append(record)
    add(
      Reading(
        diagnosis: .log, file: path, tensor: "", verdict: worst, headline: "", reportKind: "log",
        report: logReport(log, reading, report, findings, states)))
  }

  private func notes(_ log: TrainingLog, _ reading: LogReading, _ report: LogReport) -> [String] {
    var notes: [String] = []
    if let line = reading.tornLine {
      notes.append("\(log.lineWord) \(line), the last, is torn: it was being written at the end")
    }
    if reading.shortRowCount > 0, let line = reading.firstShortLine {
      notes.append(
        "\(counted(reading.shortRowCount, "row")) with fewer cells than the header, first on line \(line): read up to there"
      )
    }
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

  /// Checks that did not run: one entry for each column that is missing.
  private func noteNotChecked(_ states: [LogCheckState], _ report: LogReport, _ log: TrainingLog) {
    func note(_ checks: [LogCheck], _ reason: String) {
      let keys = checks.map { words($0.key.description) }.joined(separator: ", ")
      examination.notChecked.append(NotChecked(file: log.path, tensor: "", check: keys, reason: reason))
    }
    for quantity in LogQuantity.allCases {
      let missing = states.filter { $0.outcome == .missingColumn && $0.check.quantity == quantity }.map(\.check)
      if !missing.isEmpty { note(missing, missingColumnWords(quantity, log)) }
    }
    if report.learningRate.count == 0, report.rowCount > 0 {
      note([], missingColumnWords(.learningRate, log))
    }
    for state in states where state.outcome == .tooFewRows {
      note([state.check], "\(counted(state.rowCount, "row")), and it takes \(state.leastRowCount)")
    }
    let inapplicable = states.filter { $0.outcome == .notApplicable }
    if inapplicable.contains(where: { $0.check == .divergence }) {
      let checks = inapplicable.map(\.check).filter { $0 != .missingSteps }
      return note(checks, "the newest row stands first; sort the rows by step")
    }
    for state in inapplicable {
      note(
        [state.check],
        state.check == .missingSteps
          ? "steps keep no regular distance, so that none can be told to be missing"
          : "the loss is at or below zero, where a level says nothing")
    }
  }

  private func missingColumnWords(_ quantity: LogQuantity, _ log: TrainingLog) -> String {
    switch quantity {
    case .gradientNorm:
      "no gradient norm in the log; log the global norm before clipping: it shows trouble before the loss does"
    case .validationLoss:
      "no validation loss in the log; without it neither overfitting nor wrong labels can be seen"
    case .lossScale: "no loss scale in the log (only training in float16 has one)"
    case .learningRate:
      "no learning rate in the log; without it a rise after a restart of the schedule looks like any other"
    case .loss: missingLossWords(log)
    case .step: "no step in the log"
    }
  }

  private func missingLossWords(_ log: TrainingLog) -> String {
    let how = "--loss NAME says which column is one"
    if log.columns.contains(where: { $0.quantity == "loss" }) { return "no loss in the log" }
    if !log.risingColumns.isEmpty {
      let names = log.risingColumns.prefix(8).joined(separator: ", ")
      return "no loss in the log: found \(names), of which more is better; \(how)"
    }
    guard !log.unusedColumns.isEmpty else { return "no loss in the log" }
    let names = log.unusedColumns.prefix(8).joined(separator: ", ") + (log.unusedColumnCount > 8 ? " …" : "")
    return "no loss in the log: found \(names); \(how)"
  }
}

extension TrainingLog {
  /// What one entry of it is called.
  var lineWord: String { format == .tensorBoard ? "record" : "line" }

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
