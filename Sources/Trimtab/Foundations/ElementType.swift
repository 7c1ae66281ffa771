/// The element types that tensors may have.
public enum ElementType: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  case float64, float32, float16, bfloat16, float8e4m3fn, float8e5m2
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8e4m3fn, .float8e5m2, .int8, .uint8, .bool: 1
    }
  }

  public var isFloatingPoint: Bool { rawValue <= ElementType.float8e5m2.rawValue }

  /// The distance from 1 to the next greater value; 0 for integers.
  public var epsilon: Double {
    switch self {
    case .float64: 0x1p-52
    case .float32: 0x1p-23
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    case .float8e4m3fn: 0x1p-3
    case .float8e5m2: 0x1p-2
    default: 0
    }
  }

  /// The name, as error texts, Python and JSON say it.
  public var name: StaticText {
    switch self {
    case .float64: "float64"
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float8e4m3fn: "float8_e4m3fn"
    case .float8e5m2: "float8_e5m2"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .bool: "bool"
    }
  }
}

extension ElementType {
  /// The greatest finite value; infinite for integers, which no monitor holds against a range.
  var greatestFinite: Double {
    switch self {
    case .float64: Double.greatestFiniteMagnitude
    case .float32: 0x1.fffffep127
    case .float16: 65504
    case .bfloat16: 0x1.fep127
    case .float8e4m3fn: 448
    case .float8e5m2: 57344
    default: .infinity
    }
  }
}
