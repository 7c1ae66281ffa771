import ArgumentParser
import Trimtab

/// `trimtab check`: the main job.
struct Check: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at files and folders, and runs all that applies; explains the logs of training runs.",
    discussion: """
      Each tensor is taken for weights, samples, pre-activations, gradients, predictions, labels or ids by the name of its file and \
      key, then by its shape; the output says for what, and --as tells it. Masks, positional encodings and other buffers beside \
      weights are left out. Keys round_00, round_01, … are rounds of predictions; \
      keys step_0000/NAME are gradients of steps; x_before.npz beside x.npz is an earlier audit of the same layers.

      A run log or a flight record of a monitor (.jsonl, or any name) is explained: what went wrong, the first thing first, what \
      the guard did, how the loss went, and what was not looked at. All lines that are intact are read, whatever became of \
      the others. Findings after the first that follow from it get one line; --all explains each.

      LOGS: the training log of any program (.csv, .csv.gz, .tsv, JSON Lines, trainer_state.json, Lightning's metrics.csv, \
      TensorBoard's event files, plain text) is taken by its content. Spikes, jumps, drifts, divergence, plateaus, oscillation, \
      gradient trouble, NaN (also where the trainer hides it), steps that are missing, repeated or go back, and a resume that lost \
      state are told with step, size, cause and cure; so is what could not be checked, for lack of which column. Where no \
      column is called a loss, a term (d_loss) or a measure (mse, a perplexity's logarithm) is read, and a note says which; \
      --loss NAME names another. An accuracy or a reward is no loss: such a log ends with status 2.
      """)

  @Argument(help: "Files and folders.") var paths: [String]
  @OptionGroup var kinds: KindFlags
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Conditioning") var conditioning: ConditioningFlags
  @OptionGroup(title: "Matrices") var matrix: MatrixFlags
  @OptionGroup(title: "Neurons") var activity: ActivityFlags
  @OptionGroup(title: "Pseudo-labels") var drift: DriftFlags
  @OptionGroup(title: "Gradients") var gradients: GradientFlags
  @OptionGroup(title: "Training logs") var log: LogFlags

  func validate() throws {
    // The same flag tells the classes of pseudo-labels.
    guard (0...(1 << 40)).contains(drift.classCount) else {
      throw ValidationError("--class-count: found \(drift.classCount), allowed 0 to \(1 << 40)")
    }
  }

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    settings.recogniser.overrides = try kinds.overrides()
    conditioning.apply(to: &settings.conditioning)
    matrix.apply(to: &settings.matrix)
    activity.apply(to: &settings.activity)
    settings.isUnitAxisTold = activity.unitAxis != nil
    drift.apply(to: &settings.drift)
    gradients.apply(to: &settings)
    log.apply(to: &settings)
    settings.log.classCount = drift.classCount
    let examiner = Examiner(settings: settings)
    try examiner.check(paths)
    try common.report(examiner.examination)
  }
}
