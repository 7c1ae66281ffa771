/// The posteriors of a batch whose numbers are finite, side by side in memory.
struct PosteriorBatch {
  let columns: Int
  /// Samples without NaN and Inf, and without means and draws whose squares would be none: beyond `greatest`.
  private(set) var rows = 0
  static let greatest = 1e150
  private let numbers: Storage<Double>
  private let stride: Int

  init(_ means: TensorView, _ logVariances: TensorView, _ draws: TensorView?) throws(TrimtabError) {
    columns = means.shape[1]
    // mu, ln s^2, s^2 and, of draws, z.
    stride = (draws == nil ? 3 : 4) &* columns
    let (count, overflow) = means.shape[0].multipliedReportingOverflow(by: max(stride, 1))
    guard !overflow else {
      throw TrimtabError(.outOfMemory, "means: found % samples, more memory than can be had", means.shape[0])
    }
    numbers = try Storage(count: count, for: "posteriors")
    for row in 0..<means.shape[0] {
      let target = numbers.pointer + rows &* stride
      means.copy(from: row &* columns, count: columns, to: target)
      logVariances.copy(from: row &* columns, count: columns, to: target + columns)
      draws?.copy(from: row &* columns, count: columns, to: target + 3 &* columns)
      var isFinite = true
      for column in 0..<columns {
        let variance = exponential(target[columns &+ column])
        target[2 &* columns &+ column] = variance
        isFinite = isFinite && target[column].magnitude <= PosteriorBatch.greatest && variance.isFinite && variance > 0
        if draws != nil { isFinite = isFinite && target[3 &* columns &+ column].magnitude <= PosteriorBatch.greatest }
      }
      if isFinite { rows = rows &+ 1 }
    }
  }

  func mean(_ row: Int, _ column: Int) -> Double { numbers.pointer[row &* stride &+ column] }
  func logVariance(_ row: Int, _ column: Int) -> Double { numbers.pointer[row &* stride &+ columns &+ column] }
  func variance(_ row: Int, _ column: Int) -> Double { numbers.pointer[row &* stride &+ 2 &* columns &+ column] }
  private func draw(_ row: Int, _ column: Int) -> Double { numbers.pointer[row &* stride &+ 3 &* columns &+ column] }

  /// KL(q(z_u|x) || p) = 1/2 (mu^2 + s^2 - 1 - ln s^2), nats.
  func divergence(_ row: Int, _ column: Int) -> Double {
    let mean = mean(row, column)
    return 0.5 * (mean * mean + variance(row, column) - 1 - logVariance(row, column))
  }

  /// The sum over the draws of ln q(z) - ln p(z), q(z) the mean of the batch's posteriors.
  func aggregateDivergenceSum() -> Double {
    var sum = 0.0
    for row in 0..<rows {
      // ln of the sum of densities, the greatest taken out; the factor sqrt(2 pi) is p's too.
      var (greatest, total) = (-Double.infinity, 0.0)
      for other in 0..<rows {
        var exponent = 0.0
        for column in 0..<columns {
          let step = draw(row, column) - mean(other, column)
          exponent -= 0.5 * (step * step / variance(other, column) + logVariance(other, column))
        }
        if exponent > greatest {
          total = total * exponential(greatest - exponent) + 1
          greatest = exponent
        } else {
          total += exponential(exponent - greatest)
        }
      }
      var prior = 0.0
      for column in 0..<columns { prior -= 0.5 * draw(row, column) * draw(row, column) }
      sum += greatest + logarithm(total) - logarithm(Double(rows)) - prior
    }
    return sum
  }
}
