/// The Castagnoli cyclic redundancy check (RFC 3720, B.4), and the form in which event files store it.
enum Checksum32C {
  /// Of eight bytes at once: tables[k][b] is what byte b adds with k bytes after it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
      tables[byte] = value
    }
    for place in 256..<(8 * 256) {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xff)]
    }
    return tables
  }()

  /// The checksum of `bytes`, or of what had `checksum` followed by them.
  static func of(_ bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var value = ~checksum
      var place = 0
      while place + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(value)
        value = 0
        for index in 0..<8 {
          value ^= tables[(7 - index) * 256 + Int(word >> UInt64(8 * index) & 0xff)]
        }
        place += 8
      }
      while place < bytes.count {
        value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[place])) & 0xff)]
        place += 1
      }
      return ~value
    }
  }

  /// Turned and shifted, so that a checksum of data that hold checksums is one still.
  static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let value = of(bytes)
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }
}
