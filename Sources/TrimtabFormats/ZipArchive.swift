/// A member of a zip archive.
struct ZipEntry: Sendable {
  enum Method: Sendable { case stored, deflated }

  let name: String
  let method: Method
  let checksum: UInt32
  let compressedByteCount: Int
  let byteCount: Int
  /// Where the member's bytes start in the file.
  let dataOffset: Int
}

/// A zip archive's directory, checked: every member lies inside the file, none overlaps another, and none declares more
/// than
/// deflate can inflate to.
final class ZipArchive: Sendable {
  let file: InputFile
  let entries: [ZipEntry]
  /// Members that cannot be read.
  let refused: [FormatError]

  /// Deflate's greatest expansion (258 bytes for two bits), rounded up.
  static let greatestExpansion = 1032

  init(_ file: InputFile) throws(FormatError) {
    self.file = file
    let directory = try ZipDirectory(file)
    var entries: [ZipEntry] = []
    var refused: [FormatError] = []
    var names: Set<String> = []
    for record in directory.records {
      do throws(FormatError) {
        guard names.insert(record.name).inserted else {
          throw FormatError(file.path, tensor: record.name, "stands in the archive twice, allowed once")
        }
        entries.append(try ZipArchive.entry(record, file))
      } catch {
        refused.append(error)
      }
    }
    // Members that share bytes are how a small archive declares endless data.
    let placed = entries.sorted { $0.dataOffset < $1.dataOffset }
    for (one, next) in zip(placed, placed.dropFirst())
    where one.dataOffset + one.compressedByteCount > next.dataOffset {
      throw FormatError(
        file.path, tensor: next.name, "shares bytes with \(quoted(one.name)): a damaged archive or a zip bomb")
    }
    self.entries = entries
    self.refused = refused
  }

  private static func entry(_ record: ZipDirectory.Record, _ file: InputFile) throws(FormatError) -> ZipEntry {
    func fail(_ message: String) -> FormatError { FormatError(file.path, tensor: record.name, message) }
    guard record.flags & 1 == 0 else { throw fail("is encrypted") }
    let method: ZipEntry.Method
    switch record.method {
    case 0: method = .stored
    case 8: method = .deflated
    default: throw fail("found compression method \(record.method), allowed 0 (stored) and 8 (deflated)")
    }
    let local = try file.bytes(at: record.localOffset, count: 30)
    guard local[0..<4] == [0x50, 0x4b, 3, 4] else { throw fail("found no local header where the directory says") }
    // At most 2^63 + 2^17: the offset was checked to lie inside the file.
    let start = record.localOffset + 30 + Int(local[26]) + Int(local[27]) << 8 + Int(local[28]) + Int(local[29]) << 8
    guard start <= file.byteCount, record.compressedByteCount <= file.byteCount - start else {
      throw fail(
        "declares \(record.compressedByteCount) bytes at byte \(start) of a file of \(file.byteCount): truncated")
    }
    switch method {
    case .stored:
      guard record.byteCount == record.compressedByteCount else {
        throw fail("is stored, yet declares \(record.byteCount) bytes for \(record.compressedByteCount)")
      }
    case .deflated:
      guard record.byteCount / greatestExpansion <= record.compressedByteCount else {
        throw fail(
          "declares \(record.byteCount) bytes for \(record.compressedByteCount) compressed ones, more than deflate can give"
        )
      }
    }
    return ZipEntry(
      name: record.name, method: method, checksum: record.checksum,
      compressedByteCount: record.compressedByteCount, byteCount: record.byteCount, dataOffset: start)
  }

  /// A member's bytes, inflated, held to the declared length and checksum.
  func makeStream(_ entry: ZipEntry) throws(FormatError) -> any ByteStream {
    let region = RegionStream(file, offset: entry.dataOffset, count: entry.compressedByteCount)
    let inflated: any ByteStream =
      switch entry.method {
      case .stored: region
      case .deflated: try InflatingStream(region, wrapping: .raw, path: file.path, tensor: entry.name)
      }
    return CheckedStream(
      inflated, count: entry.byteCount, checksum: entry.checksum, path: file.path, tensor: entry.name)
  }
}
