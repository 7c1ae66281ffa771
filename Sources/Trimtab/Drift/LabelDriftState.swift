extension LabelDrift {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.classCount)
    writer.write(options.confidenceGate)
    writer.write(options.warningFlipRate)
    writer.write(options.criticalFlipRate)
    writer.write(options.oscillationShare)
    writer.write(options.oscillationFlipRate)
    writer.write(options.classDistance)
    writer.write(options.collapseShare)
    writer.write(options.classPrior?.count ?? 0)
    for share in options.classPrior ?? [] { writer.write(share) }
    writer.write(kind?.rawValue ?? 0)
    writer.write(classCount)
    writer.write(rounds.count)
    for round in rounds { round.write(to: &writer) }
    table?.write(to: &writer)
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .labelDrift, version: LabelDrift.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> LabelDrift {
    var reader = try StateReader(bytes, kind: .labelDrift, newestVersion: stateVersion)
    let options = try readOptions(from: &reader)
    let kindCode = try reader.readCount(0...2)
    let classCount = try reader.readCount(options.statedClassCount...DriftOptions.greatestClassCount)
    let kind = Predictions.Kind(rawValue: kindCode)
    let roundCount = try reader.readCount(0...(reader.remaining / (8 &* (DriftRound.counterCount &+ 5))))
    guard (kind == nil) == (roundCount == 0) else { throw StateReader.corrupt }
    var rounds: [DriftRound] = []
    for _ in 0..<roundCount {
      let round = try DriftRound.read(from: &reader)
      guard round.number > rounds.last?.number ?? -1, round.classCount <= classCount else { throw StateReader.corrupt }
      rounds.append(round)
    }
    var table: SampleTable?
    if let kind {
      table = try SampleTable.read(
        from: &reader, rowLength: kind == .probabilities ? classCount : 0, roundCount: roundCount,
        classCount: classCount)
    }
    try reader.finish()
    let drift = LabelDrift(options: options, kind: kind, classCount: classCount, rounds: rounds, table: table)
    guard try drift.isConsistent() else { throw StateReader.corrupt }
    return drift
  }

  private static func readOptions(from reader: inout StateReader) throws(TrimtabError) -> DriftOptions {
    var options = DriftOptions()
    options.classCount = try reader.readInt()
    options.confidenceGate = try reader.readDouble()
    options.warningFlipRate = try reader.readDouble()
    options.criticalFlipRate = try reader.readDouble()
    options.oscillationShare = try reader.readDouble()
    options.oscillationFlipRate = try reader.readDouble()
    options.classDistance = try reader.readDouble()
    options.collapseShare = try reader.readDouble()
    let priorCount = try reader.readCount(0...min(reader.remaining / 8, DriftOptions.greatestClassCount))
    if priorCount > 0 {
      var prior: [Double] = []
      for _ in 0..<priorCount { prior.append(try reader.readDouble()) }
      options.classPrior = prior
    }
    do throws(TrimtabError) { try options.validate() } catch { throw StateReader.corrupt }
    return options
  }
}
