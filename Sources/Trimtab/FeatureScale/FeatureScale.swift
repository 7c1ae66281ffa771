/// Log scale of a matrix [nodes, features] by node and by feature: which axis to normalise.
///
/// L_ij = ln |X_ij| over the entries that count. Kept are, per row, how many count, the sum of L and, where some do not,
/// one bit for each feature; per column the number and the sum; and the sum of L^2. That determines the two-way fit of
/// `report` exactly, with entries missing too, since its normal equations hold nothing else. Rows add: a batch of rows
/// is `add`, another shard is `merge`.
///
/// Edge cases: zeros, NaN and Inf do not count, nor entries of at most `floorShare` times the greatest magnitude seen up
/// to and including their batch. Complexity: O(nodes · features); 16 bytes a row, and features / 8 where entries are
/// missing. Source: definitions 3; Henderson 1953, method 3, for missing entries. Since: 0.4.
public final class FeatureScale {
  public static let stateVersion: UInt32 = 1
  /// Features that the state holds room for.
  static let greatestFeatureCount = 1 << 24

  public let options: FeatureScaleOptions
  /// Set by the first batch; nil before it.
  public internal(set) var featureCount: Int?
  public internal(set) var nonfiniteCount = 0
  public internal(set) var zeroCount = 0
  var greatest = 0.0
  /// Sum of L^2 over what counts.
  var squares = 0.0
  var rows: GrowingTable<ScaleRow>
  /// Of rows that lack an entry: `wordCount` words each, bit j for feature j.
  var masks: GrowingTable<UInt64>
  /// Sum of L, and how many count, by feature.
  var columnSums: Storage<Double>?
  var columnCounts: Storage<Int>?

  /// - Throws: `invalidArgument` naming the option.
  public init(options: FeatureScaleOptions = FeatureScaleOptions()) throws(TrimtabError) {
    try options.check()
    self.options = options
    rows = GrowingTable(for: "rows")
    masks = GrowingTable(for: "masks of rows")
  }

  public var nodeCount: Int { rows.count }
  var wordCount: Int { ((featureCount ?? 0) &+ 63) / 64 }

  /// Adds rows [n, d].
  ///
  /// - Throws: `shape` (rank, another number of features), `dtype`, `outOfMemory`. On failure nothing has changed.
  public func add(_ features: TensorView) throws(TrimtabError) {
    guard features.rank == 2 else {
      throw TrimtabError(.shape, "features: found rank %, allowed 2 (nodes, features)", features.rank)
    }
    let (count, width) = (features.shape[0], features.shape[1])
    guard width <= FeatureScale.greatestFeatureCount else {
      throw TrimtabError(
        .shape, "features: found % features, allowed at most %", width, FeatureScale.greatestFeatureCount)
    }
    guard featureCount == nil || featureCount == width else {
      throw TrimtabError(.shape, "features: found % features, allowed % as before", width, featureCount ?? 0)
    }
    let batch = try FeatureScale(options: options)
    try batch.begin(width)
    let row = try Storage<Double>(count: width, for: "row")
    let mask = try Storage<UInt64>(count: batch.wordCount, for: "row")
    batch.greatest = greatest
    for index in 0..<count {
      features.copy(from: index &* width, count: width, to: row.pointer)
      for place in 0..<width where row.pointer[place].magnitude > batch.greatest && row.pointer[place].isFinite {
        batch.greatest = row.pointer[place].magnitude
      }
    }
    for index in 0..<count {
      features.copy(from: index &* width, count: width, to: row.pointer)
      try batch.count(row.pointer, width, mask)
    }
    try merge(batch)
  }

  func begin(_ width: Int) throws(TrimtabError) {
    guard featureCount == nil else { return }
    columnSums = try Storage(count: width, for: "features")
    columnCounts = try Storage(count: width, for: "features")
    featureCount = width
  }

  private func count(_ row: UnsafeMutablePointer<Double>, _ width: Int, _ mask: Storage<UInt64>) throws(TrimtabError) {
    guard let sums = columnSums?.pointer, let counts = columnCounts?.pointer else { return }
    let floor = options.floorShare * greatest
    var found = ScaleRow()
    mask.pointer.update(repeating: 0, count: mask.count)
    for place in 0..<width {
      let size = row[place].magnitude
      guard size.isFinite else {
        nonfiniteCount = nonfiniteCount &+ 1
        continue
      }
      guard size > floor, size > 0 else {
        zeroCount = zeroCount &+ 1
        continue
      }
      let value = logarithm(size)
      found.count = found.count &+ 1
      found.sum += value
      squares += value * value
      sums[place] += value
      counts[place] = counts[place] &+ 1
      mask.pointer[place / 64] |= 1 << UInt64(place % 64)
    }
    if found.count < width {
      found.mask = masks.count
      for word in 0..<mask.count { try masks.append(mask.pointer[word]) }
    }
    try rows.append(found)
  }

  /// Adds the rows that `other` has seen after those seen here. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (options, number of features), `outOfMemory`.
  public func merge(_ other: FeatureScale) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than here, allowed the same")
    }
    guard let width = other.featureCount else { return }
    guard featureCount == nil || featureCount == width else {
      throw TrimtabError(.mismatch, "other: found % features, allowed %", width, featureCount ?? 0)
    }
    let (rowsBefore, masksBefore) = (rows.count, masks.count)
    let (count, words) = (other.rows.count, other.masks.count)
    try begin(width)
    do throws(TrimtabError) {
      for index in 0..<words { if let word = other.masks.at(index)?.pointee { try masks.append(word) } }
      for index in 0..<count {
        guard var row = other.rows.at(index)?.pointee else { continue }
        if row.mask >= 0 { row.mask = row.mask &+ masksBefore }
        try rows.append(row)
      }
    } catch {
      rows.truncate(to: rowsBefore)
      masks.truncate(to: masksBefore)
      throw error
    }
    for place in 0..<width {
      columnSums?.pointer[place] += other.columnSums?.pointer[place] ?? 0
      let counted = (columnCounts?.pointer[place] ?? 0) &+ (other.columnCounts?.pointer[place] ?? 0)
      columnCounts?.pointer[place] = counted
    }
    squares += other.squares
    greatest = max(greatest, other.greatest)
    zeroCount = tally(zeroCount, other.zeroCount)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
  }
}

/// What is kept of a row.
struct ScaleRow: BitwiseCopyable {
  var sum = 0.0
  var count = 0
  /// Where its bits begin; -1 where every entry counts.
  var mask = -1
}
