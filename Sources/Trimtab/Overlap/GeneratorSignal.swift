/// What a discriminator's outputs leave the generator to learn from: counts and sums, which add.
///
/// With D = 1 / (1 + e^-logit) and s the length of the generator's slope through the logit at a fake sample, the saturating
/// loss ln(1 - D) has the signal E[D s], the non-saturating one E[(1 - D) s]. Since: 0.4.
public final class GeneratorSignal {
  public static let stateVersion: UInt32 = 1
  public private(set) var realCount = 0
  public private(set) var fakeCount = 0
  public private(set) var nonfiniteCount = 0
  private var realCorrect = 0
  private var fakeCorrect = 0
  private var discriminated = 0.0
  private var saturating = 0.0
  private var nonSaturating = 0.0

  public init() {}

  /// Adds outputs on held-out samples.
  ///
  /// - Parameters:
  ///   - real: logits [n]; nil where there are none
  ///   - fake: logits [m]
  ///   - slopes: |d logit / d generator| of each fake sample [m]; nil: 1
  /// - Throws: `shape`, `invalidArgument` (a slope below 0). On failure nothing has changed.
  public func add(real: TensorView?, fake: TensorView?, slopes: TensorView? = nil) throws(TrimtabError) {
    if let slopes {
      guard slopes.count == (fake?.count ?? 0) else {
        throw TrimtabError(.shape, "slopes: found % elements, allowed % as fake", slopes.count, fake?.count ?? 0)
      }
      for place in 0..<slopes.count {
        guard !(number(slopes, place) < 0) else {
          throw TrimtabError(
            .invalidArgument, "slopes: found % at index %, allowed 0 or more", number(slopes, place), place)
        }
      }
    }
    for place in 0..<(real?.count ?? 0) {
      let logit = real.map { number($0, place) } ?? 0
      guard logit == logit else {
        nonfiniteCount = tally(nonfiniteCount, 1)
        continue
      }
      realCount = tally(realCount, 1)
      if logit > 0 { realCorrect = tally(realCorrect, 1) }
    }
    for place in 0..<(fake?.count ?? 0) {
      let logit = fake.map { number($0, place) } ?? 0
      let slope = slopes.map { number($0, place) } ?? 1
      guard logit == logit, slope.isFinite else {
        nonfiniteCount = tally(nonfiniteCount, 1)
        continue
      }
      fakeCount = tally(fakeCount, 1)
      if logit <= 0 { fakeCorrect = tally(fakeCorrect, 1) }
      // Both shares from the side on which they are small.
      let small = exponential(-logit.magnitude)
      let (tail, rest) = (small / (1 + small), 1 / (1 + small))
      discriminated = finiteSum(discriminated, logit > 0 ? rest : tail)
      saturating = finiteSum(saturating, slope * (logit > 0 ? rest : tail))
      nonSaturating = finiteSum(nonSaturating, slope * (logit > 0 ? tail : rest))
    }
  }

  private func number(_ view: TensorView, _ place: Int) -> Double {
    var value = 0.0
    view.copy(from: place, count: 1, to: &value)
    return value
  }

  /// Adds what `other` has seen.
  public func merge(_ other: GeneratorSignal) {
    realCount = tally(realCount, other.realCount)
    fakeCount = tally(fakeCount, other.fakeCount)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
    realCorrect = tally(realCorrect, other.realCorrect)
    fakeCorrect = tally(fakeCorrect, other.fakeCorrect)
    discriminated = finiteSum(discriminated, other.discriminated)
    saturating = finiteSum(saturating, other.saturating)
    nonSaturating = finiteSum(nonSaturating, other.nonSaturating)
  }

  /// Reports at any time; changes nothing.
  ///
  /// - Parameters:
  ///   - leastCount: outputs of both sides together below which the accuracy is not judged
  public func report(
    leastCount: Int = 50, warningOverlap: Double = 0.1, warningAccuracy: Double = 0.95
  ) -> GeneratorSignalReport {
    var report = GeneratorSignalReport()
    report.realCount = realCount
    report.fakeCount = fakeCount
    report.nonfiniteCount = nonfiniteCount
    report.threshold = warningOverlap
    if fakeCount > 0 {
      let count = Double(fakeCount)
      report.meanDiscriminator = discriminated / count
      report.saturating = saturating / count
      report.nonSaturating = nonSaturating / count
    }
    guard realCount > 0, fakeCount > 0, realCount &+ fakeCount >= leastCount else {
      report.outcome = nonfiniteCount > 0 && realCount &+ fakeCount == 0 ? .nonfinite : .insufficient
      return report
    }
    let found = ToldApart(realCorrect, of: realCount, fakeCorrect, of: fakeCount)
    (report.accuracy, report.z, report.overlap) = (found.accuracy, found.z, found.overlap)
    (report.verdict, report.cause, report.measurement, report.threshold) = judgeOverlap(
      found, warningOverlap, warningAccuracy)
    return report
  }

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    for count in [realCount, fakeCount, nonfiniteCount, realCorrect, fakeCorrect] { writer.write(count) }
    for sum in [discriminated, saturating, nonSaturating] { writer.write(sum) }
  }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> GeneratorSignal {
    var reader = try StateReader(bytes, kind: .generatorSignal, newestVersion: stateVersion)
    let signal = GeneratorSignal()
    signal.realCount = try reader.readTally()
    signal.fakeCount = try reader.readTally()
    signal.nonfiniteCount = try reader.readTally()
    signal.realCorrect = try reader.readCount(0...signal.realCount)
    signal.fakeCorrect = try reader.readCount(0...signal.fakeCount)
    signal.discriminated = try reader.readFinite()
    signal.saturating = try reader.readFinite()
    signal.nonSaturating = try reader.readFinite()
    try reader.finish()
    guard signal.discriminated >= 0, signal.saturating >= 0, signal.nonSaturating >= 0 else {
      throw StateReader.corrupt
    }
    return signal
  }
}

/// What a discriminator leaves the generator. Fields as in `trimtab_generator_signal_report`. Since: 0.4.
public struct GeneratorSignalReport: Sendable {
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var realCount = 0
  public var fakeCount = 0
  public var nonfiniteCount = 0
  /// Balanced, at a threshold of 1/2.
  public var accuracy = Double.nan
  public var z = Double.nan
  public var overlap = Double.nan
  /// E D over the fake samples.
  public var meanDiscriminator = Double.nan
  /// E[D s], and E[(1 - D) s].
  public var saturating = Double.nan
  public var nonSaturating = Double.nan
  public var threshold = 0.0
  public var measurement = Double.nan

  public init() {}
}
