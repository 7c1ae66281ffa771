internal import Trimtab

/// One pass over the lines of a printed log.
struct TextPass {
  var parser: TextLineParser
  var reading = LogReading()
  /// Looks what there is; hands out no rows.
  var surveys = false
  private(set) var lossCount = 0
  /// Lines with a loss and a pair without a name.
  private(set) var pairCount = 0
  private(set) var epochsRise = true

  private let takesPairs: Bool
  private var numbering: StepNumbering
  /// Rows to hand out, the first first.
  private var ready: [LogRow] = []
  /// The row of a progress bar: the next line may say it again.
  private var held: LogRow?
  /// The step that a line said without anything of it.
  private var announced: Double?
  private var isAnnouncedUsed = false
  private var epoch: Double?
  private var lastEpoch: Double?

  init(_ names: LoggedNames, _ numbering: StepNumbering, takesPairs: Bool) {
    parser = TextLineParser(names)
    self.numbering = numbering
    self.takesPairs = takesPairs
  }

  mutating func takeReady() -> LogRow? { ready.isEmpty ? nil : ready.removeFirst() }

  mutating func takeHeld() -> LogRow? {
    defer { held = nil }
    if held != nil { reading.rowCount += 1 }
    return held
  }

  mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ lines: LineReader) {
    guard !line.isEmpty else {
      if lines.isTooLong { reading.addDamage(line: lines.number, "longer than \(LineReader.longestLine >> 20) MiB") }
      return
    }
    reading.lineCount += 1
    parser.parse(line, isUnended: lines.isUnended) { reading.columns.append(($0.match?.quantity.key ?? "", $0.name)) }
    if lines.isUnended, parser.endsInNumber { reading.tornLine = lines.number }
    epoch = parser.builder.epoch ?? epoch
    guard !surveys else { return look() }
    if parser.builder.hasValue {
      finish(lines.number, isProgress: lines.endsAtReturn)
    } else {
      if let step = parser.builder.step {
        announced = step
        isAnnouncedUsed = false
      }
      reading.passedOverCount += 1
    }
  }

  private mutating func look() {
    guard parser.builder.hasLoss else { return }
    lossCount += 1
    if parser.pair != nil, parser.builder.step == nil { pairCount += 1 }
    guard let epoch else {
      epochsRise = false
      return
    }
    if StepNumbering.whole(epoch) == nil || lastEpoch.map({ epoch <= $0 }) ?? false { epochsRise = false }
    lastEpoch = epoch
  }

  private mutating func finish(_ line: Int, isProgress: Bool) {
    var builder = parser.builder
    if builder.epoch == nil, let epoch { builder.set(.epoch, epoch) }
    if builder.step == nil {
      if takesPairs, builder.hasTrainingLoss, let pair = parser.pair {
        builder.set(.step, pair.number)
        builder.stepsInEpoch = pair.total
      } else if let announced, !(builder.hasTrainingLoss && isAnnouncedUsed) {
        builder.set(.step, announced)
        isAnnouncedUsed = isAnnouncedUsed || builder.hasTrainingLoss
      }
    } else {
      announced = nil
    }
    switch builder.finish(&numbering) {
    case .row(let row): hand(row, isProgress: isProgress)
    case .empty: reading.passedOverCount += 1
    case .withoutStep: reading.addWithoutStep(line: line)
    }
  }

  /// A progress bar is drawn again and again: of lines about one step the last one counts.
  private mutating func hand(_ row: LogRow, isProgress: Bool) {
    if let before = held {
      held = nil
      if before.step == row.step, (before.loss == nil) == (row.loss == nil), numbering.way == .steps {
        reading.repeatedProgressCount += 1
      } else {
        ready.append(before)
        reading.rowCount += 1
      }
    }
    if isProgress {
      held = row
    } else {
      ready.append(row)
      reading.rowCount += 1
    }
  }

  mutating func finish() -> LogReading {
    if numbering.isWithinEpochs { reading.addNote("steps begin again with every epoch: they are counted through") }
    return reading
  }
}
