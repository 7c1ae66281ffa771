import Trimtab
import TrimtabFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Examiner {
  /// Dead, dormant and saturated units of a layer, and what became of them since an earlier audit of the same layer.
  func examinePreactivations(_ source: TensorSource) throws {
    guard source.shape.count >= 1 else { return skip(source, .neurons, "a single number has no units") }
    let activity = try streamedActivity(source)
    let report = activity.report()
    add(
      Reading(
        diagnosis: .neurons, file: source.path, tensor: source.name, verdict: report.verdict,
        headline: activityHeadline(report), reportKind: "activity", report: reportFields(report)))
    if report.outcome == .insufficient {
      skip(source, .neurons, shortage(report))
    }
    if let name = EarlierAudit.name(of: source.path) {
      earlierAudits[EarlierAudit.key(name, source.name)] = activity
      return
    }
    var revival: RevivalReport?
    attempt(source, .neurons) { revival = try compareWithEarlier(source, activity) }
    if report.verdict >= .notice { add(activityFinding(source, report, revival)) }
    if let revival, report.verdict < .warning, revival.verdict >= .warning { add(revivalFinding(source, revival)) }
  }

  /// How many samples it takes that a unit which fires as rarely as asked about is seen once.
  private func shortage(_ report: ActivityReport) -> String {
    let options = settings.activity
    let needed = (log(1 - options.confidence) / log(1 - options.leastActiveFraction)).rounded(.up)
    let count = needed < 1e15 && needed > 0 ? "\(Int(needed))" : figure(needed)
    return "\(report.sampleCount) samples are too few, a rarely active unit could look dead: \(count) would do "
      + "(--confidence \(options.confidence), --least-active-fraction \(options.leastActiveFraction))"
  }

  func streamedActivity(_ source: TensorSource) throws -> Activity {
    let units = UnitAxis(source.shape, settings)
    var options = settings.activity
    options.unitAxis = units.axis
    let activity = try Activity(options: options)
    var summary = Summary.identity
    let limit = settings.memoryLimit(source)
    func take(_ block: TensorView) throws {
      try summary.merge(summarize(block))
      try activity.add(block)
      progress.update(source.location, done: summary.count, total: source.count)
    }
    // Blocks of rows would cut the units' axis where that is the first.
    note(source.path, units.note)
    if units.axis == 0 || units.axis == -source.shape.count {
      try source.withView(memoryLimit: limit, take)
    } else {
      try source.forEachRowBlock(memoryLimit: limit, take)
    }
    judgeFiniteness(source, summary, kind: .preactivations)
    return activity
  }

  private func compareWithEarlier(_ source: TensorSource, _ after: Activity) throws -> RevivalReport? {
    guard let before = earlierAudits[EarlierAudit.key(source.path, source.name)] else {
      if let toldBefore {
        skip(
          source, .neurons,
          "--before: \(toldBefore.path) has no layer of that name\(toldBefore.layers.isEmpty ? "" : ", it has ")"
            + toldBefore.layers.prefix(8).joined(separator: ", ") + (toldBefore.layers.count > 8 ? " …" : ""))
      }
      return nil
    }
    let report = try compare(before: before, after: after)
    add(
      Reading(
        diagnosis: .neurons, file: source.path, tensor: source.name, verdict: report.verdict,
        headline:
          "since the earlier audit \(counted(report.newlyDead, "unit")) died and \(report.revived) of \(report.deadBefore) revived",
        reportKind: "revival", report: reportFields(report)))
    return report
  }

  func activityHeadline(_ report: ActivityReport) -> String {
    guard report.outcome != .nonfinite || report.meanActiveFraction > 0 else { return report.outcome.words }
    var text = "\(report.deadCount) of \(report.unitCount) units dead, \(report.dormantCount) dormant"
    if report.saturatedCount > 0 { text += ", \(report.saturatedCount) saturated" }
    return text + ", mean active fraction \(figure(report.meanActiveFraction)), \(report.sampleCount) samples"
  }

  private func activityFinding(_ source: TensorSource, _ report: ActivityReport, _ revival: RevivalReport?) -> Finding {
    // Dead and saturated decide together; dormant units alone are a notice.
    let deciding: (String, Int, Double, String) =
      switch report.cause {
      case .saturation: ("saturated_fraction", report.saturatedCount, report.saturatedFraction, "saturated")
      case .dormantUnits where report.verdict == .notice:
        ("dormant_fraction", report.dormantCount, report.dormantFraction, "dormant")
      default: ("dead_fraction", report.deadCount, report.deadFraction, "dead")
      }
    // Units that lived through the same samples before were not born dead: a step killed them.
    let died = revival.map { $0.newDeathFraction > settings.activity.layerCriticalFraction } ?? false
    let isCauseSharpened = died && deciding.0 == "dead_fraction" && report.cause != .learningRateTooHigh
    let cause = isCauseSharpened ? Cause.learningRateTooHigh : report.cause
    let layer = source.name.isEmpty ? "the layer" : "layer \(source.name)"
    var finding = Finding(
      .neurons, verdict: report.verdict, cause: cause, file: source.path, tensor: source.name,
      what:
        "\(deciding.1) of \(report.unitCount) units of \(layer) are \(deciding.3) over \(report.sampleCount) samples",
      measurement: (deciding.0, deciding.2), threshold: report.threshold)
    if let revival {
      finding.evidence.append(
        "since the earlier audit \(revival.newlyDead) of \(revival.unitCount - revival.deadBefore) living units died, "
          + "\(revival.revived) of \(revival.deadBefore) dead ones revived")
    }
    finding.evidence.append(
      "mean pre-activation \(figure(report.meanPreactivation)), root mean square \(figure(report.preactivationScale))")
    return finding
  }

  private func revivalFinding(_ source: TensorSource, _ report: RevivalReport) -> Finding {
    Finding(
      .neurons, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what: "\(report.newlyDead) of \(report.unitCount - report.deadBefore) living units died since the earlier audit",
      measurement: ("new_death_fraction", report.newDeathFraction), threshold: report.threshold)
  }
}

/// Files that hold an earlier audit of another: `x_before.npz` beside `x.npz`.
enum EarlierAudit {
  private static let marks = ["_before", ".before", "-before"]

  /// The path of the later file, or nil for a file that is no earlier audit.
  static func name(of path: String) -> String? {
    let file = FileName(path)
    guard let mark = marks.first(where: file.stem.hasSuffix) else { return nil }
    return (file.directory.isEmpty ? "" : file.directory + "/") + file.stem.dropLast(mark.count)
      + file.name.dropFirst(file.stem.count)
  }

  /// The earlier audit beside a file, if there is one.
  static func sibling(of path: String) -> String? {
    let file = FileName(path)
    let folder = file.directory.isEmpty ? "" : file.directory + "/"
    let ending = file.name.dropFirst(file.stem.count)
    return marks.map { "\(folder)\(file.stem)\($0)\(ending)" }.first { access($0, R_OK) == 0 }
  }

  /// What an audit is kept under: the later file without its ending, and the layer.
  static func key(_ path: String, _ tensor: String) -> String {
    let file = FileName(path)
    return "\(file.directory)\n\(file.stem)\n\(tensor)"
  }

  /// Earlier audits before the files that they are held against; otherwise the order is kept.
  static func ordered(_ files: [OpenedFile]) -> [OpenedFile] {
    files.filter { name(of: $0.file.path) != nil } + files.filter { name(of: $0.file.path) == nil }
  }
}
