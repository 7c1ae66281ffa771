import Trimtab
import TrimtabFormats

extension Examiner {
  /// Reads a tensor once, notes its summary, and reports NaN and Inf.
  func summarise(_ source: TensorSource) throws -> Summary {
    var summary = Summary.identity
    try source.forEachElementBlock(memoryLimit: settings.memoryLimit(source)) { block in
      try summary.merge(summarize(block))
      progress.update(source.location, done: summary.count, total: source.count)
    }
    judgeFiniteness(source, summary, kind: .other)
    return summary
  }

  /// Adds a finding for NaN and Inf, located by index.
  func judgeFiniteness(_ source: TensorSource, _ summary: Summary, kind: TensorKind) {
    record(source, summary)
    guard summary.nonfiniteCount > 0 else { return }
    let infinities = summary.positiveInfinityCount + summary.negativeInfinityCount
    let place = position(summary.firstNonfiniteIndex, source)
    let words = kind.nonfiniteWords
    add(
      Finding(
        diagnosis: .finiteness, verdict: words.verdict, cause: "nonfinite_value", file: source.path,
        tensor: source.name,
        what: "\(summary.nanCount) NaN and \(infinities) Inf of \(summary.count) elements, the first at \(place)",
        measurement: ("nonfinite_count", Double(summary.nonfiniteCount)), threshold: 0, likelyCause: words.cause,
        cure: words.cure, check: words.check, firstIndex: summary.firstNonfiniteIndex))
  }

  /// `[12, 4]`, and the column's name where there is one.
  func position(_ index: Int, _ source: TensorSource) -> String {
    var shape = source.shape
    guard !shape.isEmpty, index >= 0 else { return "element \(index)" }
    if !source.rowsAreCounted { shape[0] = .max }
    var rest = index
    var indices: [Int] = []
    for extent in shape.dropFirst().reversed() {
      indices.insert(rest % max(extent, 1), at: 0)
      rest /= max(extent, 1)
    }
    indices.insert(rest, at: 0)
    let name =
      indices.count == 2 && source.columnNames.indices.contains(indices[1])
      ? " (\(source.columnNames[indices[1]]))" : ""
    return "\(indices)\(name)"
  }
}

extension TensorKind {
  /// What NaN and Inf mean in a tensor of this kind.
  var nonfiniteWords: (verdict: Verdict, cause: String, cure: String, check: String) {
    switch self {
    case .samples:
      (
        .warning, "Missing or broken values in the data; rows that hold them are left out of every figure here.",
        "Fill the values in or drop the rows, before training.", "Look at the named row in the source of the data."
      )
    case .predictions, .labels:
      (
        .critical, "The model that made the predictions has diverged, or its input held NaN.",
        "Look for NaN in the weights and in the inputs of that round.", "Predict the named sample again by hand."
      )
    case .preactivations:
      (
        .critical, "The forward pass overflowed, or weights or inputs hold NaN.",
        "Go back to the last finite checkpoint; then lower the learning rate, or clip the gradient.",
        "Check the weights of the layer, then its input: the first that is not finite is the origin."
      )
    case .weights:
      (
        .critical, "A step with a gradient that was not finite was applied to the weights.",
        "Go back to the last finite checkpoint, and skip steps whose gradient is not finite.",
        "Check the gradients and the optimizer's state of the steps before."
      )
    default:
      (
        .warning, "A computation overflowed, or divided by zero.", "Find the first tensor that holds NaN or Inf.",
        "Repeat the computation in float64."
      )
    }
  }
}
