/// How one number of the steps went, in constant memory.
public struct ScalarCourse: Sendable, Equatable {
  public typealias Point = (step: Int, value: Double)
  static let greatestStepCount = 8

  /// Steps in which it was observed.
  public private(set) var count = 0
  public private(set) var nonfiniteCount = 0
  /// The first steps in which it was not finite.
  public private(set) var nonfiniteSteps: [Int] = []
  private var steps = SIMD4<Int>(repeating: 0)
  private var values = SIMD4<Double>(repeating: .nan)

  public init() {}

  mutating func add(_ value: Double, at step: Int) {
    count += 1
    guard value.isFinite else {
      nonfiniteCount += 1
      if nonfiniteSteps.count < ScalarCourse.greatestStepCount { nonfiniteSteps.append(step) }
      return
    }
    if values[0].isNaN { set(0, step, value) }
    if !(values[1] <= value) { set(1, step, value) }
    if !(values[2] >= value) { set(2, step, value) }
    set(3, step, value)
  }

  private mutating func set(_ place: Int, _ step: Int, _ value: Double) {
    steps[place] = step
    values[place] = value
  }

  private func point(_ place: Int) -> Point? { values[place].isNaN ? nil : (steps[place], values[place]) }

  /// The first, least, greatest and last of its finite values; nil where there is none.
  public var first: Point? { point(0) }
  public var least: Point? { point(1) }
  public var greatest: Point? { point(2) }
  public var last: Point? { point(3) }
}
