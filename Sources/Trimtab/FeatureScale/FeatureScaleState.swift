extension FeatureScale {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.leastDeviation)
    writer.write(options.criticalDeviation)
    writer.write(options.dominance)
    writer.write(options.floorShare)
    writer.write(options.outlierScore)
    writer.write(featureCount ?? -1)
    writer.write(nonfiniteCount)
    writer.write(zeroCount)
    writer.write(greatest)
    writer.write(squares)
    writer.write(rows.count)
    writer.write(masks.count)
    if let columnSums { writer.write(columnSums.pointer, count: columnSums.count) }
    if let columnCounts { writer.write(columnCounts.pointer, count: columnCounts.count) }
    for index in 0..<rows.count {
      guard let row = rows.at(index)?.pointee else { continue }
      writer.write(row.sum)
      writer.write(row.count)
    }
    if let first = masks.at(0) { writer.write(first, count: masks.count) }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .featureScale, version: FeatureScale.stateVersion, write) }

  /// Makes an accumulator from a saved state; it continues bit for bit.
  ///
  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> FeatureScale {
    var reader = try StateReader(bytes, kind: .featureScale, newestVersion: stateVersion)
    var options = FeatureScaleOptions()
    options.leastDeviation = try reader.readDouble()
    options.criticalDeviation = try reader.readDouble()
    options.dominance = try reader.readDouble()
    options.floorShare = try reader.readDouble()
    options.outlierScore = try reader.readDouble()
    guard (try? options.check()) != nil else { throw StateReader.corrupt }
    let scale = try FeatureScale(options: options)
    let width = try reader.readCount(-1...greatestFeatureCount)
    scale.nonfiniteCount = try reader.readTally()
    scale.zeroCount = try reader.readTally()
    scale.greatest = try reader.readDouble()
    scale.squares = try reader.readDouble()
    // Two numbers a row and one a word follow, so what is left bounds both before memory is asked for.
    let count = try reader.readCount(0...(reader.remaining / 16))
    let words = try reader.readCount(0...(reader.remaining / 8))
    guard width >= 0 else {
      guard count == 0, words == 0 else { throw StateReader.corrupt }
      try reader.finish()
      return scale
    }
    guard reader.remaining == 16 &* width &+ 16 &* count &+ 8 &* words else { throw StateReader.corrupt }
    try scale.begin(width)
    if let sums = scale.columnSums { try reader.read(into: sums.pointer, count: width) }
    if let counts = scale.columnCounts { try reader.read(into: counts.pointer, count: width) }
    try scale.readRows(&reader, count, words, width)
    try reader.finish()
    guard scale.isConsistent(width) else { throw StateReader.corrupt }
    return scale
  }

  private func readRows(
    _ reader: inout StateReader, _ count: Int, _ words: Int, _ width: Int
  ) throws(TrimtabError) {
    var mask = 0
    for _ in 0..<count {
      var row = ScaleRow()
      row.sum = try reader.readDouble()
      row.count = try reader.readCount(0...width)
      if row.count < width {
        row.mask = mask
        mask = mask &+ wordCount
      }
      try rows.append(row)
    }
    guard mask == words else { throw StateReader.corrupt }
    for _ in 0..<words { try masks.append(try reader.readUInt64()) }
  }

  /// Whether the bits are those that the counts speak of: they are what indices come from.
  private func isConsistent(_ width: Int) -> Bool {
    guard let columnCounts, squares >= 0, greatest >= 0, greatest.isFinite else { return false }
    // No logarithm of a float64 is greater.
    let most = 745.0
    var total = 0
    for index in 0..<rows.count {
      guard let row = rows.at(index)?.pointee, row.sum.magnitude <= most * Double(row.count) else { return false }
      var (found, isInside) = (0, true)
      if row.mask >= 0 {
        forEachEntry(row, width) { column in
          found = found &+ 1
          if column >= width { isInside = false }
        }
        guard isInside, found == row.count else { return false }
      }
      total = total &+ row.count
    }
    guard squares <= most * most * Double(total) else { return false }
    for column in 0..<width {
      guard columnCounts.pointer[column] >= 0, columnCounts.pointer[column] <= rows.count,
        let sum = columnSums?.pointer[column], sum.magnitude <= most * Double(columnCounts.pointer[column])
      else { return false }
      total = total &- columnCounts.pointer[column]
    }
    return total == 0
  }
}
