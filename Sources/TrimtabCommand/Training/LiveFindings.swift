import Trimtab

/// Says each finding of a monitor in a line, in the step in which it arises or grows worse.
struct LiveFindings {
  /// By the finding's place: the verdict that was said.
  private var said: [Verdict] = []

  /// What is new since the last call.
  mutating func lines(_ monitor: Monitor, step: Int) -> [String] {
    var lines: [String] = []
    for place in 0..<monitor.findingCount {
      guard let finding = monitor.finding(place) else { continue }
      if place >= said.count { said.append(.healthy) }
      guard finding.verdict > said[place] else { continue }
      said[place] = finding.verdict
      lines.append(line(finding, monitor, step))
    }
    return lines
  }

  private func line(_ finding: Trimtab.Finding, _ monitor: Monitor, _ step: Int) -> String {
    let name = monitor.name(of: finding.entry).map { String(cString: $0) }
    let place = name.map { " in \($0)" } ?? ""
    let cause = finding.cause == .none ? "" : " \(finding.cause.text) [\(finding.cause.key)]"
    return "step \(step): \(finding.verdict.key): \(finding.rule.key)\(place), \(figure(finding.value)) against "
      + "\(figure(finding.threshold)).\(cause)"
  }
}
