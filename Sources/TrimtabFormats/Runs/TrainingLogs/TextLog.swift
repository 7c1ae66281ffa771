internal import Trimtab

/// A training log that a program printed, line by line.
struct TextLog: Sendable {
  /// The name under which the numbers of progress bars are read as steps.
  static let pairName = "n/total"

  private(set) var names: LoggedNames
  private(set) var way = StepNumbering.Way.rows
  /// Steps are the numbers of pairs without a name.
  private(set) var takesPairs = false
  private(set) var named: [(quantity: String, name: String)] = []
  private(set) var notes: [String] = []

  /// Nil where the front is not that of such a log.
  init?(_ front: LogFront, loss: String?) {
    var survey = TextPass(LoggedNames(loss: loss), StepNumbering(.rows), takesPairs: false)
    survey.surveys = true
    let lines = LineReader(MemoryStream(front.bytes, from: front.markCount), takesReturns: true)
    var failure: FormatError?
    while lines.goOn(&failure, { survey.take($0, lines) }) {}
    names = survey.parser.names
    takesPairs = 2 * survey.pairCount > survey.lossCount
    guard survey.lossCount >= 2 else { return nil }
    let isDense = survey.lossCount >= 3 && 2 * survey.lossCount >= survey.reading.lineCount
    guard let (choice, candidates) = names.settle(alwaysNumbered: takesPairs || isDense),
      // One loss of each kind is what a program says at its end.
      [choice[.loss], choice[.validationLoss]].contains(where: { $0.map { candidates[$0].valueCount >= 2 } ?? false })
    else { return nil }
    takesPairs = takesPairs && choice[.step] == nil
    way =
      choice[.step] != nil || takesPairs ? .steps : survey.epochsRise && choice[.epoch] != nil ? .epochs : .rows
    named = (takesPairs ? [(LoggedQuantity.step.key, TextLog.pairName)] : []) + choice.columns(candidates, way: way)
    notes = choice.notes
    if takesPairs { notes.append("steps are the numbers of the progress bar") }
    if way == .epochs { notes.append("steps are epochs") }
    if way == .rows { notes.append("the log does not number its steps: its rows are counted from 0") }
  }

  func forEachRow(
    _ file: InputFile, _ front: (isCompressed: Bool, markCount: Int), progress: (Int, Int) -> Void,
    _ body: (LogRow) throws -> Void
  ) throws -> LogReading {
    let (stream, region) = try LogFront.open(file, isCompressed: front.isCompressed)
    let lines = LineReader(stream, takesReturns: true)
    var pass = TextPass(names, StepNumbering(way), takesPairs: takesPairs)
    pass.reading.columns = named
    var failure: FormatError?
    while lines.goOn(&failure, { pass.take($0, lines) }) {
      if let row = pass.takeReady() { try body(row) }
      if let row = pass.takeReady() { try body(row) }
      if lines.number & 0xfff == 0 { progress(region.offset, file.byteCount) }
    }
    if let row = pass.takeHeld() { try body(row) }
    pass.reading.failure = failure
    progress(file.byteCount, file.byteCount)
    return pass.finish()
  }
}
