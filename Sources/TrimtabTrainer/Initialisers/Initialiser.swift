public import Trimtab

/// What a weight matrix begins with.
///
/// The standard deviations, each times `gain`, and the sources:
///
/// | kind | standard deviation | source |
/// |---|---|---|
/// | heNormal, heUniform | sqrt(2 / fanIn) | He et al. 2015 |
/// | xavierNormal, xavierUniform | sqrt(2 / (fanIn + fanOut)) | Glorot & Bengio 2010 |
/// | leCunNormal, leCunUniform | sqrt(1 / fanIn) | LeCun et al. 1998 |
/// | normal | 1 | |
/// | orthogonal | `gain` times a matrix with orthonormal rows or columns, whichever are fewer | Saxe et al. 2014 |
/// | constant | none: all are `gain` | |
///
/// The uniform ones lie within sqrt(3) standard deviations of 0. A gain of sqrt(1.6 / 2) makes He's the variance
/// 1.6 / fanIn that suits ELU. Since: 0.3.
public struct Initialiser: Sendable, Equatable {
  public enum Kind: Int32, Sendable {
    case heNormal = 0
    case heUniform = 1
    case xavierNormal = 2
    case xavierUniform = 3
    case leCunNormal = 4
    case leCunUniform = 5
    case orthogonal = 6
    case constant = 7
    case normal = 8
  }

  public var kind: Kind
  public var gain: Double

  public init(_ kind: Kind, gain: Double = 1) {
    self.kind = kind
    self.gain = gain
  }

  /// Fills a row-major matrix; element i takes number i of the stream.
  ///
  /// The orthogonal matrix is what the Gram-Schmidt process, each vector twice over, makes of k vectors of length n, k
  /// the lesser of rows and columns and n the greater; element j of vector i is the normal number i n + j. The vectors
  /// are the columns where there are at least as many rows as columns, else the rows. Since each keeps its direction
  /// (the triangle of the QR decomposition has a positive diagonal), all orthogonal matrices are equally likely.
  ///
  /// - Parameters:
  ///   - memory: rows · columns elements of the precision.
  ///   - fanIn, fanOut: numbers that an output is made of, and that an input goes to; for a convolution channels times
  ///     the size of the window. At least 1; only kinds that name them read them.
  /// - Throws: `shape` for negative extents or 2^48 elements and more, `invalidArgument` for a gain that is not finite
  ///   or fans below 1, `outOfMemory` (orthogonal only).
  /// - Complexity: O(rows · columns), for orthogonal times the lesser of the two.
  public func fill(
    _ memory: UnsafeMutableRawPointer, precision: Precision, rows: Int, columns: Int, fanIn: Int, fanOut: Int,
    from numbers: RandomNumbers
  ) throws(TrimtabError) {
    let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
    guard rows >= 0, columns >= 0, !overflows, count < 1 << 48 else {
      throw TrimtabError(.shape, "weights: found % x %, allowed 0 or more, below 2^48 together", rows, columns)
    }
    guard gain.isFinite, precision == .float64 || Float(gain).isFinite else {
      throw TrimtabError(.invalidArgument, "initialiser.gain: found %, allowed finite in the precision", gain)
    }
    guard fanIn >= 1, fanOut >= 1 else {
      throw TrimtabError(.invalidArgument, "fans: found % and %, allowed 1 or more", fanIn, fanOut)
    }
    if kind == .orthogonal { return try fillOrthogonally(memory, precision, rows, columns, numbers) }
    var deviation = gain
    switch kind {
    case .heNormal, .heUniform: deviation *= (2 / Double(fanIn)).squareRoot()
    case .xavierNormal, .xavierUniform: deviation *= (2 / (Double(fanIn) + Double(fanOut))).squareRoot()
    case .leCunNormal, .leCunUniform: deviation *= (1 / Double(fanIn)).squareRoot()
    default: break
    }
    let isUniform = kind == .heUniform || kind == .xavierUniform || kind == .leCunUniform
    for index in 0..<count {
      let place = UInt64(truncatingIfNeeded: index)
      let number =
        kind == .constant
        ? 1 : isUniform ? 1.7320508075688772935 * (2 * numbers.uniform(at: place) - 1) : numbers.normal(at: place)
      put(deviation * number, memory, index, precision)
    }
  }

  @inline(never)
  private func put(_ value: Double, _ memory: UnsafeMutableRawPointer, _ index: Int, _ precision: Precision) {
    if precision == .float32 {
      memory.storeBytes(of: Float(value), toByteOffset: 4 &* index, as: Float.self)
    } else {
      memory.storeBytes(of: value, toByteOffset: 8 &* index, as: Double.self)
    }
  }

  private func fillOrthogonally(
    _ memory: UnsafeMutableRawPointer, _ precision: Precision, _ rows: Int, _ columns: Int, _ numbers: RandomNumbers
  ) throws(TrimtabError) {
    let count = min(rows, columns)
    let length = max(rows, columns)
    let vectors = try Storage<Double>(count: rows &* columns, for: "weights")
    try Initialiser(.normal).fill(
      vectors.pointer, precision: .float64, rows: count, columns: length, fanIn: 1, fanOut: 1, from: numbers)
    let (dotProduct, addScaled) = (kernels.dotProduct, kernels.addScaled)
    for index in 0..<count {
      let vector = vectors.pointer + index &* length
      for _ in 0..<2 {
        for other in 0..<index {
          let before = vectors.pointer + other &* length
          addScaled(-dotProduct(before, vector, length), before, vector, length)
        }
        let norm = dotProduct(vector, vector, length).squareRoot()
        for place in 0..<length { vector[place] /= norm }
      }
      let (start, step) = rows >= columns ? (index, columns) : (index &* columns, 1)
      for place in 0..<length { put(gain * vector[place], memory, start &+ place &* step, precision) }
    }
  }
}
