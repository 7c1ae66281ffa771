import Testing
import Trimtab

@testable import TrimtabTrainer

@Suite struct AdversarialExperimentTests {
  @Test func digitsAreBalancedImages() throws {
    let (images, labels) = try Digits.load()
    #expect(images.rows == 500 && images.columns == 64 && labels.count == 500)
    let values = (0..<images.count).map { images.pointer[$0] }
    #expect(values.min() == 0 && values.max() == 1)
    for digit in 0..<10 { #expect((0..<500).filter { labels[$0] == digit }.count == 50) }
    // The first image of the data set is a 0, whose first row is 0 0 5 13 9 1 0 0 of 16.
    let row = [0, 0, 5, 12, 8, 1, 0, 0].map { Double($0) / 15 }
    #expect((0..<8).map { images[0, $0] } == row)
  }

  @Test func theDiracGameIsExact() throws {
    let report = try LabReport(.diracGAN, seeds: 2)
    #expect(report.isHeld && report.expectations.count == 5)
  }

  /// The share that a tape's own derivatives give is what the diagnostic estimates along all axes.
  @Test func leakageIsThatOfTheTape() throws {
    let (rows, features) = (6, 3)
    let numbers = RandomNumbers(seed: 3, stream: 0)
    let net = try DenseNet(
      [features, 5, 1], ElementFunction(.tanh), normalisation: .batch,
      from: numbers)
    let tape = try Tape(precision: .float64)
    let inputs = tape.leaf(Shape(rows, features))
    let samples = try Samples(rows, features, normal: RandomNumbers(seed: 4, stream: 0))
    tape.fill(inputs, with: samples)
    let picked = tape.leaf(Shape(rows, 1))
    let scores = net.on(tape)(inputs)
    let slope = try tape.gradients(of: tape.sum(tape.multiply(scores, picked)), for: [inputs])[0]
    var (own, all) = (0.0, 0.0)
    for row in 0..<rows {
      for place in 0..<rows { tape.set(picked, at: place, to: place == row ? 1 : 0) }
      tape.replay()
      for place in 0..<(rows * features) {
        let square = tape.number(slope, at: place) * tape.number(slope, at: place)
        all += square
        if place / features == row { own += square }
      }
    }
    var options = LeakageOptions()
    (options.directionCount, options.step, options.replayCount) = (0, 1e-5, 0)
    let leakage = try BatchLeakage(options: options)
    try leakage.add(
      { (given, _, _, outputs, _) throws(TrimtabError) in
        tape.memory(of: inputs)?.copyMemory(from: given, byteCount: 8 * rows * features)
        tape.replay()
        for row in 0..<rows { outputs[row] = tape.number(scores, at: row) }
      }, inputs: try samples.view())
    let report = leakage.report()
    #expect((report.crossShare - (1 - own / all)).magnitude < 1e-8)
    #expect((report.jacobianNorm * report.jacobianNorm * Double(rows) / all - 1).magnitude < 1e-8)
  }

  /// D(x) = (3,4).x: 10 (5 - 1)^2 = 160 and 5 |(3,4)|^2 = 125.
  @Test func penaltiesAreExact() throws {
    let tape = try Tape(precision: .float64)
    let (inputs, weight) = (tape.leaf(Shape(2, 2)), tape.leaf(Shape(2, 1)))
    tape.set(weight, at: 0, to: 3)
    tape.set(weight, at: 1, to: 4)
    let scores = tape.product(inputs, weight)
    let wgan = try tape.gradientPenalty(of: scores, at: inputs, weight: 10, target: 1)
    let r1 = try tape.gradientPenalty(of: scores, at: inputs, weight: 5, target: 0)
    #expect((tape.number(wgan) - 160).magnitude < 1e-11 && tape.number(r1) == 125)
    #expect(throws: TrimtabError.self) { try tape.gradientPenalty(of: weight, at: inputs, weight: 1, target: 0) }
  }
}
