import Trimtab
import TrimtabFormats

/// How the runs of a file went, in lines for people.
struct RunCourse {
  let file: RunFile

  private static let shownRanges = 4
  private static let shownRuns = 8
  private static let shownSteps = 8

  var lines: [String] {
    var lines: [String] = []
    let shown = file.runs.suffix(RunCourse.shownRuns)
    if shown.count < file.runs.count { lines.append("the last \(shown.count) runs of \(file.runs.count):") }
    for (number, run) in zip(shown.indices, shown) {
      if number > shown.startIndex { lines.append("") }
      lines += aligned(rows(run, number))
    }
    return lines + table
  }

  private func rows(_ run: Run, _ number: Int) -> [[String]] {
    var rows = [[file.runs.count > 1 ? "run \(number + 1)" : "run", extent(run)]]
    func add(_ label: String, _ text: String?) { if let text { rows.append([label, text]) } }
    add("loss", course(run.loss))
    add("validation", course(run.validationLoss))
    add("gradient norm", spread(run.gradientNorm))
    add("learning rate", spread(run.learningRate))
    add("loss scale", spread(run.lossScale))
    rows += guardRows(run)
    add("restored", restores(run))
    if let closing = run.closing {
      add("looked at", coverage(closing))
      if !closing.neverSeen.isEmpty {
        let more = closing.neverSeen.count == 16 ? " …" : ""
        add("never seen", closing.neverSeen.joined(separator: ", ") + more)
      }
      if closing.lostCount > 0 {
        let reason = closing.failure > 0 ? " (\(systemMessage(Int32(clamping: closing.failure))))" : ""
        add("lost", "\(counted(closing.lostCount, "line")) could not be written\(reason), and are missing here")
      }
    }
    return rows
  }

  private func extent(_ run: Run) -> String {
    guard let first = run.firstStep, let last = run.lastStep else { return "no step" }
    let entries = run.hasHeader ? ", \(counted(run.entryCount, "entry", "entries"))" : ", its header is lost"
    let range = first == last ? "step \(first)" : "steps \(first) to \(last)"
    // What a damaged line says may be any number.
    let (span, overflow) = last.subtractingReportingOverflow(first)
    let isWhole = !overflow && span == run.stepCount - 1
    let steps = isWhole ? range : "\(range) (\(run.stepCount) of them here)"
    guard run.closing == nil else {
      return file.kind == .record
        ? "the last \(counted(run.stepCount, "step")) recorded, \(steps)\(entries)"
        : "\(steps), ended in order\(entries)"
    }
    let reason =
      file.kind == .record
      ? "the record is cut off here" : "no closing line: it ended abruptly there, or still runs"
    return "\(steps)\(entries); ends at step \(last), \(reason)"
  }

  private func course(_ loss: ScalarCourse) -> String? {
    guard loss.count > 0 else { return nil }
    var parts: [String] = []
    if let first = loss.first, let least = loss.least, let last = loss.last {
      parts.append("\(figure(first.value)) at step \(first.step), best \(figure(least.value)) at \(least.step)")
      parts[0] += ", last \(figure(last.value)) at \(last.step)"
    }
    if let text = nonfinite(loss) { parts.append(text) }
    return parts.joined(separator: "; ")
  }

  private func spread(_ values: ScalarCourse) -> String? {
    guard values.count > 0 else { return nil }
    var parts: [String] = []
    if let least = values.least, let greatest = values.greatest, let last = values.last {
      parts.append(
        least.value == greatest.value
          ? "\(figure(least.value)) throughout"
          : "\(figure(least.value)) to \(figure(greatest.value)) (step \(greatest.step)), last \(figure(last.value))")
    }
    if let text = nonfinite(values) { parts.append(text) }
    return parts.joined(separator: "; ")
  }

  private func nonfinite(_ values: ScalarCourse) -> String? {
    guard values.nonfiniteCount > 0 else { return nil }
    let count = counted(values.nonfiniteCount, "step")
    if values.nonfiniteCount > 4 { return "not finite at \(count), the first \(values.nonfiniteSteps[0])" }
    return "not finite at \(count): \(values.nonfiniteSteps.map(String.init).joined(separator: ", "))"
  }

  private func guardRows(_ run: Run) -> [[String]] {
    run.actions.totals.map { total in
      let ranges = run.actions.ranges.filter { $0.action == total.action && $0.rule == total.rule }
      let shown = ranges.prefix(RunCourse.shownRanges).map(steps).joined(separator: ", ")
      let rest = ranges.prefix(RunCourse.shownRanges).reduce(total.count) { $0 - $1.count }
      let more = rest > 0 ? " … \(counted(rest, "more step", "more steps")), the last \(total.lastStep)" : ""
      let reason = total.rule.isEmpty ? "" : " for \(total.rule)"
      return [words(total.action), "\(counted(total.count, "step"))\(reason): \(shown)\(more)"]
    }
  }

  private func steps(_ range: ActionRange) -> String {
    let place = range.name.isEmpty ? "" : " (\(range.name))"
    return (range.firstStep == range.lastStep ? "\(range.firstStep)" : "\(range.firstStep) to \(range.lastStep)")
      + place
  }

  private func restores(_ run: Run) -> String? {
    guard run.restoreCount > 0 else { return nil }
    let steps = run.restoredSteps.map(String.init).joined(separator: ", ")
    let more = run.restoreCount > run.restoredSteps.count ? " …" : ""
    return "\(counted(run.restoreCount, "time")), to step \(steps)\(more)"
  }

  private func coverage(_ closing: RunClosing) -> String {
    let parts = closing.coverage.map { one in
      let (all, overflow) = one.lookCount.addingReportingOverflow(one.leftOutCount)
      guard !overflow, all > 0 else { return words(one.quantity) }
      return one.leftOutCount == 0
        ? "\(words(one.quantity)) all"
        : "\(words(one.quantity)) \(percent(Double(one.lookCount) / Double(all)))"
    }
    let cost = closing.costFraction.isFinite ? "; cost \(percent(closing.costFraction)) of the run's time" : ""
    return (parts.isEmpty ? "nothing" : parts.joined(separator: ", ")) + cost
  }

  // MARK: The last steps of a flight record

  private var table: [String] {
    guard file.kind == .record, let run = file.runs.first else { return [] }
    var names: [String] = []
    for finding in run.findings where !finding.name.isEmpty && !names.contains(finding.name) && names.count < 2 {
      names.append(finding.name)
    }
    guard let steps = try? RunFile.recordedSteps(path: file.path, names: Set(names), last: RunCourse.shownSteps),
      !steps.isEmpty
    else { return [] }
    let columns = names.flatMap { filledColumns($0, steps) }
    var rows = [["step", "loss", "gradient norm", "action"] + columns.map { $0.title }]
    for one in steps {
      let step = one.step
      var row = ["\(step.number)", step.loss.map(figure) ?? "", step.gradientNorm.map(figure) ?? ""]
      row.append(words(step.action))
      for column in columns {
        let entry = one.seen.first { $0.name == column.name }
        row.append(entry.flatMap(column.value) ?? "-")
      }
      rows.append(row)
    }
    return ["", "the last \(counted(steps.count, "step")) before it was written:"] + aligned(rows)
  }

  private typealias Column = (name: String, title: String, value: (SeenEntry) -> String?)

  /// What the steps say of one entry; a column in which nothing stands is left out.
  private func filledColumns(_ name: String, _ steps: [RecordedStep]) -> [Column] {
    let all: [Column] = [
      (name, "\(name): gradient rms", { $0.gradientRMS.map(figure) }),
      (name, "\(name): weight rms", { $0.weightRMS.map(figure) }),
      (name, "\(name): rms", { $0.rms.map(figure) }),
      (name, "greatest", { $0.greatestMagnitude.map(figure) }),
      (name, "NaN and Inf", { $0.nonfiniteCount > 0 ? "\($0.nonfiniteCount)" : nil }),
    ]
    return all.filter { column in
      steps.contains { $0.seen.contains { $0.name == name && column.value($0) != nil } }
    }
  }
}
