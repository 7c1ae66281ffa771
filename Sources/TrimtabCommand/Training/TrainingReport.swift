import Trimtab
import TrimtabTrainer

/// What a training came to, for people and for programs.
struct TrainingReport {
  let run: TrainingRun
  let scores: (training: TrainingScore, validation: TrainingScore)
  let command: Train

  /// The findings under the name of the data, unless there is a log that the user asked for.
  func placed(_ examination: Examination) -> Examination {
    var examination = examination
    guard command.log == nil else { return examination }
    for place in examination.findings.indices { examination.findings[place].file = command.data }
    for place in examination.readings.indices { examination.readings[place].file = command.data }
    for place in examination.files.indices {
      examination.files[place].path = command.data
      examination.files[place].format = "training"
    }
    return examination
  }

  var lines: [String] {
    var lines = ["\(command.data): \(net)", "   \(preparation)"]
    lines += run.table.notes.map { "   note: \($0)" }
    if let step = run.stoppedAt { lines.append("   stopped by the monitor at step \(step)") }
    var rows = [["", "samples", "loss"] + (isClasses ? ["accuracy"] : [])]
    for (name, score) in [("training", scores.training), ("validation", scores.validation)] where score.count > 0 {
      rows.append(
        [name, "\(score.count)", figure(score.loss)]
          + (score.accuracy.isNaN ? [] : [percent(score.accuracy)]))
    }
    lines += aligned(rows).map { "   \($0)" }
    if let plain = run.scoreWithoutLeak {
      lines.append("   as a plain ReLU net: training loss \(figure(plain.loss))")
    }
    if run.isAveraged {
      lines.append("   scored and written: the moving average of the weights")
    }
    if let out = command.out { lines.append("   weights: \(out)") }
    return lines
  }

  private var isClasses: Bool { run.trainer.options.loss == .crossEntropy }

  private var net: String {
    let widths = [run.table.columns] + run.trainer.options.layers.map(\.units)
    let what =
      run.table.classes.isEmpty ? "learns the number \(run.table.targetName)" : "learns \(run.table.targetName)"
    return "\(widths.map(String.init).joined(separator: "-")) \(what), \(counted(run.trainer.stepCount, "step"))"
  }

  private var preparation: String {
    guard !command.raw else { return "features as they are (--raw)" }
    return run.table.classes.isEmpty
      ? "features and target standardised: losses are of the standardised target (--raw leaves them)"
      : "features standardised (--raw leaves them)"
  }

  var json: JSONValue {
    func fields(_ score: TrainingScore) -> JSONValue {
      guard score.count > 0 else { return .null }
      return .object([
        "count": .integer(score.count), "loss": .number(score.loss),
        "accuracy": score.accuracy.isNaN ? .null : .number(score.accuracy),
      ])
    }
    return .object([
      "target": .text(run.table.targetName), "classes": .array(run.table.classes.map(JSONValue.text)),
      "features": .integer(run.table.columns), "layers": .array(run.trainer.options.layers.map { .integer($0.units) }),
      "standardised": .boolean(!command.raw), "epochs": .integer(run.epochs),
      "steps": .integer(run.trainer.stepCount), "stopped_at": run.stoppedAt.map(JSONValue.integer) ?? .null,
      "training": fields(scores.training), "validation": fields(scores.validation),
      "training_as_relu": run.scoreWithoutLeak.map(fields) ?? .null,
      "averaged": .boolean(run.isAveraged), "weights": .optional(command.out),
      "notes": .array(run.table.notes.map(JSONValue.text)),
    ])
  }
}
