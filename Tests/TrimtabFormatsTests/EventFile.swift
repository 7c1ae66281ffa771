@testable import TrimtabFormats

/// Event files made byte by byte, with a checksum that is worked out bit by bit.
enum EventFile {
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }
    return ~value
  }

  static func masked(_ bytes: [UInt8]) -> [UInt8] {
    let value = checksum(bytes)
    return SampleFile.littleEndian((value >> 15 | value << 17) &+ 0xa282_ead8)
  }

  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = SampleFile.littleEndian(UInt64(data.count))
    return length + masked(length) + data + masked(data)
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
  }

  static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
  }

  static func field(_ number: Int, _ value: Double) -> [UInt8] {
    varint(UInt64(number << 3 | 1)) + SampleFile.littleEndian(value.bitPattern)
  }

  static func field(_ number: Int, _ value: Float) -> [UInt8] {
    varint(UInt64(number << 3 | 5)) + SampleFile.littleEndian(value.bitPattern)
  }

  static func field(_ number: Int, _ value: Int) -> [UInt8] {
    varint(UInt64(number << 3)) + varint(UInt64(bitPattern: Int64(value)))
  }

  static let header = record(field(1, 1.7e9) + field(3, Array("brain.Event:2".utf8)))

  static func event(_ step: Int, _ values: [[UInt8]]) -> [UInt8] {
    record(field(1, 1.7e9) + field(2, step) + field(5, values.flatMap { field(1, $0) }))
  }

  static func simple(_ tag: String, _ value: Float) -> [UInt8] { field(1, Array(tag.utf8)) + field(2, value) }

  /// The newer form: a tensor, under the name of the plugin.
  static func tensor(_ tag: String, _ tensor: [UInt8], plugin: String = "scalars") -> [UInt8] {
    field(1, Array(tag.utf8)) + field(9, field(1, field(1, Array(plugin.utf8)))) + field(8, tensor)
  }

  static func scalars(_ count: Int) -> [[UInt8]] {
    (0..<count).map { event($0 * 10, [simple("train/loss", 2.5 - Float($0) / 8), simple("lr", 0.25)]) }
  }
}
