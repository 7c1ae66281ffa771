import Testing

@testable import Trimtab

/// What the generative diagnostics say where there is nothing to say, and that hostile input ends in an error.
@Suite struct GenerativeEdgeTests {
  private func coverage(_ real: [Double], _ fake: [Double], _ width: Int, k: Int = 3) throws -> CoverageReport {
    var options = CoverageOptions()
    options.neighbours = k
    return try withTensor(real.span, shape: [real.count / width, width]) { data throws(TrimtabError) in
      try withTensor(fake.span, shape: [fake.count / width, width]) { samples throws(TrimtabError) in
        try sampleCoverage(real: data, fake: samples, options: options)
      }
    }
  }

  @Test func fewAndEqualPoints() throws {
    let ones = [Double](repeating: 1, count: 40)
    let constant = try coverage(ones, ones, 2)
    #expect(constant.outcome == .degenerate && constant.verdict == .unknown)
    #expect(constant.precision == 0 && constant.recall == 0 && constant.density == 0 && constant.coverage == 0)
    let line = (0..<40).map(Double.init)
    #expect(try coverage(Array(line[..<4]), line, 1).outcome == .insufficient)
    #expect(try coverage(line, [.nan, .infinity], 1).outcome == .nonfinite)
    #expect(try coverage(line, line, 1).verdict == .healthy)
    #expect(throws: TrimtabError.self) { try coverage(line, line, 1, k: 0) }
  }

  @Test func statesThatLie() throws {
    let line = (0..<200).map { Double($0 * 37 % 101) }
    let bins = try withTensor(line.span, shape: [100, 2]) { view throws(TrimtabError) in
      let bins = try DataBins(real: view, count: 8)
      try bins.add(view)
      return bins
    }
    let report = bins.report()
    #expect(report.differentCount == 0 && report.jensenShannon == 0 && report.fakeCount == 100)
    let vendi = VendiScore()
    try withTensor(line.span, shape: [100, 2]) { view throws(TrimtabError) in try vendi.add(view) }
    for state in [bins.save(), vendi.save()] {
      for place in stride(from: 0, to: state.count, by: 3) {
        var broken = state
        broken[place] ^= 0x41
        broken.withUnsafeBytes { bytes in
          #expect(throws: TrimtabError.self) { try DataBins.load(bytes) }
          #expect(throws: TrimtabError.self) { try VendiScore.load(bytes) }
          #expect(throws: TrimtabError.self) { try ExposureBias.load(bytes) }
          #expect(throws: TrimtabError.self) { try PosteriorCollapse.load(bytes) }
        }
      }
    }
  }

  @Test func posteriorsMergeFarFromZero() throws {
    var means: [Double] = []
    for index in 0..<300 { means.append(1e8 + Double(index * 7919 % 101) / 101) }
    let logs = [Double](repeating: -1, count: 300)
    func part(_ rows: Range<Int>) throws -> PosteriorCollapse {
      let posterior = try PosteriorCollapse()
      let (mu, log) = (Array(means[rows]), Array(logs[rows]))
      try withTensor(mu.span, shape: [rows.count, 1]) { a throws(TrimtabError) in
        try withTensor(log.span, shape: [rows.count, 1]) { b throws(TrimtabError) in
          try posterior.add(means: a, logVariances: b)
        }
      }
      return posterior
    }
    let whole = try part(0..<300)
    let parts = try part(0..<37)
    try parts.merge(try part(37..<300))
    let centre = means.reduce(0) { $0 + ($1 - 1e8) } / 300
    let variance = means.reduce(0) { $0 + ($1 - 1e8 - centre) * ($1 - 1e8 - centre) } / 300
    #expect(abs(whole.latent(0).variance / variance - 1) < 1e-6)
    #expect(abs(parts.latent(0).variance / variance - 1) < 1e-6)
  }

  @Test func decodersThatFail() throws {
    let latents = (0..<20).map(Double.init)
    var each = [-1.0, -1.0]
    try withTensor(latents.span, shape: [10, 2]) { view throws(TrimtabError) in
      each.withUnsafeMutableBufferPointer { target in
        guard let base = target.baseAddress else { return }
        #expect(throws: TrimtabError.self) {
          try decoderSensitivities(latents: view, outputCount: 1, each: base) { _, _ in false }
        }
      }
    }
    #expect(each == [-1, -1])
  }
}
