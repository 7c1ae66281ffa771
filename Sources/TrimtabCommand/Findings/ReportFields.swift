import Trimtab

/// The fields of the engine's reports by the names that the C header gives them.
///
/// Reflection keeps the three in step: a field added to the engine's report is in the JSON without being named again
/// here.
func reportFields(_ report: Any) -> JSONValue {
  var fields: [String: JSONValue] = [:]
  for (label, value) in Mirror(reflecting: report).children {
    guard let label, let value = fieldValue(value) else { continue }
    fields[fieldName(label)] = value
  }
  return .object(fields)
}

/// The header says `certain` where Swift says `isCertain`.
private func fieldName(_ label: String) -> String {
  let name = snakeCase(label)
  return name.hasPrefix("is_") ? String(name.dropFirst(3)) : name
}

private func fieldValue(_ value: Any) -> JSONValue? {
  switch value {
  case let value as Outcome: .text(value.key.description)
  case let value as Verdict: .text(value.key.description)
  case let value as Cause: .text(value.key.description)
  case let value as Bool: .boolean(value)
  case let value as Double: .number(value)
  case let value as any FixedWidthInteger: .integer(Int(truncatingIfNeeded: value))
  case let value as [Double]: .array(value.map(JSONValue.number))
  case let value as [Int]: .array(value.map(JSONValue.integer))
  case let value as StaticText: .text(value.description)
  case let value as String: .text(value)
  default: enumerationValue(value)
  }
}

/// Other enumerations of the engine go by their case's name.
private func enumerationValue(_ value: Any) -> JSONValue? {
  Mirror(reflecting: value).displayStyle == .enum ? .text(snakeCase("\(value)")) : nil
}

/// `conditionNumberOnSupport` as `condition_number_on_support`.
func snakeCase(_ name: String) -> String {
  var result = ""
  for character in name {
    if character.isUppercase, !result.isEmpty { result += "_" }
    result += character.lowercased()
  }
  return result
}
