import Foundation
import Testing

@testable import Trimtab

/// Oracle: the C library of the machine that runs the tests.
@Suite struct ElementaryFunctionTests {
  private func unitsApart(_ found: Double, _ wanted: Double) -> Double {
    found == wanted ? 0 : abs(found - wanted) / wanted.ulp
  }

  @Test func logarithmAgreesWithLibm() {
    var generator = SystemRandomNumberGenerator()
    let seed = generator.next()
    print("seed", seed)
    var bits = seed
    for _ in 0..<20000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let x = Double(bitPattern: bits & 0x7FFF_FFFF_FFFF_FFFF)
      guard x.isFinite, x > 0 else { continue }
      #expect(unitsApart(logarithm(x), log(x)) <= 1, "x = \(x)")
      #expect(unitsApart(decimalLogarithm(x), log10(x)) <= 2, "x = \(x)")
    }
    for x in stride(from: 0.5, to: 2, by: 0.000_37) { #expect(unitsApart(logarithm(x), log(x)) <= 1, "x = \(x)") }
    for x in [0x1p-1074, 1e-310, 1, 0x1p-1022, .greatestFiniteMagnitude] {
      #expect(unitsApart(logarithm(x), log(x)) <= 1, "x = \(x)")
    }
    #expect(logarithm(0) == -.infinity)
    #expect(logarithm(-1).isNaN && logarithm(.nan).isNaN)
    #expect(logarithm(.infinity) == .infinity)
  }

  @Test func exponentialAgreesWithLibm() {
    for x in stride(from: -708.0, to: 709.7, by: 0.037) { #expect(unitsApart(exponential(x), exp(x)) <= 1, "x = \(x)") }
    for x in stride(from: -745.2, to: -708, by: 0.37) {
      #expect(abs(exponential(x) - exp(x)) <= 0x1p-1074 + exp(x) * 1e-15, "x = \(x)")
    }
    #expect(exponential(0) == 1)
    #expect(exponential(.infinity) == .infinity && exponential(-.infinity) == 0 && exponential(.nan).isNaN)
    #expect(exponential(1e300) == .infinity && exponential(-1e300) == 0)
    #expect(exponential(709.782712893383) == exp(709.782712893383))
  }

  @Test func hyperbolicTangentAgreesWithLibm() {
    for x in stride(from: -25.0, to: 25, by: 0.0137) {
      #expect(unitsApart(hyperbolicTangent(x), tanh(x)) <= 4, "x = \(x)")
    }
    #expect(hyperbolicTangent(1e-300) == 1e-300)
    #expect(hyperbolicTangent(.infinity) == 1 && hyperbolicTangent(-.infinity) == -1 && hyperbolicTangent(.nan).isNaN)
  }

  @Test func errorFunctionAgreesWithLibm() {
    for x in stride(from: -7.0, to: 7, by: 0.0037) { #expect(abs(errorFunction(x) - erf(x)) < 1e-15, "x = \(x)") }
    #expect(errorFunction(.infinity) == 1 && errorFunction(-.infinity) == -1 && errorFunction(.nan).isNaN)
    #expect(errorFunction(0) == 0)
  }
}
