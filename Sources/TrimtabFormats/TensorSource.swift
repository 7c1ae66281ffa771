public import Trimtab

/// A tensor in a file: what it is called, its element type and shape, and its elements a bounded block at a time.
public struct TensorSource: Sendable {
  /// The file.
  public let path: String
  /// The key within the file; empty where the file holds just one array.
  public let name: String
  public let elementType: ElementType
  /// Where `rowsAreCounted` is false the first extent is 0, and only reading the file tells it.
  public let shape: [Int]
  public let rowsAreCounted: Bool
  /// One per column where the file names them, otherwise empty.
  public let columnNames: [String]
  /// Choices made while reading that a user may want to know.
  public let notes: [String]
  /// Bytes of the file on disk: what memory is held in proportion to.
  public let fileByteCount: Int
  let content: TensorContent

  /// The bytes of a block where the caller names none.
  public static let defaultBlockByteCount = 4 << 20

  init(
    path: String, name: String, elementType: ElementType, shape: [Int], rowsAreCounted: Bool = true,
    columnNames: [String] = [], notes: [String] = [], fileByteCount: Int, content: TensorContent
  ) {
    self.path = path
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.rowsAreCounted = rowsAreCounted
    self.columnNames = columnNames
    self.notes = notes
    self.fileByteCount = fileByteCount
    self.content = content
  }

  /// `file` or `file:key`.
  public var location: String { name.isEmpty ? path : "\(path):\(name)" }

  /// Elements; 0 while the rows are not counted.
  public var count: Int { shape.reduce(1, *) }

  /// Bytes of all elements.
  public var byteCount: Int { count * elementType.byteCount }

  /// Elements of a row, which is everything but the first axis.
  var rowElementCount: Int { shape.dropFirst().reduce(1, *) }
}

/// Where the elements are.
enum TensorContent: Sendable {
  case array(ArrayContent)
  case text(TextTable)
}

/// Elements that stand one after the other in a file or in an archive's member.
struct ArrayContent: Sendable {
  enum Place: Sendable {
    case region(InputFile, offset: Int)
    case member(ZipArchive, ZipEntry, headerByteCount: Int)
  }

  let place: Place
  var isFortranOrder = false
  var isByteSwapped = false

  /// The elements' bytes from the first on.
  func makeStream(path: String, tensor: String, byteCount: Int) throws(FormatError) -> any ByteStream {
    switch place {
    case .region(let file, let offset):
      return RegionStream(file, offset: offset, count: byteCount)
    case .member(let archive, let entry, let headerByteCount):
      let stream = try archive.makeStream(entry)
      try stream.skip(headerByteCount, path: path, tensor: tensor)
      return stream
    }
  }
}

/// Memory for one block, freed with the object.
final class BlockBuffer {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int, path: String, tensor: String) throws(FormatError) {
    do throws(TrimtabError) { storage = try Storage<UInt8>(count: byteCount, for: "block") } catch {
      throw FormatError(path, tensor: tensor, error.message)
    }
    bytes = UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount)
  }

  private let storage: Storage<UInt8>

  /// Turns every element's bytes around.
  func swapBytes(count: Int, width: Int) {
    switch width {
    case 2: swapAll(count, UInt16.self)
    case 4: swapAll(count, UInt32.self)
    case 8: swapAll(count, UInt64.self)
    default: break
    }
  }

  private func swapAll<Word: FixedWidthInteger & BitwiseCopyable>(_ count: Int, _ type: Word.Type) {
    let words = bytes.baseAddress?.assumingMemoryBound(to: type)
    for index in 0..<min(count, bytes.count / MemoryLayout<Word>.size) {
      if let words { words[index] = words[index].byteSwapped }
    }
  }
}
