/// The arrays of a .npz archive.
func readNpz(_ file: InputFile) throws(FormatError) -> ([TensorSource], [FormatError], notes: [String]) {
  let archive = try ZipArchive(file)
  var tensors: [TensorSource] = []
  var refused = archive.refused
  var strangers = 0
  for entry in archive.entries {
    guard entry.name.hasSuffix(".npy") else {
      strangers += entry.name.hasSuffix("/") ? 0 : 1
      continue
    }
    do throws(FormatError) { tensors.append(try readMember(archive, entry)) } catch { refused.append(error) }
  }
  guard !tensors.isEmpty || !refused.isEmpty else { throw FormatError(file.path, "the archive holds no .npy array") }
  return (tensors, refused, strangers == 0 ? [] : ["\(strangers) members that are no .npy array were left out"])
}

private func readMember(_ archive: ZipArchive, _ entry: ZipEntry) throws(FormatError) -> TensorSource {
  let path = archive.file.path
  let name = String(entry.name.dropLast(4))
  let stream = try archive.makeStream(entry)
  var bytes = [UInt8](repeating: 0, count: min(entry.byteCount, NpyHeader.prologueByteCount))
  try fill(&bytes, from: 0, stream, path: path, tensor: name)
  let length = try NpyHeader.headerByteCount(bytes, path: path, tensor: name)
  guard length <= entry.byteCount else {
    throw FormatError(path, tensor: name, "found \(entry.byteCount) bytes, needed \(length) for the header: truncated")
  }
  let known = bytes.count
  bytes += [UInt8](repeating: 0, count: max(0, length - known))
  try fill(&bytes, from: known, stream, path: path, tensor: name)
  let header = try NpyHeader(Array(bytes.prefix(length)), path: path, tensor: name)
  guard header.dataByteCount == entry.byteCount - length else {
    throw FormatError(
      path, tensor: name,
      "found \(entry.byteCount - length) bytes of elements, needed \(header.dataByteCount) for shape \(header.shape)")
  }
  return TensorSource(
    path: path, name: name, elementType: header.elementType, shape: header.shape, fileByteCount: archive.file.byteCount,
    content: .array(
      ArrayContent(
        place: .member(archive, entry, headerByteCount: length), isFortranOrder: header.isFortranOrder,
        isByteSwapped: header.isByteSwapped)))
}

private func fill(
  _ bytes: inout [UInt8], from start: Int, _ stream: any ByteStream, path: String, tensor: String
) throws(FormatError) {
  var failure: FormatError?
  bytes.withUnsafeMutableBytes { buffer in
    do throws(FormatError) {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[min(start, buffer.count)...])
      try stream.readExactly(into: rest, path: path, tensor: tensor)
    } catch { failure = error }
  }
  if let failure { throw failure }
}
