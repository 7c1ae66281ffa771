/// The last `capacity` values and the same values in order; memory of 2 x capacity doubles, given by the owner.
struct SortedWindow {
  private let values: UnsafeMutablePointer<Double>
  private let sorted: UnsafeMutablePointer<Double>
  let capacity: Int
  private(set) var count = 0
  private var position = 0

  init(_ memory: UnsafeMutablePointer<Double>, capacity: Int) {
    values = memory
    sorted = memory + capacity
    self.capacity = capacity
  }

  mutating func clear() {
    count = 0
    position = 0
  }

  /// Adds a value that is not NaN; the oldest one leaves when the window is full. Complexity: one move of the memory.
  mutating func push(_ value: Double) {
    if count == capacity {
      let oldest = values[position]
      var index = 0
      while index < count &- 1, sorted[index] != oldest { index = index &+ 1 }
      count = count &- 1
      while index < count {
        sorted[index] = sorted[index &+ 1]
        index = index &+ 1
      }
    }
    values[position] = value
    position = position &+ 1 == capacity ? 0 : position &+ 1
    var index = count
    while index > 0, sorted[index &- 1] > value {
      sorted[index] = sorted[index &- 1]
      index = index &- 1
    }
    sorted[index] = value
    count = count &+ 1
  }

  /// Whether no value overflows, nor all of them vanish, when multiplied.
  func canMultiply(by factor: Double) -> Bool {
    let greatest = quantile(100) * factor
    return greatest <= 1e300 && (greatest > 0 || quantile(100) == 0)
  }

  /// Multiplies all values by a positive factor.
  mutating func multiply(by factor: Double) {
    for index in 0..<count {
      values[index] *= factor
      sorted[index] *= factor
    }
  }

  /// The value with `hundredths` per cent of the values below it; 0 if empty.
  func quantile(_ hundredths: Int) -> Double {
    guard count > 0 else { return 0 }
    return sorted[(hundredths &* (count &- 1) &+ 50) / 100]
  }

  /// The standard deviation of a normal sample with these magnitudes, from their median; where most are zero, as in
  /// rounded logs or just after a series that stood still, from a higher quantile; 0 before four values and for a
  /// constant series.
  var spread: Double {
    guard count >= 4 else { return 0 }
    let median = 1.4826 * quantile(50)
    if median > 0, quantile(25) > 0 { return median }
    let high = max(0.608 * quantile(90), median)
    return high > 0 ? high : quantile(100) / 6
  }

  /// The standard deviation of a normal sample, from its quartiles or, where those agree, from its outer tenths; 0
  /// before four values.
  var centeredSpread: Double {
    guard count >= 4 else { return 0 }
    let quartiles = (quantile(75) - quantile(25)) / 1.349
    return quartiles > 0 ? quartiles : (quantile(90) - quantile(10)) / 2.563
  }

  func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(position)
    writer.write(values, count: capacity)
  }

  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    let count = try reader.readCount(0...capacity)
    let position = try reader.readCount(0...(capacity &- 1))
    try reader.read(into: values, count: capacity)
    guard count == capacity || position == count else { throw StateReader.corrupt }
    clear()
    // Oldest first, so that the order, and with it every later answer, is that of the window saved.
    for index in 0..<count {
      let place = (count == capacity ? position &+ index : index) % capacity
      guard values[place].isFinite else { throw StateReader.corrupt }
      insertSaved(values[place])
    }
    self.position = position
  }

  private mutating func insertSaved(_ value: Double) {
    var index = count
    while index > 0, sorted[index &- 1] > value {
      sorted[index] = sorted[index &- 1]
      index = index &- 1
    }
    sorted[index] = value
    count = count &+ 1
  }
}
