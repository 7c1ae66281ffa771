import Foundation
import Testing

@testable import Trimtab

@Suite struct SummaryOracleTests {
  @Test func theNormsThatFloat32LosesAreKept() throws {
    let large = try summarize([UInt64](repeating: UInt64(Float(1e20).bitPattern), count: 1000), .float32)
    #expect(abs(large.l2Norm / (Double(Float(1e20)) * 1000.0.squareRoot()) - 1) < 1e-15)
    let small = try summarize([UInt64](repeating: UInt64(Float(1e-30).bitPattern), count: 1000), .float32)
    #expect(abs(small.l2Norm / (Double(Float(1e-30)) * 1000.0.squareRoot()) - 1) < 1e-15)
  }

  @Test func theNormThatFloat64LosesIsKept() throws {
    let found = try summarize([Double](repeating: 2e200, count: 10))
    #expect(abs(found.l2Norm / (2e200 * 10.0.squareRoot()) - 1) < 1e-15)
    #expect(found.scaleExponent == 665)
    let tiny = try summarize([Double](repeating: 0x1p-1074, count: 16))
    #expect(tiny.l2Norm == 0x1p-1072 && tiny.l1Norm == 0x1p-1070 && tiny.mean == 0x1p-1074)
    #expect(tiny.subnormalCount == 16 && tiny.scaleExponent == -1074)
    let huge = try summarize([Double](repeating: .greatestFiniteMagnitude, count: 4))
    #expect(huge.l2Norm == .infinity && huge.l1Norm == .infinity && huge.mean == .greatestFiniteMagnitude)
    #expect(huge.scaledSquareSum.isFinite)
  }

  // NIST StRD, NumAcc1 to 4: the certified means; fourteen digits of them.
  @Test(arguments: [
    ([10_000_001.0, 10_000_003, 10_000_002], 10_000_002.0),
    ([1.2] + alternating(1.1, 1.3), 1.2),
    ([1_000_000.2] + alternating(1_000_000.1, 1_000_000.3), 1_000_000.2),
    ([10_000_000.2] + alternating(10_000_000.1, 10_000_000.3), 10_000_000.2),
  ])
  func nistMeans(_ values: [Double], _ mean: Double) throws {
    #expect(abs(try summarize(values).mean / mean - 1) < 1e-14)
  }

  private static func alternating(_ a: Double, _ b: Double) -> [Double] { (0..<1000).map { $0 % 2 == 0 ? a : b } }

  @Test func theScaleExponentFollowsItsRule() throws {
    for (value, exponent) in [
      (0x1p480, 0), (0x1p480.nextUp, 480), (0x1p-400, 0), (0x1p-400.nextDown, -401), (0, 0), (1e308, 1023),
    ] as [(Double, Int32)] {
      for sign in [1.0, -1] {
        let found = try summarize([value * sign, 0])
        #expect(found.scaleExponent == exponent, "\(value)")
        #expect(found.l2Norm == value && found.l1Norm == value)
      }
    }
  }

  @Test func valuesOfEveryMagnitudeShareOneTensor() throws {
    var deviates = Deviates()
    for _ in 0..<40 {
      let length = 1 + deviates.below(90_000)
      let span = deviates.below(2100)
      let top = deviates.below(2048) - 1024
      let values = (0..<length).map { _ in
        scalbn(deviates.uniform() - 0.5, max(min(top - deviates.below(span + 1), 1023), -1090))
      }
      let difference = SummaryReference(values, .float64).difference(try summarize(values), "top \(top) span \(span)")
      #expect(difference == nil)
    }
  }

  @Test func signedZerosAreZeros() throws {
    let found = try summarize([0, -0.0, -0.0, 1])
    #expect(found.zeroCount == 3 && found.subnormalCount == 0 && found.minimum == 0 && found.mean == 0.25)
  }

  @Test func nothingIsTheIdentity() throws {
    for shape in [[0], [3, 0], [0, 5, 2]] {
      let found = summarize(try TensorView(nil, .float16, shape: shape))
      #expect(found == .identity)
    }
    #expect(Summary.identity.minimum == .infinity && Summary.identity.maximum == -.infinity)
    let nan = try summarize([Double.nan, .infinity, -.infinity, .infinity])
    #expect(nan.nanCount == 1 && nan.positiveInfinityCount == 2 && nan.negativeInfinityCount == 1)
    #expect(nan.minimum == .infinity && nan.mean == 0 && nan.firstNonfiniteIndex == 0 && nan.l2Norm == 0)
  }

  @Test func aScalarHasOneElement() throws {
    try withView([-2.5], []) { view in
      let found = summarize(view)
      #expect(found.count == 1 && found.minimum == -2.5 && found.l1Norm == 2.5)
    }
  }
}
