/// Rows that say nothing of the loss: as usual between two that do, or to the end of the log.
///
/// A table written by pandas has an empty cell for NaN, and some writers of JSON write null.
struct LogAbsence: BitwiseCopyable {
  private var lossCount = 0
  /// Rows since the last loss that are of no evaluation, and the first of their steps.
  private(set) var run = 0
  private(set) var firstStep = 0
  private(set) var lastStep = 0
  /// The most of them between two losses.
  private var usual = 0
  private var lossStep = 0

  mutating func add(_ row: LogRow) {
    if row.loss != nil {
      // What comes before the first loss, and before the second where it is logged now and then, is usual too.
      usual = max(usual, run)
      lossCount = lossCount &+ 1
      run = 0
      lossStep = row.step
    } else if row.validationLoss == nil, row.step != lossStep {
      if run == 0 { firstStep = row.step }
      run = run &+ 1
      lastStep = row.step
    }
  }

  /// Whether the loss is gone for good: for five times as many rows as ever before, and a dozen more.
  var isForGood: Bool { lossCount >= 3 && run >= 12 && run / 5 >= usual }
}
