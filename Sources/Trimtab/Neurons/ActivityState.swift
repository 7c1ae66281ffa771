extension Activity {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(Int(options.activation.rawValue))
    writer.write(options.unitAxis)
    writer.write(options.leak)
    writer.write(options.inactiveFraction)
    writer.write(options.dormantThreshold)
    writer.write(options.saturationLow)
    writer.write(options.saturationHigh)
    writer.write(options.saturatedFraction)
    writer.write(options.layerWarningFraction)
    writer.write(options.layerCriticalFraction)
    writer.write(options.confidence)
    writer.write(options.leastActiveFraction)
    writer.write(sampleCount)
    writer.write(units != nil)
    writer.write(unitCount)
    units?.write(to: &writer)
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .neurons, version: Activity.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Activity {
    var reader = try StateReader(bytes, kind: .neurons, newestVersion: stateVersion)
    let options = try readOptions(from: &reader)
    let sampleCount = try reader.readCount(0...Int.max)
    let hasUnits = try reader.readBool()
    let bytesPerUnit = 8 &* (UnitStatistics.countFields &+ UnitStatistics.valueFields)
    let unitCount = try reader.readCount(0...(reader.remaining / bytesPerUnit))
    guard hasUnits else {
      guard unitCount == 0, sampleCount == 0 else { throw StateReader.corrupt }
      try reader.finish()
      return Activity(options: options, sampleCount: 0, units: nil)
    }
    let units = try UnitStatistics(count: unitCount, name: "buffer")
    try units.read(from: &reader, samples: sampleCount)
    try reader.finish()
    return Activity(options: options, sampleCount: sampleCount, units: units)
  }

  private static func readOptions(from reader: inout StateReader) throws(TrimtabError) -> ActivityOptions {
    var options = ActivityOptions()
    guard let activation = Activation(rawValue: try reader.readCode(0...7)) else { throw StateReader.corrupt }
    options.activation = activation
    options.unitAxis = try reader.readInt()
    options.leak = try reader.readDouble()
    options.inactiveFraction = try reader.readDouble()
    options.dormantThreshold = try reader.readDouble()
    options.saturationLow = try reader.readDouble()
    options.saturationHigh = try reader.readDouble()
    options.saturatedFraction = try reader.readDouble()
    options.layerWarningFraction = try reader.readDouble()
    options.layerCriticalFraction = try reader.readDouble()
    options.confidence = try reader.readDouble()
    options.leastActiveFraction = try reader.readDouble()
    do throws(TrimtabError) { try options.validate() } catch { throw StateReader.corrupt }
    return options
  }
}
