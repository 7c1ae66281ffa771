import Testing
import Trimtab

@testable import TrimtabTrainer

struct WeightAverageTests {
  private func numbers(_ average: WeightAverage) -> [Double] {
    (0..<average.count).map { average.averages.load(fromByteOffset: 8 * $0, as: Double.self) }
  }

  /// After t steps the weights of w_0 ... w_t are d^t and (1 - d) d^(t - i), which add up to 1.
  @Test func closedForm() throws {
    let average = try WeightAverage(decay: 0.75, count: 11, precision: .float64)
    for step in 0...20 {
      average.beginStep()
      let weights = (0..<11).map { Double(step * $0) }
      average.add(weights, offset: 0, count: 11)
      // Of 0, 1, ... t: t - d (1 - d^t) / (1 - d).
      let power = (0..<step).reduce(1.0) { product, _ in product * 0.75 }
      let mean = Double(step) - 3 * (1 - power)
      for (index, value) in numbers(average).enumerated() {
        #expect((value - mean * Double(index)).magnitude <= 1e-13 * Double(1 + step * index))
      }
    }
  }

  @Test func weightsThatStandStillAreTheirAverage() throws {
    let average = try WeightAverage(decay: 0.999, count: 13, precision: .float32)
    var weights = (0..<13).map { Float($0) / 7 - 1 }
    for _ in 0..<50 {
      average.beginStep()
      average.add(weights, offset: 0, count: 13)
    }
    let before = weights
    weights = [Float](repeating: 5, count: 13)
    average.exchange(&weights, offset: 0, count: 13)
    #expect(weights == before)
    average.exchange(&weights, offset: 0, count: 13)
    #expect(weights == [Float](repeating: 5, count: 13))
    for (offset, count) in [(1, 13), (-1, 1), (0, -1), (Int.max, 1), (0, Int.max)] {
      average.add(weights, offset: offset, count: count)
      average.exchange(&weights, offset: offset, count: count)
    }
    #expect(average.averages.load(as: Float.self) == before[0])
  }

  @Test func continuesBitForBit() throws {
    var random = SplitMix(7)
    for precision in [Precision.float32, .float64] {
      let first = try WeightAverage(decay: 0.9, count: 21, precision: precision)
      let second = try WeightAverage(decay: 0.9, count: 21, precision: precision)
      func add(_ averages: [WeightAverage]) {
        let weights = (0..<21).map { _ in Double.random(in: -1...1, using: &random) }
        for average in averages {
          average.beginStep()
          if precision == .float32 {
            average.add(weights.map { Float($0) }, offset: 0, count: 21)
          } else {
            average.add(weights, offset: 0, count: 21)
          }
        }
      }
      for _ in 0..<5 { add([first]) }
      let bytes = saved { first.write(to: &$0) }
      try loaded(bytes) { (reader) throws(TrimtabError) in try second.read(from: &reader) }
      for _ in 0..<5 { add([first, second]) }
      #expect(saved { first.write(to: &$0) } == saved { second.write(to: &$0) })
      let other = try WeightAverage(decay: 0.9, count: 20, precision: precision)
      #expect(throws: TrimtabError.self) {
        try loaded(bytes) { (reader) throws(TrimtabError) in try other.read(from: &reader) }
      }
    }
  }

  @Test(arguments: [-0.1, 1, .nan, .infinity])
  func refusesBadDecays(_ decay: Double) {
    do {
      _ = try WeightAverage(decay: decay, count: 1, precision: .float32)
      Issue.record("\(decay) was taken")
    } catch {
      #expect(error.message.hasPrefix("average.decay: found "), "\(error.message)")
    }
  }
}
