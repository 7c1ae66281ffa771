/// How far the end of a column lies above the lowest level that it had, and from where on.
///
/// Stretches of the course are compared: their scatter from one to the next says how far levels wander by themselves, and
/// the greatest rise that was followed by a lower level still says what this column does anyway.
struct LogRise {
  /// Lowest level, and the last one.
  var lowest = 0.0
  var final = 0.0
  var first = 0.0
  /// Usual change of a level from one stretch to the next.
  var wander = 0.0
  /// Standard deviation of a value around its level.
  var noise = 0.0
  /// The greatest rise from which the column came back to a new lowest level.
  var earlier = 0.0
  /// The steps between which it left its lowest level.
  var onset = 0
  var lowestStep = 0
  var peak = 0.0
  var peakStep = 0
  var stretchCount = 0
  var rowsPerStretch = 0.0
  /// Share of the rise that lies between two neighbouring stretches, or over a third; and that within two stretches of
  /// the onset.
  var greatestShare = 0.0
  var firstShare = 0.0
  /// Standard error of the difference between the first and the last quarter, and that difference.
  var quarterError = 0.0
  var quarterDifference = 0.0
  /// Of both of them.
  var middle = 0.0
  /// Of the rise from the highest stretch since the lowest, the share that is left at the end.
  var leftShare = 1.0

  var rise: Double { final - lowest }
}

extension LogCourse {
  static let stretchCapacity = 128
  /// Doubles that `rise` and `steepest` work in.
  static let workCount = 2 * capacity + 2

  /// - Parameter work: memory for 128 stretches, and `values` for `workCount` doubles.
  func rise(_ work: UnsafeMutablePointer<LogBlock>, _ values: UnsafeMutablePointer<Double>) -> LogRise? {
    let least = min(max(rowCount / 24, 1), 10)
    let count = stretches(work, most: LogCourse.stretchCapacity, least: least)
    guard count >= 6 else { return nil }
    var found = LogRise()
    found.stretchCount = count
    found.rowsPerStretch = Double(rowCount) / Double(count)
    let smooth = values
    let scratch = values + LogCourse.stretchCapacity
    for index in 0..<count {
      smooth[index] = middle(work[max(index &- 1, 0)].mean, work[index].mean, work[min(index &+ 1, count &- 1)].mean)
    }
    // The ends have one neighbour only: of two means the median is neither.
    smooth[0] = work[0].mean
    found.first = work[0].mean
    measureScatter(&found, work, scratch, count)
    let ending = max(count / 20, min(3, count / 4), 1)
    for index in 0..<ending { scratch[index] = work[count &- 1 &- index].mean }
    found.final = median(scratch, ending)
    var place = 0
    (found.lowest, found.lowestStep) = (smooth[0], work[0].firstStep)
    var highest = smooth[0]
    for index in 1..<max(count &- 1, 2) {
      highest = max(highest, smooth[index])
      if smooth[index] < found.lowest {
        found.earlier = max(found.earlier, highest - found.lowest)
        (found.lowest, found.lowestStep, place) = (smooth[index], work[index].firstStep, index)
        highest = smooth[index]
      }
    }
    locate(&found, work, smooth, place, count)
    compareQuarters(&found, work, scratch, count)
    return found
  }

  private func middle(_ a: Double, _ b: Double, _ c: Double) -> Double { max(min(a, b), min(max(a, b), c)) }

  func median(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
    for index in 1..<max(count, 1) {
      let value = values[index]
      var at = index
      while at > 0, values[at &- 1] > value {
        values[at] = values[at &- 1]
        at = at &- 1
      }
      values[at] = value
    }
    return count % 2 == 1 ? values[count / 2] : 0.5 * values[count / 2] + 0.5 * values[max(count / 2 &- 1, 0)]
  }

  private func measureScatter(
    _ found: inout LogRise, _ work: UnsafeMutablePointer<LogBlock>, _ scratch: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    // What wanders slowly shows over several stretches; how the loss bends as it falls, in the first of them.
    let later = count / 3
    var lag = 1
    while lag == 1 || lag <= min(count / 12, 8) {
      // Second differences: a straight line is no wandering.
      let first = lag == 1 ? 0 : min(later, count &- 2 &* lag &- 8)
      let triples = count &- 2 &* lag &- max(first, 0)
      for index in 0..<triples {
        let place = index &+ max(first, 0)
        let (before, after) = (work[place].mean, work[place &+ 2 &* lag].mean)
        scratch[index] = (before - 2 * work[place &+ lag].mean + after).magnitude
      }
      found.wander = max(found.wander, median(scratch, triples) * 1.4826 / 2.449)
      lag = lag &* 2
    }
    var kept = 0
    for index in later..<count where work[index].count > 1 {
      scratch[kept] = work[index].deviation
      kept = kept &+ 1
    }
    found.noise = max(kept > 0 ? median(scratch, kept) : 0, found.wander)
  }

  /// Where the column left its lowest level for good: the last block that still lay there.
  private func locate(
    _ found: inout LogRise, _ work: UnsafeMutablePointer<LogBlock>, _ smooth: UnsafeMutablePointer<Double>,
    _ place: Int,
    _ count: Int
  ) {
    found.onset = work[place].lastStep
    found.peak = found.lowest
    let rise = found.rise
    guard rise > 0 else { return }
    var greatest = 0.0
    for index in place..<count {
      if smooth[index] > found.peak { (found.peak, found.peakStep) = (smooth[index], work[index].firstStep) }
      let step = index &+ 1 < count ? work[index &+ 1].mean - work[max(index &- 1, place)].mean : 0
      greatest = max(greatest, step)
    }
    // A rise of the last rows is in no smoothed level yet.
    if found.final > found.peak { (found.peak, found.peakStep) = (found.final, work[count &- 1].firstStep) }
    found.greatestShare = greatest / rise
    found.leftShare = found.peak > found.lowest ? rise / (found.peak - found.lowest) : 1
    // Above what single blocks differ by.
    let error = found.noise / Double(max(rowsPerBlock, 1)).squareRoot()
    let local = work[place].count > 1 ? work[place].deviation : found.noise
    // A loss that multiplies left its lowest level long before it had a share of the rise.
    let doubled = max(found.lowest.magnitude, 5 * local, 0.05 * (found.first - found.lowest))
    let limit = found.lowest + min(max(0.06 * rise, min(3 * error, 0.3 * rise)), doubled)
    var index = blockCount &- 1
    var above = 0
    while index >= 0 {
      guard let block = self[index], block.lastStep >= work[place].firstStep else { break }
      if block.mean <= limit {
        above = above &+ 1
        // One block of few rows may lie low by chance.
        if above >= (rowsPerBlock < 8 ? 3 : 1) {
          found.onset = block.lastStep
          break
        }
      }
      index = index &- 1
    }
    var after = place
    while after < count &- 2, work[after].firstStep <= found.onset { after = after &+ 1 }
    let early = min(work[min(after &+ 1, count &- 1)].mean, work[min(after &+ 2, count &- 1)].mean)
    found.firstShare = (early - found.lowest) / rise
  }

  /// Medians: what the first rows did is not what their quarter was like.
  private func compareQuarters(
    _ found: inout LogRise, _ work: UnsafeMutablePointer<LogBlock>, _ scratch: UnsafeMutablePointer<Double>,
    _ count: Int
  ) {
    let quarter = max(count / 4, 2)
    func statistics(from start: Int) -> (middle: Double, error: Double) {
      for index in 0..<quarter { scratch[index] = work[start &+ index].mean }
      let middle = median(scratch, quarter)
      for index in 0..<quarter { scratch[index] = (work[start &+ index].mean - middle).magnitude }
      let deviation = max(1.4826 * median(scratch, quarter), found.wander)
      return (middle, 1.57 * deviation * deviation / Double(quarter))
    }
    let (early, late) = (statistics(from: 0), statistics(from: count &- quarter))
    found.quarterDifference = late.middle - early.middle
    found.middle = 0.5 * early.middle + 0.5 * late.middle
    // No less than independent values have.
    found.quarterError = max(
      (early.error + late.error).squareRoot(), found.noise * (12.5 / Double(rowCount)).squareRoot())
  }
}
