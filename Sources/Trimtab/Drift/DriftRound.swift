/// A sample's prediction in one round; label -1 if there was none that could be used.
struct Prediction {
  var label = -1
  var isConfident = false
}

/// What was counted of one round beside the one before it. Everything here adds across shards.
final class DriftRound {
  static let counterCount = 10

  let number: Int
  /// Samples of this round; those that the round before had too; those of them with two usable predictions.
  var seen = 0
  var matched = 0
  var compared = 0
  var flips = 0
  /// Samples with three usable predictions in a row; flips and A, B, A among them.
  var threeCompared = 0
  var threeFlips = 0
  var oscillations = 0
  var confident = 0
  var confidentFlips = 0
  var gatePasses = 0
  var totalVariation = 0.0
  var jensenShannon = 0.0
  var kullbackLeibler = 0.0
  /// Labels of the compared samples in the earlier and in this round, `classCount` each.
  private(set) var classCount: Int
  private(set) var histogram: Storage<Int>

  init(number: Int, classCount: Int) throws(TrimtabError) {
    self.number = number
    self.classCount = classCount
    histogram = try Storage(count: 2 &* classCount, for: "predictions")
  }

  /// Makes room for more classes.
  func reserve(classes: Int) throws(TrimtabError) {
    guard classes > classCount else { return }
    let wider = try Storage<Int>(count: 2 &* classes, for: "predictions")
    for c in 0..<classCount {
      wider.pointer[c] = histogram.pointer[c]
      wider.pointer[classes &+ c] = histogram.pointer[classCount &+ c]
    }
    histogram = wider
    classCount = classes
  }

  func earlierCount(_ label: Int) -> Int { label >= 0 && label < classCount ? histogram.pointer[label] : 0 }
  func laterCount(_ label: Int) -> Int { label >= 0 && label < classCount ? histogram.pointer[classCount &+ label] : 0 }

  /// Classes with a label in either round; no more than 2 are counted.
  var classesSeen: Int {
    var seen = 0
    for label in 0..<classCount where earlierCount(label) > 0 || laterCount(label) > 0 {
      seen = seen &+ 1
      if seen == 2 { break }
    }
    return seen
  }

  /// Counts a sample that both rounds have; `beforeThat` is its label one round earlier still, or -1.
  /// Answers whether the two predictions could be compared.
  func count(_ earlier: Prediction, _ later: Prediction, beforeThat: Int = -1) -> Bool {
    matched = matched &+ 1
    guard earlier.label >= 0, later.label >= 0, earlier.label < classCount, later.label < classCount else {
      return false
    }
    compared = compared &+ 1
    histogram.pointer[earlier.label] &+= 1
    histogram.pointer[classCount &+ later.label] &+= 1
    let isFlip = earlier.label != later.label
    if isFlip { flips = flips &+ 1 }
    if later.isConfident { gatePasses = gatePasses &+ 1 }
    if earlier.isConfident && later.isConfident {
      confident = confident &+ 1
      if isFlip { confidentFlips = confidentFlips &+ 1 }
    }
    if beforeThat >= 0 {
      threeCompared = threeCompared &+ 1
      if isFlip { threeFlips = threeFlips &+ 1 }
      if isFlip && later.label == beforeThat { oscillations = oscillations &+ 1 }
    }
    return true
  }

  /// Adds the distances between two rows of probabilities, each summing to 1.
  func addDistances(from earlier: UnsafePointer<Double>, to later: UnsafePointer<Double>, classes: Int) {
    let least = 1e-12
    var variation = 0.0
    var shannon = 0.0
    var leibler = 0.0
    for c in 0..<classes {
      let p = later[c]
      let q = earlier[c]
      variation += (p - q).magnitude
      if p > 0 { leibler += p * logarithm(max(p, least) / max(q, least)) }
      let middle = (p + q) / 2
      if p > 0 { shannon += p * logarithm(p / middle) }
      if q > 0 { shannon += q * logarithm(q / middle) }
    }
    totalVariation += variation / 2
    jensenShannon += min(max(shannon / 2, 0), 0.69314718055994530942)
    kullbackLeibler += max(leibler, 0)
  }

  /// Adds another shard's count of the same round; room for its classes is there.
  func add(_ other: DriftRound) {
    seen = seen &+ other.seen
    matched = matched &+ other.matched
    compared = compared &+ other.compared
    flips = flips &+ other.flips
    threeCompared = threeCompared &+ other.threeCompared
    threeFlips = threeFlips &+ other.threeFlips
    oscillations = oscillations &+ other.oscillations
    confident = confident &+ other.confident
    confidentFlips = confidentFlips &+ other.confidentFlips
    gatePasses = gatePasses &+ other.gatePasses
    totalVariation += other.totalVariation
    jensenShannon += other.jensenShannon
    kullbackLeibler += other.kullbackLeibler
    for c in 0..<min(classCount, other.classCount) {
      histogram.pointer[c] &+= other.earlierCount(c)
      histogram.pointer[classCount &+ c] &+= other.laterCount(c)
    }
  }

  /// Written without the room that the histogram has to spare, so that equal counts give equal bytes.
  func write(to writer: inout StateWriter) {
    var used = classCount
    while used > 0 && earlierCount(used &- 1) == 0 && laterCount(used &- 1) == 0 { used = used &- 1 }
    for value in [
      number, used, seen, matched, compared, flips, threeCompared, threeFlips, oscillations, confident,
      confidentFlips, gatePasses,
    ] { writer.write(value) }
    writer.write(totalVariation)
    writer.write(jensenShannon)
    writer.write(kullbackLeibler)
    writer.write(UnsafePointer(histogram.pointer), count: used)
    writer.write(UnsafePointer(histogram.pointer + classCount), count: used)
  }

  /// - Throws: `stateCorrupt` where the counts cannot come from data.
  static func read(from reader: inout StateReader) throws(TrimtabError) -> DriftRound {
    let number = try reader.readCount(0...Int.max)
    let classCount = try reader.readCount(0...min(reader.remaining / 16, DriftOptions.greatestClassCount))
    let round = try DriftRound(number: number, classCount: classCount)
    round.seen = try reader.readCount(0...SampleTable.greatestCount)
    round.matched = try reader.readCount(0...round.seen)
    round.compared = try reader.readCount(0...round.matched)
    round.flips = try reader.readCount(0...round.compared)
    round.threeCompared = try reader.readCount(0...round.compared)
    round.threeFlips = try reader.readCount(0...min(round.threeCompared, round.flips))
    round.oscillations = try reader.readCount(0...round.threeFlips)
    round.confident = try reader.readCount(0...round.compared)
    round.confidentFlips = try reader.readCount(0...min(round.confident, round.flips))
    round.gatePasses = try reader.readCount(round.confident...round.compared)
    round.totalVariation = try readSum(&reader, round.compared)
    round.jensenShannon = try readSum(&reader, round.compared)
    round.kullbackLeibler = try readSum(&reader, round.compared &* 28)
    try reader.read(into: round.histogram.pointer, count: round.histogram.count)
    var earlier = 0
    var later = 0
    for c in 0..<classCount {
      let counts = (round.earlierCount(c), round.laterCount(c))
      guard counts.0 >= 0, counts.1 >= 0, counts.0 <= round.compared, counts.1 <= round.compared else {
        throw StateReader.corrupt
      }
      earlier = earlier &+ counts.0
      later = later &+ counts.1
    }
    guard earlier == round.compared, later == round.compared else { throw StateReader.corrupt }
    let last = classCount &- 1
    guard last < 0 || round.earlierCount(last) > 0 || round.laterCount(last) > 0 else { throw StateReader.corrupt }
    return round
  }

  private static func readSum(_ reader: inout StateReader, _ bound: Int) throws(TrimtabError) -> Double {
    let sum = try reader.readDouble()
    guard sum >= 0 && sum <= Double(bound) * 1.001 else { throw StateReader.corrupt }
    return sum
  }
}
