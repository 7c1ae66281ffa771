/// The objects of a list, one at a time, wherever their line ends are.
final class JSONObjectReader {
  /// Where the list stands.
  enum Place: Sendable {
    /// The document is the list.
    case document
    /// Under a key of the document, which is an object.
    case key(String)
    /// There is no list: one object follows the other.
    case sequence
  }

  static let longestObject = 16 << 20

  /// The line on which the current object begins, from 1.
  private(set) var line = 1
  /// The stream ended within the document.
  private(set) var isTorn = false
  private(set) var isTooLong = false
  private(set) var byteCount = 0

  private let stream: any ByteStream
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private let key: [UInt8]?
  /// The depth at which the objects begin.
  private let level: Int
  private var position = 0
  private var filled = 0
  private var depth = 0
  private var isInText = false
  private var isEscaped = false
  private var isInList: Bool
  private var object: [UInt8] = []
  private var isGathering = false
  private var currentLine = 1
  /// The last text at the document's own level, to find the key.
  private var text: [UInt8] = []

  init(_ stream: any ByteStream, at place: Place) {
    self.stream = stream
    switch place {
    case .document: (key, level, isInList) = (nil, 1, true)
    case .sequence: (key, level, isInList) = (nil, 0, true)
    case .key(let name): (key, level, isInList) = (Array(name.utf8), 2, false)
    }
  }

  deinit { buffer.deallocate() }

  /// Hands the next object to `body`; false at the end of the list.
  func next(_ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(FormatError) -> Bool {
    object.removeAll(keepingCapacity: object.capacity <= 1 << 20)
    isTooLong = false
    while true {
      if position == filled {
        filled = try stream.read(into: buffer)
        byteCount += filled
        position = 0
        if filled == 0 {
          isTorn = isGathering || depth > 0
          guard isGathering, !object.isEmpty else { return false }
          isGathering = false
          object.withUnsafeBufferPointer(body)
          return true
        }
      }
      let byte = buffer[position]
      position += 1
      let isEnd = step(byte)
      if isGathering || isEnd { object.append(byte) }
      if object.count > JSONObjectReader.longestObject {
        isTooLong = true
        giveUp()
        body(UnsafeBufferPointer(start: nil, count: 0))
        return true
      }
      if isEnd {
        object.withUnsafeBufferPointer(body)
        return true
      }
    }
  }

  /// Whether the byte ends an object.
  private func step(_ byte: UInt8) -> Bool {
    if byte == 10 { currentLine += 1 }
    if isInText {
      stepInText(byte)
      return false
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInText = true
      text.removeAll(keepingCapacity: true)
    case UInt8(ascii: "["):
      if key != nil, depth == 1, text == key { isInList = true }
      depth += 1
    case UInt8(ascii: "{"):
      if isInList, depth == level, !isGathering {
        isGathering = true
        line = currentLine
      }
      depth += 1
    case UInt8(ascii: "]"):
      depth = max(0, depth - 1)
      if depth < level, key != nil { isInList = false }
    case UInt8(ascii: "}"):
      depth = max(0, depth - 1)
      if isGathering, depth <= level {
        isGathering = false
        return true
      }
    default: break
    }
    return false
  }

  private func stepInText(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") || byte == 10 {
      // No text goes over a line end: a quote was lost.
      isInText = false
    } else if text.count < 64, !isGathering {
      text.append(byte)
    }
  }

  private func giveUp() {
    object.removeAll()
    isGathering = false
    isInText = false
    depth = level
  }
}
