/// Some elements of a weight, the same ones at every look: what changed between two looks is read off them, so that
/// nobody has to keep a copy of the whole.
///
/// At most 1024 elements in runs of 16, evenly spread in row-major order; the relative error of rms(change) / rms(weight) is about
/// 1 / sqrt(2 · 1024) = 2 % for independent elements.
final class WeightSample {
  static let capacity = 1024
  private static let run = 16

  private let values: Storage<Double>
  private let fresh: Storage<Double>
  private var count = 0
  private var elementCount = 0
  /// Looks so far.
  private(set) var lookCount = 0
  /// Of the last two looks; NaN before the second.
  private(set) var changeRatio = Double.nan
  private(set) var rootMeanSquare = 0.0
  /// Of the last look over that of the look before.
  private(set) var growth = Double.nan
  /// rms(change) / (rms(weight) + 1e-9).
  private(set) var publishedRatio = Double.nan
  /// Looks in a row in which not a bit of the sample changed.
  private(set) var unchangedLooks = 0
  /// Looks in a row in which no element changed by more than 1e-8 + 1e-5 of itself.
  private(set) var closeLooks = 0
  /// Between the last two looks, at least 1.
  private(set) var stepCount = 1
  private var stamp = 0
  /// The learning rates of the steps between them, added up; 0 where none was shown.
  private(set) var rates = 0.0
  private var rateSum = 0.0

  init() throws(TrimtabError) {
    values = try Storage(count: WeightSample.capacity, for: "weight sample")
    fresh = try Storage(count: WeightSample.capacity, for: "weight sample")
  }

  /// Looks at a tensor in a step, counted from 1. Of several in one step (shards of one weight) the first is the sample:
  /// two shards compared with each other would say nothing.
  ///
  /// - Parameter rateSum: of the learning rates of all steps before.
  func add(_ tensor: TensorView, stamp: Int, rateSum: Double) {
    let taken = min(tensor.count, WeightSample.capacity)
    guard taken > 0, stamp != self.stamp else { return }
    stepCount = max(stamp &- self.stamp, 1)
    self.stamp = stamp
    (rates, self.rateSum) = (rateSum - self.rateSum, rateSum)
    let runs = (taken &+ WeightSample.run &- 1) / WeightSample.run
    for place in 0..<runs {
      let start = place &* WeightSample.run
      let length = min(WeightSample.run, taken &- start)
      // Below 2^52 elements no product leaves 64 bits.
      let spread = runs > 1 && tensor.count < 1 << 52 ? place &* (tensor.count &- length) / (runs &- 1) : start
      tensor.copy(from: spread, count: length, to: fresh.pointer + start)
    }
    if lookCount > 0, count == taken, elementCount == tensor.count { compare() } else { changeRatio = .nan }
    values.pointer.update(from: fresh.pointer, count: taken)
    count = taken
    elementCount = tensor.count
    lookCount = lookCount &+ 1
  }

  /// After a restore the next look has nothing to be compared with.
  func forget() {
    lookCount = 0
    unchangedLooks = 0
    closeLooks = 0
    changeRatio = .nan
  }

  private func compare() {
    var change = 0.0
    var square = 0.0
    var squareAfter = 0.0
    var isSame = true
    var isClose = true
    for place in 0..<count {
      let before = values.pointer[place]
      let after = fresh.pointer[place]
      if before != after { isSame = false }
      if !((after - before).magnitude <= 1e-8 + 1e-5 * before.magnitude) { isClose = false }
      guard before.isFinite, after.isFinite else { continue }
      // Beyond 1e150 the squares leave float64: then there is no ratio, and the range rule speaks.
      change += (after - before) * (after - before)
      square += before * before
      squareAfter += after * after
    }
    rootMeanSquare = (square / Double(count)).squareRoot()
    publishedRatio = (change / Double(count)).squareRoot() / (rootMeanSquare + 1e-9)
    changeRatio = square > 0 && square < .infinity ? (change / square).squareRoot() : .nan
    growth = (squareAfter / square).squareRoot()
    unchangedLooks = isSame ? unchangedLooks &+ 1 : 0
    closeLooks = isClose ? closeLooks &+ 1 : 0
  }
}
