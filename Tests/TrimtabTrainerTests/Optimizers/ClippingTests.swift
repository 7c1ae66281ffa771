import Testing
import Trimtab

@testable import TrimtabTrainer

struct ClippingTests {
  private func judge(_ clipping: GradientClipping, _ norms: [Double]) -> (factors: [Double], norm: Double) {
    var factors = [Double](repeating: -1, count: norms.count)
    let norm = clipping.judge(norms.map { $0 * $0 }, factors: &factors)
    return (factors, norm)
  }

  @Test func globalNormIsPyTorchs() throws {
    let clipping = try GradientClipping(.globalNorm, maximumNorm: 2, tensors: 2)
    let (factors, norm) = judge(clipping, [3, 4])
    #expect(norm == 5)
    let expected: Double = 2 / (5 + 1e-6)
    #expect(factors == [expected, expected])
    #expect(judge(clipping, [0.3, 0.4]).factors == [1, 1])
    #expect(judge(clipping, [0, 0]).factors == [1, 1])
    for bad in [Double.nan, .infinity] { #expect(judge(clipping, [bad, 4]).factors == [1, 1]) }
    let none = try GradientClipping(.none, maximumNorm: 0, tensors: 1)
    #expect(judge(none, [1e9]).factors == [1])
  }

  /// The monitor's ZClip takes the same decisions.
  @Test(arguments: [0.0, 1.5])
  func adaptiveIsTheMonitors(_ maximumNorm: Double) throws {
    let clipping = try GradientClipping(.adaptive, maximumNorm: maximumNorm, tensors: 1)
    var reference = AdaptiveClipping(warmUp: 25)
    var random = SplitMix(5)
    for step in 0..<200 {
      let norm = step == 100 ? 50 : step == 50 ? .nan : Double.random(in: 0.9...1.1, using: &random)
      let own = reference.limit(norm)
      let limit = maximumNorm > 0 ? min(own, maximumNorm) : own
      reference.add(min(norm, limit), isClipped: norm > own)
      let factor = judge(clipping, [norm]).factors[0]
      #expect((factor < 1) == (norm > limit))
      if step == 100 {
        #expect(factor * norm < 1.3)
        #expect((factor - limit / (norm + 1e-6)).magnitude <= 1e-15 * factor)
      }
    }
  }

  @Test func eachToItsOwnNorm() throws {
    let clipping = try GradientClipping(.perTensor, maximumNorm: 1, tensors: 2)
    for _ in 0..<100 {
      // Over the warm-up all share the factor of the common norm.
      let factors = judge(clipping, [3, 4]).factors
      #expect(factors[0] == factors[1])
      #expect((factors[0] - 0.2).magnitude < 1e-6)
    }
    // Then each has its own: 0.6 and 0.8 were what was taken.
    let factors = judge(clipping, [0.6, 8]).factors
    #expect(factors[0] == 1)
    #expect((factors[1] - 1.05 * 0.8 / 8).magnitude < 1e-6)
    #expect(judge(clipping, [.nan, .infinity]).factors == [1, 1])
  }

  @Test(arguments: [ClippingMethod.adaptive, .perTensor, .globalNorm])
  func continuesBitForBit(_ method: ClippingMethod) throws {
    var random = SplitMix(11)
    let first = try GradientClipping(method, tensors: 3)
    func norms() -> [Double] { (0..<3).map { _ in .random(in: 0.2...2, using: &random) } }
    for _ in 0..<110 { _ = judge(first, norms()) }
    let bytes = saved { first.write(to: &$0) }
    let second = try GradientClipping(method, tensors: 3)
    try loaded(bytes) { (reader) throws(TrimtabError) in try second.read(from: &reader) }
    for _ in 0..<50 {
      let next = norms()
      #expect(judge(first, next).factors == judge(second, next).factors)
    }
    let more = try GradientClipping(.perTensor, tensors: 4)
    #expect(throws: TrimtabError.self) {
      try loaded(bytes) { (reader) throws(TrimtabError) in try more.read(from: &reader) }
    }
  }

  @Test func squaredNorms() {
    let numbers = (0..<37).map { Double($0) - 18 }
    let expected = numbers.reduce(0) { $0 + $1 * $1 }
    #expect(squaredNorm(numbers, count: 37, precision: .float64) == expected)
    #expect(squaredNorm(numbers.map { Float($0) }, count: 37, precision: .float32) == expected)
    #expect(squaredNorm([Double.nan, 1], count: 2, precision: .float64).isNaN)
    #expect(squaredNorm([Float.infinity, 1], count: 2, precision: .float32) == .infinity)
  }

  @Test func refusesBadOptionsByName() {
    let cases: [(ClippingMethod, Double, Int, String)] = [
      (ClippingMethod.globalNorm, 0.0, 25, "maximum_norm"), (.perTensor, 0, 25, "maximum_norm"),
      (.adaptive, -1, 25, "maximum_norm"), (.adaptive, .nan, 25, "maximum_norm"),
      (.none, .infinity, 25, "maximum_norm"), (.adaptive, 1, 0, "warm_up"),
    ]
    for (method, norm, warmUp, name) in cases {
      do {
        _ = try GradientClipping(method, maximumNorm: norm, warmUp: warmUp, tensors: 1)
        Issue.record("\(name) was taken")
      } catch {
        #expect(error.message.hasPrefix("options.\(name): found "), "\(error.message)")
      }
    }
    #expect(throws: TrimtabError.self) { _ = try GradientClipping(.perTensor, tensors: -1) }
  }
}
