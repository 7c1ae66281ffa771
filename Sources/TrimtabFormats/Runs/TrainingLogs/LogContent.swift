/// What a training log turned out to be.
enum LogContent: Sendable {
  case table(TableLog)

  /// Nil where the front is that of no training log.
  init?(_ front: LogFront) {
    guard front.isText, !front.isUTF16 else { return nil }
    if let table = TableLog(front) {
      self = .table(table)
    } else {
      return nil
    }
  }

  var format: TrainingLog.Format {
    switch self {
    case .table(let table): table.isLightning ? .lightning : .csv
    }
  }

  var columns: [(quantity: String, name: String)] {
    switch self {
    case .table(let table): table.named
    }
  }

  var unusedColumns: [String] {
    switch self {
    case .table(let table): table.unused
    }
  }

  var unusedColumnCount: Int {
    switch self {
    case .table(let table): table.unusedCount
    }
  }

  var way: StepNumbering.Way {
    switch self {
    case .table(let table): table.way
    }
  }

  var notes: [String] {
    switch self {
    case .table(let table): table.notes
    }
  }
}
