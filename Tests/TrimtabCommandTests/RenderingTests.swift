import Foundation
import Testing
import Trimtab

@testable import TrimtabCommand
@testable import struct TrimtabCommand.Finding

@Suite struct RenderingTests {
  @Test func roundsNoShareToAll() {
    let shares = [0, 0.004, 0.12, 0.984, 0.9965, 1]
    #expect(shares.map(percent) == ["0 %", "0.4 %", "12 %", "98 %", "99.65 %", "100 %"])
  }

  @Test(arguments: [
    (81803.2, "8.180e4"), (0.984375, "0.9844"), (128.0, "128"), (12345.0, "1.234e4"), (1e-7, "1.000e-7"), (0.0, "0"),
    (Double.infinity, "inf"), (-Double.infinity, "-inf"), (Double.nan, "NaN"), (-0.5, "-0.5"), (1e300, "1.000e300"),
  ])
  func writesFigures(value: Double, text: String) { #expect(figure(value) == text) }

  @Test func alignsColumns() {
    #expect(aligned([["a", "bb", "c"], ["aaa", "b", "ccc"]]) == ["a    bb  c", "aaa  b   ccc"])
    #expect(aligned([["\u{1B}[1mx\u{1B}[0m", "y"], ["xx", "y"]]) == ["\u{1B}[1mx\u{1B}[0m   y", "xx  y"])
    #expect(aligned([]).isEmpty)
  }

  @Test func writesJSONThatParses() throws {
    let value = JSONValue.object([
      "a": .number(.nan), "b": .array([.integer(1), .number(0.1), .number(-.infinity)]), "c": .null,
      "d\u{1F}\"": .text("é\n"),
    ])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(encoded(value).utf8)) as? [String: Any])
    #expect(object["a"] as? String == "nan")
    #expect((object["b"] as? [Any])?[1] as? Double == 0.1)
    #expect((object["b"] as? [Any])?[2] as? String == "-inf")
    #expect(object["d\u{1F}\""] as? String == "é\n")
  }

  @Test func decidesTheExitStatus() {
    func finding(_ verdict: Verdict) -> Finding {
      Finding(
        .condition, verdict: verdict, cause: .none, file: "f", tensor: "", what: "", measurement: nil, threshold: nil)
    }
    var examination = Examination()
    #expect(examination.exitStatus(failOn: .warning) == 2)
    examination.findings = [finding(.notice)]
    #expect(examination.exitStatus(failOn: .warning) == 0)
    #expect(examination.exitStatus(failOn: .notice) == 1)
    examination.notChecked = [NotChecked(file: "f", tensor: "", check: "", reason: "", isUnreadable: true)]
    #expect(examination.exitStatus(failOn: .warning) == 2)
    examination.findings.append(finding(.critical))
    #expect(examination.exitStatus(failOn: .critical) == 1)
    #expect(examination.exitStatus(failOn: nil) == 2)
    #expect(examination.verdict == .critical)
  }

  /// The JSON of a report has the fields of its C struct.
  @Test func namesFieldsAsTheHeader() throws {
    #expect(reports.count == 7)
    for (structure, fields) in reports { try compareFields(structure, fields) }
  }

  private func compareFields(_ structure: String, _ fields: JSONValue) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appendingPathComponent("include/trimtab")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".h") }
    let texts = try names.map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
    let text = try #require(texts.first { $0.contains("} \(structure);") })
    let end = try #require(text.range(of: "} \(structure);"))
    let start = try #require(text.range(of: "typedef struct \(structure) {"))
    var expected: Set<String> = []
    for match in text[start.upperBound..<end.lowerBound].matches(of: /(?m)^\s*(?:\w+\s+)+(\w+)(?:\[\w+\])?;/) {
      expected.insert(String(match.1))
    }
    expected.subtract(["struct_size", "reserved", "reserved32", "blamed_count"])
    guard case .object(let found) = fields else { throw CocoaError(.formatting) }
    #expect(expected.count > 5)
    #expect(Set(found.keys).symmetricDifference(expected) == [], "\(structure)")
  }
}

private let reports: [(String, JSONValue)] = {
  var values: [Float] = [1, 2, 3, 4.5]
  return values.withUnsafeMutableBytes { bytes in
    guard let view = try? TensorView(bytes.baseAddress, .float32, shape: [2, 2]), let activity = try? Activity(),
      let gradients = try? Gradients(), (try? activity.add(view)) != nil, (try? gradients.add([view])) != nil,
      let revival = try? compare(before: activity, after: activity), let matrix = try? matrixCondition(of: view),
      let conditioning = try? conditionNumber(of: view), let drift = try? pseudoLabelDrift(before: view, after: view)
    else { return [] }
    return [
      ("trimtab_activity_report", reportFields(activity.report())), ("trimtab_revival_report", reportFields(revival)),
      ("trimtab_summary", reportFields(summarize(view))), ("trimtab_gradient_report", reportFields(gradients.report())),
      ("trimtab_matrix_report", reportFields(matrix)), ("trimtab_conditioning_report", reportFields(conditioning)),
      ("trimtab_drift_report", reportFields(drift)),
    ]
  }
}()
