import Trimtab
import TrimtabFormats

extension Examiner {
  /// Shows a curriculum all audits of a table.
  func examineCurriculum(
    _ path: String, resolutions: [Int], plateauFall: Double, _ options: CurriculumOptions
  ) -> CurriculumCourse? {
    guard let source = tensor(path, for: .curriculum, as: "audits") else { return nil }
    var course: CurriculumCourse?
    attempt(source, .curriculum) {
      let columns = try auditColumns(source)
      let audits = try withView(source) { view in
        try CurriculumAudit.rows(try view.numbers(), width: source.shape[1], columns)
      }
      guard !audits.isEmpty else { throw ProbeError("found no audit, allowed one or more") }
      let found = try CurriculumCourse(
        audits, resolutions: resolutions, hasLosses: columns.loss != nil, plateauFall: plateauFall, options: options)
      if columns.loss == nil { note(source.path, "no losses: taken to stand still") }
      if columns.images == nil { note(source.path, "no images: a fade is counted in audits") }
      judge(found, source)
      course = found
    }
    return course
  }

  /// By their names, or else by their order.
  private func auditColumns(_ source: TensorSource) throws -> AuditColumns {
    guard source.shape.count == 2, let width = source.shape.last else {
      throw ProbeError("found \(counted(source.shape.count, "axis", "axes")), allowed a table [audits, columns]")
    }
    let names = source.columnNames.map { $0.lowercased() }
    if names.isEmpty {
      guard (2...4).contains(width) else {
        throw ProbeError("found \(counted(width, "column")), allowed resolution, overlap, loss and images")
      }
      return AuditColumns(resolution: 0, overlap: 1, loss: width > 2 ? 2 : nil, images: width > 3 ? 3 : nil)
    }
    guard let resolution = names.firstIndex(of: "resolution"), let overlap = names.firstIndex(of: "overlap") else {
      throw ProbeError(
        "found the columns \(source.columnNames.joined(separator: ", ")), allowed resolution and overlap, and loss and "
          + "images if there are")
    }
    return AuditColumns(
      resolution: resolution, overlap: overlap, loss: names.firstIndex(of: "loss"),
      images: names.firstIndex(of: "images"))
  }

  private func judge(_ course: CurriculumCourse, _ source: TensorSource) {
    guard let last = course.steps.last else { return }
    // An overlap that is not known speaks for staying, and is no judgement.
    let isKnown = !last.audit.overlap.isNaN
    add(
      Reading(
        diagnosis: .curriculum, file: source.path, tensor: source.name, verdict: isKnown ? .healthy : .unknown,
        headline: "\(last.report.decision.word): \(course.reason(last))", reportKind: "curriculum",
        report: reportFields(last.report)))
    if !isKnown { skip(source, .curriculum, "the overlap of the last audit is not known") }
  }
}

/// Which columns of a table hold what.
struct AuditColumns {
  let resolution: Int
  let overlap: Int
  let loss: Int?
  let images: Int?
}

extension CurriculumAudit {
  static func rows(_ numbers: [Double], width: Int, _ columns: AuditColumns) throws -> [CurriculumAudit] {
    try stride(from: 0, to: numbers.count, by: width).map { start in
      func whole(_ column: Int, _ name: String) throws -> Int {
        let value = numbers[start + column]
        guard let whole = Int(exactly: value), whole >= 1 else {
          throw ProbeError(
            "audit \(start / width): \(name): found \(figure(value)), allowed a whole number of 1 or more")
        }
        return whole
      }
      return CurriculumAudit(
        resolution: try whole(columns.resolution, "resolution"), overlap: numbers[start + columns.overlap],
        loss: columns.loss.map { numbers[start + $0] } ?? .nan,
        images: try columns.images.map { try whole($0, "images") } ?? 1)
    }
  }
}
