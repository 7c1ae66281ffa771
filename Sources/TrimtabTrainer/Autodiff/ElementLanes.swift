/// Eight elements at a time, spelled for concrete vectors: the generic forms do not reach vector instructions.
///
/// What one element needs goes through float64: a sum, product or quotient of float32 values that is rounded twice is
/// the same number.
protocol ElementLanes: BitwiseCopyable {
  associatedtype Element: BitwiseCopyable
  static func splat(_ value: Element) -> Self
  static func widen(_ value: Element) -> Double
  static func narrow(_ value: Double) -> Element
  func plus(_ other: Self) -> Self
  func minus(_ other: Self) -> Self
  func times(_ other: Self) -> Self
  func over(_ other: Self) -> Self
  /// self where a lane of `test` is above 0, `other` elsewhere (also where it is NaN).
  func selected(where test: Self, else other: Self) -> Self
  var wide: SIMD8<Double> { get }
}

extension ElementLanes {
  @inline(__always) static func load(_ base: UnsafePointer<Element>) -> Self {
    UnsafeRawPointer(base).loadUnaligned(as: Self.self)
  }
  @inline(__always) func store(_ base: UnsafeMutablePointer<Element>) {
    UnsafeMutableRawPointer(base).storeBytes(of: self, as: Self.self)
  }
}

struct FloatLanes: ElementLanes {
  let values: SIMD8<Float>

  @inline(__always) init(_ values: SIMD8<Float>) { self.values = values }
  @inline(__always) static func splat(_ value: Float) -> FloatLanes { FloatLanes(SIMD8(repeating: value)) }
  @inline(__always) static func widen(_ value: Float) -> Double { Double(value) }
  @inline(__always) static func narrow(_ value: Double) -> Float { Float(value) }
  @inline(__always) func plus(_ other: FloatLanes) -> FloatLanes { FloatLanes(values + other.values) }
  @inline(__always) func minus(_ other: FloatLanes) -> FloatLanes { FloatLanes(values - other.values) }
  @inline(__always) func times(_ other: FloatLanes) -> FloatLanes { FloatLanes(values * other.values) }
  @inline(__always) func over(_ other: FloatLanes) -> FloatLanes { FloatLanes(values / other.values) }
  @inline(__always) func selected(where test: FloatLanes, else other: FloatLanes) -> FloatLanes {
    FloatLanes(other.values.replacing(with: values, where: test.values .> 0))
  }
  @inline(__always) var wide: SIMD8<Double> {
    SIMD8<Double>(
      Double(values[0]), Double(values[1]), Double(values[2]), Double(values[3]), Double(values[4]),
      Double(values[5]), Double(values[6]), Double(values[7]))
  }
}

struct DoubleLanes: ElementLanes {
  let values: SIMD8<Double>

  @inline(__always) init(_ values: SIMD8<Double>) { self.values = values }
  @inline(__always) static func splat(_ value: Double) -> DoubleLanes { DoubleLanes(SIMD8(repeating: value)) }
  @inline(__always) static func widen(_ value: Double) -> Double { Double(value) }
  @inline(__always) static func narrow(_ value: Double) -> Double { Double(value) }
  @inline(__always) func plus(_ other: DoubleLanes) -> DoubleLanes { DoubleLanes(values + other.values) }
  @inline(__always) func minus(_ other: DoubleLanes) -> DoubleLanes { DoubleLanes(values - other.values) }
  @inline(__always) func times(_ other: DoubleLanes) -> DoubleLanes { DoubleLanes(values * other.values) }
  @inline(__always) func over(_ other: DoubleLanes) -> DoubleLanes { DoubleLanes(values / other.values) }
  @inline(__always) func selected(where test: DoubleLanes, else other: DoubleLanes) -> DoubleLanes {
    DoubleLanes(other.values.replacing(with: values, where: test.values .> 0))
  }
  @inline(__always) var wide: SIMD8<Double> { values }
}
