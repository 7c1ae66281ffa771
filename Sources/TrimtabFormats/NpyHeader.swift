internal import Trimtab

/// The header of a .npy array, versions 1 to 3.
struct NpyHeader: Equatable {
  let elementType: ElementType
  let isByteSwapped: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// Bytes before the first element.
  let byteCount: Int
  /// Bytes of all elements.
  let dataByteCount: Int

  /// Bytes from which `headerByteCount` can tell how long the header is.
  static let prologueByteCount = 12
  private static let longestHeader = 1 << 20

  /// How long the header is, prologue included.
  ///
  /// - Parameter prologue: the first bytes of the array, `prologueByteCount` or all there are.
  static func headerByteCount(_ prologue: [UInt8], path: String, tensor: String) throws(FormatError) -> Int {
    guard prologue.count >= 10, prologue[0] == 0x93, Array(prologue[1..<6]) == Array("NUMPY".utf8) else {
      throw FormatError(path, tensor: tensor, "found no .npy magic at its start, or too few bytes")
    }
    let length: Int
    switch prologue[6] {
    case 1: length = 10 + Int(prologue[8]) + Int(prologue[9]) << 8
    case 2, 3:
      guard prologue.count >= 12 else { throw FormatError(path, tensor: tensor, "the .npy header is truncated") }
      length = 12 + Int(prologue[8]) + Int(prologue[9]) << 8 + Int(prologue[10]) << 16 + Int(prologue[11]) << 24
    default:
      throw FormatError(path, tensor: tensor, "found .npy version \(prologue[6]), allowed 1, 2 and 3")
    }
    guard length <= longestHeader else {
      throw FormatError(path, tensor: tensor, "found a .npy header of \(length) bytes, allowed \(longestHeader)")
    }
    return length
  }

  /// - Parameter bytes: the whole header, as long as `headerByteCount` says.
  init(_ bytes: [UInt8], path: String, tensor: String) throws(FormatError) {
    let start = bytes.count > 6 && bytes[6] == 1 ? 10 : 12
    var literal = PythonLiteral(Array(bytes.dropFirst(start)))
    func fail(_ message: String) -> FormatError { FormatError(path, tensor: tensor, message) }
    guard let parsed = literal.parseDictionary() else {
      throw fail("the .npy header is no dictionary of descr, fortran_order and shape")
    }
    guard case .boolean(let fortran)? = parsed["fortran_order"] else {
      throw fail("the .npy header has no fortran_order of True or False")
    }
    guard case .tuple(let extents)? = parsed["shape"] else { throw fail("the .npy header has no shape") }
    switch parsed["descr"] {
    case .text(let descr)?:
      (elementType, isByteSwapped) = try NpyHeader.elementType(descr, path: path, tensor: tensor)
    case .list?:
      throw fail("found a structured dtype, allowed floating point, integers and bool")
    default:
      throw fail("the .npy header has no descr")
    }
    let (_, bytes_) = try elementCount(extents, elementType, path: path, tensor: tensor)
    isFortranOrder = fortran && extents.filter { $0 > 1 }.count > 1
    shape = extents
    dataByteCount = bytes_
    byteCount = bytes.count
  }

  private static func elementType(
    _ descr: String, path: String, tensor: String
  ) throws(FormatError) -> (ElementType, Bool) {
    let types: [String: ElementType] = [
      "f8": .float64, "f4": .float32, "f2": .float16, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
      "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool,
    ]
    guard let order = descr.first, "<>|=".contains(order), let type = types[String(descr.dropFirst())] else {
      throw FormatError(
        path, tensor: tensor,
        "found dtype \(quoted(descr))\(explanation(descr)), allowed float64, float32, float16, (u)int8 to (u)int64 and bool"
      )
    }
    return (type, order == ">" && type.byteCount > 1)
  }

  private static func explanation(_ descr: String) -> String {
    switch descr.dropFirst().first {
    case "O": " (Python objects)"
    case "c": " (complex)"
    case "U", "S", "a": " (text)"
    case "M", "m": " (times)"
    case "V": " (raw bytes: bfloat16 and float8 are stored so, without their name; use .safetensors)"
    case "f" where descr.hasSuffix("16") || descr.hasSuffix("12"): " (long double)"
    default: ""
    }
  }
}

/// Elements and bytes of an array, checked against overflow and against the rank that views may have.
func elementCount(
  _ shape: [Int], _ type: ElementType, path: String, tensor: String
) throws(FormatError) -> (elements: Int, bytes: Int) {
  guard shape.count <= Extents.capacity else {
    throw FormatError(path, tensor: tensor, "found rank \(shape.count), allowed 0 to \(Extents.capacity)")
  }
  var product = 1
  for extent in shape {
    guard extent >= 0 else { throw FormatError(path, tensor: tensor, "found extent \(extent), allowed 0 or more") }
    let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
    guard !overflow else {
      throw FormatError(path, tensor: tensor, "found shape \(shape), whose product leaves 64 bits")
    }
    product = next
  }
  let (bytes, overflow) = product.multipliedReportingOverflow(by: type.byteCount)
  guard !overflow else { throw FormatError(path, tensor: tensor, "found shape \(shape), whose bytes leave 64 bits") }
  return shape.contains(0) ? (0, 0) : (product, bytes)
}
