import Foundation
import Testing
import Trimtab

@testable import TrimtabTrainer

struct ScheduleTests {
  @Test func warmUpRisesInALine() {
    var schedule = Schedule()
    schedule.warmUpSteps = 4
    #expect((-1..<6).map { schedule.rate(at: $0) } == [0.25, 0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test func cosineCourse() throws {
    var schedule = Schedule()
    schedule.kind = .cosine
    schedule.warmUpSteps = 10
    schedule.steps = 110
    schedule.minimum = 0.1
    try schedule.check()
    #expect(schedule.rate(at: 10) == 1)
    #expect((schedule.rate(at: 60) - 0.55).magnitude <= 1e-16)
    #expect(schedule.rate(at: 110) == 0.1)
    #expect(schedule.rate(at: .max) == 0.1)
    for step in 10..<110 {
      let expected = 0.1 + 0.9 * (1 + cos(Double.pi * Double(step - 10) / 100)) / 2
      #expect((schedule.rate(at: step) - expected).magnitude <= 4e-16)
      #expect(schedule.rate(at: step + 1) < schedule.rate(at: step))
    }
  }

  @Test func stepsAndPowers() {
    var schedule = Schedule()
    schedule.kind = .step
    schedule.interval = 3
    schedule.gamma = 0.5
    #expect((0..<8).map { schedule.rate(at: $0) } == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])
    schedule.kind = .exponential
    schedule.gamma = 0.99
    for step in [0, 1, 7, 100, 1000] {
      let expected = pow(0.99, Double(step))
      #expect((schedule.rate(at: step) - expected).magnitude <= 1e-13 * expected)
    }
    #expect(schedule.rate(at: .max) == 0)
  }

  @Test func cosineAgainstTheMathLibrary() {
    var worst = 0.0
    for index in -4000...4000 {
      let x = Double(index) / 1024 + 1e-5
      // libm's of a rounded angle: exact enough for |x| up to 1, and the reduction is exact.
      if x.magnitude <= 1 { worst = max(worst, (cosine(halfTurns: x) - cos(Double.pi * x)).magnitude) }
      #expect((cosine(halfTurns: x) - cosine(halfTurns: x.magnitude)).magnitude == 0)
    }
    #expect(worst <= 4.5e-16, "\(worst)")
    let exact: [(Double, Double)] = [(0, 1), (0.5, 0), (1, -1), (1.5, 0), (2, 1), (-1, -1), (1e300, 1)]
    for (x, value) in exact {
      #expect(cosine(halfTurns: x) == value)
    }
    #expect((cosine(halfTurns: 1.0 / 3) - 0.5).magnitude <= 2.3e-16)
    #expect(cosine(halfTurns: .nan).isNaN && cosine(halfTurns: .infinity).isNaN)
  }

  @Test func refusesBadOnesByName() {
    let changes: [(String, (inout Schedule) -> Void)] = [
      ("warm_up_steps", { $0.warmUpSteps = -1 }), ("total_steps", { $0.kind = .cosine }),
      ("step_size", { ($0.kind, $0.interval) = (.step, 0) }),
      ("minimum_factor", { ($0.kind, $0.steps, $0.minimum) = (.cosine, 9, .nan) }),
      ("minimum_factor", { ($0.kind, $0.steps, $0.minimum) = (.cosine, 9, 1.1) }),
      ("decay", { ($0.kind, $0.gamma) = (.step, 0) }),
      ("decay", { ($0.kind, $0.gamma) = (.exponential, .nan) }), ("decay", { ($0.kind, $0.gamma) = (.step, 1.01) }),
    ]
    for (name, change) in changes {
      var schedule = Schedule()
      change(&schedule)
      do {
        try schedule.check()
        Issue.record("\(name) was taken")
      } catch {
        #expect(error.message.hasPrefix("options.\(name): found "), "\(error.message)")
      }
      // Nothing traps where nobody checked.
      for step in [Int.min, 0, Int.max] { _ = schedule.rate(at: step) }
    }
    var schedule = Schedule()
    schedule.warmUpSteps = .min
    schedule.steps = .max
    for kind in [Schedule.Kind.constant, .cosine, .step, .exponential] {
      schedule.kind = kind
      for step in [Int.min, 0, Int.max] { _ = schedule.rate(at: step) }
    }
  }
}
