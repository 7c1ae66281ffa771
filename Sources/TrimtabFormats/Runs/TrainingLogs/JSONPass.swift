internal import Trimtab

/// One pass over the objects of a log.
struct JSONPass {
  var parser: JSONRowParser
  var reading = LogReading()
  /// Looks what there is; hands out no rows.
  var surveys = false
  /// What the last line or object says.
  private(set) var rows: [LogRow] = []
  /// Epochs are whole numbers that rise from one loss to the next.
  private(set) var epochsRise = true
  /// Objects with a loss.
  private(set) var lossCount = 0

  private var numbering: StepNumbering
  private var lastEpoch: Double?

  init(_ names: LoggedNames, _ numbering: StepNumbering) {
    parser = JSONRowParser(names)
    self.numbering = numbering
  }

  mutating func takeLine(_ line: UnsafeBufferPointer<UInt8>, _ lines: LineReader) {
    rows.removeAll(keepingCapacity: true)
    reading.lineCount += 1
    guard !lines.isTooLong else {
      return reading.addDamage(line: lines.number, "longer than \(LogFront.longestLine >> 20) MiB")
    }
    var line = line
    if lines.number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) {
      line = UnsafeBufferPointer(rebasing: line.dropFirst(3))
    }
    // Other lines are what else the program printed.
    guard line.first(where: { $0 > 32 }) == UInt8(ascii: "{") else {
      reading.passedOverCount += 1
      return
    }
    take(line, lines.number, isLast: lines.isUnended)
  }

  mutating func takeObject(_ object: UnsafeBufferPointer<UInt8>, _ objects: JSONObjectReader) {
    rows.removeAll(keepingCapacity: true)
    reading.lineCount += 1
    guard !objects.isTooLong else {
      return reading.addDamage(line: objects.line, "longer than \(JSONObjectReader.longestObject >> 20) MiB")
    }
    take(object, objects.line, isLast: objects.isTorn)
  }

  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Int, isLast: Bool) {
    var found: [LogRowBuilder] = []
    let isSound = parser.parseAll(bytes, &reading, line: line) { found.append($0) }
    if surveys {
      // A damaged line has no say in which column is which.
      guard isSound else { return }
      parser.countFound()
    }
    if !isSound {
      if isLast { reading.tornLine = line } else { reading.addDamage(line: line, "no JSON object") }
    } else if !surveys, let unread = parser.unread {
      reading.addUnread(line: line, unread)
    }
    for index in found.indices {
      if surveys { look(found[index]) } else { finish(&found[index], line, isUnread: !isSound || parser.unread != nil) }
    }
  }

  private mutating func look(_ builder: LogRowBuilder) {
    guard builder.hasLoss else { return }
    lossCount += 1
    guard let epoch = builder.epoch else { return }
    if StepNumbering.whole(epoch) == nil || lastEpoch.map({ epoch <= $0 }) ?? false { epochsRise = false }
    lastEpoch = epoch
  }

  private mutating func finish(_ builder: inout LogRowBuilder, _ line: Int, isUnread: Bool) {
    switch builder.finish(&numbering) {
    case .row(let row):
      rows.append(row)
      reading.rowCount += 1
    case .empty: reading.passedOverCount += 1
    case .withoutStep: reading.addWithoutStep(line: line, isUnread: isUnread)
    }
  }

  mutating func finish() -> LogReading {
    if numbering.isWithinEpochs { reading.addNote("steps begin again with every epoch: they are counted through") }
    return reading
  }
}
