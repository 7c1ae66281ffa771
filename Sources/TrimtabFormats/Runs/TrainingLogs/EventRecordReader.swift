/// The records of an event file: length, its checksum, data, their checksum.
///
/// TensorBoard stops at the first record whose checksum does not fit. Where the length is sound, only that record is
/// passed over here; where it is not, the next place at which both checksums fit is looked for.
final class EventRecordReader {
  /// What one record may take to be read; the checksum of a longer one is not looked at.
  static let longestRecord = 16 << 20

  /// Of the current record, from 1; records that were lost are not counted.
  private(set) var number = 0
  private(set) var checksumFailureCount = 0
  /// Records passed over, the first of them.
  private(set) var failures: [Int] = []
  private(set) var tooLongCount = 0
  private(set) var lostByteCount = 0
  private(set) var isTorn = false
  private(set) var offset: Int

  private let window: ByteWindow
  private let byteCount: Int

  init(_ window: ByteWindow, from offset: Int = 0) {
    self.window = window
    self.offset = offset
    byteCount = window.byteCount
  }

  /// Hands the data of the next sound record to `body`; false at the end.
  func next(_ body: (UnsafeRawBufferPointer) -> Void) throws(FormatError) -> Bool {
    while offset < byteCount {
      guard byteCount - offset >= 16 else {
        isTorn = true
        return false
      }
      guard let length = try lengthHere() else {
        guard try findNext() else { return false }
        continue
      }
      number += 1
      guard length <= byteCount - offset - 16 else {
        isTorn = true
        return false
      }
      let data = offset + 12
      offset += 16 + length
      if length > EventRecordReader.longestRecord {
        tooLongCount += 1
        continue
      }
      if try isSound(data, length, body) { return true }
      checksumFailureCount += 1
      if failures.count < LogReading.greatestListCount { failures.append(number) }
    }
    return false
  }

  /// The length that stands at `offset`; nil where its checksum does not fit.
  private func lengthHere() throws(FormatError) -> Int? {
    let head = try window.bytes(at: offset, count: 12)
    let stored = UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard Checksum32C.masked(UnsafeRawBufferPointer(rebasing: head[..<8])) == stored else { return nil }
    return Int(exactly: UInt64(littleEndian: head.loadUnaligned(as: UInt64.self)))
  }

  private func isSound(
    _ data: Int, _ length: Int, _ body: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(FormatError) -> Bool {
    let bytes = try window.bytes(at: data, count: length + 4)
    let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: length, as: UInt32.self))
    let record = UnsafeRawBufferPointer(rebasing: bytes[..<length])
    guard Checksum32C.masked(record) == stored else { return false }
    body(record)
    return true
  }

  /// Goes on to the next record that is sound; false where there is none.
  private func findNext() throws(FormatError) -> Bool {
    checksumFailureCount += 1
    if failures.count < LogReading.greatestListCount { failures.append(number + 1) }
    let start = offset
    defer { lostByteCount += offset - start }
    while byteCount - offset > 16 {
      offset += 1
      guard let length = try lengthHere(), length <= min(byteCount - offset - 16, EventRecordReader.longestRecord),
        try isSound(offset + 12, length)
      else { continue }
      return true
    }
    offset = byteCount
    return false
  }
}
