import Testing
import Trimtab

@testable import TrimtabTrainer

struct InitialiserTests {
  private func weights(
    _ kind: Initialiser.Kind, gain: Double = 1, _ rows: Int, _ columns: Int, seed: UInt64 = 1
  ) throws -> [Double] {
    var weights = [Double](repeating: .nan, count: rows * columns)
    try Initialiser(kind, gain: gain).fill(
      &weights, precision: .float64, rows: rows, columns: columns, fanIn: max(columns, 1), fanOut: max(rows, 1),
      from: RandomNumbers(seed: seed, stream: 2))
    return weights
  }

  /// 200 x 300: the variance of a normal sample of n is within 4 sqrt(2 / n) of its own, that of a uniform one within
  /// 4 sqrt(0.8 / n).
  @Test(arguments: [
    Initialiser.Kind.heNormal, .heUniform, .xavierNormal, .xavierUniform, .leCunNormal, .leCunUniform, .normal,
  ])
  func variances(_ kind: Initialiser.Kind) throws {
    let variance: Double =
      switch kind {
      case .heNormal, .heUniform: 2.0 / 300
      case .xavierNormal, .xavierUniform: 2.0 / 500
      case .leCunNormal, .leCunUniform: 1.0 / 300
      default: 1
      }
    let values = try weights(kind, gain: 1.5, 200, 300)
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let found = values.reduce(0) { $0 + $1 * $1 } / n
    let expected = 2.25 * variance
    #expect(mean.magnitude <= 4 * (expected / n).squareRoot())
    let isUniform = kind == .heUniform || kind == .xavierUniform || kind == .leCunUniform
    #expect((found / expected - 1).magnitude <= 4 * ((isUniform ? 0.8 : 2) / n).squareRoot())
    if isUniform { #expect(values.allSatisfy { $0.magnitude < (3 * expected).squareRoot() }) }
  }

  @Test(arguments: [(5, 5), (40, 40), (12, 30), (30, 12), (1, 9), (9, 1), (1, 1)])
  func orthogonal(_ rows: Int, _ columns: Int) throws {
    let values = try weights(.orthogonal, gain: 2, rows, columns)
    let isTall = rows >= columns
    let (count, length) = (min(rows, columns), max(rows, columns))
    func element(_ vector: Int, _ place: Int) -> Double {
      isTall ? values[place * columns + vector] : values[vector * columns + place]
    }
    for a in 0..<count {
      for b in 0...a {
        let product = (0..<length).reduce(0.0) { $0 + element(a, $1) * element(b, $1) }
        #expect((product - (a == b ? 4 : 0)).magnitude <= 4e-15 * Double(length).squareRoot() * 4)
      }
    }
    // The first vector keeps the direction of its normal numbers.
    let numbers = RandomNumbers(seed: 1, stream: 2)
    let own = (0..<length).map { numbers.normal(at: UInt64($0)) }
    let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for place in 0..<length { #expect((element(0, place) - 2 * own[place] / norm).magnitude <= 1e-14) }
  }

  /// All directions are equally likely: the trace of an orthogonal matrix has mean 0 and variance 1.
  @Test func orthogonalMatricesFavourNone() throws {
    var sum = 0.0
    var squares = 0.0
    let count = 2000.0
    for seed in 0..<2000 {
      let values = try weights(.orthogonal, 4, 4, seed: UInt64(seed))
      let trace = values[0] + values[5] + values[10] + values[15]
      sum += trace
      squares += trace * trace
    }
    #expect((sum / count).magnitude <= 4 / count.squareRoot())
    #expect((squares / count - 1).magnitude <= 4 * (2 / count).squareRoot())
  }

  @Test func constantsAndPrecision() throws {
    #expect(try weights(.constant, gain: 0.3, 2, 3) == [Double](repeating: 0.3, count: 6))
    #expect(try weights(.normal, 0, 3) == [])
    for kind in [Initialiser.Kind.normal, .orthogonal, .heUniform] {
      let wide = try weights(kind, 3, 4)
      var narrow = [Float](repeating: .nan, count: 12)
      try Initialiser(kind).fill(
        &narrow, precision: .float32, rows: 3, columns: 4, fanIn: 4, fanOut: 3,
        from: RandomNumbers(seed: 1, stream: 2))
      #expect(narrow == wide.map { Float($0) })
    }
  }

  @Test func refusesByName() {
    let cases: [(Int, Int, Int, Double, String)] = [
      (-1, 1, 1, 1.0, "weights"), (1, -1, 1, 1, "weights"), (Int.max, 2, 1, 1, "weights"),
      (1 << 30, 1 << 20, 1, 1, "weights"),
      (1, 1, 0, 1, "fans"), (1, 1, 1, .nan, "initialiser.gain"), (1, 1, 1, .infinity, "initialiser.gain"),
    ]
    for (rows, columns, fan, gain, name) in cases {
      var memory = [0.0]
      do {
        try Initialiser(.heNormal, gain: gain).fill(
          &memory, precision: .float64, rows: rows, columns: columns, fanIn: fan, fanOut: fan,
          from: RandomNumbers(seed: 0, stream: 0))
        Issue.record("\(name) was taken")
      } catch {
        #expect(error.message.hasPrefix("\(name): found "), "\(error.message)")
      }
      #expect(memory == [0])
    }
  }
}
