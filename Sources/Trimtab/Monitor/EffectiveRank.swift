/// The effective rank of small matrices, exp H(s / Σ s) over the singular values s.
///
/// From the Gram matrix of the shorter side by one-sided Jacobi: singular values below 1e-8 of the greatest are lost, and
/// weigh nothing here. Memory is had at the first look. Source: Roy & Vetterli 2007.
final class EffectiveRank {
  static let largestSide = 64
  static let largestCount = 1 << 16

  private let gram: Matrix
  private let squares: Storage<Double>
  private let row: Storage<Double>

  private init(_ side: Int) throws(TrimtabError) {
    gram = try Matrix(rows: side, columns: side, for: "effective rank")
    squares = try Storage(count: side, for: "effective rank")
    row = try Storage(count: side, for: "effective rank")
  }

  /// A place to work for a weight; nil where it is too large, or of a layout that has no second axis.
  static func make(for weight: TensorView) throws(TrimtabError) -> EffectiveRank? {
    guard let view = try matrix(weight) else { return nil }
    return try EffectiveRank(view.shape[1])
  }

  /// As [long side, short side].
  private static func matrix(_ weight: TensorView) throws(TrimtabError) -> TensorView? {
    guard weight.rank >= 2, weight.count > 0, weight.count <= largestCount else { return nil }
    guard weight.rank == 2 || weight.isCompact else { return nil }
    let rows = weight.shape[0]
    let columns = weight.count / rows
    guard min(rows, columns) > 1, min(rows, columns) <= largestSide else { return nil }
    var shape = Extents()
    var strides = Extents()
    let isTall = rows >= columns
    (shape[0], shape[1]) = (max(rows, columns), min(rows, columns))
    let (down, across) = weight.rank == 2 ? (weight.strides[0], weight.strides[1]) : (columns, 1)
    (strides[0], strides[1]) = isTall ? (down, across) : (across, down)
    return try TensorView(
      base: weight.base, elementType: weight.elementType, rank: 2, shape: shape, strides: strides)
  }

  /// 0 for a zero matrix; NaN for one that is not finite, or of another shape than the first.
  func measure(_ weight: TensorView) throws(TrimtabError) -> Double {
    guard let view = try EffectiveRank.matrix(weight), view.shape[1] == gram.rows else { return .nan }
    let side = gram.rows
    gram.fillWithZeros()
    for index in 0..<view.shape[0] {
      view.copy(from: index &* side, count: side, to: row.pointer)
      for place in 0..<side { kernels.addScaled(row.pointer[place], row.pointer, gram.row(place), side) }
    }
    _ = orthogonaliseRows(gram, squares: squares.pointer)
    var total = 0.0
    for place in 0..<side {
      squares.pointer[place] = squares.pointer[place].squareRoot().squareRoot()
      total += squares.pointer[place]
    }
    guard total.isFinite else { return .nan }
    guard total > 0 else { return 0 }
    var entropy = 0.0
    for place in 0..<side {
      let share = squares.pointer[place] / total
      if share > 0 { entropy -= share * logarithm(share) }
    }
    return exponential(entropy)
  }
}
