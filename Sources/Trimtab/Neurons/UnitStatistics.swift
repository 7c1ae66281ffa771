/// What is kept of one unit. Sums of counts, means weighted by counts and Chan's second moment: everything merges.
struct UnitRecord {
  var finiteCount = 0
  var activeCount = 0
  var saturatedCount = 0
  /// mean |f(z)|
  var meanOutput = 0.0
  /// mean z
  var mean = 0.0
  /// sum (z - mean)^2; +Inf where it leaves float64's range.
  var squares = 0.0
  var maximum = -Double.infinity
  var minimum = Double.infinity

  /// Adds what another record has seen of the same unit. Source: Chan, Golub & LeVeque 1979.
  mutating func merge(_ other: UnitRecord) {
    guard other.finiteCount > 0 else { return }
    guard finiteCount > 0 else {
      self = other
      return
    }
    let own = Double(finiteCount)
    finiteCount = finiteCount &+ other.finiteCount
    activeCount = activeCount &+ other.activeCount
    saturatedCount = saturatedCount &+ other.saturatedCount
    let weight = Double(other.finiteCount) / (own + Double(other.finiteCount))
    meanOutput = UnitRecord.combine(meanOutput, other.meanOutput, weight)
    let delta = other.mean - mean
    squares += other.squares + delta * weight * delta * own
    mean = UnitRecord.combine(mean, other.mean, weight)
    maximum = max(maximum, other.maximum)
    minimum = min(minimum, other.minimum)
  }

  /// The mean of two means; the second form where the difference leaves float64's range.
  private static func combine(_ first: Double, _ second: Double, _ weight: Double) -> Double {
    let delta = second - first
    return delta.magnitude < .infinity ? first + delta * weight : first * (1 - weight) + second * weight
  }

  var isSeen: Bool { finiteCount > 0 }
  var isDead: Bool { finiteCount > 0 && activeCount == 0 }
  var activeFraction: Double { finiteCount > 0 ? Double(activeCount) / Double(finiteCount) : 0 }
  var saturatedFraction: Double { finiteCount > 0 ? Double(saturatedCount) / Double(finiteCount) : 0 }
  /// The population standard deviation; half the range where the squares left float64's range.
  var deviation: Double {
    guard finiteCount > 0 else { return 0 }
    return squares < .infinity ? (squares / Double(finiteCount)).squareRoot() : maximum / 2 - minimum / 2
  }
}

/// The records of a layer's units, field by field in two blocks of memory. All bits zero is an unseen unit, so fresh
/// memory is not touched.
final class UnitStatistics {
  static let countFields = 3
  static let valueFields = 5
  /// More units than any layer has, and 1 GiB of records; beyond it a shape is a mistake (strides of 0 claim anything).
  static let greatestCount = 1 << 24

  let count: Int
  private let counts: Storage<Int>
  private let values: Storage<Double>

  init(count: Int, name: StaticText) throws(TrimtabError) {
    guard count >= 0 && count <= UnitStatistics.greatestCount else {
      throw TrimtabError(.shape, "%: found % units, allowed at most %", name, count, UnitStatistics.greatestCount)
    }
    self.count = count
    counts = try Storage(count: count &* UnitStatistics.countFields, for: name)
    values = try Storage(count: count &* UnitStatistics.valueFields, for: name)
  }

  /// The record of a unit; an empty one outside 0..<count, where nothing is written.
  subscript(unit: Int) -> UnitRecord {
    get {
      guard unit >= 0 && unit < count else { return UnitRecord() }
      let integers = counts.pointer + unit
      let numbers = values.pointer + unit
      guard integers[0] > 0 else { return UnitRecord() }
      return UnitRecord(
        finiteCount: integers[0], activeCount: integers[count], saturatedCount: integers[2 &* count],
        meanOutput: numbers[0], mean: numbers[count], squares: numbers[2 &* count], maximum: numbers[3 &* count],
        minimum: numbers[4 &* count])
    }
    set {
      guard unit >= 0 && unit < count, newValue.finiteCount > 0 else { return }
      let integers = counts.pointer + unit
      let numbers = values.pointer + unit
      integers[0] = newValue.finiteCount
      integers[count] = newValue.activeCount
      integers[2 &* count] = newValue.saturatedCount
      numbers[0] = newValue.meanOutput
      numbers[count] = newValue.mean
      numbers[2 &* count] = newValue.squares
      numbers[3 &* count] = newValue.maximum
      numbers[4 &* count] = newValue.minimum
    }
  }

  /// Makes every unit unseen.
  func clear() {
    counts.pointer.update(repeating: 0, count: counts.count)
    values.pointer.update(repeating: 0, count: values.count)
  }

  func merge(_ other: UnitStatistics) {
    for unit in 0..<count { merge(other[unit], into: unit) }
  }

  func merge(_ record: UnitRecord, into unit: Int) {
    var own = self[unit]
    own.merge(record)
    self[unit] = own
  }

  func write(to writer: inout StateWriter) {
    writer.write(UnsafePointer(counts.pointer), count: counts.count)
    writer.write(UnsafePointer(values.pointer), count: values.count)
  }

  /// - Throws: `stateCorrupt` where a record cannot come from data.
  func read(from reader: inout StateReader, samples: Int) throws(TrimtabError) {
    try reader.read(into: counts.pointer, count: counts.count)
    try reader.read(into: values.pointer, count: values.count)
    for unit in 0..<count {
      guard counts.pointer[unit] >= 0 else { throw StateReader.corrupt }
      let record = self[unit]
      let seen = record.finiteCount
      guard seen <= samples, record.activeCount >= 0 && record.activeCount <= seen,
        record.saturatedCount >= 0 && record.saturatedCount <= seen, record.meanOutput >= 0,
        record.mean.magnitude < .infinity, record.squares >= 0, seen == 0 || record.minimum <= record.maximum
      else { throw StateReader.corrupt }
    }
  }
}
