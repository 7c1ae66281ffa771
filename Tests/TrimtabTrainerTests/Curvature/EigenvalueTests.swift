import Testing
import Trimtab

@testable import TrimtabTrainer

/// A symmetric matrix Q diag(spectrum) Q with Q a Householder reflection, so that its eigenvalues are known.
struct KnownSpectrum {
  let spectrum: [Double]
  let normal: [Double]

  init(_ spectrum: [Double], seed: UInt64) {
    var random = SplitMix(seed)
    self.spectrum = spectrum
    let raw = spectrum.map { _ in Double.random(in: -1...1, using: &random) }
    let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
    normal = raw.map { $0 / length }
  }

  /// linspace(1, 10, count - extra.count) and `extra`.
  static func spread(_ count: Int, _ extra: [Double]) -> [Double] {
    let rest = count - extra.count
    return (0..<rest).map { 1 + 9 * Double($0) / Double(rest - 1) } + extra
  }

  private func reflect(_ x: [Double]) -> [Double] {
    let share = 2 * zip(x, normal).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(x, normal).map { $0 - share * $1 }
  }

  func apply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    let inner = zip(reflect((0..<spectrum.count).map { x[$0] }), spectrum).map { $0 * $1 }
    for (index, value) in reflect(inner).enumerated() { y[index] = value }
  }
}

struct EigenvalueTests {
  private func precise(_ tolerance: Double, iterations: Int = 40, seed: UInt64 = 1) -> EigenvalueOptions {
    var options = EigenvalueOptions()
    options.tolerance = tolerance
    options.greatestIterations = iterations
    options.seed = seed
    return options
  }

  /// One start in eighty looks hidden and is followed by a second.
  @Test func fewProducts() throws {
    var second = 0
    for seed in 1...400 {
      let matrix = KnownSpectrum(KnownSpectrum.spread(100, [25]), seed: UInt64(seed))
      let found = try extremeEigenvalues(order: 100, options: precise(1e-6, seed: UInt64(seed) &* 77)) {
        matrix.apply($0, $1)
      }
      #expect((found.largest - 25).magnitude < 1e-7 && found.iterations <= 30)
      if found.iterations > 15 { second += 1 }
    }
    #expect(second <= 16, "\(second) of 400")
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5]) func topOfAKnownSpectrum(seed: UInt64) throws {
    let matrix = KnownSpectrum(KnownSpectrum.spread(100, [25]), seed: seed)
    let found = try extremeEigenvalues(order: 100, options: precise(1e-6, seed: seed)) { matrix.apply($0, $1) }
    #expect(found.outcome == .ok && found.hasConverged)
    #expect((found.largest - 25).magnitude < 1e-7)
    #expect(found.largestResidual <= 1e-6 * 25)
    #expect(found.iterations <= 30, "\(found.iterations)")
    // The default tolerance is for monitoring: its error is the residual's square over the gap.
    let coarse = try extremeEigenvalues(order: 100) { matrix.apply($0, $1) }
    #expect((coarse.largest - 25).magnitude < 1e-4 && coarse.iterations < found.iterations)
  }

  /// Power iteration returns -54 here.
  @Test func algebraicallyLargest() throws {
    let matrix = KnownSpectrum(KnownSpectrum.spread(100, [25, -54]), seed: 6)
    let found = try extremeEigenvalues(order: 100, options: precise(1e-6)) { matrix.apply($0, $1) }
    #expect((found.largest - 25).magnitude < 1e-7 && found.hasConverged)
    #expect((found.smallest + 54).magnitude < 1e-7 && found.smallestResidual < 1e-4)
  }

  /// The bound holds also where the iteration is cut off.
  @Test(arguments: 1...30) func residualBounds(iterations: Int) throws {
    let spectrum = KnownSpectrum.spread(60, [])
    let matrix = KnownSpectrum(spectrum, seed: 7)
    let found = try extremeEigenvalues(order: 60, options: precise(1e-12, iterations: iterations)) {
      matrix.apply($0, $1)
    }
    #expect(found.iterations == iterations && !found.hasConverged)
    func distance(_ value: Double) -> Double { spectrum.map { ($0 - value).magnitude }.min() ?? .nan }
    #expect(distance(found.largest) <= found.largestResidual + 1e-12)
    #expect(distance(found.smallest) <= found.smallestResidual + 1e-12)
    #expect(found.largest <= 10 + 1e-12 && found.smallest >= 1 - 1e-12)
  }

  @Test(arguments: [1e-140, 1e-30, 1e-12, 1, 1e12, 1e100]) func anyScale(scale: Double) throws {
    let matrix = KnownSpectrum(KnownSpectrum.spread(40, [25]).map { $0 * scale }, seed: 8)
    let found = try extremeEigenvalues(order: 40, options: precise(1e-6)) { matrix.apply($0, $1) }
    #expect((found.largest / scale - 25).magnitude < 1e-7 && found.hasConverged && found.iterations < 20)
  }

  @Test func orderOne() throws {
    for value in [3.5, -2, 0] {
      let found = try extremeEigenvalues(order: 1) { $1[0] = value * $0[0] }
      #expect(found.outcome == .ok && found.hasConverged && found.largest == value && found.smallest == value)
      #expect(found.iterations == 1)
    }
  }

  @Test func fewElements() throws {
    for order in 2...12 {
      let matrix = KnownSpectrum((0..<order).map { Double($0 * $0) - 5 }, seed: UInt64(order))
      let found = try extremeEigenvalues(order: order, options: precise(1e-10)) { matrix.apply($0, $1) }
      let top = Double((order - 1) * (order - 1)) - 5
      #expect((found.largest - top).magnitude < 1e-12 * max(1, top.magnitude) * 10)
      #expect(found.hasConverged && found.iterations <= 2 * order)
    }
  }

  @Test func zeroOperator() throws {
    let found = try extremeEigenvalues(order: 7) { for index in 0..<7 { $1[index] = 0 * $0[index] } }
    #expect(found.outcome == .ok && found.largest == 0 && found.smallest == 0 && found.hasConverged)
    #expect(found.largestResidual == 0)
  }

  @Test func multipleOfIdentity() throws {
    let found = try extremeEigenvalues(order: 9) { for index in 0..<9 { $1[index] = -3 * $0[index] } }
    #expect((found.largest + 3).magnitude < 1e-14 && (found.smallest + 3).magnitude < 1e-14 && found.hasConverged)
  }

  /// A start that is exactly orthogonal to the top eigenvector spans a subspace that never holds it.
  @Test func hiddenFromTheFirstStart() throws {
    let order = 30
    let first = (0..<order).map { Double(probeBits(seed: 1, UInt64($0)) >> 11) * 0x1p-53 - 0.5 }
    var hidden = [Double](repeating: 0, count: order)
    let length = (first[0] * first[0] + first[1] * first[1]).squareRoot()
    hidden[0] = first[1] / length
    hidden[1] = -first[0] / length
    let found = try extremeEigenvalues(order: order, options: precise(1e-9)) { x, y in
      let share = (0..<order).reduce(0.0) { $0 + x[$1] * hidden[$1] }
      for index in 0..<order { y[index] = x[index] + 24 * share * hidden[index] }
    }
    #expect((found.largest - 25).magnitude < 1e-9 && (found.smallest - 1).magnitude < 1e-9 && found.hasConverged)
  }

  @Test func preconditioned() throws {
    // P^-1 A for A = diag(d) and P is diag(d / p).
    let order = 50
    let diagonal = (0..<order).map { 1 + Double($0) }
    let metric = (0..<order).map { 2 + Double(($0 * 7) % 13) }
    let found = try extremeEigenvalues(order: order, preconditioner: metric, options: precise(1e-9, iterations: 50)) {
      for index in 0..<order { $1[index] = diagonal[index] * $0[index] }
    }
    let ratios = zip(diagonal, metric).map { $0 / $1 }
    #expect((found.largest - (ratios.max() ?? 0)).magnitude < 1e-10)
    #expect(throws: TrimtabError.self) {
      try extremeEigenvalues(order: 2, preconditioner: [1, 0]) { $1[0] = $0[0] }
    }
    #expect(throws: TrimtabError.self) {
      try extremeEigenvalues(order: 2, preconditioner: [.nan, 1]) { $1[0] = $0[0] }
    }
  }

  @Test func edges() throws {
    #expect(try extremeEigenvalues(order: 0) { _, _ in }.outcome == .insufficient)
    for bad in [Double.nan, .infinity, 1e200] {
      let found = try extremeEigenvalues(order: 3) { x, y in
        for index in 0..<3 { y[index] = index == 1 ? bad : x[index] }
      }
      #expect(found.outcome == .nonfinite && found.largest.isNaN && found.smallest.isNaN && found.iterations == 1)
    }
    #expect(throws: TrimtabError.self) { try extremeEigenvalues(order: 3, options: precise(.nan)) { _, _ in } }
    #expect(throws: TrimtabError.self) {
      try extremeEigenvalues(order: 3, options: precise(1, iterations: 0)) { _, _ in }
    }
    #expect(throws: TrimtabError.self) { try extremeEigenvalues(order: .max) { _, _ in } }
  }

  @Test func whatTheOperatorThrows() throws {
    do {
      _ = try extremeEigenvalues(order: 3) { (_, _) throws(TrimtabError) in throw TrimtabError(.shape, "own: error") }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.status == .shape)
    }
  }
}

struct TraceTests {
  @Test func withinItsError() throws {
    let matrix = KnownSpectrum(KnownSpectrum.spread(80, [25, -54]), seed: 3)
    let trace = matrix.spectrum.reduce(0, +)
    var within = 0
    for seed in 1...40 {
      let found = try hutchinsonTrace(order: 80, probes: 50, seed: UInt64(seed)) { matrix.apply($0, $1) }
      #expect(found.outcome == .ok && found.probes == 50 && found.standardError > 0)
      if (found.trace - trace).magnitude < 2 * found.standardError { within += 1 }
    }
    // 95 in a hundred: fewer than 33 of 40 is four standard deviations off.
    #expect(within >= 33, "\(within) of 40")
  }

  @Test func diagonal() throws {
    let found = try hutchinsonTrace(order: 100, probes: 3) {
      for index in 0..<100 { $1[index] = Double(index) * $0[index] }
    }
    #expect(found.trace == 4950 && found.standardError == 0)
    #expect(try hutchinsonTrace(order: 1, probes: 1) { $1[0] = 2 * $0[0] }.standardError.isNaN)
  }

  @Test func signsAreEven() throws {
    var sums = [Double](repeating: 0, count: 70)
    _ = try hutchinsonTrace(order: 70, probes: 1000) { x, y in
      for index in 0..<70 {
        #expect(x[index] * x[index] == 1)
        sums[index] += x[index]
        y[index] = 0
      }
    }
    #expect(sums.allSatisfy { $0.magnitude < 4.5 * Double(1000).squareRoot() })
  }

  @Test func edges() throws {
    #expect(try hutchinsonTrace(order: 0) { _, _ in }.outcome == .insufficient)
    let found = try hutchinsonTrace(order: 2) { $1[0] = .nan * $0[0] }
    #expect(found.outcome == .nonfinite && found.trace.isNaN)
    #expect(throws: TrimtabError.self) { try hutchinsonTrace(order: 2, probes: 0) { _, _ in } }
  }
}
