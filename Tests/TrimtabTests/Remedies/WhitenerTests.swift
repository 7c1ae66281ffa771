import Testing

@testable import Trimtab

/// Fits to samples, row-major with `features` columns.
private func fitted(
  _ samples: [Double], features: Int, _ method: WhiteningMethod, regularisation: Double = 0
) throws -> Whitener {
  let covariance = try Covariance()
  try withTensor(samples.span, shape: [samples.count / max(features, 1), features]) { view throws(TrimtabError) in
    try covariance.add(view)
  }
  var options = WhiteningOptions()
  options.method = method
  options.regularisation = regularisation
  return try Whitener(fitting: covariance, options: options)
}

private func matrix(of whitener: Whitener) -> [Double] {
  [Double](unsafeUninitializedCapacity: whitener.featureCount * whitener.featureCount) { buffer, count in
    guard let base = buffer.baseAddress else { return }
    whitener.matrix(to: base)
    count = whitener.featureCount * whitener.featureCount
  }
}

private func applied(_ whitener: Whitener, _ samples: [Double]) throws -> [Double] {
  var output = [Double](repeating: 0, count: samples.count)
  let shape = [samples.count / whitener.featureCount, whitener.featureCount]
  try output.withUnsafeMutableBytes { buffer in
    let target = try MutableTensorView(writing: TensorView(buffer.baseAddress, .float64, shape: shape))
    try withTensor(samples.span, shape: shape) { view throws(TrimtabError) in
      try whitener.apply(to: view, into: target)
    }
  }
  return output
}

/// M2 / n, by the definition.
private func covariance(_ samples: [Double], _ features: Int) -> [Double] {
  let rows = samples.count / features
  let mean = (0..<features).map { j in (0..<rows).reduce(0.0) { $0 + samples[$1 * features + j] } / Double(rows) }
  return (0..<(features * features)).map { index in
    let (i, j) = (index / features, index % features)
    return (0..<rows).reduce(0.0) { sum, row in
      sum + (samples[row * features + i] - mean[i]) * (samples[row * features + j] - mean[j])
    } / Double(rows)
  }
}

private func noise(_ count: Int, seed: UInt64) -> [Double] {
  var state = seed
  return (0..<count).map { _ in
    (0..<12).reduce(-6.0) { sum, _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return sum + Double(state >> 11) * 0x1p-53
    }
  }
}

@Suite struct WhitenerOracles {
  /// Four points whose covariance is [[2, 1], [1, 2]]: a² = 3 along (1, 1), b² = 1 along (1, -1).
  private let points: [Double] = {
    let a = 3.0.squareRoot()
    return [a, a, -a, -a, 1, -1, -1, 1]
  }()

  @Test func zcaOfTheTextbookMatrix() throws {
    let found = matrix(of: try fitted(points, features: 2, .zca))
    let third = 1 / 3.0.squareRoot()
    let wanted = [(third + 1) / 2, (third - 1) / 2, (third - 1) / 2, (third + 1) / 2]
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) <= 4e-16) }
  }

  @Test func choleskyOfTheTextbookMatrix() throws {
    let found = matrix(of: try fitted(points, features: 2, .cholesky))
    let wanted = [1 / 2.0.squareRoot(), 0, -1 / 6.0.squareRoot(), (2.0 / 3).squareRoot()]
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) <= 4e-16) }
  }

  @Test func pcaOfTheTextbookMatrix() throws {
    let found = matrix(of: try fitted(points, features: 2, .pca))
    // Largest variance, 3, first; the greatest entry of a row is positive.
    let wanted = [1 / 6.0.squareRoot(), 1 / 6.0.squareRoot(), 1 / 2.0.squareRoot()]
    #expect(abs(found[0] - wanted[0]) <= 4e-16 && abs(found[1] - wanted[1]) <= 4e-16)
    #expect(abs(abs(found[2]) - wanted[2]) <= 4e-16 && abs(found[2] + found[3]) <= 4e-16)
    #expect(max(found[2], found[3]) > 0)
  }

  @Test(arguments: [WhiteningMethod.zca, .pca, .cholesky])
  func makesTheCovarianceTheIdentity(method: WhiteningMethod) throws {
    let seed: UInt64 = 20_261_123
    print("seed \(seed)")
    let features = 7
    var samples = noise(300 * features, seed: seed)
    // Correlated, on scales from 1e-3 to 1e3, with offsets.
    for row in 0..<300 {
      for j in 1..<features { samples[row * features + j] += 0.8 * samples[row * features + j - 1] }
      for j in 0..<features {
        samples[row * features + j] = [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3][j] * samples[row * features + j] + Double(j)
      }
    }
    let found = covariance(try applied(try fitted(samples, features: features, method), samples), features)
    // Rounding: 2^-52 times the condition number of about 1e13 for the spectral maps, far less for Cholesky.
    let bound = method == .cholesky ? 1e-10 : 1e-2
    for (index, value) in found.enumerated() {
      #expect(abs(value - (index / features == index % features ? 1 : 0)) <= bound)
    }
  }

  @Test(arguments: [WhiteningMethod.zca, .pca])
  func isExactForWellConditionedData(method: WhiteningMethod) throws {
    let samples = noise(200 * 5, seed: 5)
    let found = covariance(try applied(try fitted(samples, features: 5, method), samples), 5)
    for (index, value) in found.enumerated() { #expect(abs(value - (index / 5 == index % 5 ? 1 : 0)) <= 1e-13) }
  }
}

@Suite struct WhitenerScales {
  private let scales = [1e-9, 1e9, 1, 1e-4, 1e4]

  /// 2d points +-sqrt(d) s_i e_i: the covariance is diag(s^2), and its ZCA diag(1/s).
  @Test func uncorrelatedFeaturesAreDividedByTheirScale() throws {
    var samples = [Double](repeating: 0, count: 2 * 5 * 5)
    for i in 0..<5 {
      samples[2 * i * 5 + i] = scales[i] * 5.0.squareRoot()
      samples[(2 * i + 1) * 5 + i] = -scales[i] * 5.0.squareRoot()
    }
    let found = matrix(of: try fitted(samples, features: 5, .zca))
    for i in 0..<5 {
      for j in 0..<5 {
        let wanted = i == j ? 1 : 0.0
        #expect(abs(found[i * 5 + j] * scales[j] - wanted) <= 1e-14)
      }
    }
    // PCA: largest variance first.
    let principal = matrix(of: try fitted(samples, features: 5, .pca))
    for (place, i) in [1, 4, 2, 3, 0].enumerated() { #expect(abs(principal[place * 5 + i] * scales[i] - 1) <= 1e-14) }
  }

  @Test(arguments: [WhiteningMethod.zca, .pca])
  func correlatedFeaturesOfAnyScaleAreWhitened(method: WhiteningMethod) throws {
    var samples = noise(400 * 5, seed: 12)
    for row in 0..<400 {
      for j in 1..<5 { samples[row * 5 + j] += 0.7 * samples[row * 5 + j - 1] }
      for j in 0..<5 { samples[row * 5 + j] *= scales[j] }
    }
    let whitener = try fitted(samples, features: 5, method)
    let found = covariance(try applied(whitener, samples), 5)
    for (index, value) in found.enumerated() { #expect(abs(value - (index / 5 == index % 5 ? 1 : 0)) <= 1e-12) }
    guard method == .zca else { return }
    let weights = matrix(of: whitener)
    for i in 0..<5 {
      for j in 0..<5 {
        let size = (weights[i * 5 + i] * weights[j * 5 + j]).squareRoot()
        #expect(abs(weights[i * 5 + j] - weights[j * 5 + i]) <= 1e-12 * size)
      }
    }
  }

  /// On either side of where the scaled way begins the two agree.
  @Test(arguments: [WhiteningMethod.zca, .pca])
  func bothWaysGiveTheSame(method: WhiteningMethod) throws {
    var samples = noise(300 * 3, seed: 13)
    for row in 0..<300 { samples[row * 3 + 1] += 0.5 * samples[row * 3] }
    func map(_ scale: Double) throws -> [Double] {
      var scaled = samples
      for row in 0..<300 { scaled[row * 3 + 2] *= scale }
      return try applied(try fitted(scaled, features: 3, method), scaled)
    }
    let (near, far) = (try map(1.5e-5), try map(0.5e-5))
    for (a, b) in zip(near, far) { #expect(abs(a - b) <= 1e-4) }
  }
}

@Suite struct WhitenerEdges {
  @Test func mapsConstantAndDuplicatedFeaturesToNothing() throws {
    let base = noise(100, seed: 3)
    let samples = base.flatMap { value -> [Double] in [value, 7, value] }
    let whitened = try applied(try fitted(samples, features: 3, .zca), samples)
    let found = covariance(whitened, 3)
    // One direction is left, (1, 0, 1) / sqrt 2: its projection has variance 1, spread over two features.
    #expect(abs(found[0] - 0.5) <= 1e-13 && abs(found[2] - 0.5) <= 1e-13 && abs(found[8] - 0.5) <= 1e-13)
    #expect(found[4] == 0)
  }

  @Test func refusesASingularCovarianceForCholeskyUnlessRegularised() throws {
    let samples = noise(100, seed: 4).flatMap { value -> [Double] in [value, value] }
    #expect(throws: TrimtabError.self) { try fitted(samples, features: 2, .cholesky) }
    #expect(try fitted(samples, features: 2, .cholesky, regularisation: 1e-3).featureCount == 2)
  }

  @Test func refusesTooFewSamples() throws {
    #expect(throws: TrimtabError.self) { try fitted([1, 2], features: 2, .zca) }
    #expect(throws: TrimtabError.self) { try fitted([], features: 2, .zca) }
  }

  @Test(arguments: [-1.0, .nan, .infinity])
  func refusesRegularisationOutOfRange(value: Double) {
    #expect(throws: TrimtabError.self) { try fitted([1, 2, 3, 5], features: 2, .zca, regularisation: value) }
  }

  @Test func answersARowWithNaNByNaNs() throws {
    let samples = noise(40, seed: 6)
    var fed = samples
    fed[5] = .nan
    fed[20] = .infinity
    let found = try applied(try fitted(samples, features: 4, .zca), fed)
    for row in 0..<10 {
      let isBad = row == 1 || row == 5
      for j in 0..<4 { #expect(found[row * 4 + j].isNaN == isBad) }
    }
  }

  @Test(arguments: [([8, 5], [8, 5]), ([10, 4], [9, 4]), ([10, 4], [10, 2]), ([10, 2, 2], [10, 4])])
  func refusesShapesThatDiffer(input: [Int], output: [Int]) throws {
    let whitener = try fitted(noise(40, seed: 7), features: 4, .zca)
    let samples = noise(input.reduce(1, *), seed: 8)
    var target = [Float](repeating: 0, count: output.reduce(1, *))
    let isRefused = try target.withUnsafeMutableBytes { buffer in
      let written = try MutableTensorView(writing: TensorView(buffer.baseAddress, .float32, shape: output))
      return try withTensor(samples.span, shape: input) { view throws(TrimtabError) in
        do throws(TrimtabError) { try whitener.apply(to: view, into: written) } catch { return error.status == .shape }
        return false
      }
    }
    // [10, 2, 2] is ten samples of four features, as everywhere.
    #expect(isRefused == (input.count == 2))
  }

  @Test(arguments: [1e-150, 1e150])
  func holdsAtAnyScale(scale: Double) throws {
    let samples = noise(200, seed: 8).map { $0 * scale }
    let found = covariance(try applied(try fitted(samples, features: 2, .pca), samples), 2)
    #expect(abs(found[0] - 1) <= 1e-12 && abs(found[3] - 1) <= 1e-12 && abs(found[1]) <= 1e-12)
  }

  @Test func continuesBitForBitAndRefusesDamage() throws {
    let whitener = try fitted(noise(60, seed: 9), features: 3, .cholesky)
    let bytes = whitener.save()
    let loaded = try bytes.withUnsafeBytes { try Whitener.load($0) }
    #expect(loaded.save() == bytes && matrix(of: loaded) == matrix(of: whitener))
    for length in 0..<bytes.count {
      #expect(throws: TrimtabError.self) { try bytes.prefix(length).withUnsafeBytes { _ = try Whitener.load($0) } }
    }
    for bit in stride(from: 0, to: bytes.count * 8, by: 3) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: TrimtabError.self) { try damaged.withUnsafeBytes { _ = try Whitener.load($0) } }
    }
  }
}
