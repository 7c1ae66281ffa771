/// Tells from a column's name what it holds: `train/loss`, `Train Loss` and `trainLoss` are the same.
enum ColumnName {
  /// Longer names are sentences.
  static let longestName = 96

  /// What the name says; nil where it is none of the quantities.
  static func match(_ name: UnsafeBufferPointer<UInt8>) -> ColumnMatch? {
    let name = withoutRun(name)
    guard name.count <= longestName, mayMatch(name) else { return nil }
    let words = words(name)
    guard !words.isEmpty, words.count <= 8 else { return nil }
    var match =
      matchAbbreviation(words) ?? matchLoss(words) ?? matchScale(words) ?? matchStep(words) ?? matchNorm(words)
      ?? matchRate(words)
    // W&B counts its own calls in `_step`.
    if name[0] == UInt8(ascii: "_") { match?.rank += 3 }
    return match
  }

  static func match(_ name: String) -> ColumnMatch? {
    var name = name
    return name.withUTF8 { match($0) }
  }

  /// What the name says where `loss` is the name that the user gave the loss.
  static func match(_ name: UnsafeBufferPointer<UInt8>, loss: String?) -> ColumnMatch? {
    guard let loss else { return match(name) ?? standIn(name) }
    let isTold = name.elementsEqual(loss.utf8) || withoutRun(name).elementsEqual(loss.utf8)
    guard isTold else { return match(name) ?? standIn(name) }
    return ColumnMatch(
      quantity: .loss, rank: ColumnMatch.toldRank, isExponential: standIn(name)?.isExponential ?? false)
  }

  /// Whether the name is that of a column with the part of the data: `split`, `phase`.
  static func isPhase(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    name.count <= 8 && words(name).count == 1 && ColumnWords.phase.contains(words(name)[0])
  }

  /// Whether the name is that of something that is logged beside a loss: `accuracy`, `tokens/s`.
  static func isCompanion(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    name.count <= longestName && words(name).contains(where: ColumnWords.companions.contains)
  }

  /// Whether a cell or a word says that it is about data held out: `val`, `Validation`.
  static func isValidation(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= 3, text.count <= 12, let word = words(text).first else { return false }
    return ColumnWords.validation[word] != nil
  }

  /// W&B's tables have the name of the run before that of the column: `my-run - train/loss`.
  static func withoutRun(_ name: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard name.count >= 4 else { return name }
    for place in stride(from: name.count - 3, to: 0, by: -1)
    where name[place] == 32 && name[place + 1] == UInt8(ascii: "-") && name[place + 2] == 32 {
      return UnsafeBufferPointer(rebasing: name[(place + 3)...])
    }
    return name
  }

  /// A million columns of a data table are not taken to pieces: two letters tell that none of our words is in there.
  private static func mayMatch(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    var before: UInt8 = 0
    for byte in name {
      let letter = byte | 0x20
      switch (before, letter) {
      case (UInt8(ascii: "l"), UInt8(ascii: "o")), (UInt8(ascii: "l"), UInt8(ascii: "r")),
        (UInt8(ascii: "n"), UInt8(ascii: "l")), (UInt8(ascii: "n"), UInt8(ascii: "o")),
        (UInt8(ascii: "n"), UInt8(ascii: "t")), (UInt8(ascii: "x"), UInt8(ascii: "e")),
        (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "s"), UInt8(ascii: "c")),
        (UInt8(ascii: "i"), UInt8(ascii: "t")), (UInt8(ascii: "u"), UInt8(ascii: "p")),
        (UInt8(ascii: "b"), UInt8(ascii: "a")), (UInt8(ascii: "e"), UInt8(ascii: "p")),
        (UInt8(ascii: "r"), UInt8(ascii: "a")), (UInt8(ascii: "t"), UInt8(ascii: "r")),
        (UInt8(ascii: "t"), UInt8(ascii: "e")):
        return true
      default: before = letter
      }
    }
    return name.count == 1 && before == UInt8(ascii: "s")
  }

  /// The words in lower case: a word ends at what is no letter or digit, and where capitals begin. What stands in
  /// brackets is a unit.
  static func words(_ name: UnsafeBufferPointer<UInt8>) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var brackets = 0
    var wasSmall = false
    func end() {
      if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
      word.removeAll(keepingCapacity: true)
    }
    for byte in name {
      let isCapital = byte >= 65 && byte <= 90
      let isSmall = byte >= 97 && byte <= 122 || byte >= 128
      let isDigit = byte >= 48 && byte <= 57
      if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") { brackets += 1 }
      if isCapital && wasSmall || !(isCapital || isSmall || isDigit) { end() }
      if brackets == 0, isCapital || isSmall || isDigit { word.append(isCapital ? byte | 0x20 : byte) }
      if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") { brackets = max(0, brackets - 1) }
      wasSmall = isSmall
    }
    end()
    return words
  }

  /// llm.c's short names, and others that are no words of ours.
  private static func matchAbbreviation(_ words: [String]) -> ColumnMatch? {
    switch words {
    case ["s"]: ColumnMatch(quantity: .step, rank: 20)
    case ["trl"]: ColumnMatch(quantity: .loss, rank: 20)
    case ["tel"]: ColumnMatch(quantity: .validationLoss, rank: 20)
    // Composer counts batches under `time`; where others time them, the numbers are not whole.
    case ["time", "batch"]: ColumnMatch(quantity: .step, rank: 25)
    // Stable-Baselines counts what the environments took.
    case ["total", "timesteps"], ["time", "total", "timesteps"]: ColumnMatch(quantity: .step, rank: 18)
    case ["time", "epoch"]: ColumnMatch(quantity: .epoch, rank: 25)
    default: nil
    }
  }

  private static func matchLoss(_ words: [String]) -> ColumnMatch? {
    guard words.contains(where: ColumnWords.loss.contains) || words.contains("entropy") && words.contains("cross")
    else {
      return nil
    }
    var rank = 10
    var isValidation = false
    var isTraining = false
    for word in words where word != "loss" && word != "losses" {
      if let cost = ColumnWords.validation[word] {
        isValidation = true
        rank += cost
      } else if let cost = ColumnWords.training[word] {
        isTraining = true
        rank += cost
      } else if let cost = ColumnWords.lossModifiers[word] ?? ColumnWords.groups[word] {
        rank += cost
      } else {
        return nil
      }
    }
    if isValidation && isTraining { return nil }
    return ColumnMatch(quantity: isValidation ? .validationLoss : .loss, rank: rank)
  }

  private static func matchScale(_ words: [String]) -> ColumnMatch? {
    guard words.contains("scale") || words.contains("scaler") || words.contains("lossscale") else { return nil }
    var rank = 30
    for word in words where word != "scale" && word != "lossscale" {
      if word == "scaler" {
        rank += 1
      } else if word == "loss" {
        rank = min(rank, 10)
      } else if word == "grad" {
        rank = min(rank, 12)
      } else if let cost = ColumnWords.training[word] ?? ColumnWords.groups[word] ?? ColumnWords.scaleModifiers[word] {
        rank += cost
      } else {
        return nil
      }
    }
    return ColumnMatch(quantity: .lossScale, rank: rank)
  }

  private static func matchStep(_ words: [String]) -> ColumnMatch? {
    var rank: Int?
    var extra = 0
    var isEpoch = false
    for (place, word) in words.enumerated() {
      if let cost = ColumnWords.step[word] {
        rank = min(rank ?? cost, cost)
      } else if word == "epoch" {
        isEpoch = true
      } else if let cost = ColumnWords.stepModifiers[word] {
        extra += cost
      } else if ColumnWords.groups[word] == nil || place > 0 {
        return nil
      }
    }
    if isEpoch { return rank == nil ? ColumnMatch(quantity: .epoch, rank: 10 + extra) : nil }
    return rank.map { ColumnMatch(quantity: .step, rank: 10 + $0 + extra) }
  }

  private static func matchNorm(_ words: [String]) -> ColumnMatch? {
    guard words.contains(where: { $0 == "norm" || $0 == "gnorm" || $0 == "gradnorm" }) else { return nil }
    var isGradient = words.contains("gnorm") || words.contains("gradnorm")
    var isTotal = false
    var rank = 10
    for word in words where word != "norm" && word != "gradnorm" {
      if word == "gnorm" {
        rank += 1
      } else if ColumnWords.gradient.contains(word) {
        isGradient = true
      } else if let cost = ColumnWords.normModifiers[word] ?? ColumnWords.training[word] ?? ColumnWords.groups[word] {
        if word == "total" || word == "global" { isTotal = true }
        rank += cost
      } else {
        return nil
      }
    }
    return ColumnMatch(quantity: .gradientNorm, rank: rank + (isGradient ? 0 : isTotal ? 4 : 10))
  }

  private static func matchRate(_ words: [String]) -> ColumnMatch? {
    let isNamed = words.contains("learning") && words.contains("rate")
    guard isNamed || words.contains("lr") || words.contains("learningrate") else { return nil }
    var rank = 10
    for (place, word) in words.enumerated()
    where word != "learning" && word != "rate" && word != "lr" && word != "learningrate" {
      if let number = Int(word.drop { !$0.isNumber }), !word.isEmpty, number < 100,
        ["", "pg", "group", "g"].contains(String(word.prefix { !$0.isNumber }))
      {
        rank += 1 + number
      } else if let cost = ColumnWords.rateModifiers[word] ?? ColumnWords.training[word] ?? ColumnWords.groups[word] {
        rank += cost
      } else if words[0] == "lr", place > 0,
        !["decay", "max", "min", "scale", "mult", "factor", "warmup"].contains(word)
      {
        // Lightning and Composer write the optimizer's name behind it.
        rank += 3
      } else {
        return nil
      }
    }
    return ColumnMatch(quantity: .learningRate, rank: rank)
  }
}
