/// A numbered name: `round_03`, or `step_0012/layers.0.weight`.
struct SeriesName: Equatable {
  enum Unit: Equatable { case step, round }

  let unit: Unit
  let index: Int
  /// What follows the number; empty where nothing does.
  let rest: String

  private static let units: [String: Unit] = [
    "step": .step, "iter": .step, "iteration": .step, "batch": .step, "round": .round, "epoch": .round,
  ]

  /// Nil unless the key begins with a unit and a number, as in `round_03`, `round03` or `step-12/a.b`.
  init?(key: String) {
    let letters = key.prefix { $0.isASCII && $0.isLetter }
    guard let unit = SeriesName.units[letters.lowercased()] else { return nil }
    var tail = key.dropFirst(letters.count)
    if let first = tail.first, "_-. ".contains(first) { tail = tail.dropFirst() }
    let digits = tail.prefix { $0.isASCII && $0.isNumber }
    guard let index = Int(digits) else { return nil }
    tail = tail.dropFirst(digits.count)
    guard tail.isEmpty || "/._-:".contains(tail.first ?? " ") else { return nil }
    self.unit = unit
    self.index = index
    self.rest = String(tail.dropFirst())
  }
}
