internal import Trimtab

/// TensorBoard's event files: each scalar's tag is a column, each record a row.
struct EventLog: Sendable {
  private(set) var names: LoggedNames
  private(set) var way = StepNumbering.Way.steps
  private(set) var named: [(quantity: String, name: String)] = []
  private(set) var notes: [String] = []

  /// Nil where the front is not that of an event file with a run's scalars in it.
  init?(_ front: LogFront, loss: String?) {
    guard !front.isCompressed, EventLog.isEventFile(front.bytes) else { return nil }
    var pass = EventPass(LoggedNames(loss: loss), StepNumbering(.rows))
    pass.surveys = true
    let records = EventRecordReader(ByteWindow(front.bytes))
    while (try? records.next { pass.take($0) }) ?? false {}
    names = pass.names
    guard let (choice, candidates) = names.settle(alwaysNumbered: true) else { return nil }
    way = pass.stepsDiffer ? .steps : .rows
    named = choice.columns(candidates, way: way).filter { $0.quantity != LoggedQuantity.step.key }
    notes = choice.notes
    if way == .rows { notes.append("every record says the same step: they are counted from 0") }
  }

  /// The first sound record is an event.
  private static func isEventFile(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 16 else { return false }
    let records = EventRecordReader(ByteWindow(bytes.prefix(1 << 16)))
    var isEvent = false
    _ = try? records.next { bytes in
      let record = EventRecord(bytes)
      isEvent = !record.isDamaged && (record.isHeader || record.hasTime)
    }
    return isEvent
  }

  func forEachRow(
    _ file: InputFile, progress: (Int, Int) -> Void, _ body: (LogRow) throws -> Void
  ) throws -> LogReading {
    let records = EventRecordReader(ByteWindow(file))
    var pass = EventPass(names, StepNumbering(way))
    pass.reading.columns = named
    var failure: FormatError?
    var told = 0
    while records.goOn(&failure, { pass.take($0) }) {
      for row in pass.rows { try body(row) }
      if records.offset - told > 1 << 20 {
        told = records.offset
        progress(records.offset, file.byteCount)
      }
    }
    progress(file.byteCount, file.byteCount)
    return pass.finish(records, failure)
  }
}

/// One pass over the records of an event file.
private struct EventPass {
  var names: LoggedNames
  var reading = LogReading()
  var surveys = false
  private(set) var rows: [LogRow] = []
  private(set) var stepsDiffer = false

  private var numbering: StepNumbering
  private var builder = LogRowBuilder()
  private var firstStep: Int?
  private var lossCount = 0

  init(_ names: LoggedNames, _ numbering: StepNumbering) {
    self.names = names
    self.numbering = numbering
  }

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    rows.removeAll(keepingCapacity: true)
    reading.lineCount += 1
    let record = EventRecord(bytes)
    if record.isDamaged { reading.addDamage(line: reading.lineCount, "no event, though its checksum fits") }
    builder.reset()
    builder.set(.step, Double(record.step))
    for scalar in record.scalars {
      let place = names.place(of: scalar.tag) { reading.columns.append(($0.match?.quantity.key ?? "", $0.name)) }
      guard let place else { continue }
      if surveys {
        names.count(place)
        look(record.step)
      } else if let role = names.entries[place].role, role != .step {
        names.entries[place].match?.isExponential == true
          ? builder.set(role, logarithmOf: scalar.value) : builder.set(role, scalar.value)
      }
    }
    guard !surveys else { return }
    guard builder.hasValue, case .row(let row) = builder.finish(&numbering) else {
      reading.passedOverCount += 1
      return
    }
    rows.append(row)
    reading.rowCount += 1
  }

  /// A program that names no step writes 0 each time.
  private mutating func look(_ step: Int) {
    if let firstStep, firstStep != step { stepsDiffer = true }
    firstStep = firstStep ?? step
    lossCount += 1
    if lossCount == 1, step != 0 { stepsDiffer = true }
  }

  mutating func finish(_ records: EventRecordReader, _ failure: FormatError?) -> LogReading {
    reading.failure = failure
    reading.checksumFailureCount = records.checksumFailureCount
    reading.lostByteCount = records.lostByteCount
    for number in records.failures { reading.addDamage(line: number, "the checksum does not fit") }
    if records.isTorn { reading.tornLine = records.number }
    if records.tooLongCount > 0 {
      reading.addNote("\(records.tooLongCount) records of more than 16 MiB were passed over")
    }
    if records.checksumFailureCount > 0 {
      reading.addNote("records whose checksum does not fit were passed over; TensorBoard stops at the first of them")
    }
    return reading
  }
}

extension EventRecordReader {
  /// `next`, with what it throws kept: the rows before it stand.
  func goOn(_ failure: inout FormatError?, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    do throws(FormatError) { return try next(body) } catch {
      failure = error
      return false
    }
  }
}
