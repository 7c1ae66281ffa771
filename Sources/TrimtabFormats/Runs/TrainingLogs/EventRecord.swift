/// What a record of an event file says: TensorFlow's `Event`, of which only scalars are read.
struct EventRecord {
  struct Scalar {
    var tag: UnsafeBufferPointer<UInt8>
    var value: Double
  }

  private(set) var step = 0
  private(set) var scalars: [Scalar] = []
  /// The file's first record names the format.
  private(set) var isHeader = false
  private(set) var hasTime = false
  private(set) var isDamaged = false

  init(_ bytes: UnsafeRawBufferPointer) {
    var scanner = ProtobufScanner(bytes)
    while let (field, value) = scanner.next() {
      switch (field, value) {
      case (1, .fixed64): hasTime = true
      case (2, .integer(let bits)): step = Int(Int64(bitPattern: bits))
      case (3, .bytes(let text)): isHeader = text.starts(with: "brain.Event:".utf8)
      case (5, .bytes(let summary)): readSummary(summary)
      default: break
      }
    }
    isDamaged = isDamaged || scanner.isDamaged
  }

  private mutating func readSummary(_ bytes: UnsafeRawBufferPointer) {
    var scanner = ProtobufScanner(bytes)
    while let (field, value) = scanner.next() {
      if field == 1, case .bytes(let entry) = value { readEntry(entry) }
    }
    isDamaged = isDamaged || scanner.isDamaged
  }

  private mutating func readEntry(_ bytes: UnsafeRawBufferPointer) {
    var scanner = ProtobufScanner(bytes)
    var tag: UnsafeBufferPointer<UInt8>?
    var number: Double?
    var isScalar = true
    while let (field, value) = scanner.next() {
      switch (field, value) {
      case (1, .bytes(let text)): tag = text.bindMemory(to: UInt8.self)
      case (2, .fixed32(let bits)): number = Double(Float(bitPattern: bits))
      case (8, .bytes(let tensor)): number = EventRecord.tensor(tensor)
      case (9, .bytes(let metadata)): isScalar = EventRecord.isScalar(metadata)
      default: break
      }
    }
    isDamaged = isDamaged || scanner.isDamaged
    if let tag, let number, isScalar { scalars.append(Scalar(tag: tag, value: number)) }
  }

  /// Whether `SummaryMetadata` is that of the plugin for scalars; without a name it may be.
  private static func isScalar(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var scanner = ProtobufScanner(bytes)
    while let (field, value) = scanner.next() {
      guard field == 1, case .bytes(let plugin) = value else { continue }
      var inner = ProtobufScanner(plugin)
      while let (field, value) = inner.next() {
        if field == 1, case .bytes(let name) = value { return name.isEmpty || name.elementsEqual("scalars".utf8) }
      }
    }
    return true
  }

  /// The number of a `TensorProto` with one element of floating point.
  private static func tensor(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var scanner = ProtobufScanner(bytes)
    var type: UInt64 = 0
    var content: UnsafeRawBufferPointer?
    var number: Double?
    var count = 0
    while let (field, value) = scanner.next() {
      switch (field, value) {
      case (1, .integer(let found)): type = found
      case (4, .bytes(let found)) where !found.isEmpty: content = found
      case (5, .fixed32(let bits)):
        number = Double(Float(bitPattern: bits))
        count += 1
      case (5, .bytes(let packed)):
        if packed.count == 4 { number = element(packed, type: 1) }
        count += packed.count / 4
      case (6, .fixed64(let bits)):
        number = Double(bitPattern: bits)
        count += 1
      case (6, .bytes(let packed)):
        if packed.count == 8 { number = element(packed, type: 2) }
        count += packed.count / 8
      default: break
      }
    }
    if let content { return element(content, type: type) }
    return count == 1 ? number : nil
  }

  /// Types as `DataType` numbers them: float, double, half, bfloat16.
  private static func element(_ bytes: UnsafeRawBufferPointer, type: UInt64) -> Double? {
    switch (type, bytes.count) {
    case (1, 4): Double(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))))
    case (2, 8): Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)))
    case (14, 2): Double(Float(bitPattern: UInt32(UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self))) << 16))
    default: nil
    }
  }
}
