/// Dead neurons of one layer, over all samples seen.
public struct ActivityReport: Sendable, Equatable {
  /// insufficient: fewer samples than the confidence asks; nonfinite: a unit had no finite sample; degenerate: no unit.
  public var outcome = Outcome.ok
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  /// Per unit, non-finite ones included.
  public var sampleCount = 0
  public var unitCount = 0
  /// Elements, kept out of all else.
  public var nonfiniteCount = 0
  public var deadCount = 0
  public var inactiveCount = 0
  public var dormantCount = 0
  public var saturatedCount = 0
  /// Of the units.
  public var deadFraction = 0.0
  public var inactiveFraction = 0.0
  public var dormantFraction = 0.0
  public var saturatedFraction = 0.0
  public var meanActiveFraction = 0.0
  /// Over all finite elements.
  public var meanPreactivation = 0.0
  /// Root mean square over all finite elements.
  public var preactivationScale = 0.0
  /// 1 - (1 - leastActiveFraction)^samples, of the finite samples that a seen unit has on average.
  public var confidence = 0.0
  /// The layer fraction that the verdict was held against.
  public var threshold = 0.0
}

extension Activity {
  /// Reports on all that has been added; changes nothing.
  ///
  /// The verdict rests on the strictly dead and on the saturated units alone: above `layerWarningFraction` a warning,
  /// above `layerCriticalFraction` critical. Dormant and rarely active units are common in healthy sparse layers:
  /// they are counted, and are no more than a notice, and that only where they are more than `layerCriticalFraction`
  /// of the layer.
  ///
  /// Edge cases: NaN and Inf are left out; with too few samples, or where a unit has no finite one and nothing else
  /// is wrong, the verdict is unknown.
  /// - Complexity: O(units).
  public func report() -> ActivityReport {
    var report = ActivityReport()
    report.sampleCount = sampleCount
    report.unitCount = unitCount
    report.threshold = options.layerWarningFraction
    let totals = count(into: &report)
    measure(totals, into: &report)
    judge(totals, &report)
    return report
  }

  private struct Totals {
    var seenUnits = 0
    var finite = 0.0
    var causes = DeathCauses()
  }

  private func count(into report: inout ActivityReport) -> Totals {
    var totals = Totals()
    let layerMean = layerMeanOutput
    var finiteElements = 0
    for unit in 0..<unitCount {
      let record = record(unit)
      let flags = flags(of: unit, layerMeanOutput: layerMean)
      finiteElements = finiteElements &+ record.finiteCount
      if flags.contains(.dead) {
        report.deadCount &+= 1
        totals.causes.add(record)
      }
      if flags.contains(.inactive) { report.inactiveCount &+= 1 }
      if flags.contains(.dormant) { report.dormantCount &+= 1 }
      if flags.contains(.saturated) { report.saturatedCount &+= 1 }
      if record.isSeen { totals.seenUnits &+= 1 }
      report.meanActiveFraction += record.activeFraction
    }
    report.nonfiniteCount = (sampleCount &* unitCount) &- finiteElements
    totals.finite = Double(finiteElements)
    return totals
  }

  private func measure(_ totals: Totals, into report: inout ActivityReport) {
    guard totals.seenUnits > 0 else {
      (report.deadFraction, report.inactiveFraction) = (.nan, .nan)
      (report.dormantFraction, report.saturatedFraction) = (.nan, .nan)
      (report.meanActiveFraction, report.meanPreactivation, report.preactivationScale) = (.nan, .nan, .nan)
      return
    }
    let units = Double(unitCount)
    report.deadFraction = Double(report.deadCount) / units
    report.inactiveFraction = Double(report.inactiveCount) / units
    report.dormantFraction = Double(report.dormantCount) / units
    report.saturatedFraction = Double(report.saturatedCount) / units
    report.meanActiveFraction /= Double(totals.seenUnits)
    let perUnit = (totals.finite / Double(totals.seenUnits)).rounded(.down)
    report.confidence = 1 - exponential(perUnit * logarithm(1 - options.leastActiveFraction))
    var meanSquare = 0.0
    var greatest = 0.0
    for unit in 0..<unitCount {
      let record = record(unit)
      guard record.isSeen else { continue }
      let weight = Double(record.finiteCount) / totals.finite
      report.meanPreactivation += record.mean * weight
      meanSquare += record.mean * weight * record.mean + record.squares / totals.finite
      greatest = max(greatest, record.maximum.magnitude, record.minimum.magnitude)
    }
    // Where the squares leave float64's range (beyond 1e154) the greatest magnitude says as much.
    report.preactivationScale = meanSquare < .infinity ? meanSquare.squareRoot() : greatest
  }

  private func judge(_ totals: Totals, _ report: inout ActivityReport) {
    guard unitCount > 0 else {
      report.outcome = sampleCount == 0 ? .insufficient : .degenerate
      return
    }
    guard sampleCount > 0 else {
      report.outcome = .insufficient
      return
    }
    guard totals.seenUnits > 0 else {
      report.outcome = .nonfinite
      return
    }
    let perUnit = (totals.finite / Double(totals.seenUnits)).rounded(.down)
    let isEnough = perUnit >= options.neededSamples && perUnit > 1
    let isEverySeen = totals.seenUnits == unitCount
    report.outcome = !isEverySeen ? .nonfinite : isEnough ? .ok : .insufficient
    guard isEnough else { return }
    let deciding = max(report.deadFraction, report.saturatedFraction)
    let cause: Cause = report.deadFraction >= report.saturatedFraction ? totals.causes.likeliest : .saturation
    if deciding > options.layerCriticalFraction {
      report.verdict = .critical
      report.threshold = options.layerCriticalFraction
      report.cause = cause
    } else if deciding > options.layerWarningFraction {
      report.verdict = .warning
      report.cause = cause
    } else if max(report.dormantFraction, report.inactiveFraction) > options.layerCriticalFraction {
      report.verdict = .notice
      report.threshold = options.layerCriticalFraction
      report.cause = .dormantUnits
    } else {
      report.verdict = isEverySeen ? .healthy : .unknown
    }
  }
}
