internal import Trimtab

/// How a table of text is to be read.
public struct CSVOptions: Sendable {
  public enum Header: String, Sendable, CaseIterable {
    /// A first line with a cell that is no number, or with the numbers 0, 1, 2 ... , is a header.
    case automatic
    case present
    case absent
  }

  public var header = Header.automatic
  /// The column, counted from 0, that may hold words: they come out as NaN, and `TensorSource.cells` tells them.
  public var wordColumn: Int?

  public init() {}
}

/// A table of numbers as text, plain or gzip-compressed: rows are samples, columns are features.
struct TextTable: Sendable {
  private let file: InputFile
  private let isCompressed: Bool
  private var delimiter = UInt8(ascii: ",")
  private var hasHeader = false
  /// 1 where the first column only counts the rows, otherwise 0.
  private var leftOutColumns = 0
  private var cellCount = 0
  private var names: [String] = []
  private var notes: [String] = []
  private let wordColumn: Int?

  /// Reads the first two records.
  init(_ file: InputFile, isCompressed: Bool, options: CSVOptions) throws(FormatError) {
    self.file = file
    self.isCompressed = isCompressed
    wordColumn = options.wordColumn
    try chooseDelimiter()
    let reader = try makeReader()
    guard try reader.next() else { throw FormatError(file.path, "holds no line of text") }
    cellCount = reader.cellCount
    let first = (0..<cellCount).map(reader.string)
    let kinds = (0..<cellCount).map { CellNumber(reader.text[reader.cell($0)]) }
    hasHeader = isHeader(kinds, options.header)
    guard hasHeader else { return }
    names = first.map(\.trimmedSpaces)
    if let name = names.first, name.hasPrefix("#") { names[0] = String(name.dropFirst()).trimmedSpaces }
    try leaveOutRowNumbers(first, reader)
  }

  /// The table as a tensor of rank 2 whose rows are not counted yet.
  var source: TensorSource {
    TensorSource(
      path: file.path, name: "", elementType: .float64, shape: [0, cellCount - leftOutColumns], rowsAreCounted: false,
      columnNames: Array(names.dropFirst(leftOutColumns)), notes: notes, fileByteCount: file.byteCount,
      content: .text(self))
  }

  private func makeStream() throws(FormatError) -> any ByteStream {
    let region = RegionStream(file, offset: 0, count: file.byteCount)
    return isCompressed ? try InflatingStream(region, wrapping: .gzip, path: file.path) : region
  }

  private func makeReader() throws(FormatError) -> RecordReader {
    RecordReader(try makeStream(), delimiter: delimiter, path: file.path)
  }

  /// A comma, unless the first line has none and has semicolons or tabs.
  private mutating func chooseDelimiter() throws(FormatError) {
    let stream = try makeStream()
    var start = [UInt8](repeating: 0, count: 1 << 16)
    var got = 0
    var failure: FormatError?
    start.withUnsafeMutableBytes { buffer in
      do throws(FormatError) { got = try stream.read(into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    let line = start[..<got].prefix { $0 != 10 && $0 != 13 }
    guard !line.contains(delimiter) else { return }
    if let other = [UInt8(ascii: ";"), UInt8(ascii: "\t")].first(where: line.contains) {
      delimiter = other
      notes.append("cells are separated by \(other == 9 ? "tabs" : "semicolons")")
    }
  }

  private mutating func isHeader(_ kinds: [CellNumber], _ wanted: CSVOptions.Header) -> Bool {
    switch wanted {
    case .present: return true
    case .absent: return false
    case .automatic: break
    }
    if kinds.contains(where: { if case .text = $0 { true } else { false } }) { return true }
    let counts = kinds.enumerated().allSatisfy { index, kind in
      if case .number(let value) = kind { value == Double(index) } else { false }
    }
    guard counts && kinds.count > 2 else { return false }
    notes.append("the first line, 0, 1, 2 ..., was taken for a header")
    return true
  }

  /// A first column without a name whose first number is 0 or 1 is what data frames write as their index.
  private mutating func leaveOutRowNumbers(_ header: [String], _ reader: RecordReader) throws(FormatError) {
    guard header.count > 1, names.first == "", try reader.next(), reader.cellCount > 0,
      case .number(let value) = CellNumber(reader.text[reader.cell(0)]), value == 0 || value == 1
    else { return }
    leftOutColumns = 1
    notes.append("the first column has no name and counts the rows: left out")
  }

  /// Parses the rows into blocks of float64; missing cells become NaN.
  func forEachRowBlock(blockByteCount: Int, _ body: (TensorView) throws -> Void) throws {
    let columns = cellCount - leftOutColumns
    let rowsInBlock = max(1, blockByteCount / max(8, columns * 8))
    let block = try Storage<Double>(count: rowsInBlock * columns, for: "block")
    let reader = try makeReader()
    if hasHeader { _ = try reader.next() }
    var rows = 0
    var total = 0
    while try reader.next() {
      try parse(reader, into: block.buffer, row: rows)
      rows += 1
      total += 1
      if rows == rowsInBlock {
        try hand(block, rows, columns, body)
        rows = 0
      }
    }
    if rows > 0 || total == 0 { try hand(block, rows, columns, body) }
  }

  private func hand(
    _ block: Storage<Double>, _ rows: Int, _ columns: Int, _ body: (TensorView) throws -> Void
  ) throws {
    try withExtendedLifetime(block) {
      try body(TensorView(UnsafeRawPointer(block.pointer), .float64, shape: [rows, columns]))
    }
  }

  private func parse(_ reader: RecordReader, into block: UnsafeMutableBufferPointer<Double>, row: Int)
    throws(FormatError)
  {
    guard reader.cellCount == cellCount else {
      throw FormatError(
        file.path,
        "line \(reader.line): found \(reader.cellCount) \(reader.cellCount == 1 ? "cell" : "cells"), "
          + "allowed \(cellCount) as in the first line")
    }
    let columns = cellCount - leftOutColumns
    for column in 0..<columns {
      let cell = reader.text[reader.cell(column + leftOutColumns)]
      switch CellNumber(cell) {
      case .number(let value): block[row * columns + column] = value
      case .missing: block[row * columns + column] = .nan
      case .text where column == wordColumn: block[row * columns + column] = .nan
      case .text:
        if columns > 1, holdsOnlyText(reader) {
          throw FormatError(
            file.path,
            "line \(reader.line): found text in each of its \(columns) cells, the first "
              + "\(quoted(String(decoding: cell, as: UTF8.self))), allowed numbers")
        }
        let index = column + leftOutColumns
        let name = names.indices.contains(index) && !names[index].isEmpty ? " (\(quoted(names[index])))" : ""
        throw FormatError(
          file.path,
          "line \(reader.line), column \(index + 1)\(name): found \(quoted(String(decoding: cell, as: UTF8.self))), allowed a number"
        )
      }
    }
  }

  /// The cells of a column as they stand, first row first; nil for one that is empty or a word for a missing value.
  func cells(of column: Int) throws(FormatError) -> [String?] {
    let reader = try makeReader()
    if hasHeader { _ = try reader.next() }
    var cells: [String?] = []
    while try reader.next() {
      let index = column + leftOutColumns
      guard index >= 0, index < reader.cellCount else {
        throw FormatError(file.path, "line \(reader.line) is too short")
      }
      if case .missing = CellNumber(reader.text[reader.cell(index)]) {
        cells.append(nil)
      } else {
        cells.append(reader.string(index).trimmedSpaces)
      }
    }
    return cells
  }

  private func holdsOnlyText(_ reader: RecordReader) -> Bool {
    (leftOutColumns..<cellCount).allSatisfy { index in
      if case .text = CellNumber(reader.text[reader.cell(index)]) { true } else { false }
    }
  }
}

extension TensorSource {
  /// The cells of a column of a table of text as they stand, nil for those that are missing; empty for other files.
  public func cells(ofColumn column: Int) throws(FormatError) -> [String?] {
    guard case .text(let table) = content else { return [] }
    return try table.cells(of: column)
  }

  /// Whether a cell is a number.
  public static func isNumber(_ cell: String) -> Bool {
    if case .number = CellNumber(Array(cell.utf8)[...]) { true } else { false }
  }
}

extension String {
  fileprivate var trimmedSpaces: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
