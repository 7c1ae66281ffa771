public enum DetectorKind { case spike, divergence, plateau, oscillation }
public enum DetectorDirection { case up }
public enum DetectorState { case quiet, alarm, continuing }
public struct DetectorOptions { var kind = DetectorKind.spike; var direction = DetectorDirection.up; var falseAlarmsPerMillion = 1.0; var warmUp = 25 }
public struct DetectorResult { var state = DetectorState.quiet; var verdict = Verdict.healthy; var value = 0.0; var threshold = 0.0 }
public final class Detector { init(options: DetectorOptions) throws(TrimtabError) {}
  func add(_ v: Double) -> DetectorResult { DetectorResult() }
  func reset() {}
  func widen(_ f: Double, forSteps: Int) {} }
