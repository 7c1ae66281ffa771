import Testing

@testable import Trimtab

@Suite struct ObjectivesTests {
  /// The radius after 500 steps of 0.1 from (1, 1): 2.254 without a penalty, .000, .000, .001 and .285.
  @Test(arguments: zip([0, 0.5, 1, 2, 10], [2.254, 0, 0, 0.001, 0.285]))
  func diracGAN(penalty: Double, radius: Double) {
    var game = DiracGAN(penalty: penalty)
    for _ in 0..<500 { game.step(0.1) }
    #expect((game.radius - radius).magnitude < 0.0005)
  }

  /// -g/2 +- sqrt(g^2/4 - 1/4).
  @Test(arguments: zip([0, 0.5, 1, 2, 10], [(0, 0.5), (-0.25, 0.433), (-0.5, 0), (-0.134, 0), (-0.0251, 0)]))
  func eigenvaluesOfDirac(penalty: Double, wanted: (Double, Double)) throws {
    let game = DiracGAN(penalty: penalty)
    let closed = game.eigenvalues.first
    #expect((closed.real - wanted.0).magnitude < 5e-4 && (closed.imaginary - wanted.1).magnitude < 5e-4)
    let far: [Double: Double] = [2: -1.866, 10: -9.975]
    if let far = far[penalty] { #expect((game.eigenvalues.second.real - far).magnitude < 5e-4) }
    let found = try withView([0, -0.5, 0.5, -penalty], [2, 2]) { try gameStability($0, step: 0.1) }
    #expect((found.real - closed.real).magnitude < 1e-12)
    #expect((found.imaginary.magnitude - closed.imaginary.magnitude).magnitude < 1e-12)
    #expect((found.cause == .unstableGame) == (penalty == 0))
  }

  @Test func projectionTakesConflictsOut() throws {
    var (first, second) = ([1.0, 0.0], [-1.0, 1.0])
    let count = try first.withUnsafeMutableBytes { a in
      try second.withUnsafeMutableBytes { b in
        let views = [
          try TensorView(a.baseAddress, .float64, shape: [2]), try TensorView(b.baseAddress, .float64, shape: [2]),
        ]
        return try projectConflicts([
          try MutableTensorView(writing: views[0]), try MutableTensorView(writing: views[1]),
        ])
      }
    }
    #expect(count == 2 && first == [0.5, 0.5] && second == [0, 1])
  }

  @Test func laplacianOfACheckerboard() throws {
    let board = (0..<4096).map { ($0 / 64 + $0) % 2 == 0 ? 1.0 : -1.0 }
    let report = try withView(board, [64, 64]) { try blur($0, $0) }
    #expect(report.outputLaplacian == 64 && report.ratio == 1 && report.peakSignalToNoise == .infinity)
  }

  @Test func balanceIsOfTheRatio() throws {
    var options = BalanceOptions()
    options.adversarialWeight = 0.05
    let balance = try GradientBalance(options: options)
    #expect(balance.report().outcome == .insufficient)
    try withView([1, 0], [2]) { p in try withView([-1, 1], [2]) { try balance.add(pixel: p, adversarial: $0) } }
    let report = balance.report()
    #expect((report.ratio - 0.05 * 2.squareRoot()).magnitude < 1e-15 && report.cause == .weakAdversary)
    #expect((report.meanCosine + 0.70711).magnitude < 5e-6 && report.conflictShare == 1)
    let loaded = try balance.save().withUnsafeBytes { try GradientBalance.load($0) }
    #expect(loaded.save() == balance.save())
  }
}
