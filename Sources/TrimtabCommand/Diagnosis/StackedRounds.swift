import Trimtab
import TrimtabFormats

extension Examiner {
  /// Rounds that stand in one array [rounds, samples, classes], which its rows must show by summing to 1.
  func examineStackedRounds(_ source: TensorSource) throws {
    try source.withView(memoryLimit: settings.memoryLimit(source)) { view in
      let summary = summarize(view)
      if let reason = try objectionToRounds(source, view, summary) {
        judgeFiniteness(source, summary, kind: .other)
        take(source, for: Recognition(kind: .other, reason: reason))
        return skip(
          source, .drift,
          "\(reason): no [rounds, samples, classes], looked through for NaN and Inf only (--as tells what it is)")
      }
      judgeFiniteness(source, summary, kind: .predictions)
      note(source.path, "\(source.name.isEmpty ? "" : source.name + ": ")3 axes taken for rounds, samples and classes")
      let rounds = (0..<source.shape[0]).map { PredictionSeries.Round(index: $0, source: source) }
      let series = PredictionSeries(file: source.path, rounds: rounds, ids: nil)
      try checkPrior(series)
      let drift = try LabelDrift(options: settings.drift)
      for round in rounds { try drift.add(round: round.index, ids: nil, predictions: try view.part(round.index)) }
      judgeDrift(series, try rounds.dropFirst().map { try drift.report(round: $0.index) })
    }
  }

  /// Why an array is not one of rounds; nil where it may be.
  private func objectionToRounds(_ source: TensorSource, _ view: TensorView, _ summary: Summary) throws -> String? {
    let shape = source.shape
    guard shape.count == 3 else { return "predictions of \(shape.count) axes" }
    guard SeriesName(key: source.name) == nil else { return "a round of 3 axes" }
    guard view.count > 0, summary.finiteCount > 0 else { return "no finite number in 3 axes" }
    guard shape[0] >= 2 else { return "3 axes, the first of them a single round" }
    guard shape[0] <= shape[1] else { return "3 axes, with more rounds than samples if the first are rounds" }
    return try view.rowsSumToOne() ? nil : "3 axes whose rows do not sum to 1"
  }
}

extension TensorView {
  /// Whether all rows of the last axis are shares of 1, those with NaN or Inf left out.
  fileprivate func rowsSumToOne() throws -> Bool {
    let columns = shape[rank - 1]
    let row = try Storage<Double>(count: columns, for: "row")
    let tolerance = elementType.epsilon > 0x1p-20 ? 2e-2 : 1e-3
    return withExtendedLifetime(row) {
      stride(from: 0, to: count, by: columns).allSatisfy { start in
        copy(from: start, count: columns, to: row.pointer)
        let values = UnsafeBufferPointer(start: row.pointer, count: columns)
        guard values.allSatisfy(\.isFinite) else { return true }
        return values.allSatisfy { $0 >= 0 } && abs(values.reduce(0, +) - 1) <= tolerance
      }
    }
  }
}
