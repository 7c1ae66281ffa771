import Trimtab

/// An audit of a coarse-to-fine training, as a row of a table has it.
struct CurriculumAudit {
  let resolution: Int
  let overlap: Double
  /// NaN where none was given.
  let loss: Double
  let images: Int
}

/// What a curriculum says after each of a table's audits.
///
/// The table says at which resolution the training was. Where that is not what the curriculum said, the curriculum starts
/// again there; where it said to grow and the training stayed, it still says so as long as the audits do.
struct CurriculumCourse {
  struct Step {
    let audit: CurriculumAudit
    let standsStill: Bool
    /// `level` among all resolutions.
    let report: CurriculumReport
  }

  let resolutions: [Int]
  let hasLosses: Bool
  private let options: CurriculumOptions
  private let plateauFall: Double
  private(set) var steps: [Step] = []
  private var curriculum: Curriculum
  /// Level of the curriculum's first, and audits that it has been shown.
  private var base: Int
  private var shown: [(audit: CurriculumAudit, standsStill: Bool)] = []

  /// - Throws: `TrimtabError`, the audit's number before it.
  init(
    _ audits: [CurriculumAudit], resolutions: [Int], hasLosses: Bool, plateauFall: Double, options: CurriculumOptions
  ) throws {
    (self.resolutions, self.hasLosses, self.plateauFall, self.options) = (resolutions, hasLosses, plateauFall, options)
    base = 0
    curriculum = try CurriculumCourse.start(options, levels: resolutions.count)
    for (index, audit) in audits.enumerated() {
      do throws(ProbeError) { try add(audit) } catch { throw ProbeError("audit \(index): \(error.message)") }
    }
  }

  private static func start(_ options: CurriculumOptions, levels: Int) throws(TrimtabError) -> Curriculum {
    var options = options
    options.levelCount = levels
    return try Curriculum(options: options)
  }

  private mutating func add(_ audit: CurriculumAudit) throws(ProbeError) {
    guard let level = resolutions.firstIndex(of: audit.resolution) else {
      throw ProbeError(
        "resolution: found \(audit.resolution), allowed those of --resolutions, "
          + resolutions.map { "\($0)" }.joined(separator: ", "))
    }
    let before = steps.last.flatMap { $0.audit.resolution == audit.resolution ? $0.audit : nil }
    let standsStill = !hasLosses || before.map { $0.loss - audit.loss <= plateauFall * abs($0.loss) } ?? false
    do throws(TrimtabError) {
      if level != base + curriculum.report().level { try restart(at: level, isSame: before != nil) }
      shown.append((audit, standsStill))
      var report = try curriculum.audit(images: audit.images, overlap: audit.overlap, isPlateau: standsStill)
      report.level += base
      report.levelCount = resolutions.count
      steps.append(Step(audit: audit, standsStill: standsStill, report: report))
    } catch { throw ProbeError(error.message) }
  }

  /// - Parameter isSame: whether the training stayed where the curriculum said to grow.
  private mutating func restart(at level: Int, isSame: Bool) throws(TrimtabError) {
    base = level
    curriculum = try CurriculumCourse.start(options, levels: resolutions.count - level)
    // As many audits as do not make it grow at once.
    let kept = isSame ? Array(shown.suffix(options.patience - 1)) : []
    for (audit, standsStill) in kept {
      _ = try curriculum.audit(images: audit.images, overlap: audit.overlap, isPlateau: standsStill)
    }
    shown = kept
  }

  var headline: PlainText.Headline? {
    guard let last = steps.last else { return nil }
    return PlainText.Headline(word: last.report.decision.word.uppercased(), text: reason(last))
  }

  func reason(_ step: Step) -> String {
    let report = step.report
    let overlap = "overlap \(figure(step.audit.overlap)) at resolution \(step.audit.resolution)"
    switch report.decision {
    case .grow:
      return
        "to resolution \(resolutions[report.level]): \(counted(options.patience, "audit")) in a row with an overlap of "
        + "\(figure(max(options.growOverlap, options.leastOverlap))) or more while the loss stood still"
    case .fade: return "resolution \(step.audit.resolution) has \(percent(report.fadeWeight)) of the output"
    case .stay:
      if report.isComplete { return "at resolution \(step.audit.resolution), the last: \(overlap)" }
      if !(step.audit.overlap >= max(options.growOverlap, options.leastOverlap)) {
        return "\(overlap), below the \(figure(max(options.growOverlap, options.leastOverlap))) that growing asks for"
      }
      if !step.standsStill { return "\(overlap), but the loss still falls" }
      return
        "\(overlap), \(report.goodAuditCount) of \(counted(options.patience, "audit")) in a row that growing asks for"
    }
  }

  var lines: [String] {
    let rows = steps.enumerated().map { index, step in
      [
        "\(index)", "\(step.audit.resolution)", figure(step.audit.overlap),
        hasLosses ? figure(step.audit.loss) : "", hasLosses ? step.standsStill ? "still" : "moves" : "",
        step.report.decision.word, figure(step.report.fadeWeight),
      ]
    }
    let titles =
      ["audit", "resolution", "overlap"] + (hasLosses ? ["loss", ""] : ["", ""]) + ["decision", "fade weight"]
    let cut = max(0, rows.count - 24)
    let more = cut > 0 ? ["   \(cut) audits before these (--json lists all)"] : []
    return more + aligned([titles] + rows.dropFirst(cut)).map { "   \($0)" }
  }

  var fields: [String: JSONValue] {
    [
      "decision": .optional(steps.last?.report.decision.word),
      "resolution": steps.last.map { .integer(resolutions[$0.report.level]) } ?? .null,
      "audits": .array(
        steps.map { step in
          guard case .object(var fields) = reportFields(step.report) else { return .null }
          fields["resolution"] = .integer(step.audit.resolution)
          fields["overlap"] = .number(step.audit.overlap)
          if hasLosses { fields["loss"] = .number(step.audit.loss) }
          fields["plateau"] = .boolean(step.standsStill)
          return .object(fields)
        }),
    ]
  }
}

extension CurriculumReport.Decision {
  var word: String {
    switch self {
    case .stay: "stay"
    case .grow: "grow"
    case .fade: "fade"
    }
  }
}
