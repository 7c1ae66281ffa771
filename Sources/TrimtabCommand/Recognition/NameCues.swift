/// The words in names that tell what a tensor is.
enum NameCues {
  private static let words: [TensorKind: Set<String>] = [
    .gradients: ["grad", "grads", "gradient", "gradients"],
    .preactivations: [
      "preactivation", "preactivations", "preact", "preacts", "activation", "activations", "acts",
    ],
    .predictions: [
      "prediction", "predictions", "pred", "preds", "prob", "probs", "proba", "probability", "probabilities", "softmax",
      "posterior", "posteriors", "pseudolabel", "pseudolabels",
    ],
    .labels: ["label", "labels", "target", "targets", "y"],
    .ids: ["id", "ids", "idx", "index", "indices", "uid", "uids"],
    .samples: ["feature", "features", "sample", "samples", "x", "input", "inputs", "data", "embeddings", "latents"],
    .weights: [
      "weight", "weights", "model", "checkpoint", "ckpt", "param", "params", "parameters", "state", "kernel",
    ],
  ]
  private static let kinds: [String: TensorKind] = {
    var kinds: [String: TensorKind] = [:]
    for (kind, set) in words { for word in set { kinds[word] = kind } }
    return kinds
  }()
  /// Words that stand behind others without saying what these are: `gradients_data`.
  private static let weak: Set<String> = ["data", "state"]
  private static let parameters: Set<String> = ["weight", "bias", "kernel", "gamma", "beta"]
  /// What may follow the noun of a name: `weights_final`, `preactivations_before`, `gradients_epoch_3`.
  private static let modifiers: Set<String> = [
    "after", "before", "best", "epoch", "final", "iter", "last", "raw", "round", "run", "step", "test", "train", "val",
  ]
  /// Buffers that frameworks keep beside the weights, by the words of the last part of their key.
  private static let structures: Set<String> = [
    "anchors", "blur", "blur_filter", "blur_kernel", "causal", "causal_bias", "cos_cache", "cos_cached",
    "cos_sin_cache", "fb", "filterbank", "freqs", "freqs_cis", "freqs_cos", "freqs_sin", "inv_freq", "masked_bias",
    "mel_basis", "mel_fb", "mel_filterbank", "mel_filters", "pe", "pos_enc", "pos_encoding", "pos_encodings",
    "position_encoding", "position_encodings", "positional_encoding", "positional_encodings", "relative_coords_table",
    "relative_position_index", "sin_cache", "sin_cached", "window",
  ]

  /// What a file's, a folder's or a key's name may say, the likeliest first: the last word is the noun of a name.
  static func kinds(ofName name: some StringProtocol) -> [TensorKind] {
    let words = FileName.words(name)
    var strong: [TensorKind] = []
    var faint: [TensorKind] = []
    for index in words.indices.reversed() {
      guard let kind = kind(at: index, words) else { continue }
      if weak.contains(words[index]) { faint.append(kind) } else { strong.append(kind) }
    }
    var order: [TensorKind] = []
    for kind in strong + faint where !order.contains(kind) { order.append(kind) }
    return order
  }

  /// What the noun of a name says, which is its last word but numbers and the like; nil where that is no cue.
  static func kind(ofNounOf name: some StringProtocol) -> TensorKind? {
    let words = FileName.words(name)
    let noun = words.lastIndex { Int($0) == nil && !modifiers.contains($0) }
    return noun.flatMap { kind(at: $0, words) }
  }

  private static func kind(at index: Int, _ words: [String]) -> TensorKind? {
    let before = index > 0 ? words[index - 1] : ""
    if before == "pre", ["activation", "activations", "act", "acts"].contains(words[index]) { return .preactivations }
    if before == "pseudo", ["label", "labels"].contains(words[index]) { return .predictions }
    return kinds[words[index]]
  }

  /// Whether a key is a parameter's name, as frameworks write it: `encoder.0.weight`, `lstm.weight_ih`, `dense/kernel`.
  static func isParameter(_ key: String) -> Bool {
    guard let first = FileName.words(lastPart(key)).first else { return false }
    return parameters.contains(first)
  }

  /// Whether a key is the name of a buffer: `pos_encoder.pe`, `rotary.cos_cached`, `attn_mask`.
  static func isStructure(_ key: String) -> Bool {
    let words = FileName.words(lastPart(key))
    guard let last = words.last else { return false }
    return structures.contains(words.joined(separator: "_")) || last == "mask" || last == "masks"
      || words.contains { $0.hasPrefix("sinusoid") }
  }

  /// Whether a key is the name of what a normalisation layer counted in the forward pass, and no step was applied to.
  static func isStatistic(_ key: String) -> Bool {
    let words = FileName.words(lastPart(key))
    return words.count == 2 && ["running", "moving"].contains(words[0])
      && ["mean", "var", "variance"].contains(words[1])
  }

  private static func lastPart(_ key: String) -> Substring {
    key.split(whereSeparator: { $0 == "." || $0 == "/" }).last ?? ""
  }
}
