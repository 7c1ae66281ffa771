import Testing
import Trimtab

@testable import TrimtabTrainer

struct SharpnessTests {
  /// The size of x after many steps of a rule on curvature x^2 / 2, from x = 1.
  private func run(_ rule: UpdateRule, _ b: Double, curvature: Double, rate: Double) -> Double {
    var (x, m) = (1.0, 0.0)
    var greatest = 0.0
    for step in 0..<40_000 {
      let g = curvature * x
      switch rule {
      case .gradientDescent: x -= rate * g
      case .heavyBall:
        m = b * m + g
        x -= rate * m
      case .nesterov:
        m = b * m + g
        x -= rate * (g + b * m)
      case .averagedMomentum:
        m = b * m + (1 - b) * g
        x -= rate * m
      }
      if step >= 39_000 { greatest = max(greatest, x.magnitude) }
      if !(x.magnitude < 1e100) { return .infinity }
    }
    return greatest
  }

  @Test(arguments: [UpdateRule.gradientDescent, .heavyBall, .nesterov, .averagedMomentum], [0, 0.5, 0.9, 0.99])
  func thresholds(_ rule: UpdateRule, _ b: Double) throws {
    let rate = 0.01
    let critical = rule.stabilityConstant(momentum: b) / rate
    #expect(run(rule, b, curvature: critical * 0.998, rate: rate) < 1e-1)
    #expect(run(rule, b, curvature: critical * 1.002, rate: rate) > 1e1)
    let watch = try SharpnessWatch(rule, momentum: b)
    #expect((watch.greatestRate(sharpness: critical) - rate).magnitude < 1e-15)
  }

  @Test func constants() {
    #expect(UpdateRule.gradientDescent.stabilityConstant(momentum: .nan) == 2)
    #expect((UpdateRule.heavyBall.stabilityConstant(momentum: 0.9) - 3.8).magnitude < 1e-12)
    #expect((UpdateRule.nesterov.stabilityConstant(momentum: 0.9) - 1.3571428571428572).magnitude < 1e-12)
    #expect((UpdateRule.averagedMomentum.stabilityConstant(momentum: 0.9) - 38).magnitude < 1e-12)
    for b in [-0.1, 1, 2, Double.nan] {
      #expect(UpdateRule.heavyBall.stabilityConstant(momentum: b).isNaN)
      #expect(throws: TrimtabError.self) { try SharpnessWatch(.averagedMomentum, momentum: b) }
    }
  }

  private func phase(_ watch: inout SharpnessWatch, _ step: Int, _ index: Double, loss: Double = 1) -> StabilityPhase {
    watch.add(step: step, sharpness: index * 20, rate: 0.1, loss: loss)
    return watch.phase
  }

  @Test func phases() throws {
    var watch = try SharpnessWatch(.gradientDescent)
    #expect(watch.outcome == .insufficient && watch.verdict == .unknown)
    for (index, expected) in [
      (-1.0, StabilityPhase.stable), (0, .stable), (0.79, .stable), (0.81, .edge), (1.04, .edge), (1.06, .beyond),
      (1.19, .beyond), (1.3, .beyond), (0.5, .stable),
    ] {
      #expect(phase(&watch, 0, index) == expected, "\(index)")
      #expect((watch.index - index).magnitude < 1e-12)
    }
    #expect(watch.verdict == .healthy)
  }

  @Test func unstable() throws {
    var watch = try SharpnessWatch(.gradientDescent)
    for step in 0..<9 { #expect(phase(&watch, step, 1.3, loss: 1 + Double(step)) == .beyond) }
    #expect(watch.verdict == .notice && watch.cause == .none)
    #expect(phase(&watch, 9, 1.3, loss: 11) == .unstable)
    #expect(watch.verdict == .critical && watch.cause == .learningRateTooHigh)
    #expect(phase(&watch, 10, 1.3, loss: 0.1) == .unstable)
    #expect(phase(&watch, 11, 1.1) == .beyond)
    // Interrupted: it counts from the start again.
    #expect(phase(&watch, 12, 1.3, loss: 1) == .beyond)
    #expect(phase(&watch, 20, 1.3, loss: 2) == .beyond)
    #expect(phase(&watch, 21, 1.3, loss: 2) == .unstable)
  }

  @Test func fallingLossIsNotUnstable() throws {
    var watch = try SharpnessWatch(.gradientDescent)
    for step in 0..<50 { #expect(phase(&watch, step, 1.5, loss: 1 / Double(step + 1)) == .beyond) }
    #expect(phase(&watch, 50, 1.5, loss: .nan) == .unstable)
  }

  @Test func nonfinite() throws {
    var watch = try SharpnessWatch(.gradientDescent)
    _ = phase(&watch, 0, 0.9)
    #expect(phase(&watch, 1, .nan) == .edge && watch.outcome == .nonfinite && watch.index.isNaN)
    #expect(phase(&watch, 2, .infinity) == .edge && watch.outcome == .nonfinite)
    #expect(phase(&watch, 3, 0.5) == .stable && watch.outcome == .ok)
    #expect(watch.greatestRate(sharpness: -1) == .infinity && watch.greatestRate(sharpness: .nan).isNaN)
    _ = phase(&watch, .max, 1.5)
    _ = phase(&watch, .min, 1.5)
  }
}
