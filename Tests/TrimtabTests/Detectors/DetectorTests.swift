import Testing

@testable import Trimtab

/// Independent normal numbers by Box and Muller.
private struct Normals {
  var state: UInt64

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
  }

  mutating func next() -> Double {
    let radius = (-2 * logarithm(uniform())).squareRoot()
    var angle = 2 * uniform() - 1
    // A cosine by rejection: a point of the unit disc, projected.
    var other = 2 * uniform() - 1
    while angle * angle + other * other > 1 || angle == 0 {
      angle = 2 * uniform() - 1
      other = 2 * uniform() - 1
    }
    return radius * angle / (angle * angle + other * other).squareRoot()
  }
}

@Suite struct DetectorTests {
  @Test func sortedWindowHoldsTheLastValuesInOrder() {
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 14)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0, count: 14)
    var window = SortedWindow(memory, capacity: 7)
    var random = Normals(state: 3)
    var all: [Double] = []
    for _ in 0..<500 {
      let value = (random.next() * 3).rounded()
      all.append(value)
      window.push(value)
      let expected = all.suffix(7).sorted()
      #expect(window.count == expected.count)
      #expect(window.quantile(0) == expected.first)
      #expect(window.quantile(100) == expected.last)
      #expect(window.quantile(50) == expected[(50 * (expected.count - 1) + 50) / 100])
    }
  }

  /// The excesses of an exponential tail: the true quantile is ln(1/p), and the threshold errs on the safe side.
  @Test func tailThresholdOfExponentialScores() {
    let prior = TailPrior(
      shape: 0.05, deviation: 0.12, shapeMargin: 1, scaleMargin: 1, growth: 0.4, floor: 6.5, provisional: 40)
    for seed in 1...20 {
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: TailEstimate.capacity)
      defer { memory.deallocate() }
      var tail = TailEstimate(memory)
      var random = Normals(state: UInt64(seed))
      #expect(tail.threshold(1e-6, prior) == 40)
      for _ in 0..<100_000 { tail.push(-logarithm(random.uniform()), threshold: 1e300) }
      let threshold = tail.threshold(1e-6, prior)
      #expect(threshold > 12 && threshold < 40, "\(threshold), seed \(seed): ln 10^6 is 13.8")
    }
  }

  @Test func distanceIsTheLesserOfRatioAndLogarithm() {
    let scale = SeriesScale(.logarithmic)
    #expect(abs(scale.distance(6, from: 2) - 1.0986122886681098) < 1e-15)
    #expect(scale.distance(1, from: 2) == -0.5)
    #expect(scale.distance(0, from: 2) == -1)
    #expect(abs(scale.distance(1e300, from: 1e-300) - 1381.5510557964274) < 1e-9)
    #expect(SeriesScale(.linear).distance(1e308, from: -1e308) == 1e300)
  }

  /// A monitor's way: many detectors over one piece of memory.
  @Test func valuesShareOneAllocation() throws {
    let each = SeriesDetector.memoryCount(for: .spike)
    let memory = try Storage<Double>(count: 8 * each, for: "detectors")
    var detectors: [SeriesDetector] = []
    for index in 0..<8 {
      detectors.append(try SeriesDetector(options: DetectorOptions(), memory: memory.pointer + index * each))
    }
    var random = Normals(state: 9)
    let lone = try Detector()
    for _ in 0..<600 {
      let value = exponential(0.05 * random.next())
      let expected = lone.add(value)
      for index in detectors.indices { #expect(detectors[index].add(value) == expected) }
    }
    #expect(detectors[5].add(25).state == .alarm)
    #expect(detectors[6].add(1).state == .quiet)
  }
}
