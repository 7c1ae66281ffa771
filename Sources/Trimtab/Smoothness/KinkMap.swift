/// A place where the first derivative of a function jumps.
public struct Kink: BitwiseCopyable, Sendable, Equatable {
  /// Along the segment, 0 to 1.
  public var position = 0.0
  /// How closely it is known.
  public var width = 0.0
  /// Of the derivative along the segment, per unit of length, the greatest over the outputs; 0 beside an end of it, and
  /// where the function itself jumps.
  public var jump = 0.0
}

/// What a search for kinks came to.
public struct KinkReport: Sendable, Equatable {
  /// insufficient: some windows stand out, and rounding takes over before it shows whether they hold a kink; nonfinite: no
  /// value of the grid is finite; degenerate: the segment is a point.
  public var outcome = Outcome.ok
  public var count = 0
  /// Windows that stand out and that rounding left undecided: they are not among the kinks.
  public var undecidedCount = 0
  public var evaluationCount = 0
  /// Values of the grid that are NaN or Inf.
  public var nonfiniteCount = 0
  /// What rounding makes of a second difference, measured.
  public var noise = 0.0
  /// A jump of the slope below this one is lost in it; per unit of length, as `Kink.jump`.
  public var leastJump = 0.0

  public init() {}
}

/// Finds the kinks of a function along a segment.
///
/// Second differences over windows of a grid; a window that stands out is halved, each time to the one of its two halves
/// and the middle between them with the greatest second difference, down to 1e-12 of the segment or to where rounding
/// takes over. The difference of a kink falls as the width, that of a smooth function as its square: what has fallen by
/// more than a quarter per halving over six halvings is no kink. Two kinks within one window count as one.
///
/// Rounding is `rounding` or what `RoundingNoise` measures, whichever is more, so that a function that is computed in
/// float32 has the kinks that stand above that, and no others; fewer windows let smaller jumps stand out.
///
/// - Parameters:
///   - start, end: [inputCount] the ends of the segment
///   - resolution: windows of the grid, 8 to 2^20
/// - Returns: the kinks in the order of their positions, and what can be said of the search.
/// - Throws: `invalidArgument`, `outOfMemory`, what the function throws.
/// - Complexity: resolution + 320 evaluations, and about 100 a kink. Since: 0.4.
public func kinks(
  of function: @escaping PointFunction, inputCount: Int, outputCount: Int, from start: UnsafePointer<Double>,
  to end: UnsafePointer<Double>, resolution: Int = 1024, rounding: Double = 0x1p-52
) throws(TrimtabError) -> (kinks: GrowingTable<Kink>, report: KinkReport) {
  try checkCounts(inputCount, outputCount)
  guard resolution >= 8, resolution <= 1 << 20 else {
    throw TrimtabError(.invalidArgument, "resolution: found %, allowed 8 to %", resolution, 1 << 20)
  }
  let map = try KinkMap(function, inputCount, outputCount, resolution, rounding)
  for place in 0..<inputCount {
    guard start[place].isFinite, end[place].isFinite else {
      throw TrimtabError(
        .invalidArgument, "start, end: found % and % at %, allowed finite numbers", start[place], end[place], place)
    }
    map.line.end(0)[place] = start[place]
    map.line.end(1)[place] = end[place]
  }
  return try map.find()
}

private final class KinkMap {
  let line: SegmentLine
  private let resolution: Int
  private let rounding: Double
  private let values: Storage<Double>
  /// Of a window: at its ends, its middle, and the middles between.
  private let window: Storage<Double>
  private var size = 0.0
  private var report = KinkReport()
  private let found = GrowingTable<Kink>(for: "kinks")

  init(
    _ function: @escaping PointFunction, _ inputCount: Int, _ outputCount: Int, _ resolution: Int, _ rounding: Double
  ) throws(TrimtabError) {
    line = try SegmentLine(function, inputCount, outputCount)
    self.resolution = resolution
    self.rounding = rounding
    values = try Storage(count: (resolution &+ 1) &* outputCount, for: "values")
    window = try Storage(count: 5 &* outputCount, for: "values")
  }

  private func point(_ index: Int) -> UnsafeMutablePointer<Double> { values.pointer + index &* line.outputCount }
  private func part(_ index: Int) -> UnsafeMutablePointer<Double> { window.pointer + index &* line.outputCount }

  func find() throws(TrimtabError) -> (GrowingTable<Kink>, KinkReport) {
    guard line.length > 0 else {
      report.outcome = .degenerate
      return (found, report)
    }
    for index in 0...resolution {
      try line.evaluate(Double(index) / Double(resolution), into: point(index))
      for output in 0..<line.outputCount {
        if point(index)[output].isFinite {
          size = max(size, point(index)[output].magnitude)
        } else {
          report.nonfiniteCount = report.nonfiniteCount &+ 1
        }
      }
    }
    try measureNoise()
    var (before, here) = (0.0, bend(point(0), point(1), point(2)))
    for index in 1..<resolution {
      let after = index &+ 2 <= resolution ? bend(point(index), point(index &+ 1), point(index &+ 2)) : 0
      if here > noise, here >= before, here > after || index == resolution &- 1 { try close(in: index) }
      (before, here) = (here, after)
    }
    conclude()
    return (found, report)
  }

  /// What rounding makes of a second difference: that of the element type, or what is measured.
  private func measureNoise() throws(TrimtabError) {
    var measured = RoundingNoise()
    try measured.add(line, places: 32, room: window.pointer)
    report.noise = 8 * max(rounding * size, try measured.error())
  }

  private var noise: Double { report.noise }

  private func conclude() {
    report.count = found.count
    report.evaluationCount = line.evaluationCount
    // A kink bends the window that it stands out in by half its jump or more; six halvings later, by 1/64 of that.
    report.leastJump = 128 * noise * Double(resolution) / line.length
    if report.nonfiniteCount == (resolution &+ 1) &* line.outputCount {
      report.outcome = .nonfinite
    } else if report.undecidedCount > 0 {
      report.outcome = .insufficient
    }
  }

  /// |a - 2 b + c|, the greatest over the outputs; 0 where one is not finite.
  private func bend(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>) -> Double {
    var most = 0.0
    for output in 0..<line.outputCount {
      let difference = (a[output] - 2 * b[output] + c[output]).magnitude
      if difference.isFinite { most = max(most, difference) }
    }
    return most
  }

  /// Whether the windows that share one end with this one bend about as much.
  private func isBroad(_ index: Int) -> Bool {
    let own = bend(point(index &- 1), point(index), point(index &+ 1))
    for near in [index &- 2, index &+ 2] where near >= 1 && near < resolution {
      if bend(point(near &- 1), point(near), point(near &+ 1)) < 0.4 * own { return false }
    }
    return true
  }

  /// Halves the window around a point of the grid.
  private func close(in index: Int) throws(TrimtabError) {
    var low = Double(index &- 1) / Double(resolution)
    var width = 2 / Double(resolution)
    for (place, source) in [(0, index &- 1), (2, index), (4, index &+ 1)] {
      part(place).update(from: point(source), count: line.outputCount)
    }
    let first = bend(part(0), part(2), part(4)) / width
    var (best, halvings) = (first * width, 0)
    while width > 1e-12 && halvings < 48 {
      try line.evaluate(low + 0.25 * width, into: part(1))
      try line.evaluate(low + 0.75 * width, into: part(3))
      let (left, middle, right) = (
        bend(part(0), part(1), part(2)), bend(part(1), part(2), part(3)), bend(part(2), part(3), part(4))
      )
      let most = max(left, middle, right)
      guard most > noise else { break }
      let place = middle == most ? 1 : left == most ? 0 : 2
      // From the lowest part up or from the highest down: none is overwritten before it was read.
      if place == 0 {
        copy(2, to: 4)
        copy(1, to: 2)
      } else if place == 1 {
        copy(1, to: 0)
        copy(3, to: 4)
      } else {
        copy(2, to: 0)
        copy(3, to: 2)
      }
      low += 0.25 * width * Double(place)
      width *= 0.5
      best = most
      halvings = halvings &+ 1
      if halvings == 6 {
        // A kink keeps half to all of its share per width; a smooth function keeps 1/64.
        guard best / width > first / 8 else { return }
      }
    }
    guard halvings >= 6 else {
      // A smooth function's share falls as 2^-halvings, and it bends as much in the windows beside.
      let isSmooth = halvings >= 2 ? best / width < 0.4 * first : isBroad(index)
      if !isSmooth { report.undecidedCount = report.undecidedCount &+ 1 }
      return
    }
    let middle = low + 0.5 * width
    let kink = Kink(position: middle, width: width, jump: try jump(at: middle, beyond: width))
    if let last = found.at(found.count &- 1),
      kink.position - last.pointee.position <= max(kink.width, last.pointee.width)
    {
      return
    }
    try found.append(kink)
  }

  /// The slopes on both sides, over a tenth of a window of the grid; 0 where that leaves the segment.
  private func jump(at place: Double, beyond width: Double) throws(TrimtabError) -> Double {
    let h = max(0.1 / Double(resolution), 4 * width)
    guard place - 2 * h >= 0, place + 2 * h <= 1 else { return 0 }
    for (index, shift) in [-2.0, -1, 1, 2].enumerated() { try line.evaluate(place + shift * h, into: part(index)) }
    var most = 0.0
    for output in 0..<line.outputCount {
      let change = (part(3)[output] - part(2)[output] - part(1)[output] + part(0)[output]) / (h * line.length)
      if change.isFinite { most = max(most, change.magnitude) }
    }
    return most
  }

  private func copy(_ from: Int, to place: Int) { part(place).update(from: part(from), count: line.outputCount) }
}
