/// What the promise about false alarms makes of thresholds that no history has set: 1 leaves them, above 1 it takes more
/// evidence, below 1 less.
///
/// `promise ^ -1/5` of alarms in a million: 0.1 at 1e5, 4 at 1e-3, and 100 at most.
struct Strictness: BitwiseCopyable {
  let factor: Double

  init(falseAlarmsPerMillion: Double) {
    factor = falseAlarmsPerMillion == 1 ? 1 : min(exponential(-0.2 * logarithm(falseAlarmsPerMillion)), 100)
  }

  /// Of an amount that is bad above its bound.
  func amount(_ bound: Double) -> Double { bound * factor }

  /// Of an amount that is bad below it.
  func floor(_ bound: Double) -> Double { bound / factor }

  /// Of a ratio, which begins at 1.
  func ratio(_ bound: Double) -> Double { 1 + (bound - 1) * factor }

  /// Of a ratio that is bad near 1.
  func floorRatio(_ bound: Double) -> Double { 1 + (bound - 1) / factor }

  /// What bounds are lowered by where many alarms are allowed: 1 at most.
  var looseness: Double { min(factor, 1) }

  /// Of a share, which ends at 1.
  func share(_ bound: Double) -> Double {
    factor == 1 || bound >= 1 ? bound : exponential(logarithm(bound) / factor)
  }
}
