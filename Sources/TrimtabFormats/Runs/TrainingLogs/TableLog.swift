/// A training log that is a table: cells between commas, semicolons, tabs, bars or spaces, under a header.
struct TableLog: Sendable {
  static let greatestPreambleCount = 8

  private(set) var header: TableHeader
  private(set) var headerLine = 0
  private(set) var columns: [TableRow.Column] = []
  private(set) var way = StepNumbering.Way.rows
  private(set) var named: [(quantity: String, name: String)] = []
  private(set) var unused: [String] = []
  private(set) var notes: [String] = []
  private(set) var shift = 0
  /// Rows leave cells empty.
  private(set) var isSparse = false
  /// The name that the user gave the loss.
  let loss: String?

  /// Nil where the front is not that of such a table.
  init?(_ front: LogFront, loss: String?) {
    guard let (header, line, choice) = TableLog.findHeader(front, loss: loss) else { return nil }
    self.loss = loss
    self.header = header
    headerLine = line
    let survey = TableSurvey(front, header, headerLine: line)
    var candidates = header.candidates
    for place in candidates.indices {
      let isStep = candidates[place].match.quantity == .step
      candidates[place].valueCount = isStep ? survey.wholeCounts[place] : survey.valueCounts[place]
    }
    var chosen = survey.rowCount == 0 ? choice : ColumnChoice(candidates)
    guard TableLog.counts(chosen, candidates, survey) else { return nil }
    var uncounted: String?
    if let step = chosen[.step], 2 * survey.wholeCounts[step] < survey.valueCounts[step] {
      chosen.drop(.step)
      uncounted = candidates[step].name
    }
    if let loss = chosen[.loss] ?? chosen[.validationLoss] ?? chosen[.step],
      survey.textCounts[loss] > survey.rowCount / 2
    {
      return nil
    }
    if header.delimiter == CellCursor.spaces, survey.rowCount > 0, survey.valueCounts.allSatisfy({ $0 == 0 }) {
      return nil
    }
    notes = chosen.notes
    if let uncounted { notes.append("the numbers in \(quoted(uncounted)) are not whole, or 2^53 and more: no steps") }
    isSparse = chosen[.loss].map { survey.valueCounts[$0] < survey.rowCount } ?? false
    shift = survey.rowCount > 0 && survey.shiftedCount == survey.rowCount ? 1 : 0
    if shift == 1, TableLog.hasCommasInNumbers(header, chosen, survey) { shift = 0 }
    way = TableLog.way(chosen, survey)
    columns = TableLog.columns(header, chosen, survey)
    named = chosen.columns(candidates, way: way)
    let used = Set(named.map(\.name))
    unused = Array(
      (candidates.map(\.name).filter { !used.contains($0) } + header.strangers).prefix(TableHeader.greatestUnusedCount))
    addNotes(survey)
  }

  var unusedCount: Int { header.candidates.count - named.count + header.strangerCount + header.companionCount }

  /// Lightning's logger writes a comma, an epoch and a step, and leaves cells empty.
  var isLightning: Bool {
    let names = Set(header.candidates.map(\.name))
    return header.delimiter == UInt8(ascii: ",") && names.isSuperset(of: ["epoch", "step"]) && isSparse
  }

  /// Whether the steps go up, where only they tell a log from a data set: its loss goes by another name, or by none.
  private static func counts(_ choice: ColumnChoice, _ candidates: [ColumnCandidate], _ survey: TableSurvey) -> Bool {
    let rank = choice.lossRank(candidates) ?? .max
    guard rank >= ColumnMatch.termRank, let step = choice[.step] ?? choice[.epoch] else { return true }
    return 4 * survey.fallCounts[step] <= survey.rowCount
  }

  /// Whether the cell more that each row has comes of decimal commas, or of commas between thousands, where commas
  /// separate the cells: read as if it were the number of the row, the loss would be whole in every row, or the step
  /// stand still.
  private static func hasCommasInNumbers(
    _ header: TableHeader, _ choice: ColumnChoice, _ survey: TableSurvey
  ) -> Bool {
    guard header.delimiter == UInt8(ascii: ","), survey.rowCount >= 4 else { return false }
    if let loss = choice[.loss] ?? choice[.validationLoss], survey.wholeCounts[loss] == survey.valueCounts[loss] {
      return true
    }
    return choice[.step].map { 2 * survey.riseCounts[$0] < survey.rowCount - 2 } ?? false
  }

  private static func findHeader(_ front: LogFront, loss: String?) -> (TableHeader, Int, ColumnChoice)? {
    var found: (TableHeader, Int, ColumnChoice)?
    var line = 0
    var preamble = 0
    front.forEachLine { bytes in
      line += 1
      var text = bytes
      while let byte = text.first, byte <= 32 || byte == UInt8(ascii: "#") {
        text = UnsafeBufferPointer(rebasing: text.dropFirst())
      }
      guard !text.isEmpty else { return line < 1000 }
      for delimiter in [UInt8(ascii: ","), UInt8(ascii: ";"), 9, UInt8(ascii: "|"), CellCursor.spaces]
      where delimiter == CellCursor.spaces || text.contains(delimiter) {
        guard let header = TableHeader(text, delimiter: delimiter, loss: loss) else { continue }
        let choice = ColumnChoice(header.candidates)
        guard header.makesLog(choice) else { continue }
        found = (header, line, choice)
        return false
      }
      preamble += 1
      return preamble < greatestPreambleCount
    }
    return found
  }

  private static func way(_ choice: ColumnChoice, _ survey: TableSurvey) -> StepNumbering.Way {
    if choice[.step] != nil { return .steps }
    if let epoch = choice[.epoch], survey.rises[epoch] { return .epochs }
    return .rows
  }

  private static func columns(_ header: TableHeader, _ choice: ColumnChoice, _ survey: TableSurvey) -> [TableRow.Column]
  {
    LoggedQuantity.allCases.compactMap { quantity in
      guard let place = choice[quantity] else { return nil }
      var column = TableRow.Column(
        cell: header.places[place], quantity: quantity, name: header.candidates[place].name)
      // A loss that was NaN does not come back between two others.
      column.takesNaNForMissing = quantity != .loss && quantity != .step && survey.recoveries[place] >= 2
      // Where most rows have a number, a word for none is a loss that was none.
      column.takesVoidForNaN = quantity == .loss && !survey.isSparse(place)
      column.isExponential = header.candidates[place].match.isExponential
      column.isLeftOutOfEvaluations = quantity == .loss && survey.aloneCount >= 2 && survey.besideCount == 0
      return column
    }
  }

  private mutating func addNotes(_ survey: TableSurvey) {
    switch header.delimiter {
    case UInt8(ascii: ";"): notes.append("cells are separated by semicolons")
    case 9: notes.append("cells are separated by tabs")
    case UInt8(ascii: "|"): notes.append("cells are separated by bars")
    case CellCursor.spaces: notes.append("cells are separated by spaces")
    default: break
    }
    if shift > 0 { notes.append("the first column has no name and was left out") }
    for column in columns where column.takesNaNForMissing {
      notes.append("NaN in \(quoted(column.name)) stands for no value")
    }
    if columns.contains(where: \.isLeftOutOfEvaluations) {
      notes.append("a loss of NaN beside a validation loss stands for no value")
    }
    if way == .epochs { notes.append("steps are epochs") }
    if way == .rows { notes.append("the log does not number its steps: its rows are counted from 0") }
  }
}
