internal import Trimtab

/// One number for every element of all parameters, laid end to end, at first 0.
struct FlatMemory {
  let count: Int
  let precision: Precision
  private let storage: Storage<UInt8>

  /// - Throws: `outOfMemory`
  init(count: Int, precision: Precision) throws(TrimtabError) {
    self.count = count
    self.precision = precision
    let isHuge = count > 1 << 48
    storage = try Storage(count: isHuge ? count : count &* precision.byteCount, for: "parameters")
  }

  var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(storage.pointer) }
  var byteCount: Int { storage.count }

  func has(_ offset: Int, _ count: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= self.count && count <= self.count &- offset
  }

  func at(_ offset: Int) -> UnsafeMutableRawPointer { base + offset &* precision.byteCount }

  func write(to writer: inout StateWriter) { writer.write(storage.pointer, count: storage.count) }

  func read(from reader: inout StateReader) throws(TrimtabError) {
    try reader.read(into: storage.pointer, count: storage.count)
  }
}
