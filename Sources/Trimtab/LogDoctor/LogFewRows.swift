// Logs of so few rows that every one of them counts, such as one row an epoch: judged by their values themselves.

extension LogDoctor {
  /// Whether all finite losses are among the first rows that are kept.
  var isShort: Bool { loss.count &- loss.nonfiniteCount <= resumes.firstCount }

  /// A loss that ends far above its best: at once, or growing.
  ///
  /// It rose by ten times what losses differ from the line between their neighbours, by a tenth of its fall before, and
  /// two rows or more say so; one does where it is far above all before.
  func judgeFewRows() {
    let count = resumes.firstCount
    guard count >= LogCheck.divergence.leastRowCount else { return }
    var best = 0
    for row in 1..<count where resumes.first(row).value < resumes.first(best).value { best = row }
    guard best < count &- 1 else { return }
    let (lowest, lowestStep) = resumes.first(best)
    let noise = fewRowsNoise(upTo: best)
    let last = resumes.first(count &- 1).value
    let final = best < count &- 2 ? min(last, resumes.first(count &- 2).value) : last
    let fall = loss.first - lowest
    let rise = final - lowest
    guard rise > 10 * noise, rise > 0.1 * fall, rise > 0.02 * lowest.magnitude else { return }
    if best == count &- 2, !(last > loss.first && last > 2 * lowest) { return }
    let step = greatestRise(from: best)
    let before = resumes.first(step &- 1).value
    let isDoubled = lowest > 0 && final > 2 * lowest && rise > 0.25 * fall || final > loss.first
    // A loss that had risen before grows from row to row: the last of such rises is the greatest.
    let hadRisen = before - lowest
    let wasFlat = hadRisen <= max(10 * noise, 0.1 * fall, 0.02 * lowest.magnitude)
    let greatest = resumes.first(step).value - before
    let isSudden =
      greatest > 0.6 * rise && isFlat(from: step) && (wasFlat || hadRisen < 0.1 * greatest && step < count &- 2)
    guard isDoubled || isSudden || rise > 0.25 * fall else { return }
    var worst = count &- 1
    for row in step..<count where resumes.first(row).value > resumes.first(worst).value { worst = row }
    let (value, worstStep) = resumes.first(worst)
    let baseline = isSudden ? before : lowest
    var finding = LogFinding(
      check: isSudden ? .jump : isDoubled ? .divergence : .drift, quantity: .loss,
      verdict: isDoubled && !isSudden ? .critical : .warning,
      cause: isSudden ? .levelShift : isDoubled ? .divergence : .upwardDrift,
      firstStep: isSudden ? resumes.first(step).step : lowestStep, lastStep: lastStep, worstStep: worstStep,
      value: value, baseline: baseline, size: value - baseline, threshold: baseline + min(10 * noise, value - baseline))
    finding.isStanding = true
    finding.noise = noise
    finding.confidence = best < count &- 3 ? 0.9 : 0.6
    report(finding)
  }

  /// Standard deviation of a loss around the line between its neighbours, up to the best: what is left of a straight line.
  private func fewRowsNoise(upTo best: Int) -> Double {
    var made = 0
    for row in 1..<max(best, 2) where row &+ 1 < resumes.firstCount {
      let (before, after) = (resumes.first(row &- 1).value, resumes.first(row &+ 1).value)
      workValues[made] = (resumes.first(row).value - 0.5 * before - 0.5 * after).magnitude
      made = made &+ 1
    }
    return made > 0 ? 1.4826 * 0.8165 * lossCourse.median(workValues, made) : 0
  }

  /// The row that lies furthest above the one before it, after the best.
  private func greatestRise(from best: Int) -> Int {
    var (greatest, place) = (-Double.infinity, best &+ 1)
    for row in (best &+ 1)..<max(resumes.firstCount, best &+ 2) where row < resumes.firstCount {
      let rise = resumes.first(row).value - resumes.first(row &- 1).value
      if rise > greatest { (greatest, place) = (rise, row) }
    }
    return place
  }

  /// Whether the rows from one on rise no further: not by half of the rise to it.
  private func isFlat(from row: Int) -> Bool {
    let rise = resumes.first(row).value - resumes.first(row &- 1).value
    for next in row..<resumes.firstCount where resumes.first(next).value > resumes.first(row).value + 0.5 * rise {
      return false
    }
    return true
  }
}
