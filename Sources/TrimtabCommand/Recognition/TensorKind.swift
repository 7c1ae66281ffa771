import ArgumentParser

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
  /// Whether only the shape speaks for it.
  var isByShape = false
  /// What a subcommand that was told of it takes it for, where that is none of the kinds: "posterior means".
  var role: String?

  /// What people and programs are told that it is.
  var name: String { role ?? kind.rawValue }
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

  /// - Throws: `ValidationError` for names that none of the tensors has.
  func checkNames(_ tensors: [(path: String, key: String)]) throws {
    let met = Set(tensors.flatMap { KindOverrides.names(path: $0.path, key: $0.key) })
    guard let stranger = byName.keys.filter({ !met.contains($0) }).sorted().first else { return }
    throw ValidationError("--as: found '\(stranger)', allowed a key, a file or file:key of what was read")
  }

  /// What a tensor may be called, the most precise name first.
  private static func names(path: String, key: String) -> [String] {
    let file = FileName(path).name
    return ["\(path):\(key)", "\(file):\(key)", key, path, file].filter { !$0.isEmpty }
  }

  func kind(path: String, key: String) -> TensorKind? {
    for name in KindOverrides.names(path: path, key: key) {
      if let kind = byName[name] { return kind }
    }
    return all
  }
}
