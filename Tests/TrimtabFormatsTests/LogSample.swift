import Trimtab

@testable import TrimtabFormats

/// A training log read through.
struct LogSample {
  let log: TrainingLog
  let reading: LogReading
  let rows: [LogRow]

  init(_ scratch: Scratch, _ bytes: [UInt8], name: String = "log") throws {
    let path = scratch.write(name, bytes)
    log = try TrainingLog(path: path)
    var rows: [LogRow] = []
    reading = try log.forEachRow { rows.append($0) }
    self.rows = rows
  }

  init(_ scratch: Scratch, _ text: String, name: String = "log") throws {
    try self.init(scratch, Array(text.utf8), name: name)
  }

  var steps: [Int] { rows.map(\.step) }
  var losses: [Double?] { rows.map(\.loss) }

  /// The name of the column that a quantity is read from.
  func column(_ quantity: String) -> String? { log.columns.first { $0.quantity == quantity }?.name }
}

/// Equal, NaN to NaN.
func same(_ left: [Double?], _ right: [Double?]) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { left, right in
      switch (left, right) {
      case (nil, nil): true
      case (let left?, let right?): left == right || left.isNaN && right.isNaN
      default: false
      }
    }
}
