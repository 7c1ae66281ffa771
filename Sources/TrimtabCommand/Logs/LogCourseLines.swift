import Trimtab
import TrimtabFormats

/// How a training log went, in lines for people.
struct LogCourseLines {
  let log: TrainingLog
  let report: LogReport
  let reading: LogReading

  var lines: [String] {
    guard report.rowCount > 0 else { return ["no row"] }
    var rows = [
      [
        "steps",
        "\(report.firstStep) to \(report.lastStep), \(counted(report.rowCount, log.format == .tensorBoard ? "record" : "row"))",
      ]
    ]
    add("loss", report.loss, isBest: true, to: &rows)
    add("validation", report.validationLoss, isBest: true, to: &rows)
    add("gradient norm", report.gradientNorm, isBest: false, to: &rows)
    add("learning rate", report.learningRate, isBest: false, to: &rows)
    add("loss scale", report.lossScale, isBest: false, to: &rows)
    let columns = reading.columns.map { "\(words($0.quantity)): \($0.name)" }
    if !columns.isEmpty { rows.append(["columns", columns.joined(separator: ", ")]) }
    return aligned(rows)
  }

  private func add(_ label: String, _ values: LogExtremes, isBest: Bool, to rows: inout [[String]]) {
    guard values.count > 0 else { return }
    var parts: [String] = []
    if values.count > values.nonfiniteCount {
      let last = "last \(figure(values.last)) at \(values.lastStep)"
      parts.append(
        isBest
          ? "\(figure(values.first)) at step \(values.firstStep), best \(figure(values.least)) at \(values.leastStep), \(last)"
          : values.least == values.greatest
            ? "\(figure(values.least)) throughout"
            : "\(figure(values.least)) to \(figure(values.greatest)) (step \(values.greatestStep)), \(last)")
    }
    if values.nonfiniteCount > 0 { parts.append("not finite in \(counted(values.nonfiniteCount, "row"))") }
    rows.append([label, parts.joined(separator: "; ")])
  }
}
