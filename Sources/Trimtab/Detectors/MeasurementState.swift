extension StateReader {
  /// Reads a number that must be finite.
  mutating func readFinite() throws(TrimtabError) -> Double {
    let value = try readDouble()
    guard value.isFinite else { throw StateReader.corrupt }
    return value
  }
}

extension Measurement {
  func write(to writer: inout StateWriter) {
    writer.write(score)
    writer.write(threshold)
    writer.write(baseline)
    writer.write(spread)
    writer.write(isReady)
    writer.write(isNew)
    writer.write(age)
  }

  init(from reader: inout StateReader) throws(TrimtabError) {
    score = try reader.readFinite()
    threshold = try reader.readFinite()
    baseline = try reader.readFinite()
    spread = try reader.readFinite()
    isReady = try reader.readBool()
    isNew = try reader.readBool()
    age = try reader.readCount(0...(1 << 60))
  }
}
