import Testing

@testable import Trimtab

/// The exact values of definitions 9.
@Suite struct GenerativeOracleTests {
  @Test func absorbingErrorChain() throws {
    let rate = 0.01
    let teacher = [Double](repeating: rate, count: 200)
    var kept = 1.0
    let free = (0..<200).map { _ -> Double in
      kept *= 1 - rate
      return 1 - kept
    }
    let exposure = try ExposureBias()
    try withTensor(teacher.span, shape: [1, 200]) { forced throws(TrimtabError) in
      try withTensor(free.span, shape: [1, 200]) { own throws(TrimtabError) in
        try exposure.add(teacher: forced, free: own)
      }
    }
    var rows = [ExposureLength](repeating: ExposureLength(), count: 200)
    #expect(rows.withUnsafeMutableBufferPointer { exposure.copyLengths(to: $0.baseAddress, capacity: 200) } == 200)
    for (length, error, percent) in [(10, 0.534, 434.0), (50, 10.896, 2079), (100, 37.237, 3624), (200, 114.264, 5613)]
    {
      #expect(abs(rows[length - 1].accumulatedError - error) < 5e-4)
      #expect(abs(100 * rows[length - 1].excess - percent) < 0.5)
      #expect(rows[length - 1].accumulatedError <= Double(length * length) * rate)
    }
    let bytes = exposure.save()
    let loaded = try bytes.withUnsafeBytes { (buffer) throws(TrimtabError) in try ExposureBias.load(buffer) }
    #expect(loaded.report() == exposure.report())
  }

  @Test func linearPosterior() throws {
    let eigenvalues = [4, 2, 1.2, 0.8, 0.5, 0.1]
    func oracle(_ variance: Double, _ beta: Double = 1) throws -> LinearPosterior {
      try eigenvalues.withUnsafeBufferPointer { (values) throws(TrimtabError) in
        try LinearPosterior(eigenvalues: values, decoderVariance: variance, beta: beta)
      }
    }
    for (variance, count, divergence) in [(0.3, 5, 3.6827), (1, 3, 1.1309), (3, 1, 0.1438)] {
      let found = try oracle(variance)
      #expect(found.activeCount == count && abs(found.divergence - divergence) < 5e-5)
    }
    #expect(try oracle(0.3, 4).activeCount == 2)
    #expect(try oracle(0.3, 20) == LinearPosterior())
  }

  @Test func coverageAndBirthday() throws {
    #expect(abs(try expectedCoverage(real: 500, fake: 100, neighbours: 3) - 0.42246) < 5e-6)
    #expect(abs(try expectedCoverage(real: 1 << 40, fake: 1 << 40, neighbours: 5) - 0.96875) < 1e-10)
    #expect(abs(try birthdayProbability(support: 365, samples: 23) - 0.5072972) < 5e-8)
    #expect(abs(try birthdayProbability(support: 1_000_000, samples: 1177) - 0.5) < 1e-3)
  }

  @Test func vendiScores() throws {
    func score(_ kernel: [Double], _ count: Int) throws -> Double {
      try withTensor(kernel.span, shape: [count, count]) { view throws(TrimtabError) in
        try vendiScore(kernel: view).score
      }
    }
    #expect(abs(try score((0..<25).map { $0 % 6 == 0 ? 1 : 0 }, 5) - 5) < 1e-12)
    #expect(abs(try score([Double](repeating: 1, count: 25), 5) - 1) < 1e-12)
    #expect(abs(try score((0..<36).map { $0 / 6 / 3 == $0 % 6 / 3 ? 1 : 0 }, 6) - 2) < 1e-12)
  }

  @Test func samplingCostOfTheCurve() throws {
    let evaluations = [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 1000]
    let distances = [1.983, 1.974, 0.602, 0.114, 0.056, 0.030, 0.017, 0.011, 0.008, 0.0067]
    let report = try withTensor(evaluations.span, shape: [10]) { steps throws(TrimtabError) in
      try withTensor(distances.span, shape: [10]) { values throws(TrimtabError) in
        try samplingCost(evaluations: steps, distances: values)
      }
    }
    #expect(report.leastEvaluations == 256 && report.verdict == .healthy)
    #expect(report.order > 0.8 && report.order < 1.1)
  }
}
