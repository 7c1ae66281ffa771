/// The arrays of a covariance accumulator. Every length is padded to a multiple of sixteen, with zeros that stay zeros.
final class Moments {
  let features: Int
  let width: Int
  /// A power of two that data are multiplied by; pivot, shift, M2, T and Q are of scaled data.
  var scale = 1.0
  let vectors: Storage<Double>
  let m2: Matrix
  /// Q = sum |x - mean|^4.
  var fourth = 0.0
  private var block: SampleBlock?

  init(features: Int) throws(TrimtabError) {
    self.features = features
    width = Matrix.padded(features)
    vectors = try Storage(count: 9 &* width, for: "feature moments")
    m2 = try Matrix(rows: features, columns: features, for: "covariance")
  }

  var pivot: UnsafeMutablePointer<Double> { vectors.pointer }
  var shift: UnsafeMutablePointer<Double> { vectors.pointer + width }
  /// T = sum |x - mean|^2 (x - mean).
  var third: UnsafeMutablePointer<Double> { vectors.pointer + 2 &* width }
  /// Not scaled.
  var minimum: UnsafeMutablePointer<Double> { vectors.pointer + 3 &* width }
  /// Not scaled.
  var maximum: UnsafeMutablePointer<Double> { vectors.pointer + 4 &* width }
  private var lowest: UnsafeMutablePointer<Double> { vectors.pointer + 7 &* width }
  private var highest: UnsafeMutablePointer<Double> { vectors.pointer + 8 &* width }
  private var work: UnsafeMutablePointer<Double> { vectors.pointer + 5 &* width }

  /// What a saved state holds of the vectors.
  static let savedVectors = 5

  func mean(_ index: Int) -> Double {
    // Halves keep pivot + shift inside the range where the scaled sum is not.
    scale == 1 ? pivot[index] + shift[index] : (pivot[index] + shift[index]) * 0.5 / scale * 2
  }

  /// A scaled second moment as it is; +Inf where it leaves float64.
  func unscaledSquare(_ value: Double) -> Double { scale == 1 ? value : value / scale / scale }

  /// Blocks are made before anything changes, so that adding cannot fail half-way.
  func makeBlock(rows: Int) throws(TrimtabError) -> SampleBlock {
    if let block, block.capacity >= min(rows, SampleBlock.largestCapacity) { return block }
    let made = try SampleBlock(features: features, rows: rows)
    block = made
    return made
  }

  /// Adds `rows` samples to `count` seen, straight from the caller's memory or from a block.
  ///
  /// - Returns: false, with nothing changed, if NaN, Inf or an overflow shows in the sums. Never so for a block of
  ///   finite samples.
  func add(_ source: SampleRows, rows: Int, after count: Int, into block: SampleBlock) -> Bool {
    if count == 0 { begin(with: source) }
    guard measure(source, rows) else { return false }
    let total = Double(count &+ rows)
    // The step of the mean; the block is then centred at the joint mean, so that M2 needs only the old samples' step
    // beside it.
    for index in 0..<width { work[index] = (work[index] - Double(rows) * shift[index]) / total }
    moveMean(by: work, count: count)
    for index in 0..<width { shift[index] += work[index] }
    let depth = rows &+ 1
    kernels.matrix.centreIntoPanels(
      source.base, source.isSingle, rows, source.stride, width, pivot, scale, shift, block.panels, depth, block.lanes,
      block.squares)
    let root = Double(count).squareRoot()
    for index in 0..<width {
      block.panels[(index / 16) &* depth &* 16 &+ rows &* 16 &+ (index & 15)] = root * work[index]
    }
    kernels.matrix.addSymmetricProduct(block.panels, width / 16, depth, 1, m2.pointer, m2.stride)
    kernels.matrix.addWeightedRows(block.panels, width / 16, depth, rows, block.squares, third)
    for row in 0..<rows { fourth += block.squares[row] * block.squares[row] }
    return true
  }

  private func begin(with source: SampleRows) {
    for index in 0..<features {
      pivot[index] = source.element(index) * scale
      minimum[index] = source.element(index)
      maximum[index] = source.element(index)
    }
  }

  /// Extremes, and the block's sums of y = scale · x - pivot into `work`, with the scale that the extremes call for.
  private func measure(_ source: SampleRows, _ rows: Int) -> Bool {
    lowest.update(from: minimum, count: width)
    highest.update(from: maximum, count: width)
    sum(source, rows)
    guard source.isFinite || kernels.matrix.allFinite(work, width) else { return false }
    minimum.update(from: lowest, count: width)
    maximum.update(from: highest, count: width)
    let wanted = wantedScale()
    if wanted != scale {
      rescale(to: wanted)
      sum(source, rows)
    }
    return true
  }

  private func sum(_ source: SampleRows, _ rows: Int) {
    kernels.matrix.columnSums(
      source.base, source.isSingle, rows, source.stride, width, pivot, scale, lowest, highest, work)
  }

  /// The power of two that brings the widest range of a feature near 1, where it is far from it; else the present
  /// scale.
  private func wantedScale() -> Double {
    var widest = 0.0
    var largest = 0.0
    for index in 0..<features {
      let origin = pivot[index] / scale
      largest = max(largest, abs(maximum[index]), abs(minimum[index]))
      widest = max(widest, abs(maximum[index] * 0.5 - origin * 0.5), abs(minimum[index] * 0.5 - origin * 0.5))
    }
    let exponent = binaryExponent(widest) &+ 1
    let scaled = exponent &+ binaryExponent(scale)
    guard widest > 0, scaled > 150 || scaled < -100 else { return scale }
    return powerOfTwo(max(min(-exponent, 900 &- binaryExponent(largest)), -1000))
  }

  /// Holds the same data at another scale; exact, but for what underflows.
  func rescale(to wanted: Double) {
    guard wanted != scale else { return }
    // In two halves: the ratio alone may leave the range.
    let exponent = binaryExponent(wanted) &- binaryExponent(scale)
    let half = powerOfTwo(exponent / 2)
    let rest = powerOfTwo(exponent &- exponent / 2)
    func moved(_ value: Double, _ power: Int) -> Double {
      var value = value
      for _ in 0..<power { value = value * half * rest }
      return value
    }
    for index in 0..<width {
      pivot[index] = moved(pivot[index], 1)
      shift[index] = moved(shift[index], 1)
      third[index] = moved(third[index], 3)
    }
    for i in 0..<features {
      for j in 0...i { m2.row(i)[j] = moved(m2.row(i)[j], 2) }
    }
    fourth = moved(fourth, 4)
    scale = wanted
  }

  /// Moves the centre of T and Q of `count` samples by `step`; M2 is left alone.
  ///
  /// T' = T - tr(M2) d - 2 M2 d - n |d|^2 d,  Q' = Q - 4 d·T + 4 d·M2 d + 2 |d|^2 tr(M2) + n |d|^4.
  func moveMean(by step: UnsafeMutablePointer<Double>, count: Int) {
    guard count > 0 else { return }
    let product = productBuffer
    kernels.matrix.symmetricTimesVector(m2.pointer, m2.stride, features, step, product)
    let length = kernels.dotProduct(step, step, width)
    let trace = self.trace
    let samples = Double(count)
    fourth -= 4 * kernels.dotProduct(step, third, width)
    fourth += 4 * kernels.dotProduct(step, product, features) + 2 * length * trace + samples * length * length
    fourth = max(fourth, 0)
    for index in 0..<features {
      third[index] -= (trace + samples * length) * step[index] + 2 * product[index]
    }
  }

  private var productBuffer: UnsafeMutablePointer<Double> { vectors.pointer + 6 &* width }

  var trace: Double {
    var sum = 0.0
    for index in 0..<features { sum += m2.row(index)[index] }
    return sum
  }
}
