import Testing
import Trimtab

@testable import Trimtab

struct RandomNumbersTests {
  /// The known answers of Random123 (Salmon et al. 2011), file kat_vectors.
  @Test func philoxOfRandom123() {
    #expect(philox(SIMD4(0, 0, 0, 0), key: 0) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      philox(SIMD4(repeating: .max), key: .max) == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      philox(SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: 0x299f_31d0_a409_3822)
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func wordsStandWhereTheCommentSays() {
    let zero = RandomNumbers(seed: 0, stream: 0)
    #expect(zero.bits(at: 0) == 0xe169_c58d_6627_e8d5)
    #expect(zero.uniform(at: 0) == Double(0xe_169c_58d6_627e as UInt64) * 0x1p-52 + 0x1p-53)
    let other = RandomNumbers(seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e)
    #expect(other.bits(at: 0x85a3_08d3_243f_6a88) == 0x94fd_cceb_d16c_fe09)
  }

  /// Quantiles to 20 digits by mpmath 1.3.
  @Test func quantiles() {
    let cases: [(Double, Double)] = [
      (0x1p-53, -8.2095361516013868556), (0x1p-30, -6.0093535655307438932), (0.001, -3.0902323061678135354),
      (0.02275013194817921, -1.9999999999999999743), (0.075, -1.4395314709384559349), (0.1, -1.2815515655446004353),
      (0.25, -0.6744897501960817432), (0.5, 0), (0.8413447460685429, 0.99999999999999990574),
      (0.975, 1.9599639845400538556), (0.9999, 3.7190164854557083867),
    ]
    for (p, expected) in cases {
      #expect((normalQuantile(p) - expected).magnitude <= 1e-15 * max(expected.magnitude, 0.1), "p = \(p)")
    }
    #expect(normalQuantile(0) == -.infinity && normalQuantile(1) == .infinity)
    #expect(normalQuantile(-0.1).isNaN && normalQuantile(1.1).isNaN && normalQuantile(.nan).isNaN)
  }

  /// Of 100 000 numbers, every bound four standard deviations of the statistic or more.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func moments(_ seed: UInt64) {
    let count = 100_000
    let numbers = RandomNumbers(seed: seed, stream: 9)
    let uniform = (0..<count).map { numbers.uniform(at: UInt64($0)) }
    #expect(uniform.allSatisfy { $0 > 0 && $0 < 1 })
    let root = Double(count).squareRoot()
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(count) }
    #expect((mean(uniform) - 0.5).magnitude <= 4 * 0.2887 / root)
    #expect((mean(uniform.map { $0 * $0 }) - 1.0 / 3).magnitude <= 4 * 0.2982 / root)
    // Neighbours in the index and in the stream do not go together.
    let centred = uniform.map { $0 - 0.5 }
    let neighbours = RandomNumbers(seed: seed, stream: 10)
    let alongIndex = zip(centred, centred.dropFirst()).map { $0 * $1 }
    let alongStream = centred.indices.map { centred[$0] * (neighbours.uniform(at: UInt64($0)) - 0.5) }
    #expect(mean(alongIndex).magnitude <= 4 / 12.0 / root)
    #expect(mean(alongStream).magnitude <= 4 / 12.0 / root)
    let normal = (0..<count).map { numbers.normal(at: UInt64($0)) }
    #expect(mean(normal).magnitude <= 4 / root)
    #expect((mean(normal.map { $0 * $0 }) - 1).magnitude <= 4 * 1.4142 / root)
    #expect(mean(normal.map { $0 * $0 * $0 }).magnitude <= 4 * 3.873 / root)
    #expect((mean(normal.map { $0 * $0 * $0 * $0 }) - 3).magnitude <= 4 * 9.798 / root)
  }

  @Test func wholeNumbers() {
    let numbers = RandomNumbers(seed: 4, stream: 0)
    var found = [Int](repeating: 0, count: 7)
    for index in 0..<7000 { found[Int(numbers.number(at: UInt64(index), below: 7))] += 1 }
    // Chi-squared with 6 degrees of freedom: above 22.5 once in a thousand.
    let chiSquared = found.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
    #expect(chiSquared < 22.5)
    #expect(numbers.number(at: 3, below: 0) == 0)
    #expect(numbers.number(at: 3, below: 1) == 0)
  }
}
