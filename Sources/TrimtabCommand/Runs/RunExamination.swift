import Trimtab
import TrimtabFormats

/// What a monitor wrote of training runs: run logs and flight records.
extension Examiner {
  /// - Parameter named: the paths that the user gave; a stranger among them is an error, one in a folder is not.
  func examineRuns(_ paths: [String], named: [String]) {
    var files: [RunFile] = []
    for path in paths {
      do throws(FormatError) {
        files.append(try RunFile(path: path) { progress.update(path, done: $0, total: $1) })
      } catch {
        examination.notChecked.append(
          NotChecked(file: path, tensor: "", check: "", reason: error.message, isUnreadable: named.contains(path)))
      }
    }
    // A record repeats what the log beside it says of the same run.
    let logs = files.filter { $0.kind != .record }
    for file in logs { examineRun(file, beside: []) }
    for file in files where file.kind == .record {
      examineRun(file, beside: logs.filter { FileName($0.path).directory == FileName(file.path).directory })
    }
  }

  private func examineRun(_ file: RunFile, beside logs: [RunFile]) {
    var known: [RunFinding] = []
    for run in logs.flatMap(\.runs) { known += run.findings }
    var repeated = 0
    var worst = file.runs.contains { $0.stepCount > 0 } ? Verdict.healthy : .unknown
    for (number, run) in file.runs.enumerated() {
      for (place, finding) in run.findings.enumerated() {
        worst = max(worst, verdict(of: finding))
        if known.contains(where: { isSame($0, finding) }) {
          repeated += 1
          continue
        }
        add(RunWords(file: file, run: number, place: place).finding)
      }
    }
    if let notice = damageFinding(file) {
      add(notice)
      worst = max(worst, .notice)
    }
    if let failure = file.failure {
      examination.notChecked.append(
        NotChecked(file: file.path, tensor: "", check: "", reason: failure.message, isUnreadable: true))
    }
    var record = FileRecord(path: file.path, format: file.formatWords, byteCount: file.byteCount)
    record.stepCount = file.runs.reduce(0) { $0 + $1.stepCount }
    record.course = RunCourse(file: file).lines
    record.notes = notes(file, repeated)
    examination.files.append(record)
    add(
      Reading(
        diagnosis: .run, file: file.path, tensor: "", verdict: worst, headline: "",
        reportKind: file.kind == .record ? "flight_record" : "run_log", report: runReport(file)))
  }

  private func isSame(_ one: RunFinding, _ other: RunFinding) -> Bool {
    one.rule == other.rule && one.name == other.name && one.quantity == other.quantity && one.cause == other.cause
      && one.firstStep == other.firstStep
  }

  private func damageFinding(_ file: RunFile) -> Finding? {
    guard file.damage.count > 0 else { return nil }
    let lines = file.damage.firstLines.map(String.init).joined(separator: ", ")
    let isAll = file.damage.count == file.damage.firstLines.count
    return Finding(
      diagnosis: .run, verdict: .notice, cause: "damaged_lines", file: file.path, tensor: "",
      what: "\(counted(file.damage.count, "line")) cannot be read: \(lines)\(isAll ? "" : " …"); all others were read",
      measurement: ("damaged_line_count", Double(file.damage.count)), threshold: 0,
      likelyCause: "The machine or the disk failed while the file was written, or it was changed afterwards.",
      cure: "None needed for what was read; look at the disk if it was not shut down.",
      check: "Look at the lines named: zero bytes, or half a line, are what a failing machine leaves.",
      evidence: file.damage.salvagedCount > 0
        ? ["\(counted(file.damage.salvagedCount, "whole entry", "whole entries")) on those lines could be read"] : [])
  }

  private func notes(_ file: RunFile, _ repeated: Int) -> [String] {
    var notes: [String] = []
    if let line = file.damage.tornLine {
      notes.append("line \(line), the last, is torn: it was being written when the process ended")
    }
    if repeated > 0 { notes.append("\(counted(repeated, "finding")) of the log beside it stand here too") }
    if file.unknownLineCount > 0 {
      notes.append("\(counted(file.unknownLineCount, "line")) of a kind that this version does not know: passed over")
    }
    if file.version > RunFile.knownVersion {
      notes.append("format \(file.version) is newer than \(RunFile.knownVersion), which this version knows")
    }
    if file.leftOutRunCount > 0 { notes.append("\(counted(file.leftOutRunCount, "further run")) left out") }
    let leftOut = file.runs.reduce(0) { $0 + $1.leftOutFindingCount }
    if leftOut > 0 { notes.append("\(counted(leftOut, "further finding")) left out") }
    return notes
  }
}

extension RunFile {
  var formatWords: String {
    if kind == .record { return "flight record" }
    return runs.count == 1 ? "run log" : "run log of \(runs.count) runs"
  }
}

/// The engine's verdict behind a word; a word of another version weighs as a warning.
func verdict(of finding: RunFinding) -> Verdict {
  [Verdict.healthy, .notice, .warning, .critical].first { $0.key.description == finding.verdict } ?? .warning
}
