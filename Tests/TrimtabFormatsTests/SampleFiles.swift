import CZlib
import Foundation
import Trimtab

@testable import TrimtabFormats

/// Files made byte by byte, so that the readers are not tested against a writer of their own.
enum SampleFile {
  static func npyHeader(_ descr: String, fortran: Bool = false, _ shape: String, version: UInt8 = 1) -> [UInt8] {
    var text = "{'descr': \(descr), 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
    while (text.utf8.count + 11) % 64 != 0 { text += " " }
    text += "\n"
    let count = text.utf8.count
    let length = version == 1 ? littleEndian(UInt16(count)) : littleEndian(UInt32(count))
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(text.utf8)
  }

  static func npy(_ descr: String, fortran: Bool = false, _ shape: String, _ data: [UInt8], version: UInt8 = 1)
    -> [UInt8]
  {
    npyHeader("'\(descr)'", fortran: fortran, shape, version: version) + data
  }

  static func littleEndian<Word: FixedWidthInteger>(_ value: Word) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func float32(_ values: [Float], bigEndian: Bool = false) -> [UInt8] {
    values.flatMap { bigEndian ? littleEndian($0.bitPattern).reversed() : littleEndian($0.bitPattern) }
  }

  /// Raw deflate (window -15) or gzip (31).
  static func deflated(_ bytes: [UInt8], window: Int32 = -15) -> [UInt8] {
    var stream = z_stream()
    precondition(trimtab_deflate_init(&stream, window) == Z_OK)
    var output = [UInt8](repeating: 0, count: bytes.count + 4096)
    var input = bytes
    let count = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return Int(stream.total_out)
      }
    }
    deflateEnd(&stream)
    return Array(output.prefix(count))
  }

  struct Member {
    var name: String
    var data: [UInt8]
    var isDeflated = false
    /// What the directory is to declare instead of the truth.
    var declaredCount: Int?
    var localOffset: Int?
    var checksum: UInt32?
  }

  static func zip(_ members: [Member]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let stored = member.isDeflated ? deflated(member.data) : member.data
      let checksum = member.checksum ?? UInt32(crc32_z(0, member.data, member.data.count))
      let method = littleEndian(UInt16(member.isDeflated ? 8 : 0))
      let count = UInt32(member.declaredCount ?? member.data.count)
      let sizes = littleEndian(checksum) + littleEndian(UInt32(stored.count)) + littleEndian(count)
      let name = Array(member.name.utf8)
      let offset = UInt32(member.localOffset ?? file.count)
      file += [0x50, 0x4b, 3, 4, 20, 0, 0, 0] + method + [0, 0, 0, 0] + sizes
      file += littleEndian(UInt16(name.count)) + [0, 0] + name + stored
      directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0] + method + [0, 0, 0, 0] + sizes
      directory += littleEndian(UInt16(name.count)) + [UInt8](repeating: 0, count: 12) + littleEndian(offset) + name
    }
    let entries = littleEndian(UInt16(members.count))
    let start = littleEndian(UInt32(file.count))
    let end: [UInt8] =
      [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + entries + entries + littleEndian(UInt32(directory.count)) + start + [0, 0]
    return file + directory + end
  }

  static func safetensors(_ header: String, _ data: [UInt8]) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + data
  }
}

/// A folder that goes away with the object.
final class Scratch {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-\(UUID().uuidString)")

  init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ name: String, _ bytes: [UInt8]) -> String {
    _ = FileManager.default.createFile(atPath: path(name), contents: Data(bytes))
    return path(name)
  }
}

/// All elements in row-major order as Double, through blocks of `blockByteCount`.
func values(_ source: TensorSource, blockByteCount: Int = 64, memoryLimit: Int = 1 << 24) throws -> [Double] {
  var all: [Double] = []
  try source.forEachRowBlock(blockByteCount: blockByteCount, memoryLimit: memoryLimit) { all += elements($0) }
  return all
}

func elements(_ view: TensorView) -> [Double] {
  guard let base = view.base, view.count > 0 else { return [] }
  return (0..<view.count).map { index in
    var rest = index
    var offset = 0
    for axis in (0..<view.rank).reversed() {
      offset += rest % view.shape[axis] * view.strides[axis]
      rest /= view.shape[axis]
    }
    let place = base + offset * view.elementType.byteCount
    switch view.elementType {
    case .float64: return place.loadUnaligned(as: Double.self)
    case .float32: return Double(place.loadUnaligned(as: Float.self))
    case .int16: return Double(place.loadUnaligned(as: Int16.self))
    case .int64: return Double(place.loadUnaligned(as: Int64.self))
    case .uint8, .bool: return Double(place.loadUnaligned(as: UInt8.self))
    default: return Double(place.loadUnaligned(as: UInt8.self))
    }
  }
}

/// The error that opening or reading a file gives.
func failure(_ path: String, memoryLimit: Int = 1 << 24) -> String {
  do {
    let file = try TensorFile(path: path)
    if let refused = file.refused.first { return refused.description }
    for tensor in file.tensors { _ = try values(tensor, memoryLimit: memoryLimit) }
    return "no error"
  } catch let error as FormatError {
    return error.description
  } catch {
    return "\(error)"
  }
}
