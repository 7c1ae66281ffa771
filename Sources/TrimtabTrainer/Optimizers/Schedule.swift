public import Trimtab

/// The learning rate's course, as a share of its peak.
///
/// Steps count from 0. Over the first W = `warmUpSteps` steps the share rises in a line: (step + 1) / W, so that the last
/// of them is at the peak. At t = step - W after them:
///
/// | kind | share |
/// |---|---|
/// | constant | 1 |
/// | cosine | minimum + (1 - minimum) (1 + cos(pi t / T)) / 2 for t below T = `steps` - W, then minimum |
/// | step | gamma^floor(t / interval) |
/// | exponential | gamma^t |
///
/// Sources: Loshchilov & Hutter 2017 for the cosine; torch.optim.lr_scheduler, whose courses these are. Since: 0.3.
public struct Schedule: Sendable, Equatable {
  public enum Kind: Int32, Sendable {
    case constant = 0
    case cosine = 1
    case step = 2
    case exponential = 3
  }

  public var kind = Kind.constant
  public var warmUpSteps = 0
  /// All steps of the run, warm-up included; the cosine's course ends there.
  public var steps = 0
  /// The cosine's last share.
  public var minimum = 0.0
  public var interval = 1
  public var gamma = 1.0

  public init() {}

  /// - Throws: `invalidArgument`
  public func check() throws(TrimtabError) {
    guard warmUpSteps >= 0 else {
      throw TrimtabError(.invalidArgument, "options.warm_up_steps: found %, allowed 0 or more", warmUpSteps)
    }
    guard kind != .cosine || steps > warmUpSteps else {
      throw TrimtabError(
        .invalidArgument, "options.total_steps: found %, allowed more than the % of warm-up", steps, warmUpSteps)
    }
    guard kind != .step || interval >= 1 else {
      throw TrimtabError(.invalidArgument, "options.step_size: found %, allowed 1 or more", interval)
    }
    guard kind != .cosine || (minimum >= 0 && minimum <= 1) else {
      throw TrimtabError(.invalidArgument, "options.minimum_factor: found %, allowed 0 to 1", minimum)
    }
    guard kind == .constant || kind == .cosine || (gamma > 0 && gamma <= 1) else {
      throw TrimtabError(.invalidArgument, "options.decay: found %, allowed above 0, at most 1", gamma)
    }
  }

  /// The share at a step, from 0 to 1; a step below 0 is taken for 0. Complexity: O(log step).
  public func rate(at step: Int) -> Double {
    let step = max(step, 0)
    if step < warmUpSteps { return Double(step &+ 1) / Double(warmUpSteps) }
    let after = step &- max(warmUpSteps, 0)
    switch kind {
    case .constant: return 1
    case .cosine:
      let length = steps &- warmUpSteps
      guard after < length else { return minimum }
      return minimum + (1 - minimum) * 0.5 * (1 + cosine(halfTurns: Double(after) / Double(length)))
    case .step: return wholePower(gamma, after / max(interval, 1))
    case .exponential: return wholePower(gamma, after)
    }
  }
}

/// cos(pi x), within 4.5e-16 absolute, and exact at multiples of 1/2; NaN for NaN and the infinities.
///
/// x is brought to within half a turn of 0 without rounding, then the Taylor series of an angle of at most pi/2.
func cosine(halfTurns x: Double) -> Double {
  guard x.isFinite else { return .nan }
  let turn = (x - 2 * (x * 0.5).rounded()).magnitude
  if turn == 0.5 { return 0 }
  let angle = (turn > 0.5 ? 1 - turn : turn) * Double.pi
  let square = angle * angle
  var sum = 1.0
  // 1 - y/2 (1 - y/12 (1 - y/30 ...)), from the inside out.
  var k = 22.0
  while k > 1 {
    sum = 1 - square / (k * (k - 1)) * sum
    k -= 2
  }
  return turn > 0.5 ? -sum : sum
}
