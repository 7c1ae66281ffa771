/// What a two-sample test over bins came to.
public struct BinReport: Sendable, Equatable {
  /// insufficient: no fake point; nonfinite: none is finite.
  public var outcome = Outcome.insufficient
  public var binCount = 0
  public var realCount = 0
  public var fakeCount = 0
  public var nonfiniteCount = 0
  /// NDB: bins whose proportions differ.
  public var differentCount = 0
  /// NDB / K: `significance` on average for the data's own law, not 0.
  public var share = Double.nan
  /// Of the bins' proportions, nats, at most ln 2.
  public var jensenShannon = Double.nan

  public init() {}
}

/// Bins around the data, and how many fake points fall in each: counts, so that batches and workers add up.
///
/// The bins are those of k-means on the real points, which start at rows an irrational step apart and are moved until no
/// point changes its bin, at most a hundred times; a point belongs to the nearest centre. `share` counts the bins in which
/// a two-proportion z test, its deviation from the pooled proportion, is significant. Differs from `ndb` in how k-means
/// starts alone. Source: Richardson & Weiss 2018; definitions 9.3. Since 0.4.
public final class DataBins {
  public let significance: Double
  public let width: Int
  private let centres: Storage<Double>
  private let realCounts: Storage<Int>
  private let fakeCounts: Storage<Int>
  private var nonfiniteCount = 0

  public var binCount: Int { realCounts.count }

  /// - Parameters:
  ///   - real: [n, ...], or [n]; 20 finite points or more.
  ///   - count: bins; fewer where that leaves fewer than ten points a bin.
  /// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(100 n K d).
  public convenience init(real: TensorView, count: Int = 100, significance: Double = 0.05) throws(TrimtabError) {
    var options = CoverageOptions()
    options.binCount = count
    options.significance = significance
    try options.validate()
    let data = try PointSet(real, "real")
    guard count >= 1, data.count >= 20 else {
      throw TrimtabError(
        .invalidArgument, "real: found % finite points for % bins, allowed 20 or more for 1 or more", data.count, count)
    }
    try self.init(data, count: count, significance: significance)
  }

  init(_ data: PointSet, count: Int, significance: Double) throws(TrimtabError) {
    let bins = max(1, min(count, data.count / 10))
    self.significance = significance
    width = data.width
    centres = try Storage(count: bins &* width, for: "bins")
    realCounts = try Storage(count: bins, for: "bins")
    fakeCounts = try Storage(count: bins, for: "bins")
    try cluster(data)
  }

  private func centre(_ bin: Int) -> UnsafeMutablePointer<Double> { centres.pointer + bin &* width }

  private func nearest(_ point: UnsafeMutablePointer<Double>) -> Int {
    var (best, least) = (0, Double.infinity)
    for bin in 0..<binCount {
      let distance = squaredDistance(centre(bin), point, width)
      if distance < least { (best, least) = (bin, distance) }
    }
    return best
  }

  private func cluster(_ data: PointSet) throws(TrimtabError) {
    var place = 0.5
    for bin in 0..<binCount {
      centre(bin).update(from: data.point(min(Int(place * Double(data.count)), data.count &- 1)), count: width)
      place += 0.61803398874989484820
      if place >= 1 { place -= 1 }
    }
    let bins = try Storage<Int>(count: data.count, for: "bins")
    for round in 0..<100 {
      var hasMoved = round == 0
      for index in 0..<data.count {
        let bin = nearest(data.point(index))
        if bin != bins.pointer[index] { hasMoved = true }
        bins.pointer[index] = bin
      }
      guard hasMoved else { break }
      for bin in 0..<binCount { realCounts.pointer[bin] = 0 }
      for index in 0..<data.count {
        let (bin, point) = (bins.pointer[index], data.point(index))
        realCounts.pointer[bin] = realCounts.pointer[bin] &+ 1
        // The first point of a bin takes the place of the old centre; an empty bin keeps it.
        let share = 1 / Double(realCounts.pointer[bin])
        for column in 0..<width { centre(bin)[column] += (point[column] - centre(bin)[column]) * share }
      }
    }
    for bin in 0..<binCount { realCounts.pointer[bin] = 0 }
    for index in 0..<data.count {
      let bin = nearest(data.point(index))
      realCounts.pointer[bin] = realCounts.pointer[bin] &+ 1
    }
  }

  /// Adds fake points. On failure nothing has changed.
  ///
  /// - Throws: `shape`, `dtype`, `outOfMemory`.
  public func add(_ fake: TensorView) throws(TrimtabError) {
    let samples = try PointSet(fake, "fake")
    guard samples.count &+ samples.nonfiniteCount == 0 || samples.width == width else {
      throw TrimtabError(.shape, "fake: found points of % numbers, allowed % as in real", samples.width, width)
    }
    add(samples)
  }

  func add(_ samples: PointSet) {
    nonfiniteCount = tally(nonfiniteCount, samples.nonfiniteCount)
    for index in 0..<samples.count {
      let bin = nearest(samples.point(index))
      fakeCounts.pointer[bin] = tally(fakeCounts.pointer[bin], 1)
    }
  }

  /// Adds the fake points of another count over the same bins.
  ///
  /// - Throws: `mismatch`.
  public func merge(_ other: DataBins) throws(TrimtabError) {
    var isSame = other.binCount == binCount && other.width == width && other.significance == significance
    for index in 0..<(isSame ? centres.count : 0) where centres.pointer[index] != other.centres.pointer[index] {
      isSame = false
    }
    for bin in 0..<(isSame ? binCount : 0) where realCounts.pointer[bin] != other.realCounts.pointer[bin] {
      isSame = false
    }
    guard isSame else {
      throw TrimtabError(.mismatch, "other: found other bins than in bins, allowed those of the same real points")
    }
    for bin in 0..<binCount { fakeCounts.pointer[bin] = tally(fakeCounts.pointer[bin], other.fakeCounts.pointer[bin]) }
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
  }

  /// Reports at any time; changes nothing.
  public func report() -> BinReport {
    var report = BinReport()
    report.binCount = binCount
    report.nonfiniteCount = nonfiniteCount
    for bin in 0..<binCount {
      report.realCount = tally(report.realCount, realCounts.pointer[bin])
      report.fakeCount = tally(report.fakeCount, fakeCounts.pointer[bin])
    }
    guard report.fakeCount > 0, report.realCount > 0 else {
      report.outcome = nonfiniteCount > 0 ? .nonfinite : .insufficient
      return report
    }
    report.outcome = .ok
    let (n, m) = (Double(report.realCount), Double(report.fakeCount))
    report.jensenShannon = 0
    func entropyTerm(_ p: Double, _ mean: Double) -> Double { p > 0 ? 0.5 * p * logarithm(p / mean) : 0 }
    for bin in 0..<binCount {
      let (p, q) = (Double(realCounts.pointer[bin]) / n, Double(fakeCounts.pointer[bin]) / m)
      let pooled = (p * n + q * m) / (n + m)
      let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
      // A bin that is empty, or holds all, on both sides does not differ.
      let z = deviation > 0 ? (p - q).magnitude / deviation : 0
      if 1 - errorFunction(z * 0.70710678118654752440) < significance {
        report.differentCount = report.differentCount &+ 1
      }
      report.jensenShannon += entropyTerm(p, (p + q) / 2) + entropyTerm(q, (p + q) / 2)
    }
    report.share = Double(report.differentCount) / Double(binCount)
    return report
  }

  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(significance)
    writer.write(width)
    writer.write(binCount)
    writer.write(nonfiniteCount)
    writer.write(UnsafePointer(centres.pointer), count: centres.count)
    writer.write(UnsafePointer(realCounts.pointer), count: binCount)
    writer.write(UnsafePointer(fakeCounts.pointer), count: binCount)
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .bins, version: DataBins.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> DataBins {
    var reader = try StateReader(bytes, kind: .bins, newestVersion: stateVersion)
    return try DataBins(from: &reader)
  }

  private init(from reader: inout StateReader) throws(TrimtabError) {
    significance = try reader.readDouble()
    width = try reader.readCount(1...max(1, reader.remaining / 8))
    let bins = try reader.readCount(1...max(1, reader.remaining / 16))
    nonfiniteCount = try reader.readTally()
    let (count, overflow) = bins.multipliedReportingOverflow(by: width)
    guard significance > 0, significance < 1, !overflow, count <= reader.remaining / 8 else {
      throw StateReader.corrupt
    }
    centres = try Storage(count: count, for: "bins")
    realCounts = try Storage(count: bins, for: "bins")
    fakeCounts = try Storage(count: bins, for: "bins")
    try reader.read(into: centres.pointer, count: count)
    try reader.read(into: realCounts.pointer, count: bins)
    try reader.read(into: fakeCounts.pointer, count: bins)
    try reader.finish()
    for bin in 0..<bins {
      let (real, fake) = (realCounts.pointer[bin], fakeCounts.pointer[bin])
      guard real >= 0, real <= greatestTally, fake >= 0, fake <= greatestTally else { throw StateReader.corrupt }
    }
  }
}
