import Trimtab

/// What of the samples trained on leaves nothing to be learned, whatever the training does: said before it begins, since
/// its course looks healthy.
struct SetUpNotices {
  let run: TrainingRun
  let file: String

  var findings: [Finding] {
    let samples = run.trained
    guard let first = samples.first else { return [] }
    if samples.count == 1 {
      return [
        notice(
          "too_few_samples", "there is 1 sample to train on", measurement: ("samples", 1), threshold: 2,
          likely: "A single sample is learned by heart, and says nothing of others.",
          cure: "Collect more samples, or hold back fewer.", check: "Count the rows without a gap.")
      ]
    }
    let table = run.table
    var found: [Finding] = []
    let isAlike = { (column: Int) in
      let wanted = table.features[first * table.columns + column]
      return samples.allSatisfy { table.features[$0 * table.columns + column] == wanted }
    }
    if samples.allSatisfy({ table.targets[$0] == table.targets[first] }) {
      found.append(constantTarget(table, samples.count, table.targets[first]))
    }
    if (0..<table.columns).allSatisfy(isAlike) {
      found.append(
        notice(
          "constant_feature", "no feature varies over the \(samples.count) samples trained on",
          measurement: ("varying_features", 0), threshold: 1,
          likely: "All samples look the same: the mean of the target is all that there is to learn.",
          cure: "Choose features that vary.", check: "Count the values that each column has."))
    }
    return found
  }

  private func constantTarget(_ table: TrainingTable, _ count: Int, _ target: Double) -> Finding {
    let name = table.classes.isEmpty ? figure(target) : table.classes[Int(target)]
    return notice(
      "constant_target", "\(table.targetName) is \(name) in all \(count) samples trained on",
      measurement: ("distinct_targets", 1), threshold: 2,
      likely: "All samples have the same target: a constant is all that there is to learn.",
      cure: "Train on samples of other targets too, or choose another column.",
      check: "Count the targets that occur in the table.")
  }

  private func notice(
    _ cause: String, _ what: String, measurement: (name: String, value: Double), threshold: Double, likely: String,
    cure: String, check: String
  ) -> Finding {
    Finding(
      diagnosis: .run, verdict: .notice, cause: cause, file: file, tensor: "", what: what, measurement: measurement,
      threshold: threshold, likelyCause: likely, cure: cure, check: check)
  }
}
