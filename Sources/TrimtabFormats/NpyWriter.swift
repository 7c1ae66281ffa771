public import Trimtab

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes a .npy array a block at a time.
///
/// The bytes go to a file beside the target, which takes its name only once all are there: what fails leaves the target
/// as it was.
public final class NpyWriter {
  private let path: String
  private let draft: String
  private var descriptor: Int32
  private var left: Int

  /// - Throws: `FormatError` where no file can be made in the folder of `path`.
  public init(path: String, elementType: ElementType, shape: [Int]) throws(FormatError) {
    guard !path.utf8.contains(0) else { throw FormatError(path, "found a zero byte in the path, allowed none") }
    guard elementType == .float64 || elementType == .float32 else {
      throw FormatError(path, "found \(elementType.name), allowed float32 and float64")
    }
    self.path = path
    draft = "\(path).part-\(getpid())"
    left = try elementCount(shape, elementType, path: path, tensor: "").bytes
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FormatError(path, "cannot be written: \(systemMessage(errno))") }
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = 1.littleEndian == 1 ? "<" : ">"
    var text = "{'descr': '\(order)f\(elementType.byteCount)', 'fortran_order': False, 'shape': (\(extents)), }"
    // The elements start at a multiple of 64 bytes.
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let count = text.utf8.count
    let header = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(text.utf8)
    var failure: FormatError?
    header.withUnsafeBytes { bytes in
      do throws(FormatError) { try put(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(draft)
  }

  /// Appends elements, in row-major order.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    guard bytes.count <= left else {
      throw FormatError(path, "found more elements than its shape has, allowed as many")
    }
    try put(bytes)
    left -= bytes.count
  }

  /// Gives the file its name. All elements must have been appended.
  public func finish() throws(FormatError) {
    guard left == 0 else { throw FormatError(path, "found \(left) bytes fewer than its shape has, allowed as many") }
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isClosed, rename(draft, path) == 0 else {
      let reason = systemMessage(errno)
      unlink(draft)
      throw FormatError(path, "cannot be written: \(reason)")
    }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
    var done = 0
    while done < bytes.count {
      let written = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FormatError(path, "cannot be written: \(systemMessage(errno))") }
      done += written
    }
  }
}
