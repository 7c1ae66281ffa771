import Testing
import Trimtab

@testable import TrimtabTrainer

/// Gradient descent on curvature x^2 / 2.
private struct Bowl {
  var x = 1.0
  let curvature: Double
  var loss: Double { 0.5 * curvature * x * x }
  mutating func step(_ rate: Double) { x -= rate * curvature * x }
}

struct RateSearchTests {
  private func course(_ curvature: Double, _ peak: Double, _ warmUp: Int, steps: Int = 200) -> RunCourse {
    var bowl = Bowl(curvature: curvature)
    var course = RunCourse(initial: bowl.loss, greatest: bowl.loss, final: bowl.loss)
    for step in 0..<steps {
      bowl.step(step < warmUp ? peak * Double(step + 1) / Double(warmUp) : peak)
      course.greatest = max(course.greatest, bowl.loss)
      course.final = bowl.loss
      if !bowl.loss.isFinite { break }
    }
    return course
  }

  @Test func rangeRates() throws {
    var rates: [Double] = []
    let found = try rateRangeTest { rate in
      rates.append(rate)
      return 1 - Double(rates.count) / 1000
    }
    #expect(found.steps == 100 && found.divergenceRate.isNaN && found.outcome == .ok)
    #expect((rates[0] - 1e-7).magnitude < 1e-20 && (rates[99] - 10).magnitude < 1e-11)
    for (a, b) in zip(rates, rates.dropFirst()) { #expect((b / a - 1.2045035402587823).magnitude < 1e-12) }
  }

  /// Against the test written out, with a list of all that was smoothed.
  @Test(arguments: [5, 20, 80]) func rangeOnABowl(curvature: Double) throws {
    var bowl = Bowl(curvature: curvature)
    let found = try rateRangeTest { rate in
      let loss = bowl.loss
      bowl.step(rate)
      return loss
    }
    bowl = Bowl(curvature: curvature)
    var (average, smoothed, rates) = (0.0, [Double](), [Double]())
    for index in 0..<100 {
      rates.append(1e-7 * power(1e8, Double(index) / 99))
      average = 0.98 * average + 0.02 * bowl.loss
      smoothed.append(average / (1 - power(0.98, Double(index + 1))))
      if smoothed[index] > 4 * (smoothed.min() ?? 0) { break }
      bowl.step(rates[index])
    }
    #expect(found.steps == smoothed.count && (found.divergenceRate / (rates.last ?? 0) - 1).magnitude < 1e-9)
    #expect(found.suggestedRate == found.divergenceRate / 10)
    #expect(found.divergenceRate > 2 / curvature && found.divergenceRate < 30 / curvature)
    let slopes = (1..<(smoothed.count - 2)).map { smoothed[$0 + 1] - smoothed[$0 - 1] }
    let steepest = slopes.indices.min { slopes[$0] < slopes[$1] } ?? 0
    #expect((found.steepestRate / rates[steepest + 1] - 1).magnitude < 1e-9)
    #expect(found.steepestRate < 2 / curvature)
  }

  @Test func rangeEdges() throws {
    let none = try rateRangeTest { _ in .nan }
    #expect(none.outcome == .nonfinite && none.steps == 1 && none.suggestedRate.isNaN && none.divergenceRate.isNaN)
    let flat = try rateRangeTest { _ in 1 }
    #expect(flat.outcome == .degenerate && flat.steps == 100)
    // Below 0 a rise is counted in magnitudes of the best.
    let negative = try rateRangeTest { rate in rate < 1 ? -1 : 1000 }
    #expect(negative.outcome == .ok && negative.divergenceRate >= 1 && negative.divergenceRate < 1.3)
    var count = 0
    let late = try rateRangeTest { _ in
      count += 1
      return count == 50 ? .infinity : 1
    }
    #expect(late.outcome == .ok && late.steps == 50 && late.bestLoss > 0.999)
    var options = RateRangeOptions()
    options.count = 1
    #expect(throws: TrimtabError.self) { try rateRangeTest(options) { $0 } }
    options.count = 100
    options.highest = 1e-8
    #expect(throws: TrimtabError.self) { try rateRangeTest(options) { $0 } }
    options.highest = .infinity
    #expect(throws: TrimtabError.self) { try rateRangeTest(options) { $0 } }
  }

  /// The greatest stable rate of a bowl is 2 / curvature.
  @Test func peakRate() throws {
    var options = PeakRateOptions()
    options.seeds = 4
    let found = try peakRateSearch(options) { (seed, peak, warmUp) in
      #expect(warmUp == 0 && seed >= 1 && seed <= 4)
      return course(Double(seed), peak, warmUp)
    }
    let expected = 2 / power(24, 0.25)
    #expect(found.outcome == .ok && found.seeds == 4 && found.seedsAbove == 0 && found.seedsBelow == 0)
    #expect(found.rate <= expected * 1.0001 && found.rate > expected / 1.0046)
    #expect(found.least <= 0.5001 && found.least > 0.5 / 1.0046)
    #expect(found.greatest <= 2.0001 && found.greatest > 2 / 1.0046)
    #expect(found.runs == 4 * 14)
  }

  @Test func peakRateOutside() throws {
    var options = PeakRateOptions()
    options.seeds = 3
    // 1: stable at every rate; 2: at none; 3: up to 0.2.
    let found = try peakRateSearch(options) { (seed, peak, warmUp) in
      course(seed == 1 ? 0.01 : seed == 2 ? 1e9 : 10, peak, warmUp)
    }
    #expect(found.outcome == .ok && found.seeds == 1 && found.seedsAbove == 1 && found.seedsBelow == 1)
    #expect((found.rate - 0.2).magnitude < 0.001 && found.least == found.greatest)
    options.seeds = 2
    let none = try peakRateSearch(options) { (seed, peak, warmUp) in course(seed == 1 ? 0.01 : 1e9, peak, warmUp) }
    #expect(none.outcome == .insufficient && none.rate.isNaN && none.seeds == 0)
    options.seeds = 0
    #expect(throws: TrimtabError.self) { try peakRateSearch(options) { (_, p, w) in course(1, p, w) } }
  }

  @Test func failure() {
    func fails(_ initial: Double, _ greatest: Double, _ final: Double) -> Bool {
      RunCourse(initial: initial, greatest: greatest, final: final).hasFailed
    }
    #expect(!fails(1, 1, 1) && !fails(1, 5, 0.5) && fails(1, 5.01, 0.5) && fails(1, 1.1, 1.1))
    #expect(!fails(-1, 3, -1) && fails(-1, 3.01, -1) && !fails(0, 1, 0) && fails(0, 1.01, 0))
    #expect(fails(.nan, 1, 1) && fails(1, .infinity, 1) && fails(1, 1, .nan) && fails(.infinity, .infinity, 1))
  }

  /// Any need from 0 to the longest is found exactly.
  @Test func warmUp() throws {
    for longest in [0, 1, 2, 3, 10, 100] {
      for need in 0...(longest + 1) {
        var runs = 0
        let found = try warmUpNeed(peak: 0.5, longest: longest, seed: 9) { (seed, peak, warmUp) in
          #expect(seed == 9 && peak == 0.5 && warmUp >= 0 && warmUp <= longest)
          runs += 1
          return RunCourse(initial: 1, greatest: warmUp < need ? 100 : 1, final: 0)
        }
        #expect(found.runs == runs && runs <= 10)
        #expect(found.steps == (need > longest ? -1 : need) && (found.outcome == .ok) == (need <= longest))
      }
    }
    #expect(throws: TrimtabError.self) { try warmUpNeed(peak: 1, longest: -1) { (_, p, w) in course(1, p, w) } }
  }
}
