#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file opened for reading at any offset.
///
/// It is read, not mapped: a file that another program shortens meanwhile then gives an error where a mapping would
/// give a
/// signal, and what is resident stays a block, not the file.
public final class InputFile: Sendable {
  public let path: String
  public let byteCount: Int
  private let descriptor: Int32

  /// - Throws: `FormatError` for what cannot be opened, and for all but regular files: directories, FIFOs, devices,
  ///   sockets.
  public init(path: String) throws(FormatError) {
    guard !path.utf8.contains(0) else { throw FormatError(path, "found a zero byte in the path, allowed none") }
    // Not blocking: opening a FIFO would otherwise wait for its writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FormatError(path, "cannot be opened: \(systemMessage(errno))") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemMessage(errno)
      close(descriptor)
      throw FormatError(path, "cannot be examined: \(reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FormatError(path, "found \(fileKind(status.st_mode)), allowed a regular file")
    }
    self.path = path
    self.byteCount = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset` on, or throws.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw FormatError(path, "cannot be read at byte \(offset + done): \(systemMessage(errno))")
      }
      guard got > 0 else {
        throw FormatError(path, "ended at byte \(offset + done), \(buffer.count - done) bytes before it should")
      }
      done += got
    }
  }

  /// Bytes `offset ..< offset + count`; both must lie inside the file.
  func bytes(at offset: Int, count: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, count <= byteCount, offset <= byteCount - count else {
      throw FormatError(path, "found \(byteCount) bytes, needed \(count) at byte \(offset): truncated")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: FormatError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(FormatError) { try read(at: offset, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// The system's words for an error number.
public func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// What a path that is no regular file is.
func fileKind(_ mode: mode_t) -> String {
  switch mode & S_IFMT {
  case S_IFDIR: "a directory"
  case S_IFIFO: "a FIFO"
  case S_IFSOCK: "a socket"
  case S_IFCHR, S_IFBLK: "a device"
  default: "something that is no file"
  }
}
