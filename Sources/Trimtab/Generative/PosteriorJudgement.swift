extension PosteriorCollapse {
  /// What is known of a dimension.
  public func latent(_ index: Int) -> LatentDimension {
    var found = LatentDimension()
    guard sampleCount > 0, index >= 0, index < dimensionCount else { return found }
    let own = dimension(index)
    let samples = Double(sampleCount)
    found.mean = own.mean
    found.variance = own.m2 / samples
    // Not below 0 but for rounding.
    let twice = found.variance + own.mean * own.mean + own.varianceSum / samples - 1 - own.logarithmSum / samples
    found.divergence = max(0, 0.5 * twice)
    found.collapsedShare = Double(own.collapsedCount) / samples
    found.isActive = sampleCount > 1 && found.variance > options.activeVariance
    found.isCollapsed = found.divergence < options.collapsedDivergence && found.collapsedShare > options.collapsedShare
    return found
  }

  /// Copies out every dimension; there is room for `dimensionCount`.
  public func copyLatents(to rows: UnsafeMutablePointer<LatentDimension>) {
    for index in 0..<dimensionCount { rows[index] = latent(index) }
  }

  /// Reports at any time; changes nothing.
  ///
  /// Without an active dimension it is critical; a warning with fewer than the data support, where that is told, or with
  /// a smaller share than `leastActiveShare`; a notice with any that is not active, since a model may have more than it
  /// needs.
  public func report() -> PosteriorReport {
    var report = PosteriorReport()
    report.sampleCount = sampleCount
    report.nonfiniteCount = nonfiniteCount
    report.dimensionCount = dimensionCount
    report.drawCount = drawCount
    guard sampleCount > 1, dimensionCount > 0 else {
      report.outcome =
        sampleCount == 0 && nonfiniteCount > 0
        ? .nonfinite
        : dimensionCount == 0 && sampleCount > 1
          ? .degenerate
          : .insufficient
      return report
    }
    report.outcome = .ok
    report.divergence = 0
    report.informationBound = 0
    let samples = Double(sampleCount)
    for index in 0..<dimensionCount {
      let (own, found) = (dimension(index), latent(index))
      if found.isActive { report.activeCount = report.activeCount &+ 1 }
      if found.isCollapsed { report.collapsedCount = report.collapsedCount &+ 1 }
      if found.isActive == found.isCollapsed { report.disputedCount = report.disputedCount &+ 1 }
      report.divergence += found.divergence
      report.informationBound +=
        0.5 * (logarithm(found.variance + own.varianceSum / samples) - own.logarithmSum / samples)
    }
    if drawCount > 0 { report.information = (drawnDivergenceSum - aggregateSum) / Double(drawCount) }
    judge(&report)
    return report
  }

  private func judge(_ report: inout PosteriorReport) {
    let share = Double(report.activeCount) / Double(dimensionCount)
    let expected = min(options.expectedActiveCount, dimensionCount)
    report.measurement = expected > 0 ? Double(report.activeCount) : share
    report.threshold = expected > 0 ? Double(expected) : options.leastActiveShare
    report.verdict = .healthy
    if report.activeCount == 0 {
      report.verdict = .critical
    } else if report.measurement < report.threshold {
      report.verdict = .warning
    } else if report.activeCount < dimensionCount && expected == 0 {
      report.verdict = .notice
    }
    if report.verdict > .healthy { report.cause = .posteriorCollapse }
  }
}

extension PosteriorCollapse {
  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.activeVariance)
    writer.write(options.collapsedDivergence)
    writer.write(options.collapsedShare)
    writer.write(options.leastActiveShare)
    writer.write(options.expectedActiveCount)
    writer.write(sampleCount)
    writer.write(nonfiniteCount)
    writer.write(aggregateSum)
    writer.write(drawnDivergenceSum)
    writer.write(drawCount)
    writer.write(dimensions != nil)
    writer.write(dimensionCount)
    if let dimensions { writer.write(UnsafePointer(dimensions.pointer), count: dimensions.count) }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .posterior, version: PosteriorCollapse.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> PosteriorCollapse {
    var reader = try StateReader(bytes, kind: .posterior, newestVersion: stateVersion)
    var options = PosteriorOptions()
    options.activeVariance = try reader.readDouble()
    options.collapsedDivergence = try reader.readDouble()
    options.collapsedShare = try reader.readDouble()
    options.leastActiveShare = try reader.readDouble()
    options.expectedActiveCount = try reader.readInt()
    guard (try? options.validate()) != nil else { throw StateReader.corrupt }
    let samples = try reader.readTally()
    let nonfinite = try reader.readTally()
    let aggregate = try reader.readFinite()
    let divergence = try reader.readFinite()
    let draws = try reader.readCount(0...samples)
    let isSized = try reader.readBool()
    let count = try reader.readCount(
      0...min(greatestDimensionCount, reader.remaining / MemoryLayout<Dimension>.stride))
    guard isSized || (count == 0 && samples == 0) else { throw StateReader.corrupt }
    let dimensions = try Storage<Dimension>(count: count, for: "latent dimensions")
    try reader.read(into: dimensions.pointer, count: count)
    try reader.finish()
    for index in 0..<count {
      let own = dimensions.pointer[index]
      guard own.mean.magnitude <= PosteriorBatch.greatest, own.m2 >= 0, own.m2.isFinite, own.varianceSum >= 0,
        own.varianceSum.isFinite, own.logarithmSum.isFinite, own.collapsedCount >= 0, own.collapsedCount <= samples
      else {
        throw StateReader.corrupt
      }
    }
    let posterior = PosteriorCollapse(options: options, dimensions: isSized ? dimensions : nil)
    posterior.sampleCount = samples
    posterior.nonfiniteCount = nonfinite
    posterior.aggregateSum = aggregate
    posterior.drawnDivergenceSum = divergence
    posterior.drawCount = draws
    return posterior
  }
}
