internal import Trimtab

/// A layer of random units with weights of its own for each output, fitted by least squares: f(x) = C a(W x + b) + c.
final class RandomFeatures {
  enum Kind { case relu, elu, silu, tanh, softplus }

  let kind: Kind
  let count: Int
  private let inputs: Samples
  /// (count, inputs) and (count, 1).
  private let directions: Samples
  private let shifts: Samples
  /// (outputs, count + 1)
  private let coefficients: Samples
  private let units: Samples

  /// Fits targets on samples: minimises the squares plus a ridge of 1e-12 of the mean diagonal.
  ///
  /// - Parameters:
  ///   - reach: the shifts are uniform within it
  init(
    _ kind: Kind, _ count: Int, reach: Double, inputs: Samples, targets: Samples, directions numbers: RandomNumbers,
    shifts otherNumbers: RandomNumbers
  ) throws(TrimtabError) {
    self.kind = kind
    self.count = count
    self.inputs = inputs
    directions = try Samples(count, inputs.columns, normal: numbers)
    shifts = try Samples(count, 1)
    for unit in 0..<count { shifts[unit, 0] = reach * (2 * otherNumbers.uniform(at: UInt64(unit)) - 1) }
    coefficients = try Samples(targets.columns, count &+ 1)
    units = try Samples(1, count &+ 1)
    try fit(targets)
  }

  /// W x + b.
  func preactivations(_ x: UnsafePointer<Double>, into z: UnsafeMutablePointer<Double>) {
    let (weights, bias, width) = (directions.pointer, shifts.pointer, directions.columns)
    for unit in 0..<count {
      var sum = bias[unit]
      for column in 0..<width { sum += weights[unit &* width &+ column] * x[column] }
      z[unit] = sum
    }
  }

  private func respond(to x: UnsafePointer<Double>) {
    let z = units.pointer
    preactivations(x, into: z)
    switch kind {
    case .relu: for unit in 0..<count { z[unit] = max(z[unit], 0) }
    case .elu: for unit in 0..<count where z[unit] < 0 { z[unit] = exponential(z[unit]) - 1 }
    case .silu: for unit in 0..<count { z[unit] /= 1 + exponential(-z[unit]) }
    case .tanh: for unit in 0..<count { z[unit] = hyperbolicTangent(z[unit]) }
    case .softplus:
      for unit in 0..<count { z[unit] = max(z[unit], 0) + logarithm(1 + exponential(-z[unit].magnitude)) }
    }
    z[count] = 1
  }

  func evaluate(_ x: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    respond(to: x)
    for output in 0..<coefficients.rows {
      let row = coefficients.pointer + output &* (count &+ 1)
      var sum = 0.0
      for unit in 0...count { sum += row[unit] * units.pointer[unit] }
      values[output] = sum
    }
  }

  /// The normal equations, by Cholesky's factors in place.
  private func fit(_ targets: Samples) throws(TrimtabError) {
    let size = count &+ 1
    let gram = try Samples(size, size)
    let z = units.pointer
    for row in 0..<inputs.rows {
      respond(to: inputs.pointer + row &* inputs.columns)
      for i in 0..<size {
        let (value, line) = (z[i], gram.pointer + i &* size)
        for j in 0...i { line[j] += value * z[j] }
      }
      for output in 0..<targets.columns {
        let (value, line) = (targets[row, output], coefficients.pointer + output &* size)
        for i in 0..<size { line[i] += value * z[i] }
      }
    }
    var ridge = 0.0
    for i in 0..<size { ridge += 1e-12 * gram[i, i] / Double(size) }
    for i in 0..<size { gram[i, i] += ridge }
    factor(gram.pointer, size)
    for output in 0..<targets.columns { solve(gram.pointer, size, coefficients.pointer + output &* size) }
  }

  private func factor(_ a: UnsafeMutablePointer<Double>, _ size: Int) {
    for j in 0..<size {
      let pivot = a + j &* size
      for i in j..<size {
        let row = a + i &* size
        var sum = row[j]
        for k in 0..<j { sum -= row[k] * pivot[k] }
        // Rounding may leave less than the ridge of what depends on the others.
        row[j] = i == j ? max(sum, 1e-300).squareRoot() : sum / pivot[j]
      }
    }
  }

  private func solve(_ a: UnsafePointer<Double>, _ size: Int, _ x: UnsafeMutablePointer<Double>) {
    for i in 0..<size {
      for k in 0..<i { x[i] -= a[i &* size &+ k] * x[k] }
      x[i] /= a[i &* size &+ i]
    }
    for i in stride(from: size &- 1, through: 0, by: -1) {
      x[i] /= a[i &* size &+ i]
      for k in 0..<i { x[k] -= a[i &* size &+ k] * x[i] }
    }
  }
}
