/// Where the share of the class that is now the greatest came from.
struct ClassCourse {
  /// Of the class that the later round has most samples of, in that round, in the one before and in the first.
  private var greatestShare = 0.0
  private var earlierShare = 0.0
  private var firstShare = 0.0
  /// Whether every class has a sample in the later round and in the one before.
  private var hasAllClasses = true
  /// Total variation of the class shares between the later round and the first.
  private(set) var distance = 0.0

  init() {}

  /// - Parameters:
  ///   - round, first: rounds with compared samples.
  init(_ round: DriftRound, since first: DriftRound, classCount: Int) {
    let samples = Double(max(round.compared, 1))
    let firstSamples = Double(max(first.compared, 1))
    for label in 0..<classCount {
      let later = Double(round.laterCount(label)) / samples
      let start = Double(first.earlierCount(label)) / firstSamples
      distance += (later - start).magnitude / 2
      if round.laterCount(label) == 0 || round.earlierCount(label) == 0 { hasAllClasses = false }
      guard later > greatestShare else { continue }
      greatestShare = later
      earlierShare = Double(round.earlierCount(label)) / samples
      firstShare = start
    }
  }

  /// Whether it was as great from the first on, and no class has died out: a rare class, and no collapse.
  func isLasting(above share: Double) -> Bool {
    hasAllClasses && min(earlierShare, firstShare, greatestShare) >= share
  }

  /// Whether the class took most samples bit by bit. Self-training that starts wrong and improves moves shares as far,
  /// but into no single class.
  func isConcentrating(beyond distance: Double) -> Bool {
    greatestShare > 1 - distance && greatestShare - firstShare > 2 * distance
  }
}
