import Testing
import Trimtab

@testable import TrimtabTrainer

struct LabReportTests {
  /// The intervals of Hahn & Meeker: for eight values the second and the seventh, 1 - 2 (1 + 8) / 2^8 = 0.9296875.
  @Test func intervalsAreBetweenOrderStatistics() {
    let eight = SeedSummary([3, 8, 1, 5, 2, 7, 4, 6])
    #expect(eight.median == 4.5 && eight.low == 2 && eight.high == 7 && eight.coverage == 0.9296875)
    let five = SeedSummary([5, 1, 2, 4, 3])
    #expect(five.median == 3 && five.low == 1 && five.high == 5 && five.coverage == 0.9375)
    // Of ten the second and the ninth: 1 - 2 (1 + 10) / 2^10.
    let ten = SeedSummary((1...10).map(Double.init))
    #expect(ten.low == 2 && ten.high == 9 && ten.coverage == 1 - 22.0 / 1024)
    let two = SeedSummary([1, 2])
    #expect(two.low == 1 && two.high == 2 && two.coverage == 0.5)
    let one = SeedSummary([7])
    #expect(one.median == 7 && one.low == 7 && one.high == 7 && one.coverage == 0)
    #expect(SeedSummary([]).median.isNaN)
  }

  @Test func whatIsNoNumberIsGreatest() {
    let found = SeedSummary([1, .nan, 2, 3, .infinity])
    #expect(found.median == 3 && found.high == .infinity && found.low == 1)
    #expect(SeedSummary([.infinity, .infinity]).median == .infinity)
  }

  private func report(_ run: @escaping @Sendable (Trial) throws(TrimtabError) -> Void) throws -> LabReport {
    let made = Experiment(
      "made", "Made", section: 0, axes: PlotAxes("x", "y"), arms: [Arm(.broken, "a"), Arm(.cured, "b")], run: run)
    return try LabReport(made, seeds: 8, firstSeed: 10)
  }

  @Test func collectsSeedsAndJudges() throws {
    let found = try report { trial in
      trial.measure("a", "loss", Double(trial.seed))
      trial.measure("b", "loss", 1)
      trial.expect("loss falls", Double(trial.seed), .atLeast(13.5), measured: 15)
      trial.expect("no more than", Double(trial.seed), .atMost(13))
      trial.expect("a number", trial.seed == 12 ? .nan : 1, .atMost(13))
      for x in 0..<3 { trial.point("a", Double(x), Double(trial.seed)) }
    }
    #expect(found.measurements.count == 2 && found.measurements[0].values == (10..<18).map(Double.init))
    #expect(found.measurements[0].role == .broken && found.measurements[1].role == .cured)
    #expect(found.measurements[0].summary.median == 13.5)
    #expect(found.expectations.map(\.isHeld) == [true, false, false])
    #expect(found.heldCount == 1 && !found.isHeld)
    #expect(found.curves.count == 1 && found.curves[0].y == [10, 10, 10])
  }

  @Test func stopsWhenAsked() throws {
    let made = Experiment("made", "Made", section: 0, axes: PlotAxes("x", "y"), arms: []) { _ in }
    #expect(throws: TrimtabError.self) { try LabReport(made, seeds: 8) { done, _ in done < 3 } }
    #expect(throws: TrimtabError.self) { try LabReport(made, seeds: 0) }
    #expect(throws: TrimtabError.self) { try LabReport(made, seeds: 10_001) }
  }

  @Test func namesAreFoundAndAreOfFiles() {
    var names: Set<String> = []
    for experiment in Experiment.all {
      let name = experiment.name.description
      #expect(names.insert(name).inserted)
      #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D || (0x30...0x39).contains($0) })
      let found = Array(name.utf8).withUnsafeBufferPointer { Experiment.named($0) }
      #expect(found?.title.description == experiment.title.description)
      #expect(experiment.arms.contains { $0.role == .cured })
      // Digits of 8 by 8 are learned at once too: nothing fails there to be cured.
      #expect(experiment.arms.contains { $0.role == .broken } == (name != "progressive-digits"))
    }
    #expect(Array("dying-rel".utf8).withUnsafeBufferPointer { Experiment.named($0) } == nil)
  }
}
