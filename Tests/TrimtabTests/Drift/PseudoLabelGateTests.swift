import Foundation
import Testing

@testable import Trimtab

@Suite struct PseudoLabelGateTests {
  private func apply(_ gate: PseudoLabelGate, _ rows: [Double], ids: [Int]? = nil) throws -> (GateReport, [UInt8]) {
    let classes = gate.options.classCount
    var passes = [UInt8](repeating: 9, count: rows.count / classes)
    let report = try withView(rows, [rows.count / classes, classes]) { view in
      guard let ids else { return try gate.apply(view, passes: &passes) }
      return try withLabels(ids) { try gate.apply(view, ids: $0, passes: &passes) }
    }
    return (report, passes)
  }

  @Test func thresholdsGrowWithWhatWasLearned() throws {
    var options = GateOptions(classes: 2)
    (options.method, options.sampleCount, options.threshold) = (.flexMatch, 4, 0.9)
    let gate = try PseudoLabelGate(options: options)
    // Nothing is learned yet: all pass, and two of four are taken for class 0.
    var (report, passes) = try apply(gate, [0.95, 0.05, 0.9, 0.1, 0.6, 0.4, 0.4, 0.6])
    #expect(passes == [1, 1, 1, 1] && report.greatestThreshold == 0)
    // b = 2 / max(2, 2) = 1 for class 0, 0 for class 1.
    #expect(gate.threshold(of: 0) == 0.9 && gate.threshold(of: 1) == 0 && gate.threshold(of: 2).isNaN)
    (report, passes) = try apply(gate, [0.8, 0.2, 0.45, 0.55], ids: [2, 3])
    #expect(passes == [0, 1] && report.coverage == 0.5)
    // A sample that changes its label leaves the class that it was in.
    _ = try apply(gate, [0.02, 0.98], ids: [0])
    #expect(abs(gate.threshold(of: 0) - 0.9 / 3) < 1e-15 && gate.threshold(of: 0) == gate.threshold(of: 1))
  }

  @Test func averagesOfFreeMatch() throws {
    var options = GateOptions(classes: 2)
    (options.method, options.decay) = (.freeMatch, 0.5)
    let gate = try PseudoLabelGate(options: options)
    let (report, passes) = try apply(gate, [0.9, 0.1, 0.7, 0.3])
    // T = (0.5 + 0.8) / 2, p = (0.65, 0.35).
    #expect(abs(gate.threshold(of: 0) - 0.65) < 1e-15)
    #expect(abs(gate.threshold(of: 1) - 0.65 * 0.35 / 0.65) < 1e-15)
    #expect(passes == [1, 1] && report.passedCount == 2)
    // What holds no number moves nothing.
    _ = try apply(gate, [.nan, 0.5])
    #expect(abs(gate.threshold(of: 0) - 0.65) < 1e-15)
  }

  @Test func refusalsChangeNothing() throws {
    var options = GateOptions(classes: 2)
    (options.method, options.sampleCount) = (.flexMatch, 2)
    let gate = try PseudoLabelGate(options: options)
    for ids in [[0, 2], [-1, 0], [0]] {
      #expect(throws: TrimtabError.self) { try apply(gate, [0.99, 0.01, 0.99, 0.01], ids: ids) }
    }
    #expect(throws: TrimtabError.self) { try apply(gate, [-3, 1, -2, 4, 1, -1]) }
    #expect(gate.threshold(of: 0) == 0)
  }
}

extension GateOptions {
  fileprivate init(classes: Int) {
    self.init()
    classCount = classes
  }
}

@Suite struct ConsistencyTests {
  /// The gradient against differences of the loss in each logit.
  @Test(arguments: [ConsistencyForm.kullbackLeibler, .squared]) func gradient(form: ConsistencyForm) throws {
    let before = [0.2, 0.3, 0.5, 0.6, 0.3, 0.1]
    let logits = [0.3, -0.2, 0.9, 0.1, 1.2, -0.5]
    func loss(_ z: [Double], _ slope: inout [Double]) throws -> Double {
      var p = z.map { exp($0) }
      for row in 0..<2 {
        let sum = p[3 * row] + p[3 * row + 1] + p[3 * row + 2]
        for c in 0..<3 { p[3 * row + c] /= sum }
      }
      return try slope.withUnsafeMutableBytes { slope in
        let target = try MutableTensorView(writing: try TensorView(slope.baseAddress, .float64, shape: [2, 3]))
        return try withView(before, [2, 3]) { q in
          try withView(p, [2, 3]) { try consistency(before: q, after: $0, form: form, gradient: target).loss }
        }
      }
    }
    var (slope, unused) = ([Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
    _ = try loss(logits, &slope)
    for place in 0..<6 {
      var (up, down) = (logits, logits)
      up[place] += 1e-5
      down[place] -= 1e-5
      let difference = try (loss(up, &unused) - loss(down, &unused)) / 2e-5
      #expect(abs(difference - slope[place]) < 1e-9, "\(place)")
    }
  }
}

@Suite struct LeakAndAverageTests {
  @Test func theLeakOfTheDefinitions() throws {
    let schedule = LeakSchedule(start: 0.3, end: 0.01, time: 200)
    #expect(schedule.slope(at: 0) == 0.3 && schedule.slope(at: -5) == 0.3)
    #expect(abs(schedule.slope(at: 200) - 0.116685) < 5e-7)
    #expect(schedule.slope(at: Int.max) == 0.01)
    #expect(throws: TrimtabError.self) { try LeakSchedule(start: 0, end: 0, time: .infinity).check() }
  }

  @Test func averages() throws {
    var average: [Float] = [1, 2, 3]
    try average.withUnsafeMutableBytes { bytes in
      let target = try MutableTensorView(writing: try TensorView(bytes.baseAddress, .float32, shape: [3]))
      try withView([2, 2, 7], [3]) { try updateAverage(target, towards: $0, decay: 0.75) }
      #expect(throws: TrimtabError.self) {
        try withView([2, .nan, 7], [3]) { try updateAverage(target, towards: $0, decay: 0.75) }
      }
    }
    #expect(average == [1.25, 2, 4])
  }
}
