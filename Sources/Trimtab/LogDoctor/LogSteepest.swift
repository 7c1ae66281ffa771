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
}

extension LogCourse {
  /// The greatest rise between neighbouring levels of 16 rows, or of 64 where noise is slow, if it stands out among all of them and the level
  /// after it holds; nil where there is none.
  ///
  /// - Parameter scratch: memory for `workCount` doubles.
  func steepest(_ scratch: UnsafeMutablePointer<Double>) -> LogStep? {
    steepest(scratch, rows: 16) ?? steepest(scratch, rows: 64)
  }

  private func steepest(_ scratch: UnsafeMutablePointer<Double>, rows: Int) -> LogStep? {
    let width = max((rows &+ rowsPerBlock &- 1) / rowsPerBlock, 1)
    let all = blockCount
    guard all >= 8 &* width, all >= 24 else { return nil }
    var (greatest, place, made) = (0.0, -1, 0)
    var index = width
    while index &+ width <= all {
      let difference = level(index, width) - level(index &- width, width)
      if difference > greatest { (greatest, place) = (difference, index) }
      if (index &- width) % max(width / 2, 1) == 0 {
        scratch[made] = difference
        made = made &+ 1
      }
      index = index &+ 1
    }
    guard place > 0, made >= 8 else { return nil }
    let middle = median(scratch, made)
    for index in 0..<made { scratch[index] = (scratch[index] - middle).magnitude }
    let scatter = 1.4826 * median(scratch, made)
    let noise = self.noise(before: place, 4 &* width)
    guard greatest - middle > 6 * scatter, greatest > 2 * noise else { return nil }
    var found = LogStep()
    (found.before, found.after, found.noise) = (level(place &- width, width), level(place, width), noise)
    let next = min(place &+ 2 &* width, all &- width)
    guard level(next, width) - found.before > 0.5 * greatest else { return nil }
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
