/// The words in names that tell what a tensor is.
enum NameCues {
  private static let gradients: Set<String> = ["grad", "grads", "gradient", "gradients"]
  private static let preactivations: Set<String> = [
    "preactivation", "preactivations", "preact", "preacts", "activation", "activations", "acts",
  ]
  private static let predictions: Set<String> = [
    "prediction", "predictions", "pred", "preds", "prob", "probs", "proba", "probability", "probabilities", "softmax",
    "posterior", "posteriors", "pseudolabel", "pseudolabels",
  ]
  private static let labels: Set<String> = ["label", "labels", "target", "targets", "y"]
  private static let ids: Set<String> = ["id", "ids", "idx", "index", "indices", "uid", "uids"]
  private static let samples: Set<String> = [
    "feature", "features", "sample", "samples", "x", "input", "inputs", "data", "embeddings", "latents",
  ]
  private static let weights: Set<String> = [
    "weight", "weights", "model", "checkpoint", "ckpt", "param", "params", "parameters", "state", "kernel",
  ]
  private static let parameters: Set<String> = ["weight", "bias", "kernel", "gamma", "beta"]

  /// What a file's or a folder's name says.
  static func kind(ofName name: String) -> TensorKind? {
    let words = FileName.words(name)
    let set = Set(words)
    if !set.isDisjoint(with: gradients) { return .gradients }
    if !set.isDisjoint(with: preactivations) || follows("pre", ["activation", "activations", "act", "acts"], words) {
      return .preactivations
    }
    if follows("pseudo", ["label", "labels"], words) || !set.isDisjoint(with: predictions) { return .predictions }
    if !set.isDisjoint(with: ids) { return .ids }
    if !set.isDisjoint(with: labels) { return .labels }
    if !set.isDisjoint(with: weights) { return .weights }
    return set.isDisjoint(with: samples) ? nil : .samples
  }

  /// Whether a key is a parameter's name, as frameworks write it: `encoder.0.weight`, `lstm.weight_ih`, `dense/kernel`.
  static func isParameter(_ key: String) -> Bool {
    guard let last = key.split(whereSeparator: { $0 == "." || $0 == "/" }).last else { return false }
    guard let first = FileName.words(last).first else { return false }
    return parameters.contains(first)
  }

  private static func follows(_ first: String, _ seconds: Set<String>, _ words: [String]) -> Bool {
    zip(words, words.dropFirst()).contains { $0 == first && seconds.contains($1) }
  }
}
