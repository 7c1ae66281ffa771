import Foundation
import Testing

@testable import Trimtab

@Suite struct Governors {
  /// Steps of a second each that cost `share` of it.
  private func run(_ governor: inout Governor, share: Double, steps: Int, from start: inout Double) {
    for _ in 0..<steps {
      governor.beginStep(at: start)
      governor.spend(share, isOptional: true)
      start += 1
    }
  }

  @Test func theIntervalGrowsAboveTheBudgetAndShrinksBelowIt() {
    var now = 100.0
    var governor = Governor(budget: 0.01, auditInterval: 10)
    run(&governor, share: 0.005, steps: 200, from: &now)
    #expect(governor.interval == 1)
    run(&governor, share: 0.05, steps: 60, from: &now)
    #expect(governor.interval >= 4 && governor.interval <= 16)
    let grown = governor.interval
    // Between 0.4 of the budget and all of it nothing changes, once the past has faded.
    run(&governor, share: 0.007, steps: 200, from: &now)
    let settled = governor.interval
    run(&governor, share: 0.007, steps: 200, from: &now)
    #expect(governor.interval == settled && settled >= grown)
    run(&governor, share: 0.0005, steps: 600, from: &now)
    #expect(governor.interval == 1)
    #expect(abs(governor.costFraction - governor.totalCost / governor.totalTime) < 1e-15)
  }

  @Test func withoutABudgetNothingIsLeftOut() {
    var now = 0.0
    var governor = Governor(budget: 0, auditInterval: 10)
    run(&governor, share: 0.9, steps: 500, from: &now)
    #expect(governor.interval == 1)
  }

  @Test func whereGradientsAloneCostMoreTheRestMayHaveAQuarter() {
    var now = 0.0
    var governor = Governor(budget: 0.01, auditInterval: 10)
    for _ in 0..<300 {
      governor.beginStep(at: now)
      governor.spend(0.05, isOptional: false)
      governor.spend(0.002, isOptional: true)
      now += 1
    }
    #expect(governor.interval == 1)
    for _ in 0..<30 {
      governor.beginStep(at: now)
      governor.spend(0.05, isOptional: false)
      governor.spend(0.02, isOptional: true)
      now += 1
    }
    #expect(governor.interval > 1)
  }

  @Test func theIntervalHasAnEnd() {
    var now = 0.0
    var governor = Governor(budget: 0.01, auditInterval: 10)
    run(&governor, share: 0.9, steps: 2000, from: &now)
    #expect(governor.interval == Governor.longestInterval)
  }

  @Test func aPauseDoesNotMakeWatchingLookCheap() {
    var now = 0.0
    var governor = Governor(budget: 0.01, auditInterval: 10)
    run(&governor, share: 0.02, steps: 100, from: &now)
    let before = governor.costFraction
    now += 3600
    run(&governor, share: 0.02, steps: 2, from: &now)
    #expect(abs(governor.costFraction - before) < 1e-3)
  }

  @Test func clocksThatStandStillOrGoBackHarmNothing() {
    var governor = Governor(budget: 0.01, auditInterval: 10)
    for time in [5.0, 5, 4, .nan, 6, 7, .infinity, 8] {
      governor.beginStep(at: time)
      governor.spend(0.1, isOptional: true)
      governor.spend(-1, isOptional: true)
      governor.spend(.nan, isOptional: true)
    }
    #expect(governor.costFraction >= 0 && governor.interval >= 1)
  }

  @Test func gradientsAreAlwaysWantedAndTheRestTakesTurns() throws {
    let run = try MonitorRun { $0.budget = 0.01 }
    let weight = try run.register("weight")
    let layers = try (0..<8).map { try run.register("layer\($0)", .hidden) }
    // The host says that half of every step goes into watching, and looks at layers cost some of it.
    let values = Array(repeating: 0.5, count: 100_000)
    for _ in 0..<100 {
      try run.step {
        try run.show(layers[0], .preactivation, values, shape: [100, 1000])
        try run.monitor.observe(.overheadSeconds, 0.0005)
      }
      Thread.sleep(forTimeInterval: 0.001)
    }
    let interval = try run.monitor.coverage(of: layers[0], .preactivation).interval
    #expect(interval >= 4)
    #expect(try run.monitor.coverage(of: weight, .weight).interval == 10 * interval)
    #expect(try run.monitor.coverage(of: weight, .gradient).interval == 1)
    #expect(try run.monitor.coverage(of: weight, .gradient).costFraction > 0.01)
    // From here on without cost to speak of, so that the interval holds over what is counted.
    var wanted = Array(repeating: 0, count: layers.count)
    var most = 0
    for _ in 0..<(2 * interval) {
      try run.monitor.beginStep(run.monitor.step + 1)
      #expect(try run.monitor.wants(weight, .gradient))
      var now = 0
      for (place, layer) in layers.enumerated() where try run.monitor.wants(layer, .preactivation) {
        wanted[place] += 1
        now += 1
      }
      most = max(most, now)
      _ = try run.monitor.endStep()
    }
    #expect(wanted.allSatisfy { $0 >= 1 && $0 <= 4 })
    #expect(most < layers.count)
  }

  @Test func weightsAreWantedAllTogetherEveryAuditInterval() throws {
    let run = try MonitorRun()
    let weights = try (0..<3).map { try run.register("weight\($0)") }
    var steps: [Int] = []
    for number in 1...45 {
      try run.step {
        let wanted = try weights.map { try run.monitor.wants($0, .weight) }
        #expect(Set(wanted).count == 1)
        if wanted[0] { steps.append(number) }
      }
    }
    // The first two, so that there is something to compare, then every tenth.
    #expect(steps == [1, 2, 11, 21, 31, 41])
  }

  @Test func coverageSaysWhatWasLeftOut() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    for number in 1...30 {
      try run.step { if number % 3 == 0 { try run.show(weight, .weight, [Double(number)]) } }
    }
    let coverage = try run.monitor.coverage(of: weight, .weight)
    #expect(coverage.stepCount == 30 && coverage.lookCount == 10 && coverage.leftOutCount == 20)
  }
}
