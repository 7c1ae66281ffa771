/// Tells what a tensor is from names and shape alone.
///
/// In this order: what the user said; the file's name; the key; the folder's name; the format; the shape. A file's name
/// comes before
/// the key because gradients and pre-activations carry the names of parameters and layers.
struct Recogniser {
  var overrides = KindOverrides()

  func recognise(_ traits: TensorTraits) -> Recognition {
    if let kind = overrides.kind(path: traits.path, key: traits.key) {
      return Recognition(kind: kind, reason: "as told")
    }
    return fitted(byName(traits) ?? byFormat(traits) ?? byShape(traits), traits)
  }

  private func byName(_ traits: TensorTraits) -> Recognition? {
    let file = FileName(traits.path)
    let keyKind = NameCues.kind(ofName: traits.key)
    let isSeries = SeriesName(key: traits.key)?.unit == .round
    if keyKind == .ids || (keyKind == .labels && !NameCues.isParameter(traits.key)), let keyKind {
      return Recognition(kind: keyKind, reason: "key name")
    }
    if let kind = NameCues.kind(ofName: file.stem) { return Recognition(kind: kind, reason: "file name") }
    if isSeries { return Recognition(kind: .predictions, reason: "key name") }
    if keyKind == .gradients { return Recognition(kind: .gradients, reason: "key name") }
    if NameCues.isParameter(traits.key) {
      let parent = NameCues.kind(ofName: file.parent)
      return parent == .gradients
        ? Recognition(kind: .gradients, reason: "folder name") : Recognition(kind: .weights, reason: "key name")
    }
    if let keyKind, !file.isSafetensors { return Recognition(kind: keyKind, reason: "key name") }
    return NameCues.kind(ofName: file.parent).map { Recognition(kind: $0, reason: "folder name") }
  }

  private func byFormat(_ traits: TensorTraits) -> Recognition? {
    let file = FileName(traits.path)
    if file.isSafetensors { return Recognition(kind: .weights, reason: "file format") }
    return file.isText ? Recognition(kind: .samples, reason: "file format") : nil
  }

  private func byShape(_ traits: TensorTraits) -> Recognition {
    guard traits.shape.count >= 2 else {
      return Recognition(kind: .other, reason: "fewer than two axes, no telling name")
    }
    let rows = traits.shape[0]
    let rest = traits.shape.dropFirst().reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    return rows >= rest && rows > rest
      ? Recognition(kind: .samples, reason: "shape: more rows than columns")
      : Recognition(kind: .weights, reason: "shape: no more rows than columns")
  }

  /// What an element type or a shape rules out.
  private func fitted(_ found: Recognition, _ traits: TensorTraits) -> Recognition {
    switch found.kind {
    case .weights where !traits.isFloatingPoint, .gradients where !traits.isFloatingPoint,
      .preactivations where !traits.isFloatingPoint:
      return Recognition(kind: .other, reason: "\(found.kind.rawValue) by \(found.reason), but not of floating point")
    case .predictions where !traits.isFloatingPoint && traits.shape.count == 1:
      return Recognition(kind: .labels, reason: "\(found.reason), one integer a row")
    case .ids where traits.isFloatingPoint || traits.shape.count != 1,
      .labels where traits.isFloatingPoint || traits.shape.count != 1:
      return NameCues.isParameter(traits.key) || FileName(traits.path).isSafetensors
        ? Recognition(
          kind: traits.isFloatingPoint ? .weights : .other,
          reason: traits.isFloatingPoint ? "file format" : "integers among weights")
        : Recognition(kind: .other, reason: "named \(found.kind.rawValue), but no list of integers")
    default: return found
    }
  }
}

extension FileName {
  var isSafetensors: Bool { name.lowercased().hasSuffix(".safetensors") }
  var isText: Bool { name.lowercased().hasSuffix(".csv") || name.lowercased().hasSuffix(".csv.gz") }
}
