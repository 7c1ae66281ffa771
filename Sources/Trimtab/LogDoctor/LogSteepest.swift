/// Where the level of a column rose most from some blocks to the next.
struct LogStep {
  /// The first step of the level before, and the first and last of the level after.
  var previousStep = 0
  var firstStep = 0
  var lastStep = 0
  var before = 0.0
  var after = 0.0
  var noise = 0.0
  /// The row of its first step.
  var row = 0
  /// The first step at which it was back, if it was.
  var returnStep: Int?

  func spans(_ step: Int) -> Bool { step >= previousStep && step <= lastStep }
}

extension LogCourse {
  /// The greatest rise between neighbouring levels of 16 rows, or of up to 256 where noise is slow, if it stands out
  /// among all of them and the level after it holds; nil where there is none.
  ///
  /// - Parameter scratch: memory for `workCount` doubles.
  func steepest(_ scratch: UnsafeMutablePointer<Double>) -> LogStep? {
    var rows = 16
    while rows <= 256 {
      if let found = steepest(scratch, rows: rows) { return found }
      rows = rows &* 2
    }
    return nil
  }

  private func steepest(_ scratch: UnsafeMutablePointer<Double>, rows: Int) -> LogStep? {
    let width = max((rows &+ rowsPerBlock &- 1) / rowsPerBlock, 1)
    let all = blockCount
    guard all >= 8 &* width, all >= 24 else { return nil }
    var (greatest, place, made) = (0.0, -1, 0)
    var index = 2 &* width
    while index &+ 2 &* width <= all {
      let (rise, difference) = leap(index, width)
      if difference > greatest, rise > 0.5 * difference { (greatest, place) = (difference, index) }
      index = index &+ 1
    }
    guard place > 0 else { return nil }
    // Early noise is that of a higher level.
    index = place > all / 3 ? max(all / 3, 2 &* width) : 2 &* width
    while index &+ 2 &* width <= all {
      scratch[made] = leap(index, width).leap
      made = made &+ 1
      index = index &+ max(width / 2, 1)
    }
    guard made >= 8 else { return nil }
    let middle = median(scratch, made)
    for index in 0..<made { scratch[index] = (scratch[index] - middle).magnitude }
    let scatter = 1.4826 * median(scratch, made)
    let noise = self.noise(before: place, 4 &* width)
    // The noise just before holds where that of the whole log is another.
    let least = max(2, 6 * (5 / Double(width &* rowsPerBlock)).squareRoot())
    guard greatest - middle > 5 * scatter, greatest > least * noise else { return nil }
    var found = LogStep()
    (found.before, found.after, found.noise) = (level(place &- width, width), level(place, width), noise)
    // It holds: the level two further on lies where the slope before would have taken it, and half of the leap above.
    let next = min(place &+ 2 &* width, all &- width)
    let reach = min(place / width &- 1, 8)
    let slope = (found.before - level(place &- (reach &+ 1) &* width, width)) / Double(reach &* width)
    let expected = found.before + min(slope, 0) * Double(next &- place &+ width)
    guard level(next, width) - expected > 0.5 * greatest else { return nil }
    found.previousStep = self[max(place &- width, 0)]?.firstStep ?? 0
    found.firstStep = self[place]?.firstStep ?? 0
    found.row = place &* rowsPerBlock
    found.lastStep = self[min(place &+ width, all &- 1)]?.lastStep ?? 0
    for index in next..<all where found.returnStep == nil {
      guard let block = self[index], block.mean <= found.before + 2 * noise else { continue }
      found.returnStep = block.lastStep
    }
    return found
  }

  /// By how much the level rises there, and by how much more than on average just before and just after: a slope is no
  /// leap.
  private func leap(_ index: Int, _ width: Int) -> (rise: Double, leap: Double) {
    let (before, after) = (level(index &- width, width), level(index, width))
    let slopes = before - level(index &- 2 &* width, width) + level(index &+ width, width) - after
    return (after - before, after - before - 0.5 * slopes)
  }

  private func level(_ first: Int, _ width: Int) -> Double {
    var sum = LogBlock()
    for index in first..<(first &+ width) { if let block = self[index] { sum.add(block) } }
    return sum.mean
  }

  private func noise(before place: Int, _ reach: Int) -> Double {
    var (squares, rows) = (0.0, 0)
    for index in max(place &- reach, 0)..<place {
      guard let block = self[index] else { continue }
      squares += block.squares
      rows = rows &+ block.count
    }
    return rows > 0 ? (squares / Double(rows)).squareRoot() : 0
  }
}
