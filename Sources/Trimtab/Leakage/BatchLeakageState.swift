extension BatchLeakage {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.batchSize)
    writer.write(options.directionCount)
    writer.write(options.step)
    writer.write(options.probedBatches)
    writer.write(options.replayCount)
    writer.write(options.givesProbabilities)
    writer.write(options.seed)
    writer.write(options.shareThreshold)
    writer.write(options.gapThreshold)
    writer.write(options.commonThreshold)
    for count in [outputsPerRow, addCount, nonfiniteCount, coupling.probeCount, coupling.features] {
      writer.write(count)
    }
    writer.write(coupling.isExact)
    for sum in [coupling.own, coupling.cross, coupling.noise, coupling.common] { writer.write(sum) }
    writer.write(replay.rowCount)
    writer.write(replay.outputCount)
    for sum in [replay.variance, replay.mean, replay.squares] { writer.write(sum) }
    writer.write(composition.batchCount)
    writer.write(composition.pureCount)
    writer.write(composition.firstClass)
    writer.write(composition.hasSeveralClasses)
    for arm in [composition.natural, composition.shuffled] {
      writer.write(arm.count)
      writer.write(arm.right)
      writer.write(arm.fakeCount)
      writer.write(arm.fakeSum)
    }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .batchLeakage, version: BatchLeakage.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> BatchLeakage {
    var reader = try StateReader(bytes, kind: .batchLeakage, newestVersion: stateVersion)
    let loaded: BatchLeakage
    do throws(TrimtabError) { loaded = try BatchLeakage(options: try options(from: &reader)) } catch {
      throw StateReader.corrupt
    }
    loaded.outputsPerRow = try reader.readCount(0...(1 << 20))
    loaded.addCount = try reader.readTally()
    loaded.nonfiniteCount = try reader.readTally()
    loaded.coupling.probeCount = try reader.readTally()
    loaded.coupling.features = try reader.readCount(0...Int.max)
    loaded.coupling.isExact = try reader.readBool()
    loaded.coupling.own = try sum(&reader)
    loaded.coupling.cross = try sum(&reader)
    loaded.coupling.noise = try sum(&reader)
    loaded.coupling.common = try sum(&reader)
    loaded.replay.rowCount = try reader.readTally()
    loaded.replay.outputCount = try reader.readTally()
    loaded.replay.variance = try sum(&reader)
    loaded.replay.mean = try reader.readDouble()
    loaded.replay.squares = try sum(&reader)
    loaded.composition.batchCount = try reader.readTally()
    loaded.composition.pureCount = try reader.readCount(0...loaded.composition.batchCount)
    loaded.composition.firstClass = try reader.readCount(-1...(1 << 20))
    loaded.composition.hasSeveralClasses = try reader.readBool()
    loaded.composition.natural = try arm(&reader)
    loaded.composition.shuffled = try arm(&reader)
    try reader.finish()
    guard loaded.replay.mean.magnitude <= BatchReplay.greatestMean,
      loaded.composition.natural.count == loaded.composition.shuffled.count
    else {
      throw StateReader.corrupt
    }
    return loaded
  }

  private static func options(from reader: inout StateReader) throws(TrimtabError) -> LeakageOptions {
    var options = LeakageOptions()
    options.batchSize = try reader.readInt()
    options.directionCount = try reader.readInt()
    options.step = try reader.readDouble()
    options.probedBatches = try reader.readInt()
    options.replayCount = try reader.readInt()
    options.givesProbabilities = try reader.readBool()
    options.seed = try reader.readUInt64()
    options.shareThreshold = try reader.readDouble()
    options.gapThreshold = try reader.readDouble()
    options.commonThreshold = try reader.readDouble()
    return options
  }

  private static func arm(_ reader: inout StateReader) throws(TrimtabError) -> BatchComposition.Arm {
    var arm = BatchComposition.Arm()
    arm.count = try reader.readTally()
    arm.right = try reader.readCount(0...arm.count)
    arm.fakeCount = try reader.readCount(0...arm.count)
    arm.fakeSum = try reader.readFinite()
    return arm
  }

  /// A sum of squares.
  private static func sum(_ reader: inout StateReader) throws(TrimtabError) -> Double {
    let found = try reader.readDouble()
    guard found >= 0, found.isFinite else { throw StateReader.corrupt }
    return found
  }
}
