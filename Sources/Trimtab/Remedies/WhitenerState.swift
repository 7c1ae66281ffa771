extension Whitener {
  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(Int(options.method.rawValue))
    writer.write(options.regularisation)
    writer.write(featureCount)
    writer.write(means.pointer, count: means.count)
    writer.write(weights.pointer, count: weights.count)
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .whitener, version: Whitener.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Whitener {
    var reader = try StateReader(bytes, kind: .whitener, newestVersion: stateVersion)
    var options = WhiteningOptions()
    guard let method = WhiteningMethod(rawValue: Int32(truncatingIfNeeded: try reader.readCount(0...2))) else {
      throw StateReader.corrupt
    }
    options.method = method
    options.regularisation = try reader.readDouble()
    guard options.regularisation >= 0, options.regularisation.isFinite else { throw StateReader.corrupt }
    // d + d^2 doubles follow, so what is left bounds d before any memory is asked for.
    let features = try reader.readCount(0...(1 << 20))
    guard reader.remaining == 8 &* (features &+ features &* features) else { throw StateReader.corrupt }
    let whitener = try Whitener(options: options, featureCount: features)
    try reader.read(into: whitener.means.pointer, count: whitener.means.count)
    try reader.read(into: whitener.weights.pointer, count: whitener.weights.count)
    try reader.finish()
    return whitener
  }
}
