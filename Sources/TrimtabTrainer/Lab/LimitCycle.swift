internal import Trimtab

/// A map whose states run round a circle: turned by an angle, and four fifths of the way to the circle closer or off.
struct LimitCycle {
  var angle = 0.5
  /// Of the distance from the circle that a step keeps.
  var contraction = 0.8

  /// The next state.
  func next(_ x: Double, _ y: Double) -> (Double, Double) {
    let radius = (x * x + y * y).squareRoot()
    let scale = radius > 0 ? (1 + contraction * (radius - 1)) / radius : 0
    let (sine, cosine) = sineAndCosine(angle)
    return (scale * (cosine * x - sine * y), scale * (sine * x + cosine * y))
  }

  /// States on the circle at random angles.
  static func states(_ count: Int, _ numbers: RandomNumbers) throws(TrimtabError) -> Samples {
    let states = try Samples(count, 2)
    for row in 0..<count {
      let (sine, cosine) = sineAndCosine(6.283185307179586477 * numbers.uniform(at: UInt64(row)))
      (states[row, 0], states[row, 1]) = (cosine, sine)
    }
    return states
  }
}

/// Sine and cosine of an angle of a few turns, to about 1e-15: the same bits on every machine.
func sineAndCosine(_ angle: Double) -> (Double, Double) {
  // An eighth of the angle by its series, doubled three times.
  let turns = (angle * 0.15915494309189533577).rounded(.toNearestOrEven)
  let x = (angle - turns * 6.283185307179586477) / 8
  let square = x * x
  var (sine, cosine) = (0.0, 0.0)
  var (sineTerm, cosineTerm) = (x, 1.0)
  for index in 0..<10 {
    sine += sineTerm
    cosine += cosineTerm
    sineTerm *= -square / Double((2 * index + 2) * (2 * index + 3))
    cosineTerm *= -square / Double((2 * index + 1) * (2 * index + 2))
  }
  for _ in 0..<3 { (sine, cosine) = (2 * sine * cosine, (cosine - sine) * (cosine + sine)) }
  return (sine, cosine)
}

/// The regression of the next state on the ten monomials of a state up to the third degree.
struct CubicRegression {
  private static let terms = 10
  /// Per monomial the two coefficients.
  private let coefficients: Samples

  private static func monomials(_ x: Double, _ y: Double, _ body: (Int, Double) -> Void) {
    body(0, 1)
    body(1, x)
    body(2, y)
    body(3, x * x)
    body(4, x * y)
    body(5, y * y)
    body(6, x * x * x)
    body(7, x * x * y)
    body(8, x * y * y)
    body(9, y * y * y)
  }

  /// The least squares, with a ridge of 1e-10 of the samples, without which states on a circle leave three directions open.
  init(_ states: Samples, _ targets: Samples) throws(TrimtabError) {
    let terms = CubicRegression.terms
    let system = try Samples(terms, terms &+ 2)
    let row = try Samples(1, terms)
    for sample in 0..<states.rows {
      CubicRegression.monomials(states[sample, 0], states[sample, 1]) { row[0, $0] = $1 }
      for i in 0..<terms {
        for j in 0..<terms { system[i, j] += row[0, i] * row[0, j] }
        for j in 0..<2 { system[i, terms &+ j] += row[0, i] * targets[sample, j] }
      }
    }
    for i in 0..<terms { system[i, i] += 1e-10 * Double(states.rows) }
    CubicRegression.eliminate(system, terms)
    coefficients = try Samples(terms, 2)
    for i in 0..<terms {
      for j in 0..<2 { coefficients[i, j] = system[i, terms &+ j] / system[i, i] }
    }
  }

  /// Gauss and Jordan's elimination of a positive definite system.
  private static func eliminate(_ system: Samples, _ terms: Int) {
    for pivot in 0..<terms {
      for i in 0..<terms where i != pivot {
        let factor = system[i, pivot] / system[pivot, pivot]
        for j in pivot..<(terms &+ 2) { system[i, j] -= factor * system[pivot, j] }
      }
    }
  }

  func next(_ x: Double, _ y: Double) -> (Double, Double) {
    var (a, b) = (0.0, 0.0)
    CubicRegression.monomials(x, y) { index, value in
      a += coefficients[index, 0] * value
      b += coefficients[index, 1] * value
    }
    return (a, b)
  }
}
