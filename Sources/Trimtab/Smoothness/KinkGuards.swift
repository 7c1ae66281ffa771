/// Quantities that change their sign where the field has a kink, such as the pre-activations of a ReLU net: reads t and
/// y, writes one number each.
///
/// A step that would be rejected and crosses the zero of one is shortened until it ends there instead. Since: 0.4.
public final class KinkGuards {
  private let function: Field
  public let count: Int
  private let storage: Storage<Double>
  /// Times of those that steps end at, in their order.
  public let times = GrowingTable<Double>(for: "kinks")
  private var dimension = 0
  private let between: Storage<Double>

  /// - Parameters:
  ///   - count: numbers that `function` writes
  ///   - dimension: of y
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(_ function: @escaping Field, count: Int, dimension: Int) throws(TrimtabError) {
    guard count >= 1, count <= 1 << 30 else {
      throw TrimtabError(.invalidArgument, "guard_count: found %, allowed 1 to 2^30", count)
    }
    guard dimension >= 1, dimension <= 1 << 30 else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed 1 to 2^30", dimension)
    }
    self.function = function
    self.count = count
    self.dimension = dimension
    storage = try Storage(count: 2 &* count, for: "guards")
    between = try Storage(count: dimension, for: "guards")
  }

  /// 1 or -1, on which side of zero each is; 0 before it was anywhere but there.
  private var sides: UnsafeMutablePointer<Double> { storage.pointer }
  private var values: UnsafeMutablePointer<Double> { storage.pointer + count }

  func begin(_ time: Double, _ state: UnsafePointer<Double>) throws(TrimtabError) {
    try function(time, state, values)
    for index in 0..<count { sides[index] = sign(values[index]) }
  }

  private func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }

  /// The first guard that has left its side, or -1.
  private func crossed(_ time: Double, _ y: UnsafePointer<Double>) throws(TrimtabError) -> Int {
    try function(time, y, values)
    for index in 0..<count where sides[index] * values[index] < 0 { return index }
    return -1
  }

  /// Of a step with many kinks the first says little: it is for the error to shorten.
  private func crossesMany() -> Bool {
    var crossings = 0
    for index in 0..<count where sides[index] * values[index] < 0 { crossings = crossings &+ 1 }
    return crossings > 3
  }

  /// Whether the step just attempted has to be another, to end at the first kink in it: the cubic through its ends says
  /// where that is, closer each time.
  ///
  /// - Parameter isWithin: whether its error is within the tolerance: then it may end beyond the kink, not before it
  func shortens(
    _ step: inout Double, _ h: Double, _ least: Double, _ search: inout KinkSearch, isWithin: Bool,
    of solver: DormandPrince
  ) throws(TrimtabError) -> Bool {
    guard search.count < 8 else {
      search.sought = -1
      return false
    }
    var place = 1.0
    var found = try crossed(solver.time + h, solver.next)
    if search.count == 0, found >= 0, crossesMany() { return false }
    if found >= 0 {
      var low = 0.0
      while place - low > 0x1p-44 {
        let middle = 0.5 * (low + place)
        interpolate(middle, h, solver)
        let index = try crossed(solver.time + middle * h, between.pointer)
        if index >= 0 { (place, found) = (middle, index) } else { low = middle }
      }
    } else if search.sought >= 0 {
      // It fell short of the kink: as far beyond as the last tenth of the step says.
      found = search.sought
      let end = values[found]
      interpolate(0.9, h, solver)
      try function(solver.time + 0.9 * h, between.pointer, values)
      let fall = values[found] - end
      place = fall * sides[found] > 0 ? min(1 + 0.1 * end / fall, 2) : 1
    } else {
      return false
    }
    search.sought = found
    search.count = search.count &+ 1
    guard (place - 1).magnitude > 1e-8, place * step > least, !isWithin || place > 1 else { return false }
    step *= place
    return true
  }

  /// The cubic of Hermite.
  private func interpolate(_ x: Double, _ h: Double, _ solver: DormandPrince) {
    let (start, end) = (solver.stage(0), solver.stage(6))
    let rest = 1 - x
    for place in 0..<dimension {
      let (a, b) = (solver.state[place], solver.next[place])
      between.pointer[place] =
        rest * a + x * b - x * rest * ((1 - 2 * x) * (b - a) - rest * h * start[place] + x * h * end[place])
    }
  }

  /// Notes that one has changed its side, and on which the others are.
  ///
  /// - Parameter index: -1 where the step does not end at one
  func pass(_ index: Int, of solver: DormandPrince) throws(TrimtabError) {
    try function(solver.time, solver.state, values)
    for other in 0..<count where other != index && values[other] != 0 { sides[other] = sign(values[other]) }
    guard index >= 0 else { return }
    sides[index] = -sides[index]
    solver.report.kinkCount = solver.report.kinkCount &+ 1
    try times.append(solver.time)
  }
}

/// A kink that attempts are closing in on, and how many of them did.
struct KinkSearch {
  var sought = -1
  var count = 0
}
