import Foundation
import Testing

@testable import Trimtab

@Suite struct OverlapTests {
  private func normals(_ count: Int, stream: UInt64, shift: Double = 0) -> [Double] {
    let numbers = RandomNumbers(seed: 3, stream: stream)
    return (0..<count).map { numbers.normal(at: UInt64($0)) + shift }
  }

  private func compare(
    _ real: [Double], _ fake: [Double], _ shape: [Int], _ options: OverlapOptions = OverlapOptions()
  ) throws -> OverlapReport {
    let size = max(shape.reduce(1, *), 1)
    return try withView(real, [real.count / size] + shape) { first in
      try withView(fake, [fake.count / size] + shape) { try overlap(real: first, fake: $0, options: options) }
    }
  }

  @Test(arguments: [(0.5, 0.8026), (1, 0.6171), (2, 0.3173), (4, 0.0455)])
  func aGaussianShift(_ shift: Double, _ expected: Double) throws {
    var options = OverlapOptions()
    options.pairedSampleCount = 20
    let report = try compare(normals(10_000, stream: 1), normals(10_000, stream: 2, shift: shift), [], options)
    #expect((report.overlap - expected).magnitude < 0.04)
    #expect((report.z - 2 * (report.accuracy - 0.5) * 10_000.0.squareRoot()).magnitude < 1e-9)
    #expect(report.cause == (expected < 0.1 ? .noOverlap : .none))
  }

  @Test func distancesOfTheOracles() throws {
    #expect((try compare([0, 1, 3], [5, 6, 8], []).slicedWasserstein - 5).magnitude < 1e-12)
    #expect((try compare([0, 0], [2, 2], []).energyDistance - 4).magnitude < 1e-12)
    #expect((try compare([0, 0, 0, 8], [0, 0, 8, 8], []).energyDistance - 1).magnitude < 1e-12)
  }

  @Test func alikeSamplesAreNotToldApart() throws {
    let report = try compare(normals(4000, stream: 1), normals(3000, stream: 2), [8])
    #expect(report.z.magnitude < 4 && report.overlap > 0.7 && report.verdict == .healthy)
    #expect(report.realCount == 500 && report.fakeCount == 375)
  }

  @Test func averagingCannotTakeOverlapAway() throws {
    var fake = normals(16_000, stream: 2)
    for place in fake.indices { fake[place] += place % 2 == 0 ? 0.7 : -0.7 }
    var last = 1.1
    for resolution in [1, 2, 4, 8, 16] {
      var options = OverlapOptions()
      options.resolution = resolution
      options.pairedSampleCount = 20
      let report = try compare(normals(16_000, stream: 1), fake, [16], options)
      #expect(report.overlap <= last + 0.06, "at \(resolution)")
      last = report.overlap
    }
    #expect(last < 0.3)
  }

  @Test func outcomes() throws {
    #expect(try compare([1, 2], [1, 2], []).outcome == .insufficient)
    #expect(try compare([1], [1, 2], []).energyDistance.isNaN)
    #expect(
      try compare([Double](repeating: 2, count: 100), [Double](repeating: 2, count: 100), []).outcome == .degenerate)
    #expect(try compare([Double](repeating: .nan, count: 100), normals(100, stream: 1), []).outcome == .nonfinite)
    #expect(throws: TrimtabError.self) {
      var options = OverlapOptions()
      options.resolution = 3
      _ = try compare(normals(80, stream: 1), normals(80, stream: 2), [8], options)
    }
  }

  /// The minimum that scikit-learn's LogisticRegression finds for these: gradient 0.
  @Test func theRegressionIsAtItsMinimum() throws {
    let (rows, count) = (normals(240, stream: 1), 80)
    let model = try rows.withUnsafeBufferPointer {
      try LogisticRegression($0.baseAddress!, count: count, width: 3, ridge: 0.05) { $0 % 4 == 0 }
    }
    for column in 0...3 {
      var slope = column < 3 ? 0.05 * model.weights.pointer[column] : 0
      for row in 0..<count {
        let score = rows.withUnsafeBufferPointer { model.score($0.baseAddress! + 3 * row) }
        let isPositive = row % 4 == 0
        let sign = isPositive ? 1.0 : -1.0
        slope -=
          0.5 / (isPositive ? 20 : 60) * sign / (1 + exp(sign * score)) * (column < 3 ? rows[3 * row + column] : 1)
      }
      // 80 terms of up to 0.1, each a few roundings off, and Newton steps that end below 1e-13: some 1e-12 in all.
      #expect(slope.magnitude < 1e-10)
    }
  }

  @Test func curriculumKeepsItsState() throws {
    var options = CurriculumOptions()
    options.levelCount = 3
    options.patience = 1
    let curriculum = try Curriculum(options: options)
    #expect(try curriculum.audit(images: 8, overlap: 0.49, isPlateau: true).decision == .stay)
    #expect(try curriculum.audit(images: 8, overlap: 0.5, isPlateau: false).decision == .stay)
    #expect(try curriculum.audit(images: 8, overlap: 0.5, isPlateau: true).decision == .grow)
    #expect(try curriculum.audit(images: 6, overlap: 0.5, isPlateau: true).fadeWeight == 0.25)
    let bytes = savedBytes(kind: .curriculum, version: Curriculum.stateVersion, curriculum.write)
    let copy = try bytes.withUnsafeBytes { try Curriculum.load($0) }
    #expect(copy.report() == curriculum.report())
    #expect(try copy.audit(images: 18, overlap: 0, isPlateau: false).fadeWeight == 1)
    for place in bytes.indices {
      var broken = bytes
      broken[place] ^= 1
      #expect(throws: TrimtabError.self) { try broken.withUnsafeBytes { _ = try Curriculum.load($0) } }
    }
  }
}
