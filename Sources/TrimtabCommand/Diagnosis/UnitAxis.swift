import Trimtab
import TrimtabFormats

/// The axis that a layer's units are on, and how it came to be chosen.
struct UnitAxis {
  let axis: Int
  /// What was assumed, and how to tell otherwise.
  let note: String

  init(_ shape: [Int], _ settings: Settings) {
    let activation = "activation \(snakeCase("\(settings.activity.activation)"))"
    guard !settings.isUnitAxisTold else {
      axis = settings.activity.unitAxis
      note = "units: axis \(axis), as told; \(activation) (--activation to choose)"
      return
    }
    let last = shape.count - 1
    let channels: (Int, String)? =
      shape.count < 4 ? nil : UnitAxis.isChannelsLast(shape) ? (last, "channels last") : (1, "channels")
    axis = channels?.0 ?? -1
    switch shape.count {
    case ...2: note = "units: the last axis; \(activation) (--unit-axis and --activation to choose)"
    case 3:
      note =
        "units: the last axis of \(shape), which may be another: --unit-axis 1 for [batch, channel, length]; \(activation) "
        + "(--activation to choose)"
    default:
      note =
        "units: axis \(axis) (\(channels?.1 ?? "last")) of \(shape); --unit-axis to choose; \(activation) (--activation to "
        + "choose)"
    }
  }

  /// Images are mostly square: [batch, height, height, channel].
  private static func isChannelsLast(_ shape: [Int]) -> Bool {
    let last = shape.count - 1
    let places = shape[1..<last]
    return places.allSatisfy { $0 == shape[1] } && shape[last] != shape[1]
  }
}
