/// The first bytes of a log, inflated where it is compressed: enough to tell what it is.
struct LogFront: Sendable {
  /// What is read at first.
  static let usual = 1 << 18
  /// What is read where that was not enough.
  static let long = 1 << 22
  /// What one line of a log may take: a million columns of 17 digits.
  static let longestLine = 64 << 20

  let bytes: [UInt8]
  let isCompressed: Bool
  /// The bytes are all that there is.
  let isWhole: Bool
  /// How many bytes at the front mark the encoding.
  let markCount: Int

  /// Reads `byteCount` bytes, and on to the first line end where that comes later.
  init(_ file: InputFile, byteCount: Int = LogFront.usual) throws(FormatError) {
    let magic = try file.bytes(at: 0, count: min(2, file.byteCount))
    isCompressed = magic == [0x1f, 0x8b]
    let (stream, _) = try LogFront.open(file, isCompressed: isCompressed)
    var bytes: [UInt8] = []
    var hasEnd = false
    var isWhole = false
    while !isWhole, bytes.count < byteCount || !hasEnd && bytes.count < LogFront.longestLine {
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: LogFront.usual))
      var got = 0
      var failure: FormatError?
      bytes.withUnsafeMutableBytes { buffer in
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
        do throws(FormatError) { got = try stream.read(into: part) } catch { failure = error }
      }
      bytes.removeLast(bytes.count - start - got)
      // What can be read of a truncated file is read.
      if let failure, start == 0 { throw failure }
      isWhole = got == 0
      // A file that is no text has no lines.
      if !LogFront.isText(bytes) { break }
      hasEnd = hasEnd || bytes[start...].contains { $0 == 10 || $0 == 13 }
    }
    self.bytes = bytes
    self.isWhole = isWhole
    markCount = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  /// A stream of the file's text in UTF-8, and the part of the file that it comes from.
  static func open(_ file: InputFile, isCompressed: Bool) throws(FormatError) -> (any ByteStream, RegionStream) {
    let region = RegionStream(file, offset: 0, count: file.byteCount)
    let bytes: any ByteStream =
      isCompressed ? try InflatingStream(region, wrapping: .gzip, path: file.path) : region
    return (UTF16Stream(bytes), region)
  }

  var isText: Bool { LogFront.isText(bytes) }

  /// Whether no zero byte stands in the first line; where a disk failed, some may stand further on. Files of tensors
  /// have one in their first eight bytes.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    let line = bytes.prefix(4096).prefix { $0 != 10 && $0 != 13 }
    return !line.contains(0) && !bytes.prefix(8).contains(0)
  }

  /// Whether it is no table of numbers.
  var hasWords: Bool { 10 * bytes.lazy.filter { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }.count > bytes.count }

  /// The lines, without the one that the front cuts off; `body` answers false for enough.
  func forEachLine(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) {
    bytes.withUnsafeBufferPointer { buffer in
      var start = markCount
      while start < buffer.count {
        let rest = buffer[start...]
        let end = rest.firstIndex { $0 == 10 || $0 == 13 }
        if end == nil, !isWhole { return }
        guard body(UnsafeBufferPointer(rebasing: buffer[start..<(end ?? buffer.count)])) else { return }
        guard let end else { return }
        start = end + 1
        if buffer[end] == 13, start < buffer.count, buffer[start] == 10 { start += 1 }
      }
    }
  }
}
