import Foundation
import Testing

@testable import Trimtab

@Suite struct DormandPrinceTests {
  private func solve(
    _ field: @escaping Field, to end: Double, from start: Double = 0, _ initial: [Double] = [0],
    tolerance: Double = 1e-6,
    _ change: (inout SolverOptions) -> Void = { _ in }
  ) throws -> (report: SolverReport, state: [Double]) {
    var options = SolverOptions()
    options.relativeTolerance = tolerance
    options.absoluteTolerance = 1e-3 * tolerance
    change(&options)
    let solver = try DormandPrince(
      field, from: start, to: end, initial: initial, count: initial.count, options: options)
    let report = try solver.run()
    return (report, (0..<initial.count).map { solver.state[$0] })
  }

  /// Definitions 10 (d): one kink costs about ten rejections.
  @Test func countsAreThoseOfTheDefinitions() throws {
    let tolerances = [1e-3, 1e-6, 1e-9, 1e-11]
    let kink = try tolerances.map {
      try solve({ t, _, slope in slope[0] = abs(t - 0.7853) }, to: 2, tolerance: $0).report
    }
    #expect(kink.map(\.acceptedCount) == [7, 13, 19, 23])
    #expect(kink.map(\.rejectedCount) == [1, 9, 10, 12])
    let sine = try tolerances.map { try solve({ t, _, slope in slope[0] = sin(t) }, to: 2, tolerance: $0).report }
    #expect(sine.map(\.acceptedCount) == [6, 9, 20, 46])
    #expect(sine.map(\.rejectedCount) == [0, 0, 0, 1])
    for report in kink + sine {
      #expect(report.evaluationCount == 2 + 6 * (report.acceptedCount + report.rejectedCount))
      #expect(report.verdict == .healthy && report.end == .finished && report.minimumStep <= report.medianStep)
    }
  }

  @Test func goesForwardsAndBack() throws {
    let forth = try solve({ _, y, slope in slope[0] = -y[0] }, to: 1, [1], tolerance: 1e-9)
    #expect(abs(forth.state[0] - exp(-1)) < 1e-8)
    let back = try solve({ _, y, slope in slope[0] = -y[0] }, to: 0, from: 1, forth.state, tolerance: 1e-9)
    #expect(abs(back.state[0] - 1) < 1e-7 && back.report.time == 0)
  }

  @Test func stepsEndAtStops() throws {
    let field: Field = { t, _, slope in slope[0] = t < 0.5 ? 1 : -1 }
    let plain = try solve(field, to: 1, tolerance: 1e-8)
    let told = try solve(field, to: 1, tolerance: 1e-8) { $0.stops = [0.5] }
    #expect(abs(told.state[0]) < 1e-2 && told.report.rejectedCount < plain.report.rejectedCount)
    #expect(throws: TrimtabError.self) { try solve(field, to: 1) { $0.stops = [1] } }
    #expect(throws: TrimtabError.self) { try solve(field, to: -1) { $0.stops = [0.5] } }
  }

  @Test func theFifthRootIsCloseToTheLastPlace() {
    for x in [1e-300, 3e-17, 0.02, 0.5, 1, 31, 2.5e9, 1e300] {
      let root = fifthRoot(x)
      #expect(abs(root * root * root * root * root / x - 1) < 2e-15)
    }
    #expect(fifthRoot(0) == 0 && fifthRoot(32) == 2)
  }

  @Test func whatTheFieldThrowsEndsIt() {
    var calls = 0
    #expect(throws: TrimtabError.self) {
      try solve(
        { (_, _, slope) throws(TrimtabError) in
          calls += 1
          slope[0] = 1
          if calls == 9 { throw TrimtabError(.callback, "field: asked to stop") }
        }, to: 1)
    }
    #expect(calls == 9)
  }
}
