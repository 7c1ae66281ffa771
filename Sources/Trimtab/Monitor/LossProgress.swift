/// Whether the loss has ever come down by a tenth of what it was in its first ten steps.
struct LossProgress {
  private var count = 0
  private var first = 0.0
  private var current = 0.0
  private(set) var hasImproved = false

  mutating func add(_ loss: Double) {
    guard loss.magnitude < 1e150 else { return }
    count = count &+ 1
    current += (loss - current) / Double(min(count, 10))
    if count == 10 { first = current }
    if count > 10, first - current > 0.1 * first.magnitude { hasImproved = true }
  }
}

/// The greatest value of about the last thousand. A spike below it is nothing new: near the end of a fit one hard
/// sample brings a batch back to where the run began, and it is soon forgotten.
struct Ceiling {
  private static let keep = 0.995

  private var height = 0.0

  /// Takes a value, and says whether it lies by that factor above all before. So does every value where ratios mean
  /// nothing.
  mutating func add(_ value: Double, factor: Double) -> Bool {
    guard value > 0, value.isFinite else { return height <= 0 }
    guard height > 0 else {
      height = value
      return true
    }
    let isNew = value > factor * height
    // One wild value neither raises it for long nor for ever.
    let isForgotten = value < 1e-3 * height
    let kept = isForgotten ? height.squareRoot() * value.squareRoot() : Ceiling.keep * height
    height = max(kept, min(value, 4 * height))
    return isNew
  }
}
