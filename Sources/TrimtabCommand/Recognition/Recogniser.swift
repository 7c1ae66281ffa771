/// Tells what a tensor is from names and shape alone.
///
/// In this order: what the user said; the file's name; the key; the folder's name; the format; the shape. A file's name
/// comes before the key because gradients and pre-activations carry the names of parameters and layers. A cue that the
/// element type or the shape contradicts gives way to the next one.
struct Recogniser {
  var overrides = KindOverrides()

  func recognise(_ traits: TensorTraits) -> Recognition {
    if let kind = overrides.kind(path: traits.path, key: traits.key) {
      return Recognition(kind: kind, reason: "as told")
    }
    var refusal = ""
    var isUnlike = false
    for cue in cues(traits) {
      // Predictions of a strange shape are no weights or samples because of that shape.
      if isUnlike, cue.isByShape { continue }
      guard let objection = objection(to: cue.kind, traits) else {
        return Recognition(kind: fitted(cue.kind, traits), reason: cue.reason + refusal)
      }
      isUnlike = isUnlike || cue.kind == .predictions && traits.isFloatingPoint
      if refusal.isEmpty { refusal = "; \(cue.kind.rawValue) by \(cue.reason), but \(objection)" }
    }
    let reason = traits.shape.count < 2 ? "fewer than two axes, no telling name" : "no cue that fits"
    return Recognition(kind: .other, reason: refusal.isEmpty ? reason : String(refusal.dropFirst(2)))
  }

  /// All that speaks for a kind, the strongest first.
  private func cues(_ traits: TensorTraits) -> [Recognition] {
    let byFile = fileCues(traits).filter { objection(to: $0.kind, traits) == nil }
    var cues: [Recognition] = []
    if byFile.isEmpty || byFile.first?.kind == .weights, NameCues.isStructure(traits.key) {
      cues.append(Recognition(kind: .structure, reason: "key name"))
    }
    return cues + labelCues(traits) + fileCues(traits) + keyCues(traits) + folderCues(traits) + shapeCues(traits)
  }

  /// A key that names labels or ids says more than its file, which holds the samples too.
  private func labelCues(_ traits: TensorTraits) -> [Recognition] {
    guard let kind = NameCues.kinds(ofName: traits.key).first else { return [] }
    let isList = kind == .ids || (kind == .labels && !NameCues.isParameter(traits.key))
    return isList ? [Recognition(kind: kind, reason: "key name")] : []
  }

  private func fileCues(_ traits: TensorTraits) -> [Recognition] {
    named(FileName(traits.path).stem, traits, reason: "file name")
  }

  private func folderCues(_ traits: TensorTraits) -> [Recognition] {
    named(FileName(traits.path).parent, traits, reason: "folder name")
  }

  private func keyCues(_ traits: TensorTraits) -> [Recognition] {
    let file = FileName(traits.path)
    let kinds = NameCues.kinds(ofName: traits.key)
    if SeriesName(key: traits.key)?.unit == .round { return [Recognition(kind: .predictions, reason: "key name")] }
    if kinds.contains(.gradients) { return [Recognition(kind: .gradients, reason: "key name")] }
    if NameCues.isParameter(traits.key) {
      return NameCues.kinds(ofName: file.parent).first == .gradients
        ? [Recognition(kind: .gradients, reason: "folder name")] : [Recognition(kind: .weights, reason: "key name")]
    }
    return file.isSafetensors ? [] : kinds.map { Recognition(kind: $0, reason: "key name") }
  }

  /// What the name of a file or a folder says, as far as the format lets it.
  private func named(_ name: String, _ traits: TensorTraits, reason: String) -> [Recognition] {
    let file = FileName(traits.path)
    let kinds = NameCues.kinds(ofName: name).filter { kind in
      switch kind {
      // A checkpoint holds weights whatever it is called after: embeddings.safetensors.
      case .samples, .labels, .ids: !file.isSafetensors
      // A table is a data set, unless its name ends in another noun.
      case .gradients, .preactivations, .weights, .predictions:
        !file.isText || NameCues.kind(ofNounOf: name) == kind
      default: true
      }
    }
    return kinds.map { Recognition(kind: $0, reason: reason) }
  }

  private func shapeCues(_ traits: TensorTraits) -> [Recognition] {
    let file = FileName(traits.path)
    if file.isSafetensors { return [Recognition(kind: .weights, reason: "file format")] }
    if file.isText { return [Recognition(kind: .samples, reason: "file format")] }
    guard traits.shape.count >= 2 else { return [] }
    let rows = traits.shape[0]
    let rest = traits.shape.dropFirst().reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    return rows >= rest && rows > rest
      ? [Recognition(kind: .samples, reason: "shape: more rows than columns", isByShape: true)]
      : [Recognition(kind: .weights, reason: "shape: no more rows than columns", isByShape: true)]
  }

  /// Why the element type or the shape rules a kind out; nil where they do not.
  private func objection(to kind: TensorKind, _ traits: TensorTraits) -> String? {
    switch kind {
    case .weights, .gradients, .preactivations:
      return traits.isFloatingPoint ? nil : "not of floating point"
    case .predictions:
      if traits.shape.count == 3, traits.isFloatingPoint, mayBeRounds(traits) { return nil }
      if traits.shape.count > 2 { return "of \(traits.shape.count) axes" }
      return traits.isFloatingPoint || traits.shape.count < 2 ? nil : "a table of integers"
    case .ids, .labels:
      return traits.isFloatingPoint || traits.shape.count != 1 ? "no list of integers" : nil
    case .samples:
      // One column of text that is called ids or labels is no data set.
      let isList = FileName(traits.path).isText && traits.shape.last == 1
      return isList && [.ids, .labels].contains(NameCues.kind(ofNounOf: FileName(traits.path).stem))
        ? "a single column" : nil
    case .structure, .other: return nil
    }
  }

  /// Whether three axes may be rounds, samples and classes: a checkpoint's are not, nor a parameter's.
  private func mayBeRounds(_ traits: TensorTraits) -> Bool {
    !FileName(traits.path).isSafetensors && !NameCues.isParameter(traits.key)
  }

  private func fitted(_ kind: TensorKind, _ traits: TensorTraits) -> TensorKind {
    kind == .predictions && !traits.isFloatingPoint && traits.shape.count == 1 ? .labels : kind
  }
}

extension FileName {
  var isSafetensors: Bool { name.lowercased().hasSuffix(".safetensors") }
  var isText: Bool { name.lowercased().hasSuffix(".csv") || name.lowercased().hasSuffix(".csv.gz") }
}
