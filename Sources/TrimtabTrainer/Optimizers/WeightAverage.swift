public import Trimtab

/// The moving average of parameters over steps: a += (1 - decay) (w - a), and a = w at first, so that no start at 0 has
/// to be corrected for.
///
/// The averages are of the parameters' precision. Source: Polyak & Juditsky 1992; torch.optim.swa_utils. Since: 0.3.
public final class WeightAverage {
  public let decay: Double
  public private(set) var stepCount = 0
  private let memory: FlatMemory

  /// - Parameters:
  ///   - decay: 0 to less than 1.
  ///   - count: elements of all parameters.
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(decay: Double, count: Int, precision: Precision) throws(TrimtabError) {
    try checkShare("average.decay", decay)
    self.decay = decay
    memory = try FlatMemory(count: count, precision: precision)
  }

  public var count: Int { memory.count }

  /// The averages of all parameters, laid end to end; they stay at this address. 0 before the first step.
  public var averages: UnsafeMutableRawPointer { memory.base }

  /// Counts a step; `add` then takes its pieces.
  public func beginStep() { stepCount = stepCount &+ 1 }

  /// Takes elements `offset` to `offset + count` of all parameters; nothing happens to a piece that is not inside.
  public func add(_ parameters: UnsafeRawPointer, offset: Int, count: Int) {
    guard memory.has(offset, count) else { return }
    if stepCount <= 1 {
      memory.at(offset).copyMemory(from: parameters, byteCount: count &* memory.precision.byteCount)
    } else if memory.precision == .float32 {
      average(parameters, memory.at(offset), count, FloatLanes.self)
    } else {
      average(parameters, memory.at(offset), count, DoubleLanes.self)
    }
  }

  private func average<L: ElementLanes>(
    _ parameters: UnsafeRawPointer, _ averages: UnsafeMutableRawPointer, _ count: Int, _ lanes: L.Type
  ) {
    let w = parameters.assumingMemoryBound(to: L.Element.self)
    let a = averages.assumingMemoryBound(to: L.Element.self)
    let gain = L.narrow(1 - decay)
    var index = 0
    while index &+ 8 <= count {
      let before = L.load(a + index)
      before.plus(L.load(w + index).minus(before).times(L.splat(gain))).store(a + index)
      index = index &+ 8
    }
    while index < count {
      let before = L.widen(a[index])
      let way = L.narrow(L.widen(w[index]) - before)
      let step = L.narrow(L.widen(way) * L.widen(gain))
      a[index] = L.narrow(before + L.widen(step))
      index = index &+ 1
    }
  }

  /// Exchanges a piece of the averages with the parameters; done twice, all is as before.
  public func exchange(_ parameters: UnsafeMutableRawPointer, offset: Int, count: Int) {
    guard memory.has(offset, count) else { return }
    let own = memory.at(offset)
    // Elements have four or eight bytes.
    for place in stride(from: 0, to: count &* memory.precision.byteCount, by: 4) {
      let bits = own.load(fromByteOffset: place, as: UInt32.self)
      own.storeBytes(of: parameters.load(fromByteOffset: place, as: UInt32.self), toByteOffset: place, as: UInt32.self)
      parameters.storeBytes(of: bits, toByteOffset: place, as: UInt32.self)
    }
  }

  public func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(stepCount)
    memory.write(to: &writer)
  }

  /// Takes up what was written by one of the same count and precision. Errors: `stateCorrupt`; nothing is changed then.
  public func read(from reader: inout StateReader) throws(TrimtabError) {
    _ = try reader.readCount(count...count)
    let steps = try reader.readCount(0...Int.max)
    try memory.read(from: &reader)
    stepCount = steps
  }
}
