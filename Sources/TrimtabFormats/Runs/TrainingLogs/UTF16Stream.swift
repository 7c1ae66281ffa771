/// A stream as it is, or in UTF-8 where it begins with the mark of UTF-16, as what Windows' shell writes does.
final class UTF16Stream: ByteStream {
  private enum Order { case unknown, none, little, big }

  private let stream: any ByteStream
  private var order = Order.unknown
  /// What was read and is not translated: less than a character at its end.
  private var raw = [UInt8](repeating: 0, count: 1 << 16)
  private var start = 0
  private var filled = 0
  private var isAtEnd = false
  /// The first half of a pair.
  private var high: UInt32?

  init(_ stream: any ByteStream) { self.stream = stream }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    if order == .none, start == filled { return try stream.read(into: buffer) }
    if order == .unknown {
      while filled < 2, try fill() {}
      switch (raw[0], raw[1]) {
      case (0xff, 0xfe) where filled >= 2: order = .little
      case (0xfe, 0xff) where filled >= 2: order = .big
      default: order = .none
      }
      if order != .none { start = 2 }
    }
    guard order != .none else {
      let count = min(buffer.count, filled - start)
      raw.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)])) }
      start += count
      return count
    }
    return try translate(into: buffer)
  }

  /// Reads more behind what is left; false at the end.
  private func fill() throws(FormatError) -> Bool {
    if start > 0 {
      for place in start..<filled { raw[place - start] = raw[place] }
      filled -= start
      start = 0
    }
    var got = 0
    var failure: FormatError?
    raw.withUnsafeMutableBytes { raw in
      do throws(FormatError) {
        got = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[filled...]))
      } catch { failure = error }
    }
    if let failure { throw failure }
    filled += got
    return got > 0
  }

  private func translate(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    var count = 0
    while count + 4 <= buffer.count {
      if filled - start < 2 {
        if count > 0 { return count }
        guard !isAtEnd, try fill() else {
          isAtEnd = true
          return 0
        }
        continue
      }
      let unit =
        order == .little
        ? UInt32(raw[start]) | UInt32(raw[start + 1]) << 8 : UInt32(raw[start]) << 8 | UInt32(raw[start + 1])
      start += 2
      if unit & 0xfc00 == 0xd800 {
        high = unit
        continue
      }
      var value = unit
      if unit & 0xfc00 == 0xdc00 {
        value = high.map { 0x10000 + (($0 & 0x3ff) << 10 | unit & 0x3ff) } ?? 0xfffd
      }
      high = nil
      for byte in String(Unicode.Scalar(value) ?? "\u{fffd}").utf8 {
        buffer[count] = byte
        count += 1
      }
    }
    return count
  }
}
