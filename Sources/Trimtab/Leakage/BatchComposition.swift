/// How well a function judges batches as they come, and batches of the same samples in other company: counts that add.
struct BatchComposition: Equatable {
  struct Arm: Equatable {
    var count = 0
    var right = 0
    /// Of class 0, the fakes: how many, and the sum of the probabilities of being real.
    var fakeCount = 0
    var fakeSum = 0.0

    mutating func add(_ other: Arm) {
      count = tally(count, other.count)
      right = tally(right, other.right)
      fakeCount = tally(fakeCount, other.fakeCount)
      fakeSum = finiteSum(fakeSum, other.fakeSum)
    }

    var accuracy: Double { count > 0 ? Double(right) / Double(count) : .nan }
    var fakeMean: Double { fakeCount > 0 ? fakeSum / Double(fakeCount) : .nan }
  }

  var natural = Arm()
  var shuffled = Arm()
  /// Batches as they come, and those of them that hold one class alone.
  var batchCount = 0
  var pureCount = 0
  /// The first class that was met; -1 before. And whether there was another.
  var firstClass = -1
  var hasSeveralClasses = false

  mutating func add(_ other: BatchComposition) {
    if firstClass < 0 { firstClass = other.firstClass }
    if other.hasSeveralClasses || (other.firstClass >= 0 && other.firstClass != firstClass) { hasSeveralClasses = true }
    natural.add(other.natural)
    shuffled.add(other.shuffled)
    batchCount = tally(batchCount, other.batchCount)
    pureCount = tally(pureCount, other.pureCount)
  }
}

extension BatchProbe {
  /// Judges all whole batches of a pool, then again with every row's place taken by another row: of its class where
  /// batches are mixed, of any class where they are not.
  ///
  /// - Returns: nil where an output is not finite.
  func composition(
    _ pool: UnsafePointer<Double>, _ targets: Storage<Int>, _ options: LeakageOptions, stream: UInt64
  ) throws(TrimtabError) -> BatchComposition? {
    var found = BatchComposition()
    found.batchCount = targets.count / max(rows, 1)
    let order = try Storage<Int>(count: found.batchCount &* rows, for: "targets")
    for place in 0..<order.count { order.pointer[place] = place }
    for start in stride(from: 0, to: order.count, by: rows) {
      var isPure = true
      for row in 1..<rows where targets.pointer[start &+ row] != targets.pointer[start] { isPure = false }
      if isPure { found.pureCount = found.pureCount &+ 1 }
      if found.firstClass < 0 { found.firstClass = targets.pointer[start] }
      if !isPure || targets.pointer[start] != found.firstClass { found.hasSeveralClasses = true }
    }
    guard try judge(pool, targets, order, options, into: &found.natural) else { return nil }
    let numbers = RandomNumbers(seed: options.seed, stream: stream)
    try shuffle(order, targets, withinClasses: found.pureCount < found.batchCount, numbers)
    guard try judge(pool, targets, order, options, into: &found.shuffled) else { return nil }
    return found
  }

  private func judge(
    _ pool: UnsafePointer<Double>, _ targets: Storage<Int>, _ order: Storage<Int>, _ options: LeakageOptions,
    into arm: inout BatchComposition.Arm
  ) throws(TrimtabError) -> Bool {
    for start in stride(from: 0, to: order.count, by: rows) {
      for row in 0..<rows {
        let source = pool + order.pointer[start &+ row] &* features
        (inputs.pointer + row &* features).update(from: source, count: features)
      }
      guard try run() else { return false }
      for row in 0..<rows { add(row, targets.pointer[order.pointer[start &+ row]], options, to: &arm) }
    }
    return true
  }

  private func add(
    _ row: Int, _ target: Int, _ options: LeakageOptions, to arm: inout BatchComposition.Arm
  ) {
    let scores = outputs.pointer + row &* outputsPerRow
    arm.count = arm.count &+ 1
    if outputsPerRow == 1 {
      let probability = options.givesProbabilities ? scores[0] : 1 / (1 + exponential(-scores[0]))
      let isReal = scores[0] > (options.givesProbabilities ? 0.5 : 0)
      if isReal == (target == 1) { arm.right = arm.right &+ 1 }
      if target == 0 {
        arm.fakeCount = arm.fakeCount &+ 1
        arm.fakeSum = finiteSum(arm.fakeSum, probability)
      }
    } else {
      var best = 0
      for place in 1..<outputsPerRow where scores[place] > scores[best] { best = place }
      if best == target { arm.right = arm.right &+ 1 }
    }
  }

  /// Permutes the places: those of each class among each other, or all.
  private func shuffle(
    _ order: Storage<Int>, _ targets: Storage<Int>, withinClasses: Bool, _ numbers: RandomNumbers
  ) throws(TrimtabError) {
    let group = try Storage<Int>(count: order.count, for: "targets")
    var drawn: UInt64 = 0
    for label in 0..<(withinClasses ? max(outputsPerRow, 2) : 1) {
      var count = 0
      for place in 0..<order.count where !withinClasses || targets.pointer[place] == label {
        group.pointer[count] = place
        count = count &+ 1
      }
      for last in stride(from: count &- 1, through: 1, by: -1) {
        let other = Int(truncatingIfNeeded: numbers.number(at: drawn, below: UInt64(last &+ 1)))
        drawn = drawn &+ 1
        let (a, b) = (group.pointer[last], group.pointer[other])
        let kept = order.pointer[a]
        order.pointer[a] = order.pointer[b]
        order.pointer[b] = kept
      }
    }
  }
}
