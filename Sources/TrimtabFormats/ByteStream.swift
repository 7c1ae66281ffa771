internal import CZlib

/// Bytes read from front to back, a block at a time.
protocol ByteStream: AnyObject {
  /// Fills the front of `buffer` and returns how much; 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int
}

extension ByteStream {
  /// Fills `buffer` whole, or throws.
  func readExactly(into buffer: UnsafeMutableRawBufferPointer, path: String, tensor: String) throws(FormatError) {
    var done = 0
    while done < buffer.count {
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
      guard got > 0 else {
        throw FormatError(path, tensor: tensor, "ended \(buffer.count - done) bytes before the array does: truncated")
      }
      done += got
    }
  }

  /// Reads `count` bytes and forgets them.
  func skip(_ count: Int, path: String, tensor: String) throws(FormatError) {
    var left = count
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(count, 1), 1 << 16), alignment: 16)
    defer { buffer.deallocate() }
    while left > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, buffer.count)])
      try readExactly(into: part, path: path, tensor: tensor)
      left -= part.count
    }
  }
}

/// A part of a file.
final class RegionStream: ByteStream {
  private let file: InputFile
  private(set) var offset: Int
  private let end: Int

  /// The region must lie inside the file.
  init(_ file: InputFile, offset: Int, count: Int) {
    self.file = file
    self.offset = offset
    self.end = offset + count
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let count = min(buffer.count, end - offset)
    guard count > 0 else { return 0 }
    try file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    offset += count
    return count
  }
}

/// What another stream's bytes inflate to, a block at a time: memory does not depend on how far they inflate.
final class InflatingStream: ByteStream {
  enum Wrapping { case raw, gzip }

  private let source: any ByteStream
  private let path: String
  private let tensor: String
  private let wrapping: Wrapping
  // zlib keeps a pointer to its stream, so the stream must not move.
  private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var sourceEnded = false
  private var ended = false
  /// What came out before it is handed on first.
  private var failure: FormatError?

  init(_ source: any ByteStream, wrapping: Wrapping, path: String, tensor: String = "") throws(FormatError) {
    self.source = source
    self.path = path
    self.tensor = tensor
    self.wrapping = wrapping
    state.initialize(to: z_stream())
    guard trimtab_inflate_init(state, wrapping == .raw ? -15 : 31) == Z_OK else {
      throw FormatError(path, tensor: tensor, "cannot be inflated: zlib could not start")
    }
  }

  deinit {
    inflateEnd(state)
    state.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    if let failure { throw failure }
    guard !ended, buffer.count > 0 else { return 0 }
    let room = min(buffer.count, 1 << 30)
    state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = UInt32(room)
    while !ended && state.pointee.avail_out == UInt32(room) {
      try refill()
      let code = inflate(state, Z_NO_FLUSH)
      switch code {
      case Z_OK: break
      case Z_STREAM_END: try finishMember()
      case Z_BUF_ERROR where sourceEnded && state.pointee.avail_in == 0:
        throw FormatError(path, tensor: tensor, "the compressed data end too early: truncated")
      case Z_BUF_ERROR: break
      default:
        let reason = state.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        let error = FormatError(path, tensor: tensor, "the compressed data are corrupt: \(reason)")
        guard state.pointee.avail_out < UInt32(room) else { throw error }
        failure = error
      }
    }
    return room - Int(state.pointee.avail_out)
  }

  private func refill() throws(FormatError) {
    guard state.pointee.avail_in == 0, !sourceEnded else { return }
    let got = try source.read(into: input)
    if got == 0 { sourceEnded = true }
    state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_in = UInt32(got)
  }

  /// A gzip file may hold several members one after the other; zero bytes after the last are padding.
  private func finishMember() throws(FormatError) {
    try refill()
    guard wrapping == .gzip, state.pointee.avail_in > 0, state.pointee.next_in.pointee == 0x1f else {
      ended = true
      return
    }
    guard inflateReset(state) == Z_OK else {
      throw FormatError(path, tensor: tensor, "cannot be inflated: zlib could not go on")
    }
  }
}

/// Another stream, held to the length and the checksum that its archive declares.
final class CheckedStream: ByteStream {
  private let source: any ByteStream
  private let path: String
  private let tensor: String
  private let declaredCount: Int
  private let declaredChecksum: UInt32
  private var count = 0
  private var checksum: UInt = 0

  init(_ source: any ByteStream, count: Int, checksum: UInt32, path: String, tensor: String) {
    self.source = source
    self.path = path
    self.tensor = tensor
    self.declaredCount = count
    self.declaredChecksum = checksum
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let got = try source.read(into: buffer)
    let (total, overflow) = count.addingReportingOverflow(got)
    guard !overflow, total <= declaredCount else {
      throw FormatError(
        path, tensor: tensor, "inflates to more than the \(declaredCount) bytes that the archive declares")
    }
    count = total
    checksum = crc32_z(checksum, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), got)
    if count == declaredCount && got > 0 && UInt32(truncatingIfNeeded: checksum) != declaredChecksum {
      throw FormatError(path, tensor: tensor, "the checksum does not fit: the archive is corrupt")
    }
    return got
  }
}
