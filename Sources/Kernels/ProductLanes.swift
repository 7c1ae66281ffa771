/// The vectors of a register tile of products, 64 bytes each. Spelled for concrete vectors: the generic forms do not
/// reach vector instructions.
protocol ProductLanes: BitwiseCopyable {
  associatedtype Element: BitwiseCopyable
  static var zeros: Self { get }
  static func splat(_ value: Element) -> Self
  static func sum(_ a: Element, _ b: Element) -> Element
  /// self + x · y
  func adding(_ x: Self, _ y: Self) -> Self
  func plus(_ other: Self) -> Self
}

extension ProductLanes {
  @inline(__always) static var laneCount: Int { 64 / MemoryLayout<Element>.stride }
  @inline(__always) static func load(_ base: UnsafePointer<Element>) -> Self {
    UnsafeRawPointer(base).loadUnaligned(as: Self.self)
  }
  @inline(__always) func store(_ base: UnsafeMutablePointer<Element>) {
    UnsafeMutableRawPointer(base).storeBytes(of: self, as: Self.self)
  }
}

extension SIMD8: ProductLanes where Scalar == Double {
  typealias Element = Double
  @inline(__always) static var zeros: SIMD8<Double> { .zero }
  @inline(__always) static func splat(_ value: Double) -> SIMD8<Double> { SIMD8(repeating: value) }
  @inline(__always) static func sum(_ a: Double, _ b: Double) -> Double { a + b }
  @inline(__always) func adding(_ x: SIMD8<Double>, _ y: SIMD8<Double>) -> SIMD8<Double> { multiplyAdd(x, y, self) }
  @inline(__always) func plus(_ other: SIMD8<Double>) -> SIMD8<Double> { self + other }
}

extension SIMD16: ProductLanes where Scalar == Float {
  typealias Element = Float
  @inline(__always) static var zeros: SIMD16<Float> { .zero }
  @inline(__always) static func splat(_ value: Float) -> SIMD16<Float> { SIMD16(repeating: value) }
  @inline(__always) static func sum(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) func adding(_ x: SIMD16<Float>, _ y: SIMD16<Float>) -> SIMD16<Float> {
    #if TRIMTAB_FMA
      addingProduct(x, y)
    #else
      self + x * y
    #endif
  }
  @inline(__always) func plus(_ other: SIMD16<Float>) -> SIMD16<Float> { self + other }
}
