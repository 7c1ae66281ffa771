public import Trimtab

/// An estimate of a trace; NaN where it was not taken.
public struct TraceEstimate: Sendable {
  public var outcome = Outcome.insufficient
  /// The mean over the probes of <z, A z>.
  public var trace = Double.nan
  /// Of that mean: the probes' standard deviation over the root of their number. NaN for one probe.
  public var standardError = Double.nan
  public var probes = 0
}

/// The trace of a symmetric operator from products with random signs: E <z, A z> = trace A for z of independent +-1.
///
/// The variance of a probe is twice the sum of the squares beside the diagonal, so a diagonal operator has its exact
/// trace from one probe.
///
/// - Parameters:
///   - order: elements of a vector
///   - probes: products to take, 1 or more
///   - seed: the same one gives the same answer
/// - Returns: outcome `insufficient` for order 0, `nonfinite` at the first product that is not finite.
/// - Throws: `invalidArgument` for fewer probes than 1, `outOfMemory`, and what `multiply` throws.
///
/// Complexity: `probes` products, 2 n numbers of memory. Source: Hutchinson 1990, A stochastic estimator of the trace.
/// Since: 0.3.
public func hutchinsonTrace(
  order: Int, probes: Int = 32, seed: UInt64 = 1, multiply: SymmetricOperator
) throws(TrimtabError) -> TraceEstimate {
  guard probes > 0 else { throw TrimtabError(.invalidArgument, "probes: found %, allowed 1 or more", probes) }
  var found = TraceEstimate()
  guard order > 0 else { return found }
  let (count, overflow) = order.multipliedReportingOverflow(by: 2)
  let memory = try Storage<Double>(count: overflow ? .max : count, for: "trace")
  let signs = memory.pointer
  let product = signs + order
  var mean = 0.0
  var squares = 0.0
  for probe in 1...probes {
    let own = probeBits(seed: seed, UInt64(truncatingIfNeeded: probe))
    for index in 0..<order {
      let bits = probeBits(seed: own, UInt64(truncatingIfNeeded: index &>> 6))
      signs[index] = bits &>> UInt64(truncatingIfNeeded: index & 63) & 1 == 0 ? 1 : -1
    }
    try multiply(signs, product)
    let value = kernels.dotProduct(signs, product, order)
    guard value.isFinite else {
      found.outcome = .nonfinite
      return found
    }
    found.probes = probe
    let step = value - mean
    mean += step / Double(probe)
    squares += step * (value - mean)
  }
  found.outcome = .ok
  found.trace = mean
  found.standardError = (squares / (Double(probes) * Double(probes &- 1))).squareRoot()
  return found
}

/// The random bits at a place of the sequence that belongs to a seed: SplitMix64's finaliser over place and seed, the
/// seed itself mixed first, so that neighbouring seeds share nothing. Source: Steele, Lea & Flood 2014.
func probeBits(seed: UInt64, _ place: UInt64) -> UInt64 {
  var bits = seed
  for part in 0..<UInt64(2) {
    bits = bits &+ (part &* place &+ 1) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
  }
  return bits
}
