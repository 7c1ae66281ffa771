import Trimtab
import TrimtabFormats

/// What only the steps together can tell.
extension Examiner {
  /// Weights whose gradient is exactly zero at the last two steps at least: no longer what a start from zero explains.
  func lastingZeros(_ judged: [JudgedStep]) -> Set<String> {
    guard judged.count > 1 else { return [] }
    let last = judged.suffix(2).map { Set($0.zeroWeights) }
    return last[0].intersection(last[1])
  }

  /// The norm soars: at the last step it is many times its median over the first half of the steps, the last two lie
  /// above all of that half, and the last would be clipped.
  func growthFinding(_ judged: [JudgedStep], _ file: String) -> Finding? {
    let steps = judged.filter { $0.report.outcome == .ok }
    guard steps.count >= 4, let last = steps.last else { return nil }
    let norms = steps.map(\.report.globalNorm)
    let start = norms.prefix(norms.count / 2).sorted()
    let usual = (start[(start.count - 1) / 2] + start[start.count / 2]) / 2
    let most = settings.gradientGrowthFactor * usual
    guard usual > 0, last.report.globalNorm > most, last.report.clipFactor < 1,
      norms.suffix(2).allSatisfy({ $0 > start[start.count - 1] })
    else { return nil }
    let when = last.step.index.map { "step \($0)" } ?? "the last step"
    var finding = Finding(
      .gradients, verdict: .warning, cause: .explodingGradient, file: file, tensor: "",
      what: "the global norm grows from \(figure(usual)), its median over the first half of the steps, to "
        + "\(figure(last.report.globalNorm)) at \(when)",
      measurement: ("global_norm", last.report.globalNorm), threshold: most)
    finding.firstIndex = steps.first { $0.report.globalNorm > most }?.step.index
    return finding
  }
}
