import Trimtab

/// Something that is wrong, or worth knowing: what, where, how much, why, and what to do.
struct Finding: Sendable {
  let diagnosis: Diagnosis
  let verdict: Verdict
  /// The stable key of the likely cause.
  let cause: String
  var file: String
  /// The key within the file; empty for the file's only array, or for the file as a whole.
  let tensor: String
  /// What was found, in a sentence.
  let what: String
  /// The field that decided, by its C name, and its value.
  var measurement: (name: String, value: Double)?
  var threshold: Double?
  let likelyCause: String
  let cure: String
  let check: String
  /// What else speaks for the cause.
  var evidence: [String] = []
  /// The step or round where it first shows.
  var firstIndex: Int?
  /// The monitor's rule; nil for what other diagnostics find.
  var rule: String?
  /// People get one line of it, unless they ask for all.
  var isBrief = false

  var location: String { tensor.isEmpty ? file : "\(file):\(tensor)" }
}

/// The diagnostics, by the names that the subcommands have.
enum Diagnosis: String, Sendable, CaseIterable {
  case condition, neurons, drift, gradients, generative, scale, overlap, leakage, balance, blur, gate, curriculum, game
  /// NaN and Inf, looked for in every tensor.
  case finiteness
  /// What a monitor wrote of a training run.
  case run
  /// A training log of any program.
  case log
  /// Of a function in a shared library.
  case smoothness

  /// Among findings of one verdict the origin comes before what follows from it.
  var rank: Int {
    switch self {
    case .run: 0
    case .log: 0
    case .finiteness: 1
    case .neurons: 2
    case .condition: 3
    case .drift: 4
    case .gradients: 5
    case .generative: 6
    case .scale: 6
    case .overlap: 7
    case .leakage: 6
    case .balance: 7
    case .blur: 8
    case .gate: 4
    case .curriculum: 8
    case .game: 6
    case .smoothness: 6
    }
  }
}

extension Finding {
  /// A finding whose words are the engine's.
  init(
    _ diagnosis: Diagnosis, verdict: Verdict, cause: Cause, file: String, tensor: String, what: String,
    measurement: (name: String, value: Double)?, threshold: Double?
  ) {
    self.init(
      diagnosis: diagnosis, verdict: verdict, cause: cause.key.description, file: file, tensor: tensor, what: what,
      measurement: measurement, threshold: threshold, likelyCause: cause.text.description,
      cure: cause.cure.description, check: cause.check.description)
  }

  var json: JSONValue {
    .object([
      "diagnosis": .text(diagnosis.rawValue), "verdict": .text(verdict.key.description), "cause": .text(cause),
      "file": .text(file), "tensor": .text(tensor), "what": .text(what), "measurement": .optional(measurement?.name),
      "value": .optional(measurement?.value), "threshold": .optional(threshold), "likely_cause": .text(likelyCause),
      "cure": .text(cure), "check": .text(check), "evidence": .array(evidence.map(JSONValue.text)),
      "first_index": firstIndex.map(JSONValue.integer) ?? .null, "rule": .optional(rule),
    ])
  }
}
