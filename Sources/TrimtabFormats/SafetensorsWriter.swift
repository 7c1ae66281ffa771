public import Trimtab

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Writes .safetensors: an eight-byte length, a header of JSON, and the elements of all tensors one after the other.
public struct SafetensorsWriter {
  private struct Entry: Encodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private enum Value: Encodable {
    case entry(Entry)
    case metadata([String: String])

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .entry(let entry): try entry.encode(to: encoder)
      case .metadata(let texts): try texts.encode(to: encoder)
      }
    }
  }

  private var header: [String: Value] = [:]
  private var elements: [UInt8] = []
  /// Text beside the tensors, in the header's `__metadata__`.
  public var metadata: [String: String] = [:]

  public init() {}

  /// Appends a tensor with its elements in row-major order, whatever the view's strides are.
  ///
  /// - Throws: `FormatError` for a name that is taken, for another type than float32 and float64, and for elements that
  ///   are not there.
  public mutating func add(_ name: String, _ tensor: TensorView) throws(FormatError) {
    guard header[name] == nil, name != "__metadata__" else {
      throw FormatError("", tensor: name, "found the name twice, allowed once")
    }
    guard tensor.elementType == .float32 || tensor.elementType == .float64 else {
      throw FormatError("", tensor: name, "found \(tensor.elementType.name), allowed float32 and float64")
    }
    let start = elements.count
    let numbers = [Double](unsafeUninitializedCapacity: tensor.count) { buffer, count in
      if let base = buffer.baseAddress { tensor.copy(from: 0, count: tensor.count, to: base) }
      count = tensor.count
    }
    for number in numbers {
      if tensor.elementType == .float32 {
        withUnsafeBytes(of: Float(number).bitPattern.littleEndian) { elements.append(contentsOf: $0) }
      } else {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { elements.append(contentsOf: $0) }
      }
    }
    header[name] = .entry(
      Entry(
        dtype: tensor.elementType == .float32 ? "F32" : "F64", shape: (0..<tensor.rank).map { tensor.shape[$0] },
        dataOffsets: [start, elements.count]))
  }

  /// Writes the file; what fails leaves a file that was there as it was.
  public func write(to path: String) throws(FormatError) {
    guard !path.utf8.contains(0) else { throw FormatError(path, "found a zero byte in the path, allowed none") }
    var header = header
    if !metadata.isEmpty { header["__metadata__"] = .metadata(metadata) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var text = (try? encoder.encode(header)).map(Array.init) else {
      throw FormatError(path, "the header cannot be written as JSON")
    }
    // The elements start at a multiple of eight bytes.
    text += [UInt8](repeating: 32, count: (8 - text.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    let draft = "\(path).part-\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FormatError(path, "cannot be written: \(systemMessage(errno))") }
    var failure: Int32 = 0
    for part in [length, text, elements] where failure == 0 { failure = put(part, descriptor) }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(draft, path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(draft)
      throw FormatError(path, "cannot be written: \(systemMessage(failure))")
    }
  }

  /// 0, or the system's number of the error.
  private func put(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let written = Self.system(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return written < 0 ? errno : EIO }
        done += written
      }
      return 0
    }
  }

  private static func system(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes, count)
    #else
      Darwin.write(descriptor, bytes, count)
    #endif
  }
}
