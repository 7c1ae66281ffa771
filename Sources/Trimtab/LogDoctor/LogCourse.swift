/// A stretch of rows of one column.
struct LogBlock: BitwiseCopyable {
  var firstStep = 0
  var lastStep = 0
  var count = 0
  /// Of running medians of five, which no single value moves.
  var mean = 0.0
  /// Sum of squares around the mean, of the values themselves, those far out cut off.
  var squares = 0.0

  mutating func add(_ other: LogBlock) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count) + Double(other.count)
    let gap = other.mean - mean
    squares += other.squares + gap * gap * (Double(count) * Double(other.count) / total)
    mean += gap * (Double(other.count) / total)
    count = count &+ other.count
    lastStep = other.lastStep
  }

  var deviation: Double { count > 1 ? (squares / Double(count &- 1)).squareRoot() : 0 }
}

/// The whole of one column in constant memory: at most 1024 blocks of as many rows each, in their order; where they are
/// full, two and two become one.
struct LogCourse {
  static let capacity = 1024

  private let blocks: UnsafeMutablePointer<LogBlock>
  private var recent: RecentValues
  /// Blocks that are complete.
  private(set) var count = 0
  private(set) var rowsPerBlock = 1
  private var open = LogBlock()
  /// Usual distance of a value from the median of those before it.
  private var spread = 0.0
  private var seen = 0

  init(_ blocks: UnsafeMutablePointer<LogBlock>, _ memory: UnsafeMutablePointer<Double>) {
    self.blocks = blocks
    recent = RecentValues(memory, capacity: 5)
  }
  static let memoryCount = 2 * 5

  /// - Parameter value: finite.
  mutating func add(_ value: Double, at step: Int) {
    recent.push(value)
    seen = seen &+ 1
    let level = recent.median
    let limit = 4 * spread
    var gap = min(max(value - level, -1e150), 1e150)
    if seen > 16 { gap = min(max(gap, -limit), limit) }
    spread += (gap.magnitude - spread) / Double(min(seen, 200))
    var one = LogBlock()
    (one.firstStep, one.lastStep, one.count) = (step, step, 1)
    one.mean = min(max(level, -1e150), 1e150)
    // A median of five follows noise: its distance from its own middle value is 0.85 deviations.
    one.squares = gap * gap
    open.add(one)
    guard open.count >= rowsPerBlock else { return }
    if count == LogCourse.capacity { halve() }
    guard open.count >= rowsPerBlock else { return }
    blocks[count] = open
    count = count &+ 1
    open = LogBlock()
  }

  private mutating func halve() {
    for index in 0..<(LogCourse.capacity / 2) {
      var pair = blocks[2 &* index]
      pair.add(blocks[2 &* index &+ 1])
      blocks[index] = pair
    }
    count = LogCourse.capacity / 2
    rowsPerBlock = rowsPerBlock &* 2
  }

  var rowCount: Int { seen }

  /// The block with that index, the last one whatever it holds; nil outside.
  subscript(index: Int) -> LogBlock? {
    guard index >= 0, index < blockCount else { return nil }
    return index < count ? blocks[index] : open
  }

  /// The last, incomplete block is one where it holds at least half of its rows.
  var blockCount: Int { 2 &* open.count >= rowsPerBlock && open.count > 0 ? count &+ 1 : count }

  /// The level at a step that the log has passed already; nil before the first.
  func level(at step: Int) -> Double? {
    var index = blockCount &- 1
    while index >= 0 {
      if let block = self[index], block.firstStep <= step { return block.mean }
      index = index &- 1
    }
    return nil
  }

  /// Joins blocks into at most `most` stretches of at least `least` rows, written to `stretches`; returns how many.
  func stretches(_ stretches: UnsafeMutablePointer<LogBlock>, most: Int, least: Int) -> Int {
    let all = blockCount
    guard all > 0 else { return 0 }
    let byRows = (least &+ rowsPerBlock &- 1) / rowsPerBlock
    let joined = max(byRows, (all &+ most &- 1) / most, 1)
    var made = 0
    var index = 0
    while index < all, made < most {
      var stretch = LogBlock()
      for part in index..<min(index &+ joined, all) { if let block = self[part] { stretch.add(block) } }
      index = index &+ joined
      // A short rest would be noisier than the others.
      if made > 0, index >= all, 2 &* stretch.count < stretches[made &- 1].count {
        stretches[made &- 1].add(stretch)
        break
      }
      stretches[made] = stretch
      made = made &+ 1
    }
    return made
  }
}

extension LogCourse {
  mutating func exchange(_ state: inout LogSavedState) {
    state.recent(&recent)
    state.count(&count, LogCourse.capacity)
    state.plain(&rowsPerBlock)
    state.require(rowsPerBlock >= 1 && rowsPerBlock <= 1 << 50)
    state.plain(&open)
    state.require(open.count >= 0 && open.count <= rowsPerBlock)
    state.plain(&spread)
    state.count(&seen, 1 << 60)
    state.table(blocks, count)
  }
}
