/// Names under which a loss is logged where no column is called one.
extension ColumnName {
  /// A term of a loss (`d_loss`), or a measure that stands for one (`mse`, `perplexity`); nil for other names.
  ///
  /// Ranks are above those of all names of a loss, so that these are read only where there is none.
  static func standIn(_ name: UnsafeBufferPointer<UInt8>) -> ColumnMatch? {
    let name = withoutRun(name)
    guard name.count <= longestName, mayStandIn(name) else { return nil }
    let words = words(name)
    guard !words.isEmpty, words.count <= 6 else { return nil }
    return term(words) ?? measure(words)
  }

  static func standIn(_ name: String) -> ColumnMatch? {
    var name = name
    return name.withUTF8 { standIn($0) }
  }

  /// Whether more of it is better: `accuracy`, `reward`, an `elbo` that is not negated.
  static func isRising(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let words = words(withoutRun(name))
    return words.contains(where: ColumnWords.rising.contains) && !words.contains(where: ColumnWords.negations.contains)
  }

  private static func mayStandIn(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    var before: UInt8 = 0
    for byte in name {
      let letter = byte | 0x20
      switch (before, letter) {
      case (UInt8(ascii: "l"), UInt8(ascii: "o")), (UInt8(ascii: "p"), UInt8(ascii: "p")),
        (UInt8(ascii: "r"), UInt8(ascii: "p")), (UInt8(ascii: "m"), UInt8(ascii: "s")),
        (UInt8(ascii: "m"), UInt8(ascii: "a")), (UInt8(ascii: "b"), UInt8(ascii: "p")),
        (UInt8(ascii: "b"), UInt8(ascii: "i")), (UInt8(ascii: "o"), UInt8(ascii: "b")),
        (UInt8(ascii: "r"), UInt8(ascii: "r")), (UInt8(ascii: "c"), UInt8(ascii: "o")),
        (UInt8(ascii: "c"), UInt8(ascii: "e")), (UInt8(ascii: "w"), UInt8(ascii: "e")),
        (UInt8(ascii: "l"), UInt8(ascii: "b")), (UInt8(ascii: "l"), UInt8(ascii: "i")):
        return true
      default: before = letter
      }
    }
    return false
  }

  private static func term(_ words: [String]) -> ColumnMatch? {
    guard words.contains(where: ColumnWords.termLosses.contains),
      !words.contains(where: ColumnWords.termVetoes.contains)
    else { return nil }
    let isValidation = words.contains { ColumnWords.validation[$0] != nil }
    if isValidation, words.contains(where: { ColumnWords.training[$0] != nil }) { return nil }
    let isMinor = words.contains(where: ColumnWords.minorTerms.contains)
    let extra = words.reduce(0) { $0 + (ColumnWords.lossModifiers[$1] ?? 0) }
    return ColumnMatch(
      quantity: isValidation ? .validationLoss : .loss, rank: ColumnMatch.termRank + 20 + extra + (isMinor ? 20 : 0))
  }

  private static func measure(_ words: [String]) -> ColumnMatch? {
    let isNegated = words.contains(where: ColumnWords.negations.contains)
    let isSquare = words.contains("squared") || words.contains("absolute")
    var base: Int?
    var extra = 0
    var isValidation = false
    var isExponential = false
    for word in words {
      if ColumnWords.measures.contains(word) || isNegated && ["elbo", "likelihood"].contains(word) {
        base = min(base ?? .max, ColumnMatch.measureRank)
        isExponential = isExponential || word == "ppl" || word == "perplexity"
      } else if ColumnWords.vagueMeasures.contains(word) {
        base = min(base ?? .max, isSquare ? ColumnMatch.measureRank : ColumnMatch.vagueRank)
      } else if let cost = ColumnWords.validation[word] {
        isValidation = true
        extra += cost
      } else if let cost = ColumnWords.training[word] ?? ColumnWords.lossModifiers[word] ?? ColumnWords.groups[word] {
        extra += cost
      } else if !ColumnWords.measureModifiers.contains(word) {
        return nil
      }
    }
    // Bits of each byte, character or dimension.
    if base == nil, words.contains("bits"), words.contains("per") { base = ColumnMatch.measureRank }
    return base.map {
      ColumnMatch(
        quantity: isValidation ? .validationLoss : .loss, rank: $0 + 20 + extra, isExponential: isExponential)
    }
  }
}

extension ColumnWords {
  static let termLosses: Set<String> = ["loss", "losses", "dloss", "gloss", "lossd", "lossg"]
  /// With these a name that holds the word is that of another thing.
  static let termVetoes: Set<String> = [
    "best", "min", "max", "minimum", "maximum", "lowest", "per", "time", "num", "number", "count", "previous", "old",
    "delta", "diff", "std", "var", "variance", "weight", "weights", "coef", "coeff", "coefficient", "lambda", "scale",
    "scaler", "ratio", "target", "id", "idx", "index", "name", "type", "lr", "rate", "norm", "gnorm", "grad",
    "fn", "func", "function", "skipped", "nan", "patience", "threshold", "clip", "hearing", "stop",
    "profit", "fraction", "factor", "hair", "bone", "water", "heat", "packet", "job", "blood", "memory", "vision",
  ]
  /// Terms that are added with a small weight.
  static let minorTerms: Set<String> = [
    "aux", "auxiliary", "kl", "kld", "reg", "regularization", "entropy", "commit", "commitment", "z", "balance",
    "balancing", "penalty", "perceptual", "router",
  ]
  /// Parts of a model that have losses of their own.
  static let parts: Set<String> = [
    "d", "g", "disc", "gen", "discriminator", "generator", "actor", "critic", "policy", "pi", "vf", "q", "box", "cls",
    "dfl", "obj", "mask", "recon", "reconstruction", "content", "style", "adversarial", "cycle", "identity",
  ]
  static let measures: Set<String> = [
    "ppl", "perplexity", "mse", "mae", "rmse", "mape", "nmse", "bpb", "bpc", "bpd", "bpt", "ce", "bce", "wer", "cer",
    "nelbo", "negelbo",
  ]
  static let vagueMeasures: Set<String> = ["objective", "obj", "err", "error", "cost"]
  static let measureModifiers: Set<String> = [
    "squared", "absolute", "root", "rate", "top1", "top5", "neg", "negative", "minus", "log", "bits", "per", "byte",
    "char", "character", "dim", "word", "token", "function", "prediction", "reconstruction",
  ]
  /// More of it is better: none of them is a loss.
  static let rising: Set<String> = [
    "accuracy", "acc", "top1", "top5", "f1", "auc", "auroc", "auprc", "reward", "rewards", "rew", "return", "returns",
    "elbo", "likelihood", "iou", "miou", "map", "bleu", "rouge", "psnr", "ssim", "r2", "recall", "precision", "success",
    "score", "dice",
  ]
  static let negations: Set<String> = ["neg", "negative", "minus", "error", "err", "loss", "losses"]
}
