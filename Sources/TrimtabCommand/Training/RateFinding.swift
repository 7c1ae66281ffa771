import Trimtab
import TrimtabTrainer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What learning rate a net bears on a table, for people and for programs.
struct RateFinding {
  let found: SafeRate
  let file: String

  var examination: Examination {
    var examination = Examination()
    var status = stat()
    let isKnown = stat(file, &status) == 0
    examination.files = [FileRecord(path: file, format: "training", byteCount: isKnown ? Int(status.st_size) : 0)]
    examination.readings = [
      Reading(
        diagnosis: .run, file: file, tensor: "", verdict: found.verdict, headline: "greatest stable rate \(peak)",
        reportKind: "safe_rate", report: json)
    ]
    if found.verdict >= .warning {
      examination.findings = [
        Finding(
          .run, verdict: found.verdict, cause: found.cause, file: file, tensor: "",
          what: "the rate \(figure(found.rate)) is above what the net bears, \(peak)",
          measurement: ("rate", found.rate), threshold: found.peak.least)
      ]
    }
    return examination
  }

  var lines: [String] {
    aligned([
      ["   greatest stable rate", peak],
      ["   suggested by a range test", range],
      ["   warm-up that \(figure(found.rate)) needs", warmUp],
      ["   sharpness before the first step", found.sharpness.isNaN ? "not found" : figure(found.sharpness)],
    ])
  }

  private var peak: String {
    if found.peak.seeds > 0 {
      return "\(figure(found.peak.rate)) (\(figure(found.peak.least)) to \(figure(found.peak.greatest)) over "
        + "\(counted(found.peak.seeds, "seed")))"
    }
    return found.peak.seedsAbove > 0 ? "above all that were tried" : "below all that were tried"
  }

  private var range: String {
    guard found.range.outcome == .ok else { return "none: the loss neither fell nor diverged" }
    let suggested = figure(found.range.suggestedRate)
    return found.range.divergenceRate.isNaN
      ? suggested : "\(suggested) (it diverged at \(figure(found.range.divergenceRate)))"
  }

  private var warmUp: String {
    switch found.warmUp.steps {
    case 0: "none"
    case ..<0: "more than was tried"
    default: counted(found.warmUp.steps, "step")
    }
  }

  var json: JSONValue {
    func number(_ value: Double) -> JSONValue { value.isNaN ? .null : .number(value) }
    return .object([
      "outcome": .text(found.outcome.key.description), "verdict": .text(found.verdict.key.description),
      "cause": .text(found.cause.key.description), "rate": .number(found.rate), "peak_rate": number(found.peak.rate),
      "least_peak_rate": number(found.peak.least), "greatest_peak_rate": number(found.peak.greatest),
      "divergence_rate": number(found.range.divergenceRate), "suggested_rate": number(found.range.suggestedRate),
      "sharpness": number(found.sharpness), "warm_up_steps": .integer(found.warmUp.steps),
      "seeds_above": .integer(found.peak.seedsAbove), "seeds_below": .integer(found.peak.seedsBelow),
    ])
  }
}
