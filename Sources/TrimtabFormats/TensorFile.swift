internal import Trimtab

/// What a file holds: the tensors that can be read, and those that cannot, with the reason.
public struct TensorFile: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    case npy, npz, safetensors, csv
    case csvGzip = "csv.gz"
  }

  public let path: String
  public let format: Format
  public let byteCount: Int
  public let tensors: [TensorSource]
  public let refused: [FormatError]
  /// Choices made while reading that a user may want to know.
  public let notes: [String]

  /// The format that a file name's ending promises, or nil.
  public static func format(ofName name: String) -> Format? {
    let name = name.lowercased()
    return Format.allCases.first { name.hasSuffix("." + $0.rawValue) }
  }

  /// Opens a file and reads what it says about its tensors, not the tensors.
  ///
  /// - Throws: `FormatError` where nothing in the file can be read.
  public init(path: String, csv: CSVOptions = CSVOptions()) throws(FormatError) {
    let file = try InputFile(path: path)
    guard let format = TensorFile.format(ofName: path) else {
      throw FormatError(path, "found no known ending, allowed .npy, .npz, .safetensors, .csv and .csv.gz")
    }
    guard file.byteCount > 0 else { throw FormatError(path, "is empty") }
    self.path = path
    self.format = format
    self.byteCount = file.byteCount
    switch format {
    case .npy:
      tensors = [try readNpy(file)]
      refused = []
      notes = []
    case .npz: (tensors, refused, notes) = try readNpz(file)
    case .safetensors: (tensors, refused, notes) = try readSafetensors(file)
    case .csv, .csvGzip:
      let table = try TextTable(file, isCompressed: format == .csvGzip, options: csv)
      tensors = [table.source]
      refused = []
      notes = []
    }
  }
}

/// The array of a .npy file.
func readNpy(_ file: InputFile) throws(FormatError) -> TensorSource {
  let prologue = try file.bytes(at: 0, count: min(file.byteCount, NpyHeader.prologueByteCount))
  let length = try NpyHeader.headerByteCount(prologue, path: file.path, tensor: "")
  let header = try NpyHeader(try file.bytes(at: 0, count: length), path: file.path, tensor: "")
  let available = file.byteCount - length
  guard header.dataByteCount <= available else {
    throw FormatError(
      file.path,
      "found \(available) bytes of elements, needed \(header.dataByteCount) for shape \(header.shape): truncated")
  }
  let excess = available - header.dataByteCount
  return TensorSource(
    path: file.path, name: "", elementType: header.elementType, shape: header.shape,
    notes: excess == 0 ? [] : ["\(excess) bytes after the array were left unread"], fileByteCount: file.byteCount,
    content: .array(
      ArrayContent(
        place: .region(file, offset: length), isFortranOrder: header.isFortranOrder,
        isByteSwapped: header.isByteSwapped)))
}
