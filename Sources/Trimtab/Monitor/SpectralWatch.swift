/// The spectral norm of a weight by power iteration, one step a look, the vector kept between looks.
///
/// v ← WᵀW v / |WᵀW v| in one pass over the rows; the norm is |W v| for the unit vector v, a lower bound that converges
/// as the looks go on (a weight changes little between two). The stable rank |W|_F² / |W|_2² is then an upper bound.
/// Source: definitions 11; Miyato et al. 2018 for the kept vector.
final class SpectralWatch {
  static let widest = 1 << 16

  private var vector: Storage<Double>?
  private var next: Storage<Double>?
  private var row: Storage<Double>?
  private(set) var lookCount = 0
  /// Measured since it was last judged.
  var isFresh = false
  /// Of the last look; 0 for a zero matrix.
  private(set) var norm = 0.0
  private(set) var stableRank = 0.0
  /// What they were when the vector had settled, after `settled` looks.
  private(set) var firstNorm = 0.0
  private(set) var highestStableRank = 0.0
  /// Of small matrices, at every eighth look from the fifth; NaN where it was not measured.
  private(set) var effectiveRank = Double.nan
  private var entropy: EffectiveRank?
  static let settled = 5

  /// - Parameter weight: rank 2 and above, seen as [shape[0], the rest]; wider ones than 65,536 are left out.
  func add(_ weight: TensorView, frobeniusNorm: Double) throws(TrimtabError) {
    guard weight.rank >= 2, weight.count > 0, weight.shape[0] > 1 else { return }
    let rows = weight.shape[0]
    let columns = weight.count / rows
    guard columns > 1, columns <= SpectralWatch.widest else { return }
    guard let memory = try prepared(columns) else { return }
    let (v, fresh, row) = memory
    fresh.update(repeating: 0, count: columns)
    var square = 0.0
    for index in 0..<rows {
      weight.copy(from: index &* columns, count: columns, to: row)
      let product = kernels.dotProduct(row, v, columns)
      square += product * product
      kernels.addScaled(product, row, fresh, columns)
    }
    let length = kernels.dotProduct(fresh, fresh, columns).squareRoot()
    let frobenius = frobeniusNorm * frobeniusNorm
    guard square.isFinite, frobenius.isFinite, length.isFinite else { return }
    norm = square.squareRoot()
    stableRank = square > 0 ? frobenius / square : 0
    lookCount = lookCount &+ 1
    isFresh = true
    if lookCount == SpectralWatch.settled { firstNorm = norm }
    if lookCount >= SpectralWatch.settled { highestStableRank = max(highestStableRank, stableRank) }
    if lookCount % 8 == SpectralWatch.settled { try measureEntropy(weight) }
    guard length > 0 else { return }
    for place in 0..<columns { v[place] = fresh[place] / length }
  }

  private func measureEntropy(_ weight: TensorView) throws(TrimtabError) {
    if entropy == nil { entropy = try EffectiveRank.make(for: weight) }
    if let entropy { effectiveRank = try entropy.measure(weight) }
  }

  private typealias Memory = (
    UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
  )

  /// Had at the first look; another shape starts anew.
  private func prepared(_ columns: Int) throws(TrimtabError) -> Memory? {
    if vector?.count != columns {
      let fresh = try Storage<Double>(count: columns, for: "spectral norm")
      next = try Storage<Double>(count: columns, for: "spectral norm")
      row = try Storage<Double>(count: columns, for: "spectral norm")
      vector = fresh
      entropy = nil
      lookCount = 0
      // Signs that follow no pattern of the weight's, the same on every machine.
      var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
      let size = 1 / Double(columns).squareRoot()
      for place in 0..<columns {
        bits ^= bits << 13
        bits ^= bits >> 7
        bits ^= bits << 17
        fresh.pointer[place] = bits & 1 == 0 ? size : -size
      }
    }
    guard let vector, let next, let row else { return nil }
    return (vector.pointer, next.pointer, row.pointer)
  }
}

extension Monitor {
  /// Of a weight at its last look: spectral norm, stable rank, and of small matrices the effective rank; NaN where it
  /// was not measured.
  public func spectrum(
    of index: Int
  ) throws(TrimtabError) -> (norm: Double, stableRank: Double, effectiveRank: Double) {
    guard let spectrum = try watched(index).spectrum, spectrum.lookCount > 0 else { return (.nan, .nan, .nan) }
    return (spectrum.norm, spectrum.stableRank, spectrum.effectiveRank)
  }

  func judgeSpectrum(_ watched: Watched) {
    guard let spectrum = watched.spectrum, spectrum.isFresh, spectrum.lookCount > SpectralWatch.settled else { return }
    spectrum.isFresh = false
    let growth = settings(of: .spectralNorm)
    // A weight that started next to nothing has to grow: below a norm of 1 it does not count as growth.
    let ratio = spectrum.firstNorm > 0 ? spectrum.norm / max(spectrum.firstNorm, 1) : 0
    judge(
      .spectralNorm, watched,
      ratio > growth.warning
        ? Observation(
          rule: .spectralNorm, verdict: ratio > growth.critical ? .critical : .warning, cause: .learningRateTooHigh,
          value: ratio, threshold: growth.warning, quantity: .weight) : nil)
    let rank = settings(of: .rankCollapse)
    // It must have had more directions before: some weights have one by design.
    let isCollapsed = spectrum.stableRank < rank.warning && spectrum.highestStableRank > 2
    judge(
      .rankCollapse, watched,
      isCollapsed
        ? Observation(
          rule: .rankCollapse, verdict: spectrum.effectiveRank < rank.critical ? .critical : .warning,
          cause: .rankCollapse, value: spectrum.stableRank, threshold: rank.warning, quantity: .weight) : nil)
  }
}
