/// What the net is given, as its first layer got it in its first look: inputs whose scale the weights do not expect.
extension Monitor {
  /// Features of unit scale lie far below it; raw prices, counts or pixels above.
  private static let greatestScale = 10.0
  /// How far the features' greatest magnitudes may lie apart.
  private static let greatestSpread = 1e3
  private static let rows = 256
  private static let columns = 1 << 14

  /// The cause of what follows from inputs that are too large, where they are.
  func blamingInput(_ cause: Cause) -> Cause { isInputLarge ? .unscaledInput : cause }

  var isInputLarge: Bool { series.inputScale > Monitor.greatestScale }

  /// - Parameter tensor: samples by features.
  @inline(never)
  func noteInput(_ tensor: TensorView, of watched: Watched) throws(TrimtabError) {
    let features = tensor.shape[1]
    guard features <= Monitor.columns else { return }
    let high = try Storage<Double>(count: features, for: "features")
    let low = try Storage<Double>(count: features, for: "features")
    let row = try Storage<Double>(count: features, for: "features")
    high.pointer.update(repeating: -.infinity, count: features)
    low.pointer.update(repeating: .infinity, count: features)
    for place in 0..<min(tensor.shape[0], Monitor.rows) {
      tensor.copy(from: place &* features, count: features, to: row.pointer)
      for feature in 0..<features {
        high.pointer[feature] = max(high.pointer[feature], row.pointer[feature])
        low.pointer[feature] = min(low.pointer[feature], row.pointer[feature])
      }
    }
    // A feature that does not vary in this batch is one that varies seldom: it says nothing of scales.
    var (least, most) = (Double.infinity, 0.0)
    for feature in 0..<features where high.pointer[feature] > low.pointer[feature] {
      least = min(least, high.pointer[feature] - low.pointer[feature])
      most = max(most, high.pointer[feature].magnitude, low.pointer[feature].magnitude)
    }
    (series.featureSpread, series.inputIndex) = (most / least, watched.index)
  }

  /// Features of very different or of great scale, in a run that suffers from it: its loss is not far below that of a
  /// constant guess, which the host has told, or which is one among as many classes as the last weight has rows, or
  /// columns.
  func judgeInput(_ sorted: Storage<Int>) {
    let isSpread = series.featureSpread > Monitor.greatestSpread
    // A feature far below the others holds a net up for a while, and is got over; a great one is not.
    let due = (isInputLarge ? 4 : 8) &* options.warmUp &- 4
    guard isSpread || isInputLarge, serial >= due, options.preset == .trimtab,
      series.inputIndex < entries.count, let guess = objectiveGuess ?? lossOfGuessing(sorted)
    else { return }
    let share = isSpread && isInputLarge ? 0.15 : 0.3
    let value = isSpread ? series.featureSpread : series.inputScale
    let threshold = isSpread ? Monitor.greatestSpread : Monitor.greatestScale
    judge(
      .activationScale, entries[series.inputIndex],
      learning.level > share * guess
        ? Observation(
          rule: .activationScale, verdict: .warning, cause: .unscaledInput, value: value, threshold: threshold,
          quantity: .output) : nil)
  }

  private func lossOfGuessing(_ sorted: Storage<Int>) -> Double? {
    var classes = 0
    for place in 0..<sorted.count where entries[sorted.pointer[place]].entry.role == .weight {
      let look = entries[sorted.pointer[place]].look(.gradient)
      classes = min(look.pointee.rows, look.pointee.columns)
    }
    return classes > 1 ? decimalLogarithm(Double(classes)) * 2.302585092994046 : nil
  }
}
