/// Whether simultaneous gradient steps of a game stay at a stationary point.
public struct GameReport: Sendable {
  /// Nonfinite where an element is; insufficient where the eigenvalues could not be found.
  public var outcome = Outcome.insufficient
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  /// max |1 + step mu| over the eigenvalues mu: above 1 the game leaves the point.
  public var greatestModulus = Double.nan
  /// The eigenvalue that has it.
  public var real = Double.nan
  public var imaginary = Double.nan
  /// The greatest real part: 0 or above is not stable for any step.
  public var greatestReal = Double.nan
  public var threshold = 1.0

  init() {}
}

/// Are steps of a game stable, by the eigenvalues of its field's Jacobian?
///
/// x <- x + step v(x) near v = 0: J = dv/dx has eigenvalues mu, and what |1 + step mu| exceeds 1 for grows. A modulus of 1
/// to within 10^-12 is not called unstable.
///
/// - Parameters:
///   - jacobian: (n, n) with n from 1 to 1024
///   - step: the learning rate, above 0
/// - Throws: `shape`, `invalidArgument`, `outOfMemory`.
///
/// Complexity: O(n^3). Source: Mescheder, Geiger & Nowozin 2018. Since: 0.4.
public func gameStability(_ jacobian: TensorView, step: Double) throws(TrimtabError) -> GameReport {
  guard jacobian.rank == 2, jacobian.shape[0] == jacobian.shape[1] else {
    throw TrimtabError(
      .shape, "jacobian: found rank % and % rows, allowed a square matrix", jacobian.rank, jacobian.shape[0])
  }
  let n = jacobian.shape[0]
  guard n >= 1, n <= 1024 else { throw TrimtabError(.shape, "jacobian: found % rows, allowed 1 to 1024", n) }
  guard step > 0, step.isFinite else {
    throw TrimtabError(.invalidArgument, "step: found %, allowed above 0", step)
  }
  let a = try Storage<Double>(count: n &* n, for: "jacobian")
  let real = try Storage<Double>(count: n, for: "jacobian")
  let imaginary = try Storage<Double>(count: n, for: "jacobian")
  jacobian.copy(from: 0, count: n &* n, to: a.pointer)
  var report = GameReport()
  for place in 0..<a.count where !a.pointer[place].isFinite {
    report.outcome = .nonfinite
    return report
  }
  guard generalEigenvalues(a.pointer, order: n, real: real.pointer, imaginary: imaginary.pointer) else {
    return report
  }
  report.outcome = .ok
  (report.greatestModulus, report.greatestReal) = (-1, -.infinity)
  for place in 0..<n {
    let (x, y) = (1 + step * real.pointer[place], step * imaginary.pointer[place])
    let modulus = (x * x + y * y).squareRoot()
    report.greatestReal = max(report.greatestReal, real.pointer[place])
    if modulus > report.greatestModulus {
      (report.greatestModulus, report.real, report.imaginary) = (
        modulus, real.pointer[place], imaginary.pointer[place]
      )
    }
  }
  let isUnstable = report.greatestModulus > 1 + 1e-12
  (report.verdict, report.cause) = isUnstable ? (.critical, .unstableGame) : (.healthy, .none)
  return report
}

/// The Dirac-GAN: data at 0, a generator that puts all at theta, D(x) = psi x, and loss f(t) = -ln(1 + e^-t). What a
/// gradient penalty does to it is known exactly.
///
/// Source: Mescheder, Geiger & Nowozin 2018, section 3. Since: 0.4.
public struct DiracGAN: Sendable {
  public var theta: Double
  public var psi: Double
  /// gamma of R1: gamma/2 psi^2.
  public let penalty: Double

  public init(theta: Double = 1, psi: Double = 1, penalty: Double) {
    (self.theta, self.psi, self.penalty) = (theta, psi, penalty)
  }

  public var radius: Double { (theta * theta + psi * psi).squareRoot() }

  /// A simultaneous step of both players: theta -= h f'(theta psi) psi, psi += h (f'(theta psi) theta - penalty psi).
  public mutating func step(_ h: Double) {
    let slope = 1 / (1 + exponential(theta * psi))
    (theta, psi) = (theta - h * slope * psi, psi + h * (slope * theta - penalty * psi))
  }

  /// At the origin: -penalty/2 +- sqrt(penalty^2/4 - f'(0)^2), f'(0) = 1/2.
  public var eigenvalues: (first: (real: Double, imaginary: Double), second: (real: Double, imaginary: Double)) {
    let square = penalty * penalty / 4 - 0.25
    let root = square.magnitude.squareRoot()
    // Of the two real ones the small one comes from their product, which no digits cancel in.
    if square < 0 { return ((-penalty / 2, root), (-penalty / 2, -root)) }
    let far = -penalty / 2 - (penalty < 0 ? -root : root)
    return ((far == 0 ? 0 : 0.25 / far, 0), (far, 0))
  }

  /// The Jacobian of the field at the origin, row-major.
  public var jacobian: (Double, Double, Double, Double) { (0, -0.5, 0.5, -penalty) }
}
