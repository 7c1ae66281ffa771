public import Trimtab

/// How a step follows from a gradient g, as far as its stability goes. m is the momentum's memory, b its factor.
public enum UpdateRule: Int32, BitwiseCopyable, Sendable {
  /// x -= rate g
  case gradientDescent = 0
  /// m = b m + g; x -= rate m. What PyTorch's SGD does with momentum and no dampening.
  case heavyBall = 1
  /// m = b m + g; x -= rate (g + b m). PyTorch's Nesterov form.
  case nesterov = 2
  /// m = b m + (1 - b) g; x -= rate m. Adam's first moment; its sharpness is that of P^-1 H.
  case averagedMomentum = 3

  /// The constant c of the rule: on a quadratic a step is stable while eigenvalue · rate < c.
  ///
  /// 2 for gradient descent, 2 (1 + b) for heavy ball, 2 (1 + b) / (1 + 2 b) for Nesterov and 2 (1 + b) / (1 - b) for
  /// an averaged momentum: with b = 0.9 3.8, 1.357 and 38. NaN for a momentum outside 0 ..< 1; gradient descent has
  /// none and does not look at it. Source: Cohen et al. 2021, Gradient descent on neural networks typically occurs at
  /// the edge of stability, and 2022.
  public func stabilityConstant(momentum b: Double) -> Double {
    if self == .gradientDescent { return 2 }
    guard b >= 0, b < 1 else { return .nan }
    let both = 2 * (1 + b)
    return self == .nesterov ? both / (1 + 2 * b) : self == .averagedMomentum ? both / (1 - b) : both
  }
}

/// Where a training run stands against the stability threshold of its update rule.
public enum StabilityPhase: Int32, BitwiseCopyable, Sendable {
  case unknown = -1
  /// The index is below 0.8.
  case stable = 0
  /// From 0.8 to 1.05. Training on full batches settles here by itself: no fault.
  case edge = 1
  /// Above 1.05, but not `unstable`: a catapult, or a passing excess.
  case beyond = 2
  /// Above 1.2 for ten steps, over which the loss rose.
  case unstable = 3
}

/// Follows the stability index s = sharpness · rate / c over a run.
///
/// A run becomes unstable when every s measured over ten steps or more was above 1.2 and the loss of the last of them
/// is above that of the first (or is NaN); it is so no more as soon as s is 1.2 or less. The sharpness need not be
/// measured at every step. That of a small batch is biased upwards: measure on one fixed batch. It goes with the scale
/// of the loss: half a squared error has half the sharpness of the squared error.
///
/// Edge cases: a sharpness of 0 or below has an index of 0 or below, `stable`; a sharpness or rate that is not finite
/// gives the outcome `nonfinite` and leaves the phase. Complexity: constant. Source: Cohen et al. 2021. Since: 0.3.
public struct SharpnessWatch: Sendable {
  public static let edgeIndex = 0.8
  public static let beyondIndex = 1.05
  public static let unstableIndex = 1.2
  public static let unstableSteps = 10

  /// c of the rule.
  public let constant: Double
  public private(set) var outcome = Outcome.insufficient
  /// s of the last measurement.
  public private(set) var index = Double.nan
  public private(set) var phase = StabilityPhase.unknown
  private var isAbove = false
  private var firstStep = 0
  private var firstLoss = 0.0

  /// - Parameter momentum: b of the rule, 0 ..< 1
  /// - Throws: `invalidArgument` for a momentum outside.
  public init(_ rule: UpdateRule, momentum: Double = 0) throws(TrimtabError) {
    constant = rule.stabilityConstant(momentum: momentum)
    guard constant > 0 else {
      throw TrimtabError(.invalidArgument, "momentum: found %, allowed 0 up to but not 1", momentum)
    }
  }

  /// The greatest stable rate at a sharpness, c / sharpness; infinite where that is 0 or below, NaN for NaN.
  public func greatestRate(sharpness: Double) -> Double { sharpness <= 0 ? .infinity : constant / sharpness }

  /// Takes a measurement.
  ///
  /// - Parameters:
  ///   - step: the number of the training step, not falling from call to call
  ///   - sharpness: the largest eigenvalue of H, or of P^-1 H for Adam
  ///   - rate: the learning rate of this step
  ///   - loss: of this step
  public mutating func add(step: Int, sharpness: Double, rate: Double, loss: Double) {
    let index = sharpness * rate / constant
    self.index = index.isFinite ? index : .nan
    guard index.isFinite else {
      outcome = .nonfinite
      return
    }
    outcome = .ok
    let wasAbove = isAbove && step >= firstStep
    isAbove = index > SharpnessWatch.unstableIndex
    if !wasAbove {
      firstStep = step
      firstLoss = loss
    }
    if isAbove, step &- firstStep &+ 1 >= SharpnessWatch.unstableSteps, !(loss <= firstLoss) {
      phase = .unstable
    } else if !(isAbove && wasAbove && phase == .unstable) {
      phase = index < SharpnessWatch.edgeIndex ? .stable : index <= SharpnessWatch.beyondIndex ? .edge : .beyond
    }
  }

  /// `healthy`; `notice` at the edge and beyond it, for information; `critical` when unstable.
  public var verdict: Verdict {
    switch phase {
    case .unknown: .unknown
    case .stable: .healthy
    case .edge, .beyond: .notice
    case .unstable: .critical
    }
  }

  public var cause: Cause { phase == .unstable ? .learningRateTooHigh : .none }

  /// The index that the verdict was held against.
  public var threshold: Double { phase == .unstable ? SharpnessWatch.unstableIndex : SharpnessWatch.edgeIndex }
}
