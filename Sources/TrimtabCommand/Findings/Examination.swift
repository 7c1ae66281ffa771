import Trimtab

/// One diagnostic applied to one tensor or series.
struct Reading: Sendable {
  let diagnosis: Diagnosis
  var file: String
  let tensor: String
  let verdict: Verdict
  /// The figures that matter, for people.
  let headline: String
  /// The report's kind and fields, for programs.
  let reportKind: String
  let report: JSONValue

  var json: JSONValue {
    .object([
      "diagnosis": .text(diagnosis.rawValue), "file": .text(file), "tensor": .text(tensor),
      "verdict": .text(verdict.key.description), "report_kind": .text(reportKind), "report": report,
    ])
  }
}

/// A check that did not run, and why.
struct NotChecked: Sendable, Equatable {
  let file: String
  let tensor: String
  /// The check, or empty for all of them.
  let check: String
  let reason: String
  /// Whether the file, or a tensor in it, could not be read at all.
  var isUnreadable = false

  var json: JSONValue {
    .object([
      "file": .text(file), "tensor": .text(tensor), "check": .text(check), "reason": .text(reason),
      "unreadable": .boolean(isUnreadable),
    ])
  }
}

/// A tensor that was looked at, and what it was taken for.
struct TensorRecord: Sendable {
  let name: String
  let elementType: ElementType
  var shape: [Int]
  var recognition: Recognition
  var rows = Rows.stated
  /// Nil where it was not read.
  var summary: JSONValue = .null

  /// Where the first extent comes from.
  enum Rows: Sendable {
    /// The file says it.
    case stated
    /// A table of text that was read to its end.
    case counted
    /// A table of text that was refused, or not read: the first extent means nothing.
    case uncounted
  }

  var json: JSONValue {
    .object([
      "name": .text(name), "element_type": .text(elementType.name.description),
      "shape": .array(
        shape.enumerated().map { $0 == 0 && rows == .uncounted ? .null : .integer($1) }),
      "kind": .text(recognition.name),
      "reason": .text(recognition.reason), "summary": summary,
    ])
  }
}

/// A file that was looked at.
struct FileRecord: Sendable {
  var path: String
  var format: String
  var byteCount: Int
  var tensors: [TensorRecord] = []
  var notes: [String] = []
  /// Of a run log or flight record: how many steps it tells of, and how the run went.
  var stepCount: Int?
  var course: [String] = []

  var json: JSONValue {
    .object([
      "path": .text(path), "format": .text(format), "byte_count": .integer(byteCount),
      "tensors": .array(tensors.map(\.json)), "notes": .array(notes.map(JSONValue.text)),
    ])
  }
}

/// All that came of one run of the command.
struct Examination: Sendable {
  var files: [FileRecord] = []
  var readings: [Reading] = []
  var findings: [Finding] = []
  var notChecked: [NotChecked] = []

  /// The worst finding; unknown where nothing could be judged, or where something could not be read and no finding
  /// weighs more than a notice.
  var verdict: Verdict {
    let worst = findings.map(\.verdict).max() ?? (wasJudged ? .healthy : .unknown)
    return worst <= .notice && (unreadable.count > 0 || !wasJudged) ? .unknown : worst
  }

  /// How many files and tensors could not be read, of how many that there were.
  var unreadable: (count: Int, total: Int) {
    struct Place: Hashable { let file, tensor: String }
    let failed = Set(notChecked.filter(\.isUnreadable).map { Place(file: $0.file, tensor: $0.tensor) })
    let found = files.flatMap { file in file.tensors.map { Place(file: file.path, tensor: $0.name) } }
    return (failed.count, failed.union(found).count)
  }

  /// Whether any diagnostic came to a verdict; that lines are damaged is none.
  var wasJudged: Bool {
    findings.contains { $0.cause != "damaged_lines" } || readings.contains { $0.verdict != .unknown }
  }

  /// 1 for findings at or above `failOn`; otherwise 2 if something could not be read, or nothing be judged; otherwise
  /// 0.
  func exitStatus(failOn: Verdict?) -> Int32 {
    if let failOn, findings.contains(where: { $0.verdict >= failOn }) { return 1 }
    return !wasJudged || notChecked.contains(where: \.isUnreadable) ? 2 : 0
  }
}
