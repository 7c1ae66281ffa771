/// The last few values; memory of 2 x capacity doubles, given by the owner, the second half for sorting.
struct RecentValues {
  private let values: UnsafeMutablePointer<Double>
  private let scratch: UnsafeMutablePointer<Double>
  let capacity: Int
  private(set) var count = 0
  private var position = 0

  init(_ memory: UnsafeMutablePointer<Double>, capacity: Int) {
    values = memory
    scratch = memory + capacity
    self.capacity = capacity
  }

  mutating func clear() {
    count = 0
    position = 0
  }

  mutating func push(_ value: Double) {
    values[position] = value
    position = position &+ 1 == capacity ? 0 : position &+ 1
    if count < capacity { count = count &+ 1 }
  }

  /// The value with that age, 0 the latest; 0 outside.
  func value(age: Int) -> Double {
    guard age >= 0, age < count else { return 0 }
    let place = position &- 1 &- age
    return values[place < 0 ? place &+ capacity : place]
  }

  /// The median of `transform` of the values; 0 if empty.
  func median(_ transform: (Double) -> Double) -> Double {
    sort(transform)
    guard count > 0 else { return 0 }
    let upper = scratch[count / 2]
    return count % 2 == 1 ? upper : 0.5 * scratch[count / 2 &- 1] + 0.5 * upper
  }

  var median: Double { median { $0 } }

  /// The mean of what lies between the lowest and the highest fifth.
  var trimmedMean: Double {
    sort { $0 }
    let cut = count / 5
    let kept = Double(count &- 2 &* cut)
    var mean = 0.0
    for index in cut..<max(cut, count &- cut) { mean += scratch[index] / kept }
    return mean
  }

  private func sort(_ transform: (Double) -> Double) {
    for index in 0..<count {
      let value = transform(values[index])
      var place = index
      while place > 0, scratch[place &- 1] > value {
        scratch[place] = scratch[place &- 1]
        place = place &- 1
      }
      scratch[place] = value
    }
  }

  func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(position)
    writer.write(values, count: capacity)
  }

  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    count = try reader.readCount(0...capacity)
    position = try reader.readCount(0...(capacity &- 1))
    try reader.read(into: values, count: capacity)
    guard count == capacity || position == count else { throw StateReader.corrupt }
    for index in 0..<count where !values[index].isFinite { throw StateReader.corrupt }
  }
}
