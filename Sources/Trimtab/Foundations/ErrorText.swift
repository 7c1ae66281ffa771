/// The text of an error, built like any interpolated string.
///
/// Swift copies the code of its own interpolation to every place that uses it; these never do, which keeps a library with hundreds of precise
/// messages small.
public struct ErrorText: ExpressibleByStringInterpolation, Sendable {
  public let text: String

  @inline(never)
  public init(stringLiteral value: StaticString) { text = staticText(value) }

  @inline(never)
  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  public struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    @inline(never)
    public init(literalCapacity: Int, interpolationCount: Int) {}

    @inline(never)
    public mutating func appendLiteral(_ literal: StaticString) { text += staticText(literal) }

    @inline(never)
    public mutating func appendInterpolation(_ value: StaticString) { text += staticText(value) }

    @inline(never)
    public mutating func appendInterpolation(_ value: String) { text += value }

    @inline(never)
    public mutating func appendInterpolation(_ value: Int) { text += String(value) }

    @inline(never)
    public mutating func appendInterpolation(_ value: Double) { text += value.description }

    public mutating func appendInterpolation(_ value: some FixedWidthInteger) {
      appendInterpolation(Int(truncatingIfNeeded: value))
    }
  }
}

@inline(never)
private func staticText(_ text: StaticString) -> String { text.description }
