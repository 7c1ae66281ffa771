/// What a training log turned out to be.
enum LogContent: Sendable {
  case table(TableLog)
  case json(JSONLog)
  case events(EventLog)
  case text(TextLog)

  /// Nil where the front is that of no training log, or of one of our own.
  ///
  /// - Parameter loss: the name that the user gave the loss.
  init?(_ front: LogFront, loss: String?) {
    if let events = EventLog(front, loss: loss) {
      self = .events(events)
      return
    }
    guard front.isText, !LogContent.isOurs(front) else { return nil }
    if let json = JSONLog(front, loss: loss) {
      self = .json(json)
    } else if let table = TableLog(front, loss: loss) {
      self = .table(table)
    } else if let text = TextLog(front, loss: loss) {
      self = .text(text)
    } else {
      return nil
    }
  }

  /// What a file is, and the front that tells; nil where it is no training log.
  static func find(_ file: InputFile, loss: String?) throws(FormatError) -> (front: LogFront, content: LogContent?) {
    let front = try LogFront(file)
    if let content = LogContent(front, loss: loss) { return (front, content) }
    guard front.isText, !front.isWhole, front.hasWords else { return (front, nil) }
    // Some programs print much before they begin to train.
    let more = try LogFront(file, byteCount: LogFront.long)
    return (more, LogContent(more, loss: loss))
  }

  /// Run logs and flight records of trimtab: `RunFile` reads them.
  private static func isOurs(_ front: LogFront) -> Bool {
    var parser = RunLineParser()
    var isOurs = false
    var count = 0
    front.forEachLine { line in
      guard line.first == UInt8(ascii: "{") else { return count < 64 }
      count += 1
      var scanner = JSONScanner(line)
      switch parser.parse(&scanner) {
      case nil, .other: return count < 64
      default: isOurs = true
      }
      return false
    }
    return isOurs
  }

  var description: LogDescription {
    switch self {
    case .table(let table):
      LogDescription(
        format: table.isLightning ? .lightning : .csv, columns: table.named, unused: table.unused,
        unusedCount: table.unusedCount, way: table.way, notes: table.notes,
        rising: table.header.rising)
    case .json(let json):
      LogDescription(
        format: json.shape == .history ? .trainerState : .jsonLines, columns: json.named,
        unused: Array(json.names.unused.prefix(TableHeader.greatestUnusedCount)), unusedCount: json.names.unused.count,
        way: json.way, notes: json.notes,
        rising: json.names.rising)
    case .events(let events):
      LogDescription(
        format: .tensorBoard, columns: events.named,
        unused: Array(events.names.unused.prefix(TableHeader.greatestUnusedCount)),
        unusedCount: events.names.unused.count, way: events.way, notes: events.notes,
        rising: events.names.rising)
    case .text(let text):
      LogDescription(
        format: .text, columns: text.named, unused: Array(text.names.unused.prefix(TableHeader.greatestUnusedCount)),
        unusedCount: text.names.unused.count, way: text.way, notes: text.notes,
        rising: text.names.rising)
    }
  }
}

/// What the front of a log settles.
struct LogDescription {
  var format: TrainingLog.Format
  var columns: [(quantity: String, name: String)]
  var unused: [String]
  var unusedCount: Int
  var way: StepNumbering.Way
  var notes: [String]
  var rising: [String]

  /// Whether the loss is read from the column of that name.
  func reads(_ loss: String) -> Bool {
    columns.contains { column in
      var name = column.name
      return column.quantity == LoggedQuantity.loss.key
        && (name == loss || name.withUTF8 { ColumnName.withoutRun($0).elementsEqual(loss.utf8) })
    }
  }
}
