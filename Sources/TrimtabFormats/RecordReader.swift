/// Comma-separated records from a stream: quotes as in RFC 4180, any line ending, blank lines left out.
final class RecordReader {
  /// The cells of the current record, one after the other, quotes taken off.
  private(set) var text: [UInt8] = []
  /// Where each cell ends in `text`.
  private(set) var ends: [Int] = []
  /// The line where the current record starts, from 1.
  private(set) var line = 0

  private let stream: any ByteStream
  private let path: String
  private let delimiter: UInt8
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var position = 0
  private var filled = 0
  private var nextLine = 1
  private var isAtStart = true

  /// What one record may take: a file without line ends must not fill the memory.
  static let longestRecord = 16 << 20
  static let mostColumns = 1 << 20

  init(_ stream: any ByteStream, delimiter: UInt8, path: String) {
    self.stream = stream
    self.path = path
    self.delimiter = delimiter
  }

  deinit { buffer.deallocate() }

  var cellCount: Int { ends.count }

  /// The range of a cell in `text`; the index must be below `cellCount`.
  func cell(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

  /// A cell as text.
  func string(_ index: Int) -> String { String(decoding: text[cell(index)], as: UTF8.self) }

  /// Moves to the next record; false at the end.
  func next() throws(FormatError) -> Bool {
    repeat {
      text.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      line = nextLine
      guard try readRecord() else { return false }
    } while ends.count == 1 && text.isEmpty
    return true
  }

  private func fill() throws(FormatError) -> Bool {
    position = 0
    filled = try stream.read(into: buffer)
    if isAtStart && filled > 0 {
      isAtStart = false
      if filled >= 3 && buffer[0] == 0xef && buffer[1] == 0xbb && buffer[2] == 0xbf { position = 3 }
      if filled >= 2 && (buffer[0] == 0xff && buffer[1] == 0xfe || buffer[0] == 0xfe && buffer[1] == 0xff) {
        throw FormatError(path, "found UTF-16 text, allowed UTF-8")
      }
    }
    return filled > 0
  }

  /// The next byte without taking it, or nil at the end.
  private func peek() throws(FormatError) -> UInt8? {
    while position >= filled { if try !fill() { return nil } }
    return buffer[position]
  }

  private func readRecord() throws(FormatError) -> Bool {
    guard try peek() != nil else { return false }
    while let byte = try peek() {
      if byte == UInt8(ascii: "\"") && text.count == (ends.last ?? 0) {
        position += 1
        try readQuoted()
        continue
      }
      position += 1
      if byte == delimiter {
        try endCell()
      } else if byte == 10 || byte == 13 {
        if byte == 13, try peek() == 10 { position += 1 }
        nextLine += 1
        break
      } else {
        try append(byte)
        try appendPlainRun()
      }
    }
    try endCell()
    return true
  }

  /// Takes all bytes up to the next one that means something.
  private func appendPlainRun() throws(FormatError) {
    let start = position
    while position < filled {
      let byte = buffer[position]
      if byte == delimiter || byte == 10 || byte == 13 { break }
      position += 1
    }
    text.append(contentsOf: buffer[start..<position])
    try checkLength()
  }

  private func readQuoted() throws(FormatError) {
    let opened = nextLine
    while let byte = try peek() {
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard try peek() == UInt8(ascii: "\"") else { return }
        position += 1
      }
      if byte == 10 { nextLine += 1 }
      try append(byte)
    }
    throw FormatError(path, "line \(opened): a quote is opened and never closed")
  }

  private func append(_ byte: UInt8) throws(FormatError) {
    text.append(byte)
    try checkLength()
  }

  private func checkLength() throws(FormatError) {
    guard text.count <= RecordReader.longestRecord else {
      throw FormatError(
        path, "line \(line): found a record of more than \(RecordReader.longestRecord) bytes, allowed fewer")
    }
  }

  private func endCell() throws(FormatError) {
    ends.append(text.count)
    guard ends.count <= RecordReader.mostColumns else {
      throw FormatError(path, "line \(line): found more than \(RecordReader.mostColumns) cells, allowed no more")
    }
  }
}
