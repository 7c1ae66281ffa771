/// How many different samples there are, as far as a kernel tells.
public struct VendiReport: Sendable, Equatable {
  /// insufficient: no usable sample; nonfinite: none is finite.
  public var outcome = Outcome.insufficient
  public var sampleCount = 0
  /// Samples with NaN or Inf and, of the cosine kernel, of length 0; left out.
  public var unusableCount = 0
  /// exp of the entropy of the eigenvalues of K / n: 1 to n.
  public var score = Double.nan

  public init() {}
}

/// exp(-sum w ln w), w the eigenvalues of a matrix, which is spoilt; those of 0 and below count for nothing.
///
/// - Throws: `invalidArgument` for a w below -`tolerance`.
private func exponentialEntropy(
  _ matrix: Matrix, _ samples: Int, tolerance: Double = .infinity
) throws(TrimtabError) -> Double {
  let eigen = try SymmetricEigen(matrix)
  try eigen.solve(vectors: nil)
  var entropy = 0.0
  for index in 0..<eigen.order {
    let weight = eigen.values.pointer[index] / Double(samples)
    guard weight >= -tolerance else {
      throw TrimtabError(
        .invalidArgument, "kernel: found an eigenvalue of %, allowed 0 or more: it is no kernel",
        eigen.values.pointer[index])
    }
    if weight > 0 { entropy -= weight * logarithm(weight) }
  }
  return exponential(entropy)
}

/// The Vendi score of samples: it says how different they are from each other, not whether they are like the data. Blurred
/// samples score highest: never judge by it alone.
///
/// - Parameters:
///   - samples: [n, ...], or [n].
///   - bandwidth: h of the kernel exp(-|x - y|^2 / (2 h^2)); 0 for the cosine of the angle between samples, as
///     `vendi_score.vendi.score_X` has it, which for more samples than numbers takes the smaller of the two matrices.
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(n^2 d + n^3), cosine O(n d^2 + d^3) at best.
/// - Source: Friedman & Dieng 2023; definitions 9.3. Since 0.4.
public func vendiScore(_ samples: TensorView, bandwidth: Double = 0) throws(TrimtabError) -> VendiReport {
  guard bandwidth >= 0, bandwidth < .infinity else {
    throw TrimtabError(.invalidArgument, "bandwidth: found %, allowed 0 or more", bandwidth)
  }
  guard bandwidth > 0 else {
    let vendi = VendiScore()
    try vendi.add(samples)
    return try vendi.report()
  }
  let points = try PointSet(samples, "samples")
  var report = VendiReport()
  report.sampleCount = points.count
  report.unusableCount = points.nonfiniteCount
  guard points.count > 0 else {
    if points.nonfiniteCount > 0 { report.outcome = .nonfinite }
    return report
  }
  let kernel = try Matrix(rows: points.count, columns: points.count, for: "kernel")
  for row in 0..<points.count {
    for column in 0...row {
      // The square of a small bandwidth may be 0.
      let distance = points.squaredDistance(column, points.point(row)).squareRoot() / bandwidth
      kernel.row(row)[column] = exponential(-0.5 * distance * distance)
    }
  }
  report.score = try exponentialEntropy(kernel, points.count)
  report.outcome = .ok
  return report
}

/// How far a kernel's entries may be off: what the sums of float32 come to, also where they were widened since; 2^-7 in
/// halves.
private func kernelTolerance(_ type: ElementType) -> Double {
  type.byteCount <= 2 && type.isFloatingPoint ? 0x1p-7 : 1e-6
}

/// The Vendi score of a kernel matrix.
///
/// The definition needs k(x, x) = 1, so that the eigenvalues of K / n sum to 1, and K symmetric and positive semidefinite,
/// so that they are shares. Entries that are off by no more than 1e-6, as kernels computed in float32 are (by 2^-7 in
/// halves), are taken; the lower triangle is then read.
///
/// - Parameter kernel: [n, n], symmetric and positive semidefinite, 1 on its diagonal.
/// - Throws: `shape`, `dtype`, `invalidArgument` (naming the entry, or the eigenvalue), `outOfMemory`.
public func vendiScore(kernel: TensorView) throws(TrimtabError) -> VendiReport {
  guard kernel.rank == 2, kernel.shape[0] == kernel.shape[1] else {
    throw TrimtabError(
      .shape, "kernel: found rank %, % x %, allowed a square matrix", kernel.rank, kernel.shape[0], kernel.shape[1])
  }
  try requireNumbers(kernel, "kernel")
  let count = kernel.shape[0]
  var report = VendiReport()
  report.sampleCount = count
  guard count > 0 else { return report }
  let matrix = try Matrix(rows: count, columns: count, for: "kernel")
  for row in 0..<count {
    kernel.copy(from: row &* count, count: count, to: matrix.row(row))
    guard kernels.matrix.allFinite(matrix.row(row), count) else {
      report.outcome = .nonfinite
      return report
    }
  }
  let tolerance = kernelTolerance(kernel.elementType)
  try requireKernel(matrix, count, tolerance)
  report.score = try exponentialEntropy(matrix, count, tolerance: tolerance)
  report.outcome = .ok
  return report
}

/// - Throws: `invalidArgument`, naming the first entry that no kernel has.
private func requireKernel(_ matrix: Matrix, _ count: Int, _ tolerance: Double) throws(TrimtabError) {
  for row in 0..<count {
    let own = matrix.row(row)
    guard (own[row] - 1).magnitude <= tolerance else {
      throw TrimtabError(
        .invalidArgument, "kernel: found % on its diagonal at %, allowed 1: divide by the roots of the diagonal first",
        own[row], row)
    }
    for column in 0..<row {
      guard (own[column] - matrix.row(column)[row]).magnitude <= tolerance else {
        throw TrimtabError(
          .invalidArgument, "kernel: found % at [%, %] and % across the diagonal, allowed the same", own[column], row,
          column, matrix.row(column)[row])
      }
      guard own[column].magnitude <= 1 + tolerance else {
        throw TrimtabError(
          .invalidArgument, "kernel: found % at [%, %], allowed -1 to 1 beside a diagonal of 1", own[column], row,
          column)
      }
    }
  }
}

/// The Vendi score with the cosine kernel as sums: X^T X of samples of length 1, so that batches and workers add up.
///
/// Its eigenvalues other than 0 are those of the n x n kernel. d^2 numbers are kept. Since 0.4.
public final class VendiScore {
  private(set) var width = 0
  private var sums: Storage<Double>?
  private var sampleCount = 0
  private var nonfiniteCount = 0
  private var zeroCount = 0

  public init() {}

  /// Adds samples. On failure nothing has changed.
  ///
  /// - Parameter samples: [n, ...], or [n]; always of as many numbers.
  /// - Throws: `shape`, `dtype`, `outOfMemory`. Complexity: O(n d^2).
  public func add(_ samples: TensorView) throws(TrimtabError) {
    let points = try PointSet(samples, "samples")
    guard points.width > 0 else { return }
    guard width == 0 || points.width == width else {
      throw TrimtabError(.shape, "samples: found % numbers a sample, allowed % as before", points.width, width)
    }
    let target = try sized(points.width)
    sums = target
    width = points.width
    nonfiniteCount = tally(nonfiniteCount, points.nonfiniteCount)
    for index in 0..<points.count {
      let point = points.point(index)
      var greatest = 0.0
      for column in 0..<width { greatest = max(greatest, point[column].magnitude) }
      guard greatest > 0 else {
        zeroCount = tally(zeroCount, 1)
        continue
      }
      for column in 0..<width { point[column] /= greatest }
      let length = kernels.dotProduct(point, point, width).squareRoot()
      for column in 0..<width { point[column] /= length }
      for row in 0..<width { kernels.addScaled(point[row], point, target.pointer + row &* width, row &+ 1) }
      sampleCount = tally(sampleCount, 1)
    }
  }

  private func sized(_ width: Int) throws(TrimtabError) -> Storage<Double> {
    if let sums { return sums }
    let (count, overflow) = width.multipliedReportingOverflow(by: width)
    guard !overflow else {
      throw TrimtabError(.outOfMemory, "samples: found % numbers a sample, more memory than can be had", width)
    }
    return try Storage(count: count, for: "sums")
  }

  /// Adds other samples. On failure nothing has changed.
  ///
  /// - Throws: `mismatch`, `outOfMemory`.
  public func merge(_ other: VendiScore) throws(TrimtabError) {
    guard let theirs = other.sums else { return }
    guard width == 0 || width == other.width else {
      throw TrimtabError(.mismatch, "other: found % numbers a sample, allowed % as in vendi", other.width, width)
    }
    let target = try sized(other.width)
    sums = target
    width = other.width
    let most = Double(greatestTally)
    for index in 0..<theirs.count {
      target.pointer[index] = max(-most, min(most, target.pointer[index] + theirs.pointer[index]))
    }
    sampleCount = tally(sampleCount, other.sampleCount)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
    zeroCount = tally(zeroCount, other.zeroCount)
  }

  /// Reports at any time; changes nothing.
  ///
  /// - Throws: `outOfMemory`. Complexity: O(d^3).
  public func report() throws(TrimtabError) -> VendiReport {
    var report = VendiReport()
    report.sampleCount = sampleCount
    report.unusableCount = nonfiniteCount &+ zeroCount
    guard sampleCount > 0, let sums else {
      if nonfiniteCount > 0 && zeroCount == 0 { report.outcome = .nonfinite }
      return report
    }
    let matrix = try Matrix(rows: width, columns: width, for: "kernel")
    for row in 0..<width { matrix.row(row).update(from: sums.pointer + row &* width, count: row &+ 1) }
    report.score = try exponentialEntropy(matrix, sampleCount)
    report.outcome = .ok
    return report
  }

  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(width)
    writer.write(sampleCount)
    writer.write(nonfiniteCount)
    writer.write(zeroCount)
    if let sums { writer.write(UnsafePointer(sums.pointer), count: sums.count) }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .vendi, version: VendiScore.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> VendiScore {
    var reader = try StateReader(bytes, kind: .vendi, newestVersion: stateVersion)
    let vendi = VendiScore()
    vendi.width = try reader.readCount(0...1 << 30)
    vendi.sampleCount = try reader.readTally()
    vendi.nonfiniteCount = try reader.readTally()
    vendi.zeroCount = try reader.readTally()
    guard vendi.width > 0 || vendi.sampleCount == 0, reader.remaining == vendi.width &* vendi.width &* 8 else {
      throw StateReader.corrupt
    }
    if vendi.width > 0 {
      let sums = try Storage<Double>(count: vendi.width &* vendi.width, for: "sums")
      try reader.read(into: sums.pointer, count: sums.count)
      // Products of numbers of magnitude 1 at most.
      for index in 0..<sums.count where !(sums.pointer[index].magnitude <= Double(greatestTally)) {
        throw StateReader.corrupt
      }
      vendi.sums = sums
    }
    try reader.finish()
    return vendi
  }
}
