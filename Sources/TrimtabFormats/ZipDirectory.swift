/// The central directory of a zip archive, zip64 included.
struct ZipDirectory {
  struct Record {
    var name: String
    var flags: Int
    var method: Int
    var checksum: UInt32
    var compressedByteCount: Int
    var byteCount: Int
    var localOffset: Int
  }

  private(set) var records: [Record] = []

  init(_ file: InputFile) throws(FormatError) {
    let (offset, count) = try ZipDirectory.locate(file)
    let bytes = try file.bytes(at: offset, count: count)
    var reader = LittleEndianReader(bytes)
    while reader.remaining > 0 {
      guard let record = ZipDirectory.parseRecord(&reader) else {
        throw FormatError(file.path, "the archive's directory is corrupt at entry \(records.count)")
      }
      records.append(record)
    }
  }

  /// Where the directory is and how long.
  private static func locate(_ file: InputFile) throws(FormatError) -> (offset: Int, count: Int) {
    let tailCount = min(file.byteCount, 22 + 65535)
    let tailOffset = file.byteCount - tailCount
    let tail = try file.bytes(at: tailOffset, count: tailCount)
    guard let end = lastIndex(of: [0x50, 0x4b, 5, 6], in: tail), tail.count - end >= 22 else {
      throw FormatError(file.path, "found no end-of-archive record: not a zip archive, or truncated")
    }
    var reader = LittleEndianReader(tail, at: end + 12)
    var count = Int(reader.uint32() ?? 0)
    var offset = Int(reader.uint32() ?? 0)
    if count == 0xffff_ffff || offset == 0xffff_ffff || isZip64(tail, end) {
      (offset, count) = try locateZip64(file, endOffset: tailOffset + end)
    }
    guard offset <= file.byteCount, count <= file.byteCount - offset else {
      throw FormatError(file.path, "the archive's directory lies outside the file: truncated or corrupt")
    }
    return (offset, count)
  }

  private static func lastIndex(of magic: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= 22 else { return nil }
    return (0...(bytes.count - 22)).last { Array(bytes[$0..<($0 + 4)]) == magic }
  }

  private static func isZip64(_ tail: [UInt8], _ end: Int) -> Bool {
    end >= 20 && tail[(end - 20)..<(end - 16)] == [0x50, 0x4b, 6, 7]
  }

  private static func locateZip64(_ file: InputFile, endOffset: Int) throws(FormatError) -> (Int, Int) {
    let corrupt = FormatError(file.path, "the archive's zip64 record is missing or corrupt")
    guard endOffset >= 20 else { throw corrupt }
    var locator = LittleEndianReader(try file.bytes(at: endOffset - 20, count: 20))
    guard locator.uint32() == 0x0706_4b50, locator.skip(4), let place = locator.uint64(),
      let offset = Int(exactly: place), offset <= file.byteCount - 56
    else { throw corrupt }
    var record = LittleEndianReader(try file.bytes(at: offset, count: 56))
    guard record.uint32() == 0x0606_4b50, record.skip(36),
      let count = record.uint64().flatMap(Int.init(exactly:)), let start = record.uint64().flatMap(Int.init(exactly:))
    else { throw corrupt }
    return (start, count)
  }

  private static func parseRecord(_ reader: inout LittleEndianReader) -> Record? {
    guard reader.uint32() == 0x0201_4b50, reader.skip(4), let flags = reader.uint16(), let method = reader.uint16(),
      reader.skip(4), let checksum = reader.uint32(), let compressed = reader.uint32(), let count = reader.uint32(),
      let nameCount = reader.uint16(), let extraCount = reader.uint16(), let commentCount = reader.uint16(),
      reader.skip(8), let local = reader.uint32(), let name = reader.bytes(Int(nameCount)),
      let extra = reader.bytes(Int(extraCount)), reader.skip(Int(commentCount))
    else { return nil }
    var record = Record(
      name: String(decoding: name, as: UTF8.self), flags: Int(flags), method: Int(method), checksum: checksum,
      compressedByteCount: Int(compressed), byteCount: Int(count), localOffset: Int(local))
    return applyZip64(extra, to: &record) ? record : nil
  }

  /// Takes the 64-bit sizes from the extra field; false where they are promised and missing.
  private static func applyZip64(_ extra: [UInt8], to record: inout Record) -> Bool {
    let mark = 0xffff_ffff
    guard record.byteCount == mark || record.compressedByteCount == mark || record.localOffset == mark else {
      return true
    }
    var fields = LittleEndianReader(extra)
    while let kind = fields.uint16(), let count = fields.uint16(), let body = fields.bytes(Int(count)) {
      guard kind == 1 else { continue }
      var values = LittleEndianReader(body)
      func take(_ field: inout Int) -> Bool {
        guard field == mark else { return true }
        guard let value = values.uint64().flatMap(Int.init(exactly:)) else { return false }
        field = value
        return true
      }
      return take(&record.byteCount) && take(&record.compressedByteCount) && take(&record.localOffset)
    }
    return false
  }
}

/// Little-endian integers from bytes; nil past their end.
struct LittleEndianReader {
  private let source: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    source = bytes
    self.position = position
  }

  var remaining: Int { source.count - position }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return Array(source[position..<(position + count)])
  }

  mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }
  mutating func uint16() -> UInt16? { integer() }
  mutating func uint32() -> UInt32? { integer() }
  mutating func uint64() -> UInt64? { integer() }

  private mutating func integer<Word: FixedWidthInteger>() -> Word? {
    bytes(MemoryLayout<Word>.size)?.reversed().reduce(0) { $0 << 8 | Word($1) }
  }
}
