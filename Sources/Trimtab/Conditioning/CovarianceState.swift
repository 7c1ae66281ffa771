extension Covariance {
  public static let stateVersion: UInt32 = 1

  /// Writes the payload of a saved state: options, counts, and the moments with the lower triangle of M2.
  public func write(to writer: inout StateWriter) {
    writer.write(options.warningConditionNumber)
    writer.write(options.criticalConditionNumber)
    writer.write(options.nullFactor)
    writer.write(options.maximumFeatures)
    writer.write(featureCount ?? -1)
    writer.write(sampleCount)
    writer.write(nonfiniteSampleCount)
    writer.write(moments != nil)
    guard let moments else { return }
    writer.write(moments.scale)
    writer.write(moments.fourth)
    for index in 0..<Moments.savedVectors {
      writer.write(moments.vectors.pointer + index &* moments.width, count: moments.features)
    }
    for row in 0..<moments.features { writer.write(moments.m2.row(row), count: row &+ 1) }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .covariance, version: Covariance.stateVersion, write) }

  /// Makes an accumulator from a saved state; it continues bit for bit.
  ///
  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Covariance {
    var reader = try StateReader(bytes, kind: .covariance, newestVersion: stateVersion)
    var options = ConditioningOptions()
    options.warningConditionNumber = try reader.readDouble()
    options.criticalConditionNumber = try reader.readDouble()
    options.nullFactor = try reader.readDouble()
    options.maximumFeatures = try reader.readInt()
    guard (try? options.check()) != nil else { throw StateReader.corrupt }
    let covariance = try Covariance(options: options)
    let features = try reader.readCount(-1...options.maximumFeatures)
    covariance.featureCount = features < 0 ? nil : features
    covariance.sampleCount = try reader.readCount(0...Int.max)
    covariance.nonfiniteSampleCount = try reader.readCount(0...Int.max)
    if try reader.readBool() {
      guard features > 0 else { throw StateReader.corrupt }
      covariance.moments = try readMoments(&reader, features: features)
    } else if features > 0 && covariance.sampleCount > 0 {
      throw StateReader.corrupt
    }
    try reader.finish()
    return covariance
  }

  private static func readMoments(
    _ reader: inout StateReader, features: Int
  ) throws(TrimtabError) -> Moments {
    let elements = 2 &+ Moments.savedVectors &* features &+ features &* (features &+ 1) / 2
    guard reader.remaining == elements &* 8 else { throw StateReader.corrupt }
    let moments = try Moments(features: features)
    moments.scale = try reader.readDouble()
    guard moments.scale.isNormal, moments.scale > 0, moments.scale.significand == 1 else { throw StateReader.corrupt }
    moments.fourth = try reader.readDouble()
    for index in 0..<Moments.savedVectors {
      try reader.read(into: moments.vectors.pointer + index &* moments.width, count: features)
    }
    for row in 0..<features { try reader.read(into: moments.m2.row(row), count: row &+ 1) }
    return moments
  }
}
