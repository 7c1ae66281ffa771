import Trimtab
import TrimtabFormats

/// What could not be read of a training log, in words.
struct LogDamage {
  let log: TrainingLog
  let reading: LogReading

  /// Why the log counts as one that could not be read: more than half of what should tell of a step does not.
  var refusal: String? {
    let total = reading.tellingCount
    guard 2 * reading.unreadCount > total, let first = reading.firstUnread else { return nil }
    return "\(reading.unreadCount) of \(total) \(log.lineWord)s could not be read, first \(log.lineWord) "
      + "\(first.line): \(first.reason)"
  }

  var finding: Finding? {
    let what = parts
    guard !what.isEmpty else { return nil }
    return Finding(
      diagnosis: .log, verdict: .notice, cause: "damaged_lines", file: log.path, tensor: "",
      what: what.joined(separator: "; ") + "; all else was read", measurement: measurement, threshold: 0,
      likelyCause:
        "The machine or the disk failed while the file was written, several programs wrote it, or it was changed.",
      cure: "None needed for what was read; look at how the log is written.",
      check: "Look at the \(log.lineWord)s named.")
  }

  private var measurement: (String, Double) {
    if damagedCount > 0 { return ("damaged_\(log.lineWord)_count", Double(damagedCount)) }
    let cells = reading.textColumns.reduce(0) { $0 + $1.count }
    if cells > 0 { return ("text_cell_count", Double(cells)) }
    return ("row_count", Double(reading.withoutStepCount))
  }

  /// Of an event file the first of the damaged records are listed, and all are counted by their checksums.
  private var damagedCount: Int {
    log.format == .tensorBoard
      ? max(reading.damagedCount, reading.checksumFailureCount) : reading.damagedCount
  }

  private var parts: [String] {
    var what: [String] = []
    if damagedCount > 0 {
      let shown = reading.damages.prefix(4).map { "\($0.line) (\($0.reason))" }.joined(separator: ", ")
      what.append(
        "\(counted(damagedCount, log.lineWord)) cannot be read: \(shown)\(damagedCount > 4 ? " …" : "")")
    }
    if reading.lostByteCount > 0 { what.append("\(counted(reading.lostByteCount, "byte")) between records are lost") }
    for column in reading.textColumns.prefix(4) {
      what.append(
        "\(counted(column.count, "cell")) of \(column.name) \(column.count == 1 ? "holds" : "hold") text, such as "
          + "\"\(column.firstText)\" on \(log.lineWord) \(column.firstLine)")
    }
    // A summary at the end has none, and is no damage.
    if reading.textColumns.isEmpty, reading.withoutStepCount > 0,
      100 * reading.withoutStepCount >= reading.tellingCount, let first = reading.firstUnread
    {
      what.append(
        "\(counted(reading.withoutStepCount, "row")) left out for lack of a step, first \(log.lineWord) \(first.line)")
    }
    return what
  }
}
