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
          .tooFewSamples, "training has 1 sample: it will be learned by heart", measurement: ("samples", 1),
          threshold: 2)
      ]
    }
    let table = run.table
    var found: [Finding] = []
    if samples.allSatisfy({ table.targets[$0] == table.targets[first] }) {
      found.append(constantTarget(table, samples.count, table.targets[first]))
    }
    let features = (0..<table.columns).filter { column in
      samples.contains { table.features[$0 * table.columns + column] != table.features[first * table.columns + column] }
    }
    if features.isEmpty {
      let what = "none of the \(counted(table.columns, "feature")) varies: every sample looks the same"
      found.append(notice(.constantFeature, what, measurement: ("varying_features", 0), threshold: 1))
    }
    return found
  }

  private func constantTarget(_ table: TrainingTable, _ count: Int, _ target: Double) -> Finding {
    let name = table.classes.isEmpty ? figure(target) : table.classes[Int(target)]
    return Finding(
      diagnosis: .run, verdict: .notice, cause: "constant_target", file: file, tensor: table.targetName,
      what: "\(table.targetName) is \(name) in all \(count) samples trained on", measurement: ("distinct_targets", 1),
      threshold: 2, likelyCause: "All samples have the same target: a constant is all that there is to learn.",
      cure: "Train on samples of other targets too, or choose another column.",
      check: "Count the targets that occur in the table.")
  }

  private func notice(
    _ cause: Cause, _ what: String, measurement: (name: String, value: Double), threshold: Double
  ) -> Finding {
    Finding(
      .run, verdict: .notice, cause: cause, file: file, tensor: "", what: what, measurement: measurement,
      threshold: threshold)
  }
}
