/// The lines of a stream, one at a time, in memory that does not grow with the stream.
final class LineReader {
  /// What one line may take; a longer one is passed over, and said to be too long.
  static let longestLine = 16 << 20

  /// The number of the current line, from 1.
  private(set) var number = 0
  /// Whether the current line ends with the stream and not with a line feed.
  private(set) var isUnended = false
  private(set) var isTooLong = false

  private let stream: any ByteStream
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var position = 0
  private var filled = 0
  /// The front of a line that began in an earlier block.
  private var carried: [UInt8] = []

  init(_ stream: any ByteStream) { self.stream = stream }
  deinit { buffer.deallocate() }

  /// Moves to the next line and hands it to `body`; false at the end.
  func next(_ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(FormatError) -> Bool {
    carried.removeAll(keepingCapacity: carried.capacity <= 1 << 20)
    isTooLong = false
    isUnended = false
    var isBegun = false
    while true {
      if position == filled {
        filled = try stream.read(into: buffer)
        position = 0
        if filled == 0 {
          isUnended = true
          guard isBegun else { return false }
          number += 1
          carried.withUnsafeBufferPointer(body)
          return true
        }
      }
      isBegun = true
      let rest = UnsafeRawBufferPointer(rebasing: buffer[position..<filled])
      let end = rest.firstIndex(of: 10)
      let part = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
      position += part.count + (end == nil ? 0 : 1)
      if end != nil, carried.isEmpty, !isTooLong {
        number += 1
        part.withMemoryRebound(to: UInt8.self, body)
        return true
      }
      carry(part)
      if end != nil {
        number += 1
        carried.withUnsafeBufferPointer(body)
        return true
      }
    }
  }

  private func carry(_ part: UnsafeRawBufferPointer) {
    guard carried.count + part.count <= LineReader.longestLine else {
      isTooLong = true
      carried.removeAll()
      return
    }
    if !isTooLong { carried.append(contentsOf: part) }
  }
}
