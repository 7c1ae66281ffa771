internal import Trimtab

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// One tensor as a .safetensors header declares it.
private struct SafetensorsEntry: Decodable {
  let dtype: String
  let shape: [Int]
  let dataOffsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case dataOffsets = "data_offsets"
  }
}

/// A header's values: tensors, and one `__metadata__` of text that is left unread.
private struct SafetensorsHeader: Decodable {
  private(set) var entries: [String: SafetensorsEntry] = [:]

  struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys where key.stringValue != "__metadata__" {
      entries[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
    }
  }
}

/// The longest header that the format allows.
private let longestHeader = 100_000_000

/// The tensors of a .safetensors file, in the order of their bytes.
///
/// The offsets must cover the file without holes or overlaps, as the format demands.
func readSafetensors(_ file: InputFile) throws(FormatError) -> ([TensorSource], [FormatError], notes: [String]) {
  let path = file.path
  var prologue = LittleEndianReader(try file.bytes(at: 0, count: min(8, file.byteCount)))
  guard let declared = prologue.uint64(), let length = Int(exactly: declared), length >= 2, length <= longestHeader
  else {
    throw FormatError(path, "found no .safetensors header length of 2 to \(longestHeader) bytes at its start")
  }
  guard length <= file.byteCount - 8 else {
    throw FormatError(path, "declares a header of \(length) bytes in a file of \(file.byteCount): truncated or corrupt")
  }
  let header: SafetensorsHeader
  do {
    header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(try file.bytes(at: 8, count: length)))
  } catch {
    throw FormatError(path, "the .safetensors header cannot be read: \(reason(error))")
  }
  guard !header.entries.isEmpty else { throw FormatError(path, "holds no tensor") }
  return try place(header.entries, in: file, dataOffset: 8 + length)
}

private func reason(_ error: any Error) -> String {
  guard let error = error as? DecodingError else { return "it is no JSON object of tensors" }
  switch error {
  case .keyNotFound(let key, let context): return "\(name(context)) has no \(key.stringValue)"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return context.codingPath.isEmpty ? "it is no JSON object" : "\(name(context)) has a value of a wrong type"
  case .dataCorrupted(let context):
    return context.codingPath.isEmpty
      ? "it is no JSON, or holds a number beyond 64 bits" : "\(name(context)) is damaged"
  @unknown default: return "it is no JSON object of tensors"
  }
}

private func name(_ context: DecodingError.Context) -> String {
  quoted(context.codingPath.map(\.stringValue).joined(separator: "."))
}

private func place(
  _ entries: [String: SafetensorsEntry], in file: InputFile, dataOffset: Int
) throws(FormatError) -> ([TensorSource], [FormatError], notes: [String]) {
  let dataByteCount = file.byteCount - dataOffset
  var tensors: [TensorSource] = []
  var refused: [FormatError] = []
  var reached = 0
  // An empty tensor shares its offset with the next one: it goes first.
  let ordered = entries.sorted {
    let (a, b) = ($0.value.dataOffsets, $1.value.dataOffsets)
    return a == b ? $0.key < $1.key : a.lexicographicallyPrecedes(b)
  }
  for (name, entry) in ordered {
    let offsets = entry.dataOffsets
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= dataByteCount else {
      throw FormatError(
        file.path, tensor: name,
        "found offsets \(offsets.prefix(3)), allowed two that rise within 0 to \(dataByteCount)")
    }
    guard offsets[0] == reached else {
      let fault = offsets[0] < reached ? "overlap the tensor before" : "leave a hole after the tensor before"
      throw FormatError(file.path, tensor: name, "found offsets \(offsets) that \(fault), which ends at \(reached)")
    }
    reached = offsets[1]
    do throws(FormatError) { tensors.append(try source(name, entry, file, dataOffset: dataOffset)) } catch {
      refused.append(error)
    }
  }
  guard reached == dataByteCount else {
    throw FormatError(file.path, "the tensors end at byte \(reached) of \(dataByteCount): truncated, or bytes too many")
  }
  return (tensors, refused, [])
}

private func source(
  _ name: String, _ entry: SafetensorsEntry, _ file: InputFile, dataOffset: Int
) throws(FormatError) -> TensorSource {
  let types: [String: ElementType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "F8_E4M3": .float8e4m3fn,
    "F8_E5M2": .float8e5m2, "I8": .int8, "I16": .int16, "I32": .int32, "I64": .int64, "U8": .uint8, "U16": .uint16,
    "U32": .uint32, "U64": .uint64, "BOOL": .bool,
  ]
  guard let type = types[entry.dtype] else {
    throw FormatError(
      file.path, tensor: name,
      "found dtype \(quoted(entry.dtype)), allowed \(types.keys.sorted().joined(separator: ", "))")
  }
  let (_, bytes) = try elementCount(entry.shape, type, path: file.path, tensor: name)
  let available = entry.dataOffsets[1] - entry.dataOffsets[0]
  guard bytes == available else {
    throw FormatError(
      file.path, tensor: name, "found \(available) bytes, needed \(bytes) for \(entry.dtype) of shape \(entry.shape)")
  }
  return TensorSource(
    path: file.path, name: name, elementType: type, shape: entry.shape, fileByteCount: file.byteCount,
    content: .array(ArrayContent(place: .region(file, offset: dataOffset + entry.dataOffsets[0]))))
}
