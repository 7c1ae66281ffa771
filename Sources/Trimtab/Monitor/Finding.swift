/// One thing that went wrong, however often it was seen.
public struct Finding: BitwiseCopyable, Sendable, Equatable {
  public var rule: Rule
  public var verdict: Verdict
  public var cause: Cause
  /// What it was seen in; nil: a scalar, or all gradients together.
  public var quantity: Quantity?
  /// -1: the run as a whole.
  public var entry: Int
  /// It is still so.
  public var isStanding = true
  public var firstStep: Int
  public var lastStep: Int
  /// Looks in which it was seen.
  public var count = 1
  /// Row-major, of the first bad element; -1.
  public var index = -1
  /// At the worst.
  public var value: Double
  public var threshold: Double
  public var confidence = 1.0
  /// The greatest magnitude (or the series) in the four looks before, oldest first; NaN where there was none.
  public var before = SIMD4<Double>(repeating: .nan)
}

/// What a step comes to.
public struct Decision: Sendable, Equatable {
  public var action = Action.proceed
  /// The worst of the findings that still stand.
  public var verdict = Verdict.healthy
  /// What the action is for.
  public var rule: Rule?
  public var entry = -1
  public var step = 0
  public var findingCount = 0
  public var newFindingCount = 0
  public var clipFactor = 1.0
  public var gradientNorm = 0.0
  public var loss = Double.nan
}

/// What a rule says of one look.
struct Observation {
  var rule: Rule
  var verdict: Verdict
  var cause: Cause
  var value: Double
  var threshold: Double
  var quantity: Quantity? = nil
  var index = -1
  var confidence = 1.0
}
