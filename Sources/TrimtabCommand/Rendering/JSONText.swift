import Trimtab

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The version of the command, as the library's.
let commandVersion = "0.1.0"

/// An examination for programs: the same numbers, with keys that stay.
struct JSONText {
  let examination: Examination
  let exitStatus: Int32
  /// What a subcommand says beside the examination.
  var more: [String: JSONValue] = [:]

  func render() -> String {
    let fields: [String: JSONValue] = [
      "schema": .integer(1), "version": .text(commandVersion),
      "verdict": .text(examination.verdict.key.description), "exit_status": .integer(Int(exitStatus)),
      "findings": .array(examination.findings.map(\.json)), "readings": .array(examination.readings.map(\.json)),
      "files": .array(examination.files.map(\.json)), "not_checked": .array(examination.notChecked.map(\.json)),
    ]
    return encoded(.object(fields.merging(more) { first, _ in first })) + "\n"
  }

  /// What stands for an examination that came to no end.
  static func failure(_ message: String) -> String {
    encoded(
      .object([
        "schema": .integer(1), "version": .text(commandVersion), "error": .text(message), "exit_status": .integer(2),
      ])) + "\n"
  }
}

/// A value as JSON text, keys sorted.
func encoded(_ value: JSONValue) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  guard let data = try? encoder.encode(value) else { return "null" }
  return String(decoding: data, as: UTF8.self)
}
