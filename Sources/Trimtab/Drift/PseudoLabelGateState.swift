extension PseudoLabelGate {
  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload: the options, then FlexMatch's labels or FreeMatch's averages.
  public func write(to writer: inout StateWriter) {
    writer.write(Int(options.method.rawValue))
    writer.write(options.classCount)
    writer.write(options.sampleCount)
    writer.write(options.threshold)
    writer.write(options.decay)
    writer.write(options.startsAtOne)
    switch options.method {
    case .fixMatch: break
    case .flexMatch: writer.write(UnsafePointer(chosen.pointer), count: chosen.count)
    case .freeMatch:
      writer.write(confidence)
      writer.write(UnsafePointer(shares.pointer), count: shares.count)
    }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] {
    savedBytes(kind: .pseudoLabelGate, version: PseudoLabelGate.stateVersion, write)
  }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> PseudoLabelGate {
    var reader = try StateReader(bytes, kind: .pseudoLabelGate, newestVersion: stateVersion)
    var options = GateOptions()
    guard let method = GateMethod(rawValue: try reader.readCode(0...2)) else { throw StateReader.corrupt }
    options.method = method
    options.classCount = try reader.readInt()
    options.sampleCount = try reader.readInt()
    options.threshold = try reader.readDouble()
    options.decay = try reader.readDouble()
    options.startsAtOne = try reader.readBool()
    guard (try? options.check()) != nil else { throw StateReader.corrupt }
    // Before memory is asked for: what is left has to be what the options say.
    let (labels, averages) = (method == .flexMatch ? options.sampleCount : 0, options.classCount &+ 1)
    guard reader.remaining == (method == .freeMatch ? 8 &* averages : 4 &* labels) else { throw StateReader.corrupt }
    let gate = try PseudoLabelGate(options: options)
    if method == .flexMatch { try gate.readLabels(&reader) }
    if method == .freeMatch { try gate.readAverages(&reader) }
    try reader.finish()
    return gate
  }

  private func readLabels(_ reader: inout StateReader) throws(TrimtabError) {
    try reader.read(into: chosen.pointer, count: chosen.count)
    for sample in 0..<chosen.count {
      let label = Int(chosen.pointer[sample])
      guard label >= -1, label < options.classCount else { throw StateReader.corrupt }
      guard label >= 0 else { continue }
      counts.pointer[label] &+= 1
      unused = unused &- 1
    }
  }

  private func readAverages(_ reader: inout StateReader) throws(TrimtabError) {
    confidence = try reader.readDouble()
    guard confidence >= 0, confidence <= 1 + 1e-9 else { throw StateReader.corrupt }
    try reader.read(into: shares.pointer, count: shares.count)
    for label in 0..<shares.count {
      guard shares.pointer[label] >= 0, shares.pointer[label] <= 1 + 1e-9 else { throw StateReader.corrupt }
    }
  }
}
