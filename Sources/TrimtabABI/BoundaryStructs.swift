internal import CTrimtab
internal import Trimtab

private let largestStruct: UInt32 = 1 << 16

/// The caller's options, or nil where it passed NULL. Bytes beyond what this version knows must be zero.
func options<Struct: BitwiseCopyable>(
  _ pointer: UnsafePointer<Struct>?, _ name: StaticText = "options"
) throws(TrimtabError) -> Struct? {
  guard let pointer else { return nil }
  let known = UInt32(truncatingIfNeeded: MemoryLayout<Struct>.size)
  let raw = UnsafeRawPointer(pointer)
  let size = raw.loadUnaligned(as: UInt32.self)
  guard size >= known, size <= largestStruct else {
    throw TrimtabError(
      .structSize, "%: found struct_size %, allowed % (initialise it with its _INIT macro)", name, size, known)
  }
  for offset in Int(known)..<Int(size) where raw.load(fromByteOffset: offset, as: UInt8.self) != 0 {
    throw TrimtabError(
      .structSize, "%: found fields of a newer version set (struct_size %, known here %)", name, size, known)
  }
  return raw.loadUnaligned(as: Struct.self)
}

/// A report to be written: the pointer and the caller's struct_size, checked before any work is done.
struct ReportTarget<Struct: BitwiseCopyable> {
  private let pointer: UnsafeMutablePointer<Struct>
  let structSize: UInt32

  init(_ pointer: UnsafeMutablePointer<Struct>?, _ name: StaticText = "report") throws(TrimtabError) {
    self.pointer = try required(pointer, name)
    structSize = UnsafeRawPointer(self.pointer).loadUnaligned(as: UInt32.self)
    let known = UInt32(truncatingIfNeeded: MemoryLayout<Struct>.size)
    guard structSize >= known, structSize <= largestStruct else {
      throw TrimtabError(
        .structSize, "%: found struct_size %, allowed % (initialise it with its _INIT macro)", name, structSize, known)
    }
  }

  /// Writes the report; the caller's struct_size stays as it was.
  func write(_ report: Struct) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: report, as: Struct.self)
    UnsafeMutableRawPointer(pointer).storeBytes(of: structSize, as: UInt32.self)
  }
}
