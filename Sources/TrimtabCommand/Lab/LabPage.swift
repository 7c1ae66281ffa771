import Trimtab
import TrimtabTrainer

/// The page of an experiment: what people wrote about it, and between two marks what its last run came to.
struct LabPage {
  static let start = "<!-- results: written by trimtab lab run --pages -->"
  static let end = "<!-- end of results -->"

  let text: LabText
  /// The drawing beside the page, as the page names it; nil for none.
  let plot: String?

  /// The page with its results put in place of those before; a new page where there was none.
  func render(over before: String?) -> String {
    let made = ([Self.start, ""] + results + ["", Self.end]).joined(separator: "\n")
    guard let before, let first = before.firstRange(of: Self.start), let last = before.firstRange(of: Self.end),
      first.upperBound <= last.lowerBound
    else {
      let title = "# \(text.result.experiment.title)\n\n"
      return (before.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" } ?? title) + (before == nil ? "" : "\n") + made + "\n"
    }
    return before[..<first.lowerBound] + made + before[last.upperBound...]
  }

  private var results: [String] {
    let report = text.result
    var lines = [
      "`trimtab lab run \(report.experiment.name)\(report.seedCount == 8 ? "" : " --seeds \(report.seedCount)")`: "
        + "\(report.heldCount) of \(report.expectations.count) expectations held.", "",
    ]
    lines += table(text.measurementRows) + [""] + table(text.expectationRows)
    if let plot { lines += ["", "![\(report.experiment.title)](\(plot))"] }
    return lines
  }

  private func table(_ rows: [[String]]) -> [String] {
    let lines = rows.map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |" }
    let rule = "|" + String(repeating: "---|", count: rows.first?.count ?? 0)
    return lines.prefix(1) + [rule] + lines.dropFirst()
  }
}
