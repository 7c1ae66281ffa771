/// The least squares fit of L_ij = r_i + c_j over the entries that count, and its variance components.
///
/// Complete rows alone: means of rows and columns. Otherwise alternating projection of rows and columns, to 1e-12 of the
/// greatest effect or 1000 passes. The sums of squares are those of rows adjusted for columns and of columns adjusted for
/// rows; with n, d rows and columns in use, N entries, and g parts that share no row and no column, their expectations
/// are (n - g) MSE + (N - d) s_r^2 and (d - g) MSE + (N - n) s_c^2. Source: Henderson 1953, method 3.
struct ScaleFit {
  let rowEffects: Storage<Double>
  let columnEffects: Storage<Double>
  private(set) var entryCount = 0
  private(set) var emptyRows = 0
  private(set) var emptyColumns = 0
  private(set) var rowFreedom = 0
  private(set) var columnFreedom = 0
  private(set) var residualFreedom = 0
  private(set) var totalSquares = 0.0
  private(set) var rowSquares = 0.0
  private(set) var columnSquares = 0.0
  private(set) var meanSquare = 0.0
  private(set) var rowVariance = 0.0
  private(set) var columnVariance = 0.0

  init(_ scale: FeatureScale) throws(TrimtabError) {
    let (n, d) = (scale.nodeCount, scale.featureCount ?? 0)
    rowEffects = try Storage(count: n, for: "effects of nodes")
    columnEffects = try Storage(count: d, for: "effects of features")
    let sums = try Storage<Double>(count: d, for: "effects of features")
    guard let columnSums = scale.columnSums?.pointer, let counts = scale.columnCounts?.pointer else { return }
    var sum = 0.0
    for row in 0..<n {
      guard let found = scale.rows.at(row)?.pointee, found.count > 0 else {
        emptyRows = emptyRows &+ 1
        continue
      }
      entryCount = entryCount &+ found.count
      sum += found.sum
    }
    for column in 0..<d where counts[column] == 0 { emptyColumns = emptyColumns &+ 1 }
    guard entryCount > 0 else { return }
    let count = Double(entryCount)
    let mean = sum / count
    let isComplete = scale.masks.count == 0
    let parts = isComplete ? 1 : try Self.partCount(scale, n, d)
    rowFreedom = n &- emptyRows &- parts
    columnFreedom = d &- emptyColumns &- parts
    residualFreedom = entryCount &- (n &- emptyRows) &- (d &- emptyColumns) &+ parts
    // What is below is rounding of sums of this size.
    let noise = 1e-13 * scale.squares
    func cleaned(_ value: Double) -> Double { value > noise ? value : 0 }
    totalSquares = cleaned(scale.squares - count * mean * mean)
    // Means of rows and of columns, each by itself.
    var (byRow, byColumn) = (0.0, 0.0)
    for row in 0..<n {
      guard let found = scale.rows.at(row)?.pointee, found.count > 0 else { continue }
      let effect = found.sum / Double(found.count) - mean
      rowEffects.pointer[row] = effect
      byRow += Double(found.count) * effect * effect
    }
    for column in 0..<d where counts[column] > 0 {
      let effect = columnSums[column] / Double(counts[column]) - mean
      columnEffects.pointer[column] = effect
      byColumn += Double(counts[column]) * effect * effect
    }
    var residual = 0.0
    if isComplete {
      residual = cleaned(totalSquares - byRow - byColumn)
      (rowSquares, columnSquares) = (cleaned(byRow), cleaned(byColumn))
    } else {
      project(scale, n, d, mean, sums)
      // Of the fit: sum of effects times sums, each about the mean.
      var explained = 0.0
      for row in 0..<n {
        guard let found = scale.rows.at(row)?.pointee else { continue }
        explained += rowEffects.pointer[row] * (found.sum - Double(found.count) * mean)
      }
      for column in 0..<d {
        explained += columnEffects.pointer[column] * (columnSums[column] - Double(counts[column]) * mean)
      }
      residual = cleaned(totalSquares - explained)
      rowSquares = cleaned(totalSquares - byColumn - residual)
      columnSquares = cleaned(totalSquares - byRow - residual)
    }
    guard residualFreedom > 0 else { return }
    meanSquare = residual / Double(residualFreedom)
    rowVariance = max(0, rowSquares - Double(rowFreedom) * meanSquare) / Double(entryCount &- (d &- emptyColumns))
    columnVariance = max(0, columnSquares - Double(columnFreedom) * meanSquare) / Double(entryCount &- (n &- emptyRows))
  }

  /// Rows from columns, then columns from rows, until nothing moves.
  private func project(_ scale: FeatureScale, _ n: Int, _ d: Int, _ mean: Double, _ sums: Storage<Double>) {
    guard let columnSums = scale.columnSums?.pointer, let counts = scale.columnCounts?.pointer else { return }
    let (rows, columns) = (rowEffects.pointer, columnEffects.pointer)
    for _ in 0..<1000 {
      sums.pointer.update(repeating: 0, count: d)
      for index in 0..<n {
        guard let row = scale.rows.at(index)?.pointee, row.count > 0 else { continue }
        var others = 0.0
        scale.forEachEntry(row, d) { others += columns[$0] }
        let effect = (row.sum - others) / Double(row.count) - mean
        rows[index] = effect
        scale.forEachEntry(row, d) { sums.pointer[$0] += effect }
      }
      var (moved, greatest) = (0.0, 0.0)
      for column in 0..<d where counts[column] > 0 {
        let effect = (columnSums[column] - sums.pointer[column]) / Double(counts[column]) - mean
        moved = max(moved, (effect - columns[column]).magnitude)
        greatest = max(greatest, effect.magnitude)
        columns[column] = effect
      }
      if moved <= 1e-12 * max(greatest, 1e-3) { return }
    }
  }

  /// Parts of the table that share neither row nor column, by joining the columns of each row.
  private static func partCount(_ scale: FeatureScale, _ n: Int, _ d: Int) throws(TrimtabError) -> Int {
    let parents = try Storage<Int>(count: d, for: "features")
    for column in 0..<d { parents.pointer[column] = column }
    func root(_ column: Int) -> Int {
      var at = column
      while parents.pointer[at] != at {
        parents.pointer[at] = parents.pointer[parents.pointer[at]]
        at = parents.pointer[at]
      }
      return at
    }
    for index in 0..<n {
      guard let row = scale.rows.at(index)?.pointee, row.count > 0 else { continue }
      var first = -1
      scale.forEachEntry(row, d) { column in
        if first < 0 { first = root(column) } else { parents.pointer[root(column)] = first }
      }
    }
    var parts = 0
    for column in 0..<d where parents.pointer[column] == column && (scale.columnCounts?.pointer[column] ?? 0) > 0 {
      parts = parts &+ 1
    }
    return parts
  }

  /// F of a sum of squares, and the probability of one as great.
  func test(_ squares: Double, _ freedom: Int) -> (Double, Double) {
    guard meanSquare > 0 else { return squares > 0 ? (.infinity, 0) : (0, 1) }
    let statistic = squares / Double(freedom) / meanSquare
    return (statistic, fisherTail(statistic, Double(freedom), Double(residualFreedom)))
  }
}

extension FeatureScale {
  /// The features whose entry of a row counts.
  func forEachEntry(_ row: ScaleRow, _ width: Int, _ body: (Int) -> Void) {
    guard row.mask >= 0 else {
      for column in 0..<width { body(column) }
      return
    }
    for word in 0..<wordCount {
      var bits = masks.at(row.mask &+ word)?.pointee ?? 0
      while bits != 0 {
        body(word &* 64 &+ bits.trailingZeroBitCount)
        bits &= bits &- 1
      }
    }
  }
}
