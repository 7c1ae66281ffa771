#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lines of a stream, one at a time, in memory that does not grow with the stream.
final class LineReader {
  /// What one line of a run log may take; a longer one is passed over, and said to be too long.
  static let longestLine = 16 << 20

  /// The number of the current line, from 1.
  private(set) var number = 0
  /// Whether the current line ends with the stream and not with a line feed.
  private(set) var isUnended = false
  private(set) var isTooLong = false
  /// Whether the current line ends with a carriage return alone, as a progress bar's does.
  private(set) var endsAtReturn = false
  /// Bytes handed out, line ends included.
  private(set) var byteCount = 0

  private let stream: any ByteStream
  private let takesReturns: Bool
  private let longestLine: Int
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var position = 0
  private var filled = 0
  /// Where the next line feed stands, or `filled`: a block of short lines is not searched again for each.
  private var feed = 0
  private var isAfterReturn = false
  /// The front of a line that began in an earlier block.
  private var carried: [UInt8] = []

  /// - Parameter takesReturns: whether a carriage return ends a line too, alone or before a line feed.
  /// - Parameter longestLine: what one line may take.
  init(_ stream: any ByteStream, takesReturns: Bool = false, longestLine: Int = LineReader.longestLine) {
    self.stream = stream
    self.longestLine = longestLine
    self.takesReturns = takesReturns
  }

  deinit { buffer.deallocate() }

  /// Moves to the next line and hands it to `body`; false at the end.
  func next(_ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(FormatError) -> Bool {
    carried.removeAll(keepingCapacity: carried.capacity <= 1 << 20)
    isTooLong = false
    isUnended = false
    endsAtReturn = false
    var isBegun = false
    while true {
      if position == filled {
        guard try fill() else {
          isUnended = true
          guard isBegun else { return false }
          number += 1
          carried.withUnsafeBufferPointer(body)
          return true
        }
      }
      isBegun = true
      let end = lineEnd()
      let part = UnsafeRawBufferPointer(rebasing: buffer[position..<end])
      let isEnded = end < filled
      let isPair = isEnded && end + 1 == feed && feed < filled
      position = isEnded ? end + (isPair ? 2 : 1) : end
      byteCount += part.count + (isPair ? 2 : isEnded ? 1 : 0)
      if isEnded, carried.isEmpty, !isTooLong {
        number += 1
        part.withMemoryRebound(to: UInt8.self, body)
        return true
      }
      carry(part)
      if isEnded {
        number += 1
        carried.withUnsafeBufferPointer(body)
        return true
      }
    }
  }

  /// Reads a block; false at the end. The feed of a return and a feed that two blocks divide is no line.
  private func fill() throws(FormatError) -> Bool {
    repeat {
      filled = try stream.read(into: buffer)
      position = 0
      feed = -1
      guard filled > 0 else { return false }
      if isAfterReturn, buffer[0] == 10 {
        position = 1
        byteCount += 1
      }
      isAfterReturn = false
    } while position == filled
    return true
  }

  /// Where the line that begins at `position` ends, or `filled`; goes past the return before a feed.
  private func lineEnd() -> Int {
    if feed < position { feed = find(10, position, filled) }
    guard takesReturns else { return feed }
    let end = find(13, position, feed)
    guard end < feed else { return feed }
    if end + 1 == feed, feed < filled { return end }
    endsAtReturn = true
    isAfterReturn = end + 1 == filled
    return end
  }

  private func find(_ byte: UInt8, _ start: Int, _ end: Int) -> Int {
    guard start < end, let base = buffer.baseAddress, let found = memchr(base + start, Int32(byte), end - start) else {
      return end
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private func carry(_ part: UnsafeRawBufferPointer) {
    guard carried.count + part.count <= longestLine else {
      isTooLong = true
      carried.removeAll()
      return
    }
    if !isTooLong { carried.append(contentsOf: part) }
  }
}
