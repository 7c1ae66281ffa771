/// How much the outputs of a batch depend on their own row and on others: sums that add.
struct SampleCoupling: Equatable {
  /// Probes of one row along one direction.
  var probeCount = 0
  /// Sums over probes of the squared change of the row's own outputs, and of all others', less what two runs of one
  /// batch differ by.
  var own = 0.0
  var cross = 0.0
  /// What was taken off the two.
  var noise = 0.0
  /// Sums over directions and rows of the squared change of an output where all rows move alike.
  var common = 0.0
  /// Features, by which a mean over random unit directions has to be multiplied to be a squared norm.
  var features = 0
  /// Whether the directions were all axes: their sum is the squared norm.
  var isExact = false

  /// Outputs may be finite and so far apart that their squares are not.
  var isFinite: Bool { own.isFinite && cross.isFinite && noise.isFinite && common.isFinite }

  mutating func add(_ other: SampleCoupling) {
    probeCount = tally(probeCount, other.probeCount)
    own = finiteSum(own, other.own)
    cross = finiteSum(cross, other.cross)
    noise = finiteSum(noise, other.noise)
    common = finiteSum(common, other.common)
    features = max(features, other.features)
    isExact = isExact || other.isExact
  }
}

extension BatchProbe {
  /// Differentiates the function at its inputs by central differences, which leaves the inputs as they were.
  ///
  /// - Returns: nil where an output, or the square of a difference quotient, is not finite.
  func coupling(_ options: LeakageOptions, stream: UInt64) throws(TrimtabError) -> SampleCoupling? {
    let upper = try Storage<Double>(count: outputCount, for: "outputs")
    let sums = try Storage<Double>(count: outputCount, for: "outputs")
    let direction = try Storage<Double>(count: features, for: "directions")
    let row = try Storage<Double>(count: features, for: "directions")
    let step = options.step * scale
    guard let noise = try repetitionNoise(upper) else { return nil }
    var found = SampleCoupling()
    found.features = features
    found.isExact = options.directionCount == 0
    let numbers = RandomNumbers(seed: options.seed, stream: stream)
    for index in 0..<(found.isExact ? features : options.directionCount) {
      setDirection(direction, index, numbers, isAxis: found.isExact)
      sums.pointer.update(repeating: 0, count: outputCount)
      for moved in 0..<rows {
        let place = inputs.pointer + moved &* features
        row.pointer.update(from: place, count: features)
        defer { place.update(from: row.pointer, count: features) }
        for feature in 0..<features { place[feature] = row.pointer[feature] + step * direction.pointer[feature] }
        guard try run() else { return nil }
        upper.pointer.update(from: outputs.pointer, count: outputCount)
        for feature in 0..<features { place[feature] = row.pointer[feature] - step * direction.pointer[feature] }
        guard try run() else { return nil }
        add(to: &found, upper, sums, moved, 2 * step)
      }
      for place in 0..<outputCount { found.common += sums.pointer[place] * sums.pointer[place] }
    }
    // The variance of a difference quotient of two outputs, each of which is off by itself.
    let variance = noise / (4 * step * step)
    let probes = Double(found.probeCount) * Double(outputsPerRow)
    found.noise = variance * probes * Double(rows)
    found.cross = max(0, found.cross - variance * probes * Double(rows &- 1))
    found.own = max(0, found.own - variance * probes)
    return found.isFinite ? found : nil
  }

  private func add(
    to found: inout SampleCoupling, _ upper: Storage<Double>, _ sums: Storage<Double>, _ moved: Int, _ width: Double
  ) {
    for other in 0..<rows {
      var square = 0.0
      for place in (other &* outputsPerRow)..<((other &+ 1) &* outputsPerRow) {
        let slope = (upper.pointer[place] - outputs.pointer[place]) / width
        sums.pointer[place] += slope
        square += slope * slope
      }
      if other == moved { found.own += square } else { found.cross += square }
    }
    found.probeCount = found.probeCount &+ 1
  }

  /// The root mean square of the inputs; 1 where they are all 0.
  private var scale: Double {
    var sum = 0.0
    for place in 0..<inputs.count { sum += inputs.pointer[place] * inputs.pointer[place] }
    let found = (sum / Double(max(inputs.count, 1))).squareRoot()
    return found > 0 && found.isFinite ? found : 1
  }

  /// The mean square of what runs of the same batch differ by; nil where an output is not finite.
  ///
  /// Two runs that agree are enough; where they do not, more of them say by how much.
  private func repetitionNoise(_ before: Storage<Double>) throws(TrimtabError) -> Double? {
    guard try run() else { return nil }
    var (sum, pairs) = (0.0, 0)
    while pairs < 1 || (pairs < 8 && sum > 0) {
      before.pointer.update(from: outputs.pointer, count: outputCount)
      guard try run() else { return nil }
      for place in 0..<outputCount {
        let difference = before.pointer[place] - outputs.pointer[place]
        sum += difference * difference
      }
      pairs = pairs &+ 1
    }
    return sum / Double(max(outputCount, 1)) / Double(pairs)
  }

  private func setDirection(_ direction: Storage<Double>, _ index: Int, _ numbers: RandomNumbers, isAxis: Bool) {
    var square = 0.0
    for feature in 0..<features {
      let place = UInt64(truncatingIfNeeded: index &* features &+ feature)
      direction.pointer[feature] = isAxis ? (feature == index ? 1 : 0) : numbers.normal(at: place)
      square += direction.pointer[feature] * direction.pointer[feature]
    }
    let norm = square.squareRoot()
    for feature in 0..<features where norm > 0 { direction.pointer[feature] /= norm }
  }
}
