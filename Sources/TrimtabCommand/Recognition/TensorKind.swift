/// What a tensor is to training.
enum TensorKind: String, CaseIterable, Sendable {
  case weights
  case samples
  case preactivations
  case gradients
  case predictions
  case labels
  case ids
  /// What is laid down and not learned: positional encodings, masks, fixed filters.
  case structure
  /// None of these: summarised only.
  case other
}

/// What a tensor was taken for, and why.
struct Recognition: Equatable, Sendable {
  let kind: TensorKind
  let reason: String
}

/// What recognition looks at.
struct TensorTraits {
  /// The file's path.
  let path: String
  /// The key within the file; empty where it has none.
  let key: String
  let shape: [Int]
  var rowsAreCounted = true
  var isFloatingPoint = true
}

/// What the user says that tensors are: one kind for all, and kinds by name.
struct KindOverrides: Sendable {
  var all: TensorKind?
  /// Names are keys, file names, paths, or `file:key`.
  var byName: [String: TensorKind] = [:]

  /// Parses what follows `--as`: `KIND` or `NAME=KIND`. Returns a message for what is neither.
  mutating func add(_ text: String) -> String? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    let word = parts.last.map(String.init) ?? ""
    guard let kind = TensorKind(rawValue: word) else {
      let allowed = TensorKind.allCases.map(\.rawValue).joined(separator: ", ")
      return "--as: found '\(word)', allowed \(allowed), or NAME= before one of them"
    }
    if parts.count == 1 {
      all = kind
    } else {
      byName[parts.dropLast().joined(separator: "=")] = kind
    }
    return nil
  }

  func kind(path: String, key: String) -> TensorKind? {
    let file = FileName(path).name
    for name in ["\(path):\(key)", "\(file):\(key)", key, path, file] where !name.isEmpty {
      if let kind = byName[name] { return kind }
    }
    return all
  }
}
