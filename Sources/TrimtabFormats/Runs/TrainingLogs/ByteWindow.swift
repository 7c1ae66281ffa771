/// A file, or bytes in memory, of which a stretch is at hand.
final class ByteWindow {
  static let usual = 1 << 18

  let byteCount: Int
  /// Nil where all bytes are at hand.
  private let file: InputFile?
  private var start = 0
  private var held: UnsafeMutableRawBufferPointer

  init(_ file: InputFile) {
    self.file = file
    byteCount = file.byteCount
    held = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)
  }

  init(_ bytes: some Collection<UInt8>) {
    file = nil
    byteCount = bytes.count
    held = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    held.copyBytes(from: bytes)
  }

  deinit { held.deallocate() }

  /// Bytes that must lie inside; they hold until the next call.
  func bytes(at offset: Int, count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
    if let file, offset < start || offset + count > start + held.count {
      let wanted = min(byteCount - offset, max(count, ByteWindow.usual))
      let next = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
      held.deallocate()
      held = next
      start = offset
      try file.read(at: offset, into: next)
    }
    return UnsafeRawBufferPointer(rebasing: held[(offset - start)..<(offset - start + count)])
  }
}
