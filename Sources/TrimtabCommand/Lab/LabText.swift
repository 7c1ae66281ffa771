import Trimtab
import TrimtabTrainer

/// The result of an experiment for people: the verdict first, then arms, then what was expected.
struct LabText {
  let result: LabReport
  let seconds: Double

  func render() -> String {
    let held = result.isHeld ? "HELD" : "NOT HELD"
    var lines = [
      "\(held): \(result.experiment.name): \(result.heldCount) of \(result.expectations.count) expectations over "
        + "\(counted(result.seedCount, "seed")) in \(figure((seconds * 10).rounded() / 10)) s",
      "\(result.experiment.title) (definitions, section \(result.experiment.section))", "",
    ]
    lines += Self.aligned(measurementRows) + [""] + Self.aligned(expectationRows)
    return lines.joined(separator: "\n") + "\n"
  }

  /// A row an arm, a column a quantity: medians over the seeds.
  var measurementRows: [[String]] {
    var arms: [String] = []
    var quantities: [String] = []
    for one in result.measurements {
      if !arms.contains(one.arm.description) { arms.append(one.arm.description) }
      if !quantities.contains(one.quantity.description) { quantities.append(one.quantity.description) }
    }
    return [["arm", ""] + quantities]
      + arms.map { arm in
        let own = result.measurements.filter { $0.arm.description == arm }
        return [arm, own.first?.role.word ?? ""]
          + quantities.map { name in
            own.first { $0.quantity.description == name }.map { figure($0.summary.median) } ?? "-"
          }
      }
  }

  var expectationRows: [[String]] {
    [["expected", "bound", "median", interval, "measured before", ""]]
      + result.expectations.map { one in
        [one.claim.description, (one.bound.isLowest ? ">= " : "<= ") + figure(one.bound.limit)] + figures(one.summary)
          + [one.measured.isNaN ? "" : figure(one.measured), one.isHeld ? "held" : "NOT HELD"]
      }
  }

  private var interval: String {
    let coverage = result.measurements.first?.summary.coverage ?? 0
    return coverage > 0 ? "\(percent(coverage)) interval" : "interval"
  }

  private func figures(_ summary: SeedSummary) -> [String] {
    [figure(summary.median), summary.coverage > 0 ? "\(figure(summary.low)) to \(figure(summary.high))" : "one seed"]
  }

  /// Columns side by side, each as wide as its widest cell.
  static func aligned(_ rows: [[String]]) -> [String] {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      let line = cells.joined(separator: "  ")
      return "  " + String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension Arm.Role {
  var word: String {
    switch self {
    case .broken: "broken"
    case .cured: "cured"
    case .reference: "reference"
    }
  }
}
