internal import Trimtab

/// Arrays, one after the other, of one number for every element of all parameters, which are laid end to end; at first 0.
struct FlatMemory {
  let count: Int
  let precision: Precision
  private let storage: Storage<UInt8>

  /// - Throws: `outOfMemory`
  init(arrays: Int = 1, count: Int, precision: Precision) throws(TrimtabError) {
    self.count = count
    self.precision = precision
    // What is refused in any case is not multiplied, which might wrap around to what is not.
    let isPossible = count >= 0 && count < 1 << 48
    storage = try Storage(count: isPossible ? arrays &* count &* precision.byteCount : count, for: "parameters")
  }

  var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(storage.pointer) }

  func has(_ offset: Int, _ count: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= self.count && count <= self.count &- offset
  }

  func at(_ offset: Int) -> UnsafeMutableRawPointer { base + offset &* precision.byteCount }

  func write(to writer: inout StateWriter) { writer.write(storage.pointer, count: storage.count) }

  func read(from reader: inout StateReader) throws(TrimtabError) {
    try reader.read(into: storage.pointer, count: storage.count)
  }
}
