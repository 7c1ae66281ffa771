import Foundation
import Testing

@testable import Trimtab

@Suite struct SmoothnessTests {
  private func probe(
    _ function: @escaping (Double) -> Double, from low: Double = -1, to high: Double = 1,
    change: (inout SmoothnessOptions) -> Void = { _ in }
  ) throws -> SmoothnessReport {
    var options = SmoothnessOptions()
    change(&options)
    return try smoothness(
      of: { x, values in values[0] = function(x[0]) }, inputCount: 1, outputCount: 1, low: [low], high: [high],
      options: options)
  }

  private func check(_ report: SmoothnessReport, _ slopes: [Double], _ order: Int, _ cause: Cause) {
    let found = [report.firstSlope, report.secondSlope, report.thirdSlope, report.fourthSlope]
    for (value, wanted) in zip(found, slopes) { #expect(abs(value - wanted) < 0.12, "\(found), wanted \(slopes)") }
    #expect(report.brokenOrder == order && report.cause == cause)
  }

  /// Definitions 10 (d).
  @Test func slopesAreThoseOfTheDefinitions() throws {
    check(try probe { max($0 - 0.1, 0) }, [-0.02, -0.99, -1.98, -2.99], 1, .nonsmoothField)
    check(try probe { $0 > 0.1 ? $0 - 0.1 : 0.01 * ($0 - 0.1) }, [-0.02, -0.99, -1.98, -2.99], 1, .nonsmoothField)
    check(try probe { $0 > 0.1 ? $0 - 0.1 : exp($0 - 0.1) - 1 }, [-0.01, -0.10, -1.04, -2.01], 2, .limitedSmoothness)
    check(try probe { $0 / (1 + exp(-$0)) }, [0, -0.01, -0.08, -0.02], 4, .none)
    check(try probe { tanh($0) }, [0, -0.03, -0.06, -0.12], 4, .none)
    check(try probe { log(1 + exp($0)) }, [0, -0.01, -0.02, -0.04], 4, .none)
    check(try probe { $0 > 0.1 ? 1 : 0 }, [-1, -2, -3, -4], 0, .discontinuousField)
  }

  @Test func edges() throws {
    let constant = try probe { _ in 3 }
    #expect(constant.outcome == .ok && constant.verdict == .healthy && constant.brokenOrder == 4)
    let point = try probe({ $0 }, from: 1, to: 1)
    #expect(point.outcome == .degenerate && point.verdict == .unknown)
    let nowhere = try probe { _ in .nan }
    #expect(nowhere.outcome == .nonfinite && nowhere.cause == .nonfiniteField)
    #expect(throws: TrimtabError.self) { try probe({ $0 }, from: 1, to: 0) }
    #expect(throws: TrimtabError.self) { try probe({ $0 }, change: { $0.tolerance = .nan }) }
    #expect(throws: TrimtabError.self) { try probe({ $0 }, change: { $0.finest = 40 }) }
    // The same seed, the same numbers.
    #expect(try probe { abs($0) } == (try probe { abs($0) }))
    #expect(try probe { abs($0) } != (try probe({ abs($0) }, change: { $0.seed = 1 })))
  }

  @Test func kinksAreFoundToAPartIn1e12() throws {
    let (found, report) = try kinks(
      of: { x, values in values[0] = abs(x[0] - 0.3) + 0.01 * abs(x[0] - 0.31) + x[0] * x[0] }, inputCount: 1,
      outputCount: 1, from: [-1], to: [1])
    #expect(found.count == 2 && report.count == 2 && report.outcome == .ok)
    for (index, wanted) in [0.3, 0.31].enumerated() {
      let kink = try #require(found.at(index)?.pointee)
      #expect(abs(2 * kink.position - 1 - wanted) < 4e-12 && kink.width <= 1e-12)
      #expect(abs(kink.jump / (index == 0 ? 2 : 0.02) - 1) < 0.1)
    }
    let none = try kinks(
      of: { x, values in values[0] = sin(4 * x[0]) }, inputCount: 1, outputCount: 1, from: [-1], to: [1])
    #expect(none.report.count == 0 && none.report.outcome == .ok)
  }
}
