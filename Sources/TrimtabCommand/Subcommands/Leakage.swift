import ArgumentParser
import Trimtab
import TrimtabFormats

/// `trimtab leakage`: does a model's output for a sample depend on its batch?
struct Leakage: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Does a model's output for one sample depend on the others of its batch?",
    discussion: """
      The model is a C function in a shared library, with the signature of trimtab_batch_function in leakage.h: int32_t \
      f(void *user, const double *inputs, int64_t rows, int64_t features, double *outputs, int64_t outputs_per_row), which \
      returns 0; user is NULL. It is called in a process of its own: a function that crashes or never returns is said to. \
      Without targets only the dependence is measured; with them batches of the samples in their order are judged too, and \
      judged again with the samples in other company.
      """)

  @Argument(help: "The shared library.") var library: String
  @Option(help: "The function's name.") var symbol: String
  @Option(help: ArgumentHelp("An array, samples by features: a file, or FILE:KEY.", valueName: "file")) var samples:
    String
  @Option(
    help: ArgumentHelp("An array of as many whole numbers: 1 real and 0 fake, or classes.", valueName: "file"))
  var targets: String?
  @Option(parsing: .unconditional, help: "Numbers that the function gives for a sample: 1 for a score, else classes.")
  var outputs = 1
  @Option(parsing: .unconditional, help: "Seconds that it may take.") var timeLimit = 60.0
  @Flag(help: .hidden) var inChild = false
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Leakage") var leakage: LeakageFlags

  func run() throws {
    do {
      try ProbeChild.check(timeLimit: timeLimit)
      if inChild { probe() }
      try ProbeChild.watch(symbol, timeLimit: timeLimit, count: 1, words: LoadedFunction.words)
    } catch let error as ProbeError {
      if common.json { Terminal.write(JSONText.failure(error.message)) }
      Terminal.writeError("trimtab: \(error.message)\n")
      throw ExitCode(2)
    }
  }

  /// In the child process.
  private func probe() -> Never {
    let trace = ProbeTrace(file: ProbeTrace.descriptor, count: 1)
    ProbeChild.answer(trace) {
      var settings = Settings()
      common.apply(to: &settings)
      let examiner = Examiner(settings: settings)
      do {
        let function = try LoadedFunction(library, symbol: symbol, trace: trace)
        examiner.examineLeakage(
          function, name: "\(library):\(symbol)", outputs: outputs, samples: samples, targets: targets,
          options: leakage.options)
        guard function.status == 0 else {
          let place = trace.map { ", \($0.place(LoadedFunction.words))" } ?? ", in call \(function.callCount)"
          throw ProbeError("\(symbol): the function returned \(function.status), allowed 0 to go on\(place)")
        }
        return common.answer(examiner.examination)
      } catch {
        let message = (error as? ProbeError)?.message ?? "\(error)"
        Terminal.writeError("trimtab: \(message)\n")
        return (common.json ? JSONText.failure(message) : "", 2)
      }
    }
  }
}

/// How a function of a batch is probed; each is the option of the same name in the C header.
struct LeakageFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "Rows of a batch; 0: all samples are one.") var batchSize = 0
  @Option(parsing: .unconditional, help: "Random directions for each row; 0: every feature's axis.")
  var directionCount = 4
  @Option(parsing: .unconditional, help: "Batches that are probed; the others are judged alone.") var probedBatches = 1
  @Option(parsing: .unconditional, help: "Times that a row's mates are drawn anew; 0: not at all.") var replayCount = 8
  @Option(parsing: .unconditional, help: "Step of the difference quotient, in units of the samples' root mean square.")
  var step = 1e-3
  @Flag(help: "Scores are probabilities, judged by 0.5, and not logits.") var givesProbabilities = false
  @Option(parsing: .unconditional, help: "Seed of directions and mates, 0 or more.") var seed: UInt64 = 0
  @Option(parsing: .unconditional, help: "Cross-sample share above which there is a dependence.") var shareThreshold =
    1e-6
  @Option(parsing: .unconditional, help: "Composition gap above which it is a shortcut.") var gapThreshold = 0.10
  @Option(parsing: .unconditional, help: "Response to a common shift below which the signal is hidden.")
  var commonThreshold = 0.10

  var options: LeakageOptions {
    var options = LeakageOptions()
    options.batchSize = batchSize
    options.directionCount = directionCount
    options.probedBatches = probedBatches
    options.replayCount = replayCount
    options.step = step
    options.givesProbabilities = givesProbabilities
    options.seed = seed
    options.shareThreshold = shareThreshold
    options.gapThreshold = gapThreshold
    options.commonThreshold = commonThreshold
    return options
  }
}

extension Examiner {
  /// Probes a function on samples, and judges it where there are targets.
  func examineLeakage(
    _ function: LoadedFunction, name: String, outputs: Int, samples: String, targets: String?, options: LeakageOptions
  ) {
    guard let source = tensor(samples, for: .leakage, as: "samples") else { return }
    let labels = targets.flatMap { tensor($0, for: .leakage, as: "targets") }
    if targets != nil && labels == nil { return }
    attempt(source, .leakage) {
      let leakage = try BatchLeakage(options: options)
      try withView(source) { view in
        if let labels {
          try withView(labels) {
            try leakage.add(function.run, outputsPerRow: outputs, inputs: view, targets: $0)
          }
        } else {
          try leakage.add(function.run, outputsPerRow: outputs, inputs: view)
        }
      }
      judgeLeakage(leakage.report(), name)
      if labels != nil { tellComposition(leakage.report(), name) }
    }
  }

  /// Why accuracies say nothing, where targets were given.
  private func tellComposition(_ report: LeakageReport, _ name: String) {
    let reason: String
    switch report.compositionOutcome {
    case .degenerate: reason = "all targets are of one class"
    case .insufficient: reason = "fewer than two whole batches to judge"
    case .nonfinite: reason = "outputs are NaN or Inf"
    default: return
    }
    examination.notChecked.append(NotChecked(file: name, tensor: "", check: "composition of batches", reason: reason))
  }

  private func judgeLeakage(_ report: LeakageReport, _ name: String) {
    var headline = "cross-sample share \(figure(report.crossShare)), replay ratio \(figure(report.replayRatio))"
    if report.compositionOutcome == .ok {
      headline +=
        ", accuracy \(figure(report.naturalAccuracy)) as it comes and \(figure(report.shuffledAccuracy)) in other company"
    }
    add(
      Reading(
        diagnosis: .leakage, file: name, tensor: "", verdict: report.verdict, headline: headline,
        reportKind: "batch_leakage", report: reportFields(report)))
    if report.outcome != .ok {
      examination.notChecked.append(
        NotChecked(
          file: name, tensor: "", check: Diagnosis.leakage.rawValue,
          reason: report.cause == .none ? report.outcome.words : report.cause.text.description))
    }
    guard report.verdict >= .notice else { return }
    let (measurement, sentence) =
      switch report.cause {
      case .batchShortcut:
        ("composition_gap", "the accuracy falls by \(percent(report.compositionGap)) in other company")
      case .batchBlinding:
        ("common_response", "a shift of the whole batch leaves \(percent(report.commonResponse)) of its response")
      default: ("cross_share", "\(percent(report.crossShare)) of the squared Jacobian is between samples")
      }
    add(
      Finding(
        .leakage, verdict: report.verdict, cause: report.cause, file: name, tensor: "", what: sentence,
        measurement: (measurement, report.measurement), threshold: report.threshold))
  }
}
