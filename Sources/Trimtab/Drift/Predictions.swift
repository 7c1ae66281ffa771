/// A view of one round's predictions: labels or probabilities, checked.
struct Predictions {
  enum Kind: Int {
    case labels = 1
    case probabilities = 2
  }

  let tensor: TensorView
  let kind: Kind
  /// Samples.
  let count: Int
  /// For probabilities C; for labels what the options say, else the greatest label plus one.
  let classCount: Int
  /// For labels: those at or above it are out of range.
  private let labelLimit: Int

  /// - Throws: `shape`, `dtype`, `invalidArgument` (a class count that does not fit the options).
  init(_ tensor: TensorView, options: DriftOptions, name: StaticText) throws(TrimtabError) {
    self.tensor = tensor
    kind = try Predictions.kind(of: tensor, name)
    count = tensor.shape[0]
    let stated = options.statedClassCount
    if kind == .probabilities {
      let found = tensor.shape[1]
      guard found >= 1 && found <= DriftOptions.greatestClassCount else {
        throw TrimtabError(
          .shape, "%: found % classes, allowed 1 to %", name, found, DriftOptions.greatestClassCount)
      }
      guard stated == 0 || stated == found else {
        throw TrimtabError(
          .invalidArgument, "options.class_count: found %, allowed 0 or % as in %", stated, found, name)
      }
      classCount = found
      labelLimit = 0
      try requireProbabilities(name)
    } else {
      labelLimit = stated > 0 ? stated : DriftOptions.greatestInferredClassCount
      var greatest = -1
      if stated == 0 {
        for index in 0..<count { greatest = max(greatest, Predictions.label(tensor, index, labelLimit)) }
      }
      classCount = stated > 0 ? stated : greatest &+ 1
    }
  }

  /// Rows of [n, classes] of any element type: one-hot integers and bool are probabilities of 0 and 1.
  ///
  /// - Throws: `shape`, `invalidArgument` (logits), `outOfMemory`.
  init(rows tensor: TensorView, name: StaticText) throws(TrimtabError) {
    self.tensor = tensor
    kind = .probabilities
    count = tensor.shape[0]
    classCount = tensor.shape[1]
    labelLimit = 0
    try requireProbabilities(name)
  }

  /// Refuses what is no probabilities but logits: negative numbers in more than half of the rows that are finite. Rows of
  /// positive numbers with another sum are normalised. Reads no further than it takes to know.
  private func requireProbabilities(_ name: StaticText) throws(TrimtabError) {
    let row = try Storage<Double>(count: classCount, for: "predictions")
    var negative = 0
    var positive = 0
    for index in 0..<count where positive < count &- positive {
      tensor.copy(from: index &* classCount, count: classCount, to: row.pointer)
      var sum = 0.0
      var least = 0.0
      for c in 0..<classCount {
        sum += row.pointer[c].magnitude
        least = min(least, row.pointer[c])
      }
      guard sum < .infinity else { continue }
      if least < 0 { negative = negative &+ 1 } else { positive = positive &+ 1 }
    }
    guard negative <= positive else {
      throw TrimtabError(
        .invalidArgument,
        "%: found negative numbers in % of % rows, allowed probabilities (softmax logits first)", name, negative,
        negative &+ positive
      )
    }
  }

  private static func kind(of tensor: TensorView, _ name: StaticText) throws(TrimtabError) -> Kind {
    let isFloating = tensor.elementType.isFloatingPoint
    if isFloating && tensor.rank == 2 { return .probabilities }
    if !isFloating && tensor.rank == 1 { return .labels }
    let allowed: StaticText = "allowed [n] integers (labels) or [n, classes] floating point (probabilities)"
    let isKnownRank = tensor.rank == 1 || tensor.rank == 2
    throw TrimtabError(
      isKnownRank && isFloating ? .dtype : .shape,
      "%: found % of rank %, %", name, tensor.elementType.name, tensor.rank, allowed)
  }

  /// The label of a sample; -1 if it is out of range.
  func label(_ index: Int) -> Int { Predictions.label(tensor, index, labelLimit) }

  private static func label(_ tensor: TensorView, _ index: Int, _ limit: Int) -> Int {
    let value = tensor.integer(at: index)
    return value >= 0 && value < limit ? value : -1
  }

  /// Puts a sample's normalised probabilities in `row` and answers label and greatest probability; label -1 if they
  /// hold NaN, Inf, a negative number or only zeros. Ties go to the lowest index.
  func probabilities(_ index: Int, into row: UnsafeMutablePointer<Double>) -> (label: Int, greatest: Double) {
    tensor.copy(from: index &* classCount, count: classCount, to: row)
    var label = -1
    var greatest = 0.0
    for c in 0..<classCount {
      let value = row[c]
      guard value >= 0 && value < .infinity else { return (-1, 0) }
      if value > greatest {
        greatest = value
        label = c
      }
    }
    guard label >= 0 else { return (-1, 0) }
    var sum = 0.0
    for c in 0..<classCount {
      row[c] /= greatest
      sum += row[c]
    }
    for c in 0..<classCount { row[c] /= sum }
    return (label, 1 / sum)
  }

  /// The gate, to the precision of the elements: 0.95 in float32 is a little less than in float64.
  func passes(_ gate: Double, _ greatest: Double) -> Bool { greatest >= gate - tensor.elementType.epsilon }
}

extension TensorView {
  /// Element `index` of a tensor of rank 1 as an integer; unsigned values beyond 63 bits turn negative, so that they
  /// stay distinct.
  func integer(at index: Int) -> Int {
    guard let base, index >= 0, index < count else { return 0 }
    let address = base + index &* strides[0] &* elementType.byteCount
    switch elementType {
    case .int8: return Int(address.loadUnaligned(as: Int8.self))
    case .int16: return Int(address.loadUnaligned(as: Int16.self))
    case .int32: return Int(address.loadUnaligned(as: Int32.self))
    case .int64: return Int(truncatingIfNeeded: address.loadUnaligned(as: Int64.self))
    case .uint8: return Int(address.loadUnaligned(as: UInt8.self))
    case .uint16: return Int(address.loadUnaligned(as: UInt16.self))
    case .uint32: return Int(address.loadUnaligned(as: UInt32.self))
    case .uint64: return Int(truncatingIfNeeded: address.loadUnaligned(as: UInt64.self))
    case .bool: return address.loadUnaligned(as: UInt8.self) == 0 ? 0 : 1
    default: return 0
    }
  }
}
