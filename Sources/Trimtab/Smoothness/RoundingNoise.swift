/// What rounding makes of a function's values, measured: float32 inside a function shows, whatever its values are stored in.
///
/// Fourth differences over steps so short that all that a function does vanishes in them but rounding, at places along a
/// segment. A kink is seldom that near, so that nine of ten places are believed. The lesser of two steps counts: what a
/// function does falls with the step, rounding does not. Source: Moré & Wild 2011 (ECnoise).
struct RoundingNoise {
  private var coarse: [Double] = []
  private var fine: [Double] = []
  /// Evaluations at a place.
  static let cost = 10

  /// Looks at `places` along a segment; `room` has space for five values of each output.
  mutating func add(
    _ line: SegmentLine, places: Int, room: UnsafeMutablePointer<Double>
  ) throws(TrimtabError) {
    for _ in 0..<places {
      // The golden ratio spreads any number of places.
      let turns = 0.5 + 0.6180339887498949 * Double(coarse.count)
      let start = 0.999 * (turns - turns.rounded(.down))
      coarse.append(try fourthDifference(line, start, 0x1p-17, room))
      fine.append(try fourthDifference(line, start, 0x1p-21, room))
    }
  }

  /// The greatest over the outputs; 0 for what is not finite.
  private func fourthDifference(
    _ line: SegmentLine, _ start: Double, _ step: Double, _ room: UnsafeMutablePointer<Double>
  ) throws(TrimtabError) -> Double {
    let width = line.outputCount
    for place in 0..<5 { try line.evaluate(start + Double(place) * step, into: room + place &* width) }
    var most = 0.0
    for output in 0..<width {
      let (ends, near) = (
        room[output] + room[output &+ 4 &* width], room[output &+ width] + room[output &+ 3 &* width]
      )
      let difference = (ends - 4 * near + 6 * room[output &+ 2 &* width]).magnitude
      if difference.isFinite { most = max(most, difference) }
    }
    return most
  }

  /// About the greatest error of one value: nine in ten fourth differences are within 13.8 standard deviations of it.
  func error() throws(TrimtabError) -> Double { 0.25 * min(try ninth(coarse), try ninth(fine)) }

  private func ninth(_ values: [Double]) throws(TrimtabError) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = try Storage<Double>(count: values.count, for: "rounding")
    for index in 0..<values.count { sorted.pointer[index] = values[index] }
    sortDescending(sorted.pointer, values.count)
    return sorted.pointer[values.count / 10]
  }
}
