import ArgumentParser
import Trimtab
import TrimtabFormats

enum GateName: String, ExpressibleByArgument, CaseIterable {
  case fixmatch, flexmatch, freematch

  var method: GateMethod {
    switch self {
    case .fixmatch: .fixMatch
    case .flexmatch: .flexMatch
    case .freematch: .freeMatch
    }
  }
}

/// `trimtab gate`: which pseudo-labels pass?
struct Gate: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Which pseudo-labels pass the confidence gate of FixMatch, FlexMatch or FreeMatch?",
    discussion: """
      Batches of probabilities [samples, classes], in the order in which they came: a file or FILE:KEY each, the numbered keys \
      round_00, round_01, … of one file, or one array [batches, samples, classes]. FlexMatch and FreeMatch remember earlier \
      batches.
      """)

  @Argument(help: "Files.") var paths: [String]
  @Option(help: "fixmatch, flexmatch or freematch.") var method = GateName.fixmatch
  @Option(parsing: .unconditional, help: "The probability that fixmatch and flexmatch ask for.") var threshold = 0.95
  @Option(parsing: .unconditional, help: "Of freematch: what stays of its averages a batch.") var decay = 0.999
  @Flag(help: "Of freematch: its averages start at 1, as its code has it, and not at 1 / classes.") var startsAtOne =
    false
  @Option(
    parsing: .unconditional,
    help: "Of flexmatch: unlabelled samples in all; 0: as many as the greatest batch or number says.") var sampleCount =
    0
  @Option(
    help: ArgumentHelp(
      "Of flexmatch: the samples' numbers, from 0: for all batches, or repeated, one for each. Without it the row's.",
      valueName: "file")) var ids: [String] = []
  @OptionGroup var common: CommonFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    var options = GateOptions()
    options.method = method.method
    options.threshold = threshold
    options.decay = decay
    options.startsAtOne = startsAtOne
    options.sampleCount = sampleCount
    let examiner = Examiner(settings: settings)
    let batches = examiner.gateBatches(paths)
    guard ids.count <= 1 || ids.count == batches.count else {
      throw ValidationError(
        "--ids: found \(counted(ids.count, "file")), allowed one, or one for each of \(counted(batches.count, "batch", "batches"))"
      )
    }
    let gated = examiner.examineGate(batches, ids: ids, options)
    try common.report(
      examiner.examination, headline: gated.last.map { $0.headline(of: gated.count) }, lines: gated.last?.lines ?? [])
  }
}

/// What a gate let through of a batch, and what it asked of each class.
struct GatedBatch {
  let report: GateReport
  let thresholds: [Double]

  var asked: String {
    report.leastThreshold == report.greatestThreshold
      ? "threshold \(figure(report.leastThreshold))"
      : "thresholds \(figure(report.leastThreshold)) to \(figure(report.greatestThreshold))"
  }

  var words: String {
    guard report.outcome == .ok else { return report.outcome.words }
    let left = report.nonfiniteCount > 0 ? ", \(counted(report.nonfiniteCount, "row")) not usable" : ""
    return "\(report.passedCount) of \(report.sampleCount) pass (\(percent(report.coverage))), \(asked)\(left)"
  }

  func headline(of count: Int) -> PlainText.Headline {
    .init(text: count > 1 ? "in the last of \(count) batches \(words)" : words)
  }

  /// The thresholds of the classes, where they differ.
  var lines: [String] {
    guard report.outcome == .ok, report.leastThreshold != report.greatestThreshold else { return [] }
    let rows = thresholds.prefix(24).enumerated().map { ["\($0)", figure($1)] }
    let more = thresholds.count > 24 ? ["   and \(thresholds.count - 24) more (--json lists all)"] : []
    return aligned([["class", "threshold in the last batch"]] + rows).map { "   \($0)" } + more
  }

  var fields: JSONValue {
    guard case .object(var fields) = reportFields(report) else { return .null }
    fields["thresholds"] = .array(thresholds.map(JSONValue.number))
    return .object(fields)
  }
}
