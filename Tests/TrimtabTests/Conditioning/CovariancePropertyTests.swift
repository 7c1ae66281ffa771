import Testing

@testable import Trimtab

@Suite struct CovarianceProperties {
  private func moments(_ covariance: Covariance) throws -> (mean: [Double], matrix: [Double]) {
    let d = covariance.featureCount ?? 0
    var mean = [Double](repeating: 0, count: d)
    var matrix = [Double](repeating: 0, count: d * d)
    mean.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { covariance.mean(to: base) } }
    matrix.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { covariance.covariance(to: base) } }
    return (mean, matrix)
  }

  private func accumulated(_ parts: [SampleMatrix]) throws -> Covariance {
    let covariance = try Covariance()
    for part in parts { try part.add(to: covariance) }
    return covariance
  }

  private func agree(_ a: Covariance, _ b: Covariance, _ tolerance: Double) throws -> Bool {
    let (x, y) = (try moments(a), try moments(b))
    let largest = y.matrix.map(abs).max() ?? 0
    return zip(x.matrix, y.matrix).allSatisfy { abs($0 - $1) <= tolerance * largest }
      && zip(x.mean, y.mean).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  /// Mean, covariance and Ledoit-Wolf from the textbook's two passes.
  private func twoPass(_ x: SampleMatrix) -> (covariance: [Double], shrinkage: Double) {
    let (n, d) = (x.rows, x.columns)
    let mean = (0..<d).map { j in (0..<n).reduce(0) { $0 + x[$1, j] } / Double(n) }
    var s = [Double](repeating: 0, count: d * d)
    var fourth = 0.0
    for k in 0..<n {
      let row = (0..<d).map { x[k, $0] - mean[$0] }
      for i in 0..<d { for j in 0..<d { s[i * d + j] += row[i] * row[j] / Double(n) } }
      for i in 0..<d { for j in 0..<d { fourth += row[i] * row[i] * row[j] * row[j] } }
    }
    let trace = (0..<d).reduce(0) { $0 + s[$1 * d + $1] }
    let squares = s.reduce(0) { $0 + $1 * $1 }
    let mu = trace / Double(d)
    let beta = (fourth / Double(n) - squares) / Double(d * n)
    let delta = (squares - 2 * mu * trace + Double(d) * mu * mu) / Double(d)
    return (s, min(beta, delta) / delta)
  }

  @Test(arguments: [(3, 2), (50, 7), (300, 16), (700, 33), (257, 17), (30, 40)])
  func streamMergeAndTwoPassesAgree(n: Int, d: Int) throws {
    var gaussian = Gaussian()
    let mixing = gaussian.matrix(d, d)
    let centre = (0..<d).map { Double($0) * 10 - 30 }
    let pure = gaussian.matrix(n, d)
    let x = SampleMatrix(n, d) { i, j in (0..<d).reduce(centre[j]) { $0 + pure[i, $1] * mixing[$1, j] } }
    let expected = twoPass(x)
    let cuts = [0, n / 5, n / 5, n / 2, n - 1, n]
    let parts = zip(cuts, cuts.dropFirst()).map { x.part($0..<$1) }
    let once = try accumulated([x])
    let streamed = try accumulated(parts)
    let left = try Covariance()
    for part in parts { try left.merge(try accumulated([part])) }
    let right = try Covariance()
    for part in parts.reversed() {
      let head = try accumulated([part])
      try head.merge(right)
      try right.merge(try accumulated([]))
      try replace(right, by: head)
    }
    for covariance in [once, streamed, left, right] {
      let found = try moments(covariance)
      let largest = expected.covariance.map(abs).max() ?? 0
      #expect(
        zip(found.matrix, expected.covariance).allSatisfy { abs($0 - $1) <= 1e-12 * largest }, "seed \(gaussian.seed)")
      #expect(close(try covariance.report().shrinkage, expected.shrinkage, 1e-10), "seed \(gaussian.seed)")
      #expect(covariance.sampleCount == n)
    }
    #expect(try agree(left, right, 1e-12), "seed \(gaussian.seed)")
  }

  private func replace(_ target: Covariance, by source: Covariance) throws {
    target.featureCount = source.featureCount
    target.sampleCount = source.sampleCount
    target.moments = source.moments
  }

  @Test func orderOfSamplesDoesNotMatter() throws {
    var gaussian = Gaussian()
    let x = gaussian.matrix(400, 9)
    let reversed = SampleMatrix(400, 9) { x[399 - $0, $1] }
    #expect(try agree(try accumulated([x]), try accumulated([reversed]), 1e-13), "seed \(gaussian.seed)")
  }

  @Test func scaleChangesNoRatio() throws {
    var gaussian = Gaussian()
    let x = gaussian.matrix(200, 6)
    let plain = try x.report()
    for factor in [0x1p40, 0x1p-40, 1e200, 1e-200, 1e300] {
      let report = try SampleMatrix(200, 6) { x[$0, $1] * factor }.report()
      #expect(close(report.conditionNumber, plain.conditionNumber, 1e-11), "\(factor), seed \(gaussian.seed)")
      #expect(close(report.shrinkage, plain.shrinkage, 1e-10), "\(factor), seed \(gaussian.seed)")
      #expect(report.verdict == .healthy)
    }
  }

  @Test func twiceTheSameIsTheSameCovariance() throws {
    var gaussian = Gaussian()
    let x = gaussian.matrix(100, 5)
    let covariance = try accumulated([x])
    let single = try moments(covariance)
    try covariance.merge(covariance)
    #expect(covariance.sampleCount == 200)
    let double = try moments(covariance)
    #expect(zip(single.matrix, double.matrix).allSatisfy { abs($0 - $1) <= 1e-14 })
  }

  @Test func savedStatesContinueBitForBit() throws {
    var gaussian = Gaussian()
    let covariance = try accumulated([gaussian.matrix(300, 11)])
    let bytes = covariance.save()
    let copy = try bytes.withUnsafeBytes { try Covariance.load($0) }
    #expect(copy.save() == bytes)
    let more = gaussian.matrix(77, 11)
    try more.add(to: covariance)
    try more.add(to: copy)
    #expect(copy.save() == covariance.save())
    let empty = try Covariance().save()
    #expect(try empty.withUnsafeBytes { try Covariance.load($0) }.featureCount == nil)
  }

  @Test func damagedStatesAreRefused() throws {
    let bytes = try accumulated([SampleMatrix([[1, 2], [3, 5], [4, 4]])]).save()
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: TrimtabError.self) { try Array(bytes.prefix(length)).withUnsafeBytes { try Covariance.load($0) } }
    }
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0x41
      #expect(throws: TrimtabError.self) { try damaged.withUnsafeBytes { try Covariance.load($0) } }
    }
  }
}
