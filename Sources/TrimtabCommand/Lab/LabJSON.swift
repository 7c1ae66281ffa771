import Trimtab
import TrimtabTrainer

extension SeedSummary {
  fileprivate var fields: [String: JSONValue] {
    [
      "median": .number(median), "low": .number(low), "high": .number(high), "coverage": .number(coverage),
      "count": .integer(count),
    ]
  }
}

extension LabReport {
  /// The result for programs; keys stay.
  func json(seconds: Double) -> JSONValue {
    .object([
      "name": .text(experiment.name.description), "title": .text(experiment.title.description),
      "section": .integer(experiment.section), "seed_count": .integer(seedCount), "is_held": .boolean(isHeld),
      "held_count": .integer(heldCount), "seconds": .number(seconds),
      "measurements": .array(
        measurements.map { one in
          .object(
            one.summary.fields.merging([
              "arm": .text(one.arm.description), "role": .text(one.role.word),
              "quantity": .text(one.quantity.description), "values": .array(one.values.map(JSONValue.number)),
            ]) { $1 })
        }),
      "expectations": .array(
        expectations.map { one in
          .object(
            one.summary.fields.merging([
              "claim": .text(one.claim.description), "is_lowest": .boolean(one.bound.isLowest),
              "bound": .number(one.bound.limit), "measured": .number(one.measured), "is_held": .boolean(one.isHeld),
              "values": .array(one.values.map(JSONValue.number)),
            ]) { $1 })
        }),
      "curves": .array(
        curves.map { one in
          .object([
            "arm": .text(one.arm.description), "x": .array(one.x.map(JSONValue.number)),
            "y": .array(one.y.map(JSONValue.number)),
          ])
        }),
    ])
  }
}
