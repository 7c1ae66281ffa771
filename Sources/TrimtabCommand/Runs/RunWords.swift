import Trimtab
import TrimtabFormats

/// A monitor's finding in words: what was found, the number that decided, and what went before.
struct RunWords {
  let file: RunFile
  let run: Int
  let place: Int

  private var source: RunFinding { file.runs[run].findings[place] }

  var finding: Finding {
    let source = source
    let cause = Cause.allCases.first { $0 != .none && $0.key.description == source.cause }
    var finding = Finding(
      diagnosis: .run, verdict: verdict(of: source), cause: source.cause, file: file.path, tensor: source.name,
      what: "\(sentence), \(steps)", measurement: (measurement, source.value),
      threshold: source.threshold,
      likelyCause: cause?.text.description ?? (source.cause.isEmpty ? "" : "A cause of a newer version."),
      cure: cause?.cure.description ?? "", check: cause?.check.description ?? "", evidence: evidence)
    // One NaN is one too many: a threshold of 0 says nothing.
    if source.rule == "nonfinite" { finding.threshold = nil }
    finding.firstIndex = source.firstStep
    finding.rule = source.rule
    finding.isBrief = isBrief(source)
    return finding
  }

  /// What follows from an earlier finding, or has the cause of one, needs no second explanation.
  private func isBrief(_ source: RunFinding) -> Bool {
    let earlier = file.runs[run].findings[..<place]
    guard !earlier.isEmpty else { return false }
    return source.rule == "nonfinite" || source.rule == "guard" || earlier.contains { $0.cause == source.cause }
  }

  private var sentence: String {
    let source = source
    if source.number == RunFinding.cut {
      return "the step is not to be taken for \(source.rule), and the line that says more is missing"
    }
    if source.rule == "nonfinite" { return nonfiniteSentence }
    guard let rule = ruleWords else { return "rule \(source.rule) speaks" }
    let subject = source.name.isEmpty ? rule.ofTheRun ?? rule.ofAnEntry : rule.ofAnEntry
    let value = rule.isShare ? percent(source.value) : figure(source.value)
    return subject.split(separator: "#", omittingEmptySubsequences: false).joined(separator: value)
  }

  private var ruleWords: RuleWords? {
    switch source.rule {
    // No slope has such a threshold: this is the gradient held against the loss.
    case "exploding_gradient" where source.threshold >= 100: gradientOverLoss
    case "weight_start" where source.cause == "frozen_parameter": frozenStart
    // No loss of a guess has such a threshold: this is the greatest change of a weight.
    case "learning" where source.threshold < 0.01: hardlyLearning
    case "learning" where source.cause == "target_mismatch": wrongElsewhere
    default: rules[source.rule]
    }
  }

  private var measurement: String {
    let source = source
    guard source.rule == "nonfinite", source.name.isEmpty else { return ruleWords?.measurement ?? "value" }
    switch source.cause {
    case "nonfinite_gradient": return "gradient_norm"
    case "learning_rate_too_high": return "learning_rate"
    default: return "loss"
    }
  }

  private var nonfiniteSentence: String {
    let source = source
    if source.name.isEmpty { return "the \(words(measurement)) is \(figure(source.value))" }
    let quantity = source.quantity.map { "its \(words($0))" } ?? "it"
    let place = source.index >= 0 ? ", the first at index \(source.index)" : ""
    return source.value == 1
      ? "1 element of \(quantity) is NaN or Inf\(place)"
      : "\(figure(source.value)) elements of \(quantity) are NaN or Inf\(place)"
  }

  private var steps: String {
    let source = source
    let isFollowed = file.kind == .record || file.runs[run].closing != nil
    let ofRun = file.runs.count > 1 ? "run \(self.run + 1), " : ""
    guard isFollowed else { return "\(ofRun)first at step \(source.firstStep)" }
    let range =
      source.lastStep > source.firstStep
      ? "steps \(source.firstStep) to \(source.lastStep), seen \(counted(source.count, "time"))"
      : "step \(source.firstStep)"
    let end = source.isStanding.map { $0 ? "" : "; it passed" } ?? ""
    return "\(ofRun)\(range)\(end)"
  }

  private var evidence: [String] {
    let source = source
    var evidence: [String] = []
    let count = file.runs[run].findings.count
    if place == 0, count > 1 { evidence.append("the first of \(count) findings: the others may follow from it") }
    let before = source.before.filter { !$0.isNaN }
    if !before.isEmpty {
      let quantity = source.quantity.map { "greatest magnitude of its \(words($0))" } ?? "its value"
      let looks = before.count == 1 ? "the look" : "the \(before.count) looks"
      evidence.append("\(quantity) in \(looks) before: \(before.map(figure).joined(separator: ", "))")
    }
    if source.confidence < 0.999 { evidence.append("confidence \(figure(source.confidence))") }
    return evidence
  }
}

/// `output_gradient` as people say it.
func words(_ key: String) -> String { key.split(separator: "_").joined(separator: " ") }

private struct RuleWords {
  var measurement: String
  /// `#` stands for the value.
  var ofAnEntry: String
  var ofTheRun: String?
  var isShare = false
}

private let gradientOverLoss = RuleWords(
  measurement: "gradient_over_loss", ofAnEntry: "a weight's gradient times the weight is # times the loss")

private let frozenStart = RuleWords(
  measurement: "root_mean_square", ofAnEntry: "it is frozen as it was made, at a root mean square of #")

private let hardlyLearning = RuleWords(
  measurement: "update_ratio", ofAnEntry: "a step changes no weight by more than # of its size")

private let wrongElsewhere = RuleWords(
  measurement: "validation_over_guess", ofAnEntry: "the validation loss was never below # times that of a guess")

private let rules: [String: RuleWords] = [
  "nonfinite": RuleWords(measurement: "nonfinite_count", ofAnEntry: ""),
  "gradient_spike": RuleWords(measurement: "gradient_norm", ofAnEntry: "the global gradient norm leaps to #"),
  "vanishing_gradient": RuleWords(
    measurement: "value", ofAnEntry: "the mean magnitude of its gradient is #",
    ofTheRun: "gradients shrink towards the input by # decades a layer"),
  "exploding_gradient": RuleWords(
    measurement: "depth_slope", ofAnEntry: "gradients grow towards the input by # decades a layer"),
  "zero_gradient": RuleWords(measurement: "mean_magnitude", ofAnEntry: "its gradient is exactly zero"),
  "missing_gradient": RuleWords(measurement: "gradient_count", ofAnEntry: "it never had a gradient"),
  "unchanged_parameter": RuleWords(
    measurement: "unchanged_count", ofAnEntry: "it did not change in # looks",
    ofTheRun: "none of # parameters changes"),
  "update_ratio": RuleWords(measurement: "update_ratio", ofAnEntry: "a step changes it by # of its size"),
  "dead_units": RuleWords(
    measurement: "dead_fraction", ofAnEntry: "# of its units never fire", isShare: true),
  "dormant_units": RuleWords(
    measurement: "dormant_fraction", ofAnEntry: "# of its units are dormant", isShare: true),
  "saturated_units": RuleWords(
    measurement: "saturated_fraction", ofAnEntry: "# of its units are saturated", isShare: true),
  "all_zero": RuleWords(measurement: "zero_fraction", ofAnEntry: "its output is exactly zero throughout"),
  "clip_fraction": RuleWords(measurement: "clip_fraction", ofAnEntry: "# of the steps are clipped", isShare: true),
  "noise_scale": RuleWords(measurement: "noise_scale", ofAnEntry: "the gradient noise scale is # batches"),
  "spectral_norm": RuleWords(measurement: "growth", ofAnEntry: "its spectral norm has grown #-fold"),
  "rank_collapse": RuleWords(measurement: "stable_rank", ofAnEntry: "its stable rank has come down to #"),
  "logit_growth": RuleWords(measurement: "greatest_magnitude", ofAnEntry: "its attention logits reach #"),
  "attention_entropy": RuleWords(
    measurement: "entropy", ofAnEntry: "the entropy of its attention is # of the greatest that it can be"),
  "width_slope": RuleWords(measurement: "width_slope", ofAnEntry: "activations grow with the width: slope #"),
  "underflow": RuleWords(
    measurement: "underflow_fraction", ofAnEntry: "# of its values lie below the type's normal range", isShare: true),
  "overflow": RuleWords(
    measurement: "greatest_magnitude", ofAnEntry: "its values reach #, close to the end of the type's range"),
  "activation_scale": RuleWords(
    measurement: "depth_slope", ofAnEntry: "activations change by # decades a layer"),
  "loss_spike": RuleWords(measurement: "loss", ofAnEntry: "the loss leaps to #"),
  "loss_divergence": RuleWords(measurement: "loss", ofAnEntry: "the loss has left its best for #"),
  "loss_plateau": RuleWords(measurement: "loss", ofAnEntry: "the loss no longer falls: #"),
  "loss_oscillation": RuleWords(measurement: "turning_rate", ofAnEntry: "the loss goes up and down: #"),
  "overfitting": RuleWords(measurement: "gap", ofAnEntry: "the validation loss is # above the training loss"),
  "guard": RuleWords(measurement: "skipped_steps", ofAnEntry: "steps are left out too often: #"),
  "weight_jump": RuleWords(measurement: "update_ratio", ofAnEntry: "it changed at once by # of its size"),
  "stale_gradient": RuleWords(measurement: "kept_gradient", ofAnEntry: "gradients are not cleared between steps"),
  "output_activation": RuleWords(
    measurement: "spread", ofAnEntry: "what stands behind the last layer does not fit the loss: #"),
  "loss_kind": RuleWords(measurement: "value", ofAnEntry: "the loss does not fit the targets: #"),
  "summed_loss": RuleWords(measurement: "loss_scale", ofAnEntry: "the loss is # times its mean over the batch"),
  "broadcast_loss": RuleWords(
    measurement: "sample_count", ofAnEntry: "each output is held against the targets of # samples"),
  "target_scale": RuleWords(measurement: "target_scale", ofAnEntry: "targets of scale # are not reached"),
  "gradient_ascent": RuleWords(
    measurement: "loss_over_guess", ofAnEntry: "the negative of the loss is minimised; it is # times that of guessing"),
  "repeated_batch": RuleWords(
    measurement: "evaluation_rows", ofAnEntry: "every step gets the same batch, and evaluations see # samples"),
  "batch_statistics": RuleWords(measurement: "value_count", ofAnEntry: "a batch normalisation sees # values a channel"),
  "evaluation_mode": RuleWords(measurement: "pass_count", ofAnEntry: "# passes in the wrong mode"),
  "weight_decay": RuleWords(measurement: "shrinkage", ofAnEntry: "the weights have decayed to # of what they were"),
  "dropout": RuleWords(measurement: "dropout", ofAnEntry: "dropout of # leaves too little to learn from"),
  "optimizer_epsilon": RuleWords(measurement: "epsilon", ofAnEntry: "the optimizer's epsilon is #"),
  "optimizer_state": RuleWords(measurement: "lost_count", ofAnEntry: "the optimizer began anew"),
  "learning": RuleWords(
    measurement: "loss_over_guess", ofAnEntry: "nothing is learnt that holds: the loss is # times that of a guess"),
  "weight_start": RuleWords(
    measurement: "weight", ofAnEntry: "all its weights start at #", ofTheRun: "all # weights start at zero"),
]
