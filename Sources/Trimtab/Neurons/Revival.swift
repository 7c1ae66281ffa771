/// What became of a layer's dead units between two audits.
public struct RevivalReport: Sendable, Equatable {
  /// insufficient if either audit is; nonfinite if either is.
  public var outcome = Outcome.ok
  /// Warning or critical by the share of the living that died (the layer fractions).
  public var verdict = Verdict.unknown
  public var cause = Cause.none
  public var unitCount = 0
  public var deadBefore = 0
  public var deadAfter = 0
  /// Dead before, alive after.
  public var revived = 0
  /// Alive before, dead after.
  public var newlyDead = 0
  /// revived / deadBefore; 0 if there were none.
  public var revivalFraction = 0.0
  /// newlyDead / (units - deadBefore); 0 if all were dead.
  public var newDeathFraction = 0.0
  /// 1 - revivalFraction.
  public var persistence = 0.0
  public var threshold = 0.0
}

/// Compares two audits of the same layer on the same probe set.
///
/// A unit that one of the audits has not seen is neither revived nor newly dead. The thresholds are those of `after`.
/// - Parameter newlyDead: `unitCount` bytes, set to 1 for a unit that died in between and 0 otherwise, or nil.
/// - Throws: `mismatch` (units or activation).
/// - Complexity: O(units). Source: dopamine's ReDo (dead_intersected_percent is the persistence). Since 0.1.
public func compare(
  before: Activity, after: Activity, newlyDead: UnsafeMutablePointer<UInt8>? = nil
) throws(TrimtabError) -> RevivalReport {
  guard before.unitCount == after.unitCount else {
    throw TrimtabError(.mismatch, "after: found % units, allowed % as in before", after.unitCount, before.unitCount)
  }
  guard before.options.activation == after.options.activation else {
    throw TrimtabError(.mismatch, "after: found another activation than in before, allowed the same")
  }
  var report = RevivalReport()
  var causes = DeathCauses()
  report.unitCount = after.unitCount
  for unit in 0..<after.unitCount {
    let first = before.record(unit)
    let second = after.record(unit)
    let isNewlyDead = first.isSeen && !first.isDead && second.isDead
    if first.isDead { report.deadBefore &+= 1 }
    if second.isDead { report.deadAfter &+= 1 }
    if first.isDead && second.isSeen && !second.isDead { report.revived &+= 1 }
    if isNewlyDead {
      report.newlyDead &+= 1
      causes.add(second, before: first)
    }
    newlyDead?[unit] = isNewlyDead ? 1 : 0
  }
  if report.deadBefore > 0 { report.revivalFraction = Double(report.revived) / Double(report.deadBefore) }
  report.persistence = 1 - report.revivalFraction
  let living = report.unitCount &- report.deadBefore
  if living > 0 { report.newDeathFraction = Double(report.newlyDead) / Double(living) }
  judge(before.report(), after.report(), after.options, causes, &report)
  return report
}

private func judge(
  _ before: ActivityReport, _ after: ActivityReport, _ options: ActivityOptions, _ causes: DeathCauses,
  _ report: inout RevivalReport
) {
  report.outcome = before.outcome == .ok ? after.outcome : before.outcome
  report.threshold = options.layerWarningFraction
  guard report.outcome == .ok || report.outcome == .nonfinite else { return }
  if report.newDeathFraction > options.layerCriticalFraction {
    report.verdict = .critical
    report.threshold = options.layerCriticalFraction
    report.cause = causes.likeliest
  } else if report.newDeathFraction > options.layerWarningFraction {
    report.verdict = .warning
    report.cause = causes.likeliest
  } else if report.outcome == .ok {
    report.verdict = .healthy
  }
}
