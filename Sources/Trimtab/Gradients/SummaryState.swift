extension Summary {
  /// Writes what is kept; the rest is derived again on reading.
  func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(nanCount)
    writer.write(positiveInfinityCount)
    writer.write(negativeInfinityCount)
    writer.write(zeroCount)
    writer.write(subnormalCount)
    writer.write(firstNonfiniteIndex)
    writer.write(minimum)
    writer.write(maximum)
    writer.write(scaledSum)
    writer.write(scaledAbsoluteSum)
    writer.write(scaledSquareSum)
    writer.write(Int(scaleExponent))
  }

  /// - Throws: `stateCorrupt` for fields that cannot come from data.
  init(from reader: inout StateReader) throws(TrimtabError) {
    self.init()
    count = try reader.readInt()
    nanCount = try reader.readInt()
    positiveInfinityCount = try reader.readInt()
    negativeInfinityCount = try reader.readInt()
    zeroCount = try reader.readInt()
    subnormalCount = try reader.readInt()
    firstNonfiniteIndex = try reader.readInt()
    minimum = try reader.readDouble()
    maximum = try reader.readDouble()
    scaledSum = try reader.readDouble()
    scaledAbsoluteSum = try reader.readDouble()
    scaledSquareSum = try reader.readDouble()
    scaleExponent = Int32(truncatingIfNeeded: try reader.readCount(-1074...1023))
    derive()
    var nothing = Summary.identity
    do throws(TrimtabError) { try nothing.merge(self) } catch { throw StateReader.corrupt }
    // What was merged once is as merging leaves it.
    guard nothing == self else { throw StateReader.corrupt }
  }
}
