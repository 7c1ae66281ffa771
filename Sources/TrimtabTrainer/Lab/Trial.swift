internal import Trimtab

/// What an expectation asks of a number.
public enum Bound: Sendable {
  case atLeast(Double)
  case atMost(Double)

  public var limit: Double {
    switch self {
    case .atLeast(let limit), .atMost(let limit): limit
    }
  }

  public var isLowest: Bool {
    if case .atLeast = self { return true }
    return false
  }

  /// NaN holds nothing.
  func holds(_ value: Double) -> Bool {
    switch self {
    case .atLeast(let limit): value >= limit
    case .atMost(let limit): value <= limit
    }
  }
}

/// One seed of an experiment: where its random numbers come from, and where what it measures goes.
public final class Trial {
  public let seed: UInt64
  /// Whether curves are kept; those of one seed are.
  let isDrawn: Bool
  private let report: LabReport
  private var nextStream: UInt64 = 0

  init(seed: UInt64, isDrawn: Bool, into report: LabReport) {
    self.seed = seed
    self.isDrawn = isDrawn
    self.report = report
  }

  /// Random numbers of their own, in the order of the calls.
  func numbers() -> RandomNumbers {
    nextStream = nextStream &+ 1
    return RandomNumbers(seed: seed, stream: 1 << 40 | nextStream)
  }

  /// Notes what an arm came to.
  func measure(_ arm: StaticText, _ quantity: StaticText, _ value: Double) {
    report.measurement(arm, quantity).values.append(value)
  }

  /// Notes an effect and what it has to be.
  ///
  /// - Parameter measured: what the definitions measured; NaN where they give no number.
  func expect(_ claim: StaticText, _ effect: Double, _ bound: Bound, measured: Double = .nan) {
    report.expectation(claim, bound, measured).values.append(effect)
  }

  /// Adds a point to an arm's curve.
  func point(_ arm: StaticText, _ x: Double, _ y: Double) {
    if isDrawn { report.curve(arm).add(x, y) }
  }
}
