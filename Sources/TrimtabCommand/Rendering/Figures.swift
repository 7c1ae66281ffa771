#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A number for people: four significant digits, `8.180e4` beyond four digits before the point.
func figure(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
  let magnitude = abs(value)
  if magnitude < 1e4, value == value.rounded() { return formatted("%.0f", value) }
  if magnitude >= 1e-3 && magnitude < 1e4 { return formatted("%.4g", value) }
  let text = formatted("%.3e", value)
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...].filter { $0 != "+" })
  else { return text }
  return "\(text[..<mark])e\(exponent)"
}

/// A share as a percentage; what is not all is not rounded to it.
func percent(_ share: Double) -> String {
  let value = 100 * share
  if value >= 99.5 && value < 99.995 { return formatted("%.4g", value) + " %" }
  return (value >= 10 || value == 0 ? formatted("%.0f", value) : formatted("%.2g", value)) + " %"
}

/// A count of bytes with a unit.
func byteFigure(_ count: Int) -> String {
  var value = Double(count)
  for unit in ["bytes", "kB", "MB", "GB"] {
    if value < 1000 { return (unit == "bytes" ? formatted("%.0f", value) : formatted("%.3g", value)) + " \(unit)" }
    value /= 1000
  }
  return formatted("%.3g", value) + " TB"
}

/// `1 file`, `2 files`.
func counted(_ count: Int, _ noun: String) -> String { counted(count, noun, noun + "s") }

func counted(_ count: Int, _ noun: String, _ plural: String) -> String { "\(count) \(count == 1 ? noun : plural)" }

/// A shape as people write it: `128×64`; `?` for rows that were not counted.
func shapeFigure(_ shape: [Int], rowsAreCounted: Bool = true) -> String {
  guard !shape.isEmpty else { return "scalar" }
  return shape.enumerated().map { $0 == 0 && !rowsAreCounted ? "?" : "\($1)" }.joined(separator: "×")
}

private func formatted(_ format: String, _ value: Double) -> String {
  var buffer = [CChar](repeating: 0, count: 64)
  let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
  return String(decoding: buffer.prefix(Int(max(0, min(count, 63)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
