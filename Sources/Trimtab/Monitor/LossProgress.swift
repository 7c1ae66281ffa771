/// Whether the loss has ever come down by a tenth of what it was in its first ten steps.
struct LossProgress {
  private(set) var count = 0
  private var first = 0.0
  /// Over about the last ten steps.
  private(set) var current = 0.0
  private(set) var hasImproved = false
  private var start = 0.0
  private var best = Double.infinity
  /// Steps in a row, up to the last, with a loss well above both the very first and twice the best, and above the
  /// greatest of late before them: noise that the run has shown before is no surge.
  private(set) var surge = 0
  private var peak = 0.0
  /// There were two such in a row: one bad batch is no surge.
  private(set) var hasSurged = false

  /// Whether a loss is next to nothing of what it was in the first ten steps, and the best so far far less: a fit that
  /// knows its data by heart, and leaves a perfect score for a nearly perfect one.
  func isTiny(_ loss: Double, best: Double) -> Bool {
    count >= 10 && best > 0 && best < 1e-3 * first && loss < 0.03 * first
  }

  /// The data are known by heart: the loss has come down a million times.
  var isSpent: Bool { count > 10 && first > 0 && best < 1e-6 * first }

  mutating func add(_ loss: Double, ceiling: Double) {
    guard loss.magnitude < 1e150 else { return }
    if count == 0 { start = loss }
    if surge == 0 { peak = ceiling }
    surge = start > 0 && loss > max(1.2 * start, 2 * best, peak) ? surge &+ 1 : 0
    if surge >= 2 { hasSurged = true }
    best = min(best, loss)
    count = count &+ 1
    current += (loss - current) / Double(min(count, 10))
    if count == 10 { first = current }
    if count > 10, first - current > 0.1 * first.magnitude { hasImproved = true }
  }
}

/// The greatest value of the last hundred to two hundred. A spike below it is nothing new: near the end of a fit one
/// hard sample brings a batch back to where the run has just been.
struct Ceiling {
  private static let block = 100

  private var previous = -Double.infinity
  private var current = -Double.infinity
  private var count = 0

  var height: Double { max(previous, current) }

  /// While no baseline is known yet: a thousand times the greatest of all before, if the value lies above it.
  func enormous(_ value: Double, after least: Int, before most: Int) -> Double? {
    let limit = 1000 * height
    return count >= least && count <= most && limit > 0 && value > limit ? limit : nil
  }

  /// Takes a value, and says whether it rises over `usual` by that factor farther than any before.
  mutating func add(_ value: Double, usual: Double, factor: Double) -> Bool {
    let height = height
    let limit = height + (factor - 1) * max(height - usual, 0)
    if count % Ceiling.block == 0 { (previous, current) = (current, -.infinity) }
    count = count &+ 1
    // One wild value does not raise it for all that follow; what is usual by now does.
    current = max(current, height.isFinite ? min(value, max(limit + max(limit - usual, 0), usual)) : value)
    return !(value <= limit)
  }
}

/// What the loss was like some time ago: a level in sixteen steps, about the last thousand of them.
struct LossHistory {
  private static let count = 64

  private let levels: Storage<(step: Int, loss: Double)>
  private var used = 0

  init() throws(TrimtabError) { levels = try Storage(count: LossHistory.count, for: "loss history") }

  mutating func add(_ loss: Double, at step: Int, serial: Int) {
    guard serial & 15 == 0 else { return }
    levels.pointer[used % LossHistory.count] = (step, loss)
    used = used &+ 1
  }

  /// Of the last of them up to a step, or of the first that is known; nil for none.
  func level(at step: Int) -> Double? {
    guard used > 0 else { return nil }
    var found = levels.pointer[used > LossHistory.count ? used % LossHistory.count : 0]
    for place in 0..<min(used, LossHistory.count) {
      let one = levels.pointer[place]
      if one.step <= step, one.step > found.step || found.step > step { found = one }
    }
    return found.loss
  }
}
