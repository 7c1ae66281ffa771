/// Reads steps with commas between their thousands where the log itself shows what they are: after 999 comes 1,000.
///
/// A comma may be a decimal mark as well. It is taken for one between thousands where the number goes on from the step
/// before by no more than twice the usual interval, and from then on.
struct GroupedSteps {
  private(set) var isUsed = false
  private var last: Double?
  private var interval: Double?

  mutating func note(_ step: Double) {
    if let last, step > last { interval = step - last }
    last = step
  }

  /// Nil where the text is no such number, or where nothing shows that it is one.
  mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let value = GroupedSteps.value(text) else { return nil }
    if !isUsed {
      guard let last, let interval, value > last, value - last <= 2 * interval else { return nil }
      isUsed = true
    }
    note(value)
    return value
  }

  /// One to three digits, then groups of a comma and three.
  private static func value(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var value = 0.0
    var digits = 0
    var groups = 0
    for byte in text {
      if byte == UInt8(ascii: ","), groups == 0 ? (1...3).contains(digits) : digits == 3 {
        groups += 1
        digits = 0
      } else if byte &- UInt8(ascii: "0") < 10 {
        digits += 1
        value = value * 10 + Double(byte - UInt8(ascii: "0"))
      } else {
        return nil
      }
    }
    return groups > 0 && digits == 3 && value < 0x1p53 ? value : nil
  }
}
