/// A Swift type that stands for one of the element types.
public protocol TensorElement: BitwiseCopyable {
  static var elementType: ElementType { get }
}

extension Double: TensorElement { public static var elementType: ElementType { .float64 } }
extension Float: TensorElement { public static var elementType: ElementType { .float32 } }
extension Int8: TensorElement { public static var elementType: ElementType { .int8 } }
extension Int16: TensorElement { public static var elementType: ElementType { .int16 } }
extension Int32: TensorElement { public static var elementType: ElementType { .int32 } }
extension Int64: TensorElement { public static var elementType: ElementType { .int64 } }
extension Int: TensorElement { public static var elementType: ElementType { .int64 } }
extension UInt8: TensorElement { public static var elementType: ElementType { .uint8 } }
extension UInt16: TensorElement { public static var elementType: ElementType { .uint16 } }
extension UInt32: TensorElement { public static var elementType: ElementType { .uint32 } }
extension UInt64: TensorElement { public static var elementType: ElementType { .uint64 } }
extension Bool: TensorElement { public static var elementType: ElementType { .bool } }

/// Hands `body` a row-major view of a span: how Swift programs pass their arrays to the engine.
///
/// ```swift
/// let report = try withTensor(pixels.span, shape: [1797, 64]) { view throws(TrimtabError) in
///   try conditionNumber(of: view)
/// }
/// ```
///
/// - Parameters:
///   - elements: as many elements as the product of `shape`.
///   - shape: up to eight extents.
///   - body: must not keep the view.
/// - Throws: `shape` if the counts differ or the rank is above eight, `overflow`, and what `body` throws.
/// - Complexity: constant, no copy.
/// - Since: 0.1.
public func withTensor<Element: TensorElement, Result>(
  _ elements: Span<Element>, shape: [Int], _ body: (TensorView) throws(TrimtabError) -> Result
) throws(TrimtabError) -> Result {
  try elements.withUnsafeBufferPointer { (buffer) throws(TrimtabError) in
    let view = try TensorView(
      buffer.baseAddress.map { UnsafeRawPointer($0) }, Element.elementType, shape: shape, name: "elements")
    guard view.count == elements.count else {
      throw TrimtabError(.shape, "elements: found % elements, allowed % for the shape", elements.count, view.count)
    }
    return try body(view)
  }
}
