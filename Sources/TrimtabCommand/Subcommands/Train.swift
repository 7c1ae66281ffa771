import ArgumentParser
import Trimtab
import TrimtabFormats
import TrimtabTrainer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `trimtab train`: a dense net on a table, watched while it learns.
struct Train: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a dense net on a table, and says whether the training is stable.",
    discussion: """
      Words, or a few whole numbers, as the target are classes; other numbers are learned as numbers. Features, and a number to \
      be learned, are standardised by mean and standard deviation of the samples trained on, unless --raw is given. Rows with a \
      gap are left out. The same file, options and seed give the same weights. What goes wrong is said at once on standard error, and \
      explained at the end.
      """)

  @Argument(help: "Samples: .csv, .csv.gz or .npy; rows are samples.") var data: String
  @Option(
    help: ArgumentHelp(
      "What is to be learned: a column's name, its number from 1, or a file of one number a row.", valueName: "column"))
  var target: String
  @Option(
    help: ArgumentHelp("Units of the hidden layers, with commas between; none: a linear model.", valueName: "units"),
    transform: HiddenUnits.init)
  var layers = HiddenUnits([64, 32])
  @Option(help: "The activation after each hidden layer.") var activation = HiddenActivation.relu
  @Flag(
    help:
      "With leaky_relu: its slope falls from .3 to .01, most of it in the first fifth of the run. Revives dead units.")
  var fadingLeak = false
  @Option(help: "cross-entropy, binary-cross-entropy, squared, half-squared, absolute or huber.") var loss: LossName?
  @OptionGroup var rule: OptimizerFlags
  @OptionGroup var course: ScheduleFlags
  @OptionGroup var clips: ClippingFlags
  @Option(parsing: .unconditional, help: "Passes over the samples.") var epochs = 20
  @Option(parsing: .unconditional, help: "Samples of a step.") var batch = 32
  @Option(parsing: .unconditional, help: "Of the weights, the split and the order of the samples, 0 or more.") var seed:
    UInt64 = 0
  @Option(parsing: .unconditional, help: "The share of the samples that is held back.") var validation = 0.2
  @Flag(help: "Leave features and target as they are.") var raw = false
  @Option(help: ArgumentHelp("The .safetensors file to write the weights to.", valueName: "file")) var out: String?
  @Option(help: ArgumentHelp("A run log to write, which trimtab check explains.", valueName: "file")) var log: String?
  @Flag(
    help:
      "Trains nothing: finds the greatest rate that the net bears, and the warm-up that --rate needs, in many short runs."
  )
  var findRate = false
  @OptionGroup var common: CommonFlags

  func validate() throws {
    try need(
      !fadingLeak || activation == .leakyRelu, "fading-leak", "it with --activation \(activation.rawValue)",
      "with --activation leaky_relu")
    try need(!findRate || (out == nil && log == nil), "find-rate", "it with --out or --log", "without them")
    try need((1...1_000_000).contains(epochs), "epochs", epochs, "1 to 1000000")
    try need((1...1_000_000).contains(batch), "batch", batch, "1 to 1000000")
    try need(validation >= 0 && validation < 1, "validation", validation, "0 to below 1")
    try need(
      out.map { TensorFile.format(ofName: $0) == .safetensors } ?? true, "out", out ?? "",
      "a name that ends in .safetensors")
    // Written to, any of these would be lost.
    let written = [("out", out), ("log", log)]
    for (name, path) in written {
      guard let path else { continue }
      let others = [data, target] + written.filter { $0.0 != name }.compactMap(\.1)
      try need(!others.contains { isSameFile($0, path) }, name, path, "a file of its own")
    }
  }

  private func isSameFile(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(a, &first) == 0, stat(b, &second) == 0 else { return a == b }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    let examiner = Examiner(settings: settings)
    let path = log ?? Self.temporaryPath()
    defer { if log == nil { unlink(path) } }
    do {
      let table = try TrainingTable(
        path: data, target: target, settings: settings,
        wantsClasses: loss.map { $0 == .crossEntropy || $0 == .binaryCrossEntropy })
      let options = try options(table)
      try TrainingMemory(table, options, batch: batch).check(settings.maximumMemory, path: data)
      let run = try TrainingRun(
        table, options, validation: validation, standardises: !raw, epochs: epochs, batch: batch)
      if findRate {
        examiner.progress.update("looking for rates", done: 0, total: 1)
        let finding = RateFinding(found: try run.safeRate(batch: batch), file: data)
        examiner.progress.finish()
        return try common.report(finding.examination, lines: finding.lines, more: ["rates": finding.json])
      }
      try run.monitor.writeLog(to: path)
      let notices = SetUpNotices(run: run, file: data).findings
      for notice in notices { examiner.progress.say("notice: \(notice.what). \(notice.likelyCause)") }
      try run.train(epochs: epochs, batch: batch, progress: examiner.progress)
      try run.monitor.writeLog(to: nil)
      try run.takeAverage()
      let scores = try run.scores()
      if fadingLeak { try run.scoreAsReLU() }
      examiner.progress.finish()
      if let out { try run.write(to: out) }
      examiner.examineRuns([path], named: [path])
      let report = TrainingReport(run: run, scores: scores, command: self)
      var examination = report.placed(examiner.examination)
      examination.findings += notices
      try common.report(
        examination, lines: report.lines, more: ["training": report.json])
    } catch let error as FormatError {
      fail(error.description)
    } catch let error as ValidationError {
      fail(error.message)
    } catch let error as TrimtabError {
      fail("\(data): \(error.message)")
    }
  }

  private func options(_ table: TrainingTable) throws -> TrainerOptions {
    let chosen = loss?.loss ?? (table.classes.isEmpty ? .squared : .crossEntropy)
    if chosen == .binaryCrossEntropy, table.classes.count != 2 {
      throw FormatError(data, "found \(table.classes.count) classes, allowed 2 for binary-cross-entropy")
    }
    var net = layers.counts.map { units in
      var layer = LayerDescription(.dense)
      layer.units = units
      layer.activation = activation.activation
      layer.isScheduled = fadingLeak
      return layer
    }
    var last = LayerDescription(.dense)
    last.units = chosen == .crossEntropy ? table.classes.count : 1
    net.append(last)
    var options = TrainerOptions(layers: net, inputShape: Shape(table.columns))
    options.seed = seed
    options.loss = chosen
    rule.apply(to: &options)
    course.apply(to: &options)
    clips.apply(to: &options)
    return options
  }

  private static func temporaryPath() -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(folder)/trimtab-train-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).jsonl"
  }

  private func fail(_ message: String) -> Never {
    if common.json { Terminal.write(JSONText.failure(message)) }
    Terminal.writeError("trimtab: \(message)\n")
    TrimtabCommand.exit(withError: ExitCode(2))
  }
}
