/// The fields of a protocol buffer's message, where they lie.
struct ProtobufScanner {
  enum Value {
    case integer(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(UnsafeRawBufferPointer)
  }

  let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// The message breaks off or holds what is no field.
  private(set) var isDamaged = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field; nil at the end, and where the message is damaged.
  mutating func next() -> (field: Int, value: Value)? {
    guard position < bytes.count, !isDamaged else { return nil }
    guard let tag = integer(), tag >> 3 > 0, tag >> 3 < 1 << 29, let value = value(kind: tag & 7) else {
      isDamaged = true
      return nil
    }
    return (Int(tag >> 3), value)
  }

  private mutating func value(kind: UInt64) -> Value? {
    switch kind {
    case 0: return integer().map(Value.integer)
    case 1: return fixed(UInt64.self).map(Value.fixed64)
    case 2:
      guard let count = integer(), count <= UInt64(bytes.count - position) else { return nil }
      defer { position += Int(count) }
      return .bytes(UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(count))]))
    case 5: return fixed(UInt32.self).map(Value.fixed32)
    default: return nil
    }
  }

  /// Seven bits a byte, the lowest first.
  private mutating func integer() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < bytes.count else { return nil }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func fixed<Word: FixedWidthInteger>(_: Word.Type) -> Word? {
    let count = MemoryLayout<Word>.size
    guard bytes.count - position >= count else { return nil }
    defer { position += count }
    return Word(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Word.self))
  }
}
