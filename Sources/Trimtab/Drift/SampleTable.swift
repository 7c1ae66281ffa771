/// What is kept of every sample, found by id: its last two labels, and of probabilities the last row as float16.
///
/// Open addressing over dense columns, in memory whose absence is an error and not a trap.
final class SampleTable {
  static let greatestCount = 1 << 30

  private(set) var count = 0
  /// Elements of a row of probabilities; 0 for labels.
  let rowLength: Int
  private var capacity = 0
  private(set) var ids: Storage<Int>
  /// Ordinal of the round a sample was last seen in; -1 while its add is under way.
  private(set) var lastRound: Storage<Int32>
  /// In that round, and in the one before it; -1 for none that could be used.
  private(set) var latest: Storage<Int32>
  private(set) var previous: Storage<Int32>
  private(set) var isConfident: Storage<Bool>
  private(set) var rows: Storage<UInt16>
  /// Which add touched a sample last: finds an id twice in one.
  private(set) var stamps: Storage<UInt64>
  /// Sample plus one; 0 is empty. A power of two of slots, at most half of them taken.
  private var slots: Storage<Int>

  init(rowLength: Int) throws(TrimtabError) {
    self.rowLength = rowLength
    ids = try Storage(count: 0, for: "ids")
    lastRound = try Storage(count: 0, for: "ids")
    latest = try Storage(count: 0, for: "ids")
    previous = try Storage(count: 0, for: "ids")
    isConfident = try Storage(count: 0, for: "ids")
    rows = try Storage(count: 0, for: "ids")
    stamps = try Storage(count: 0, for: "ids")
    slots = try Storage(count: 16, for: "ids")
  }

  func row(_ sample: Int) -> UnsafeMutablePointer<UInt16> { rows.pointer + sample &* rowLength }

  /// The sample with this id; -1 if there is none.
  func find(_ id: Int) -> Int { slots.pointer[slot(id)] &- 1 }

  /// The sample with this id, appended if there is none. What it appends is undone by `truncate`.
  func findOrAppend(_ id: Int) throws(TrimtabError) -> Int {
    var place = slot(id)
    if slots.pointer[place] > 0 { return slots.pointer[place] &- 1 }
    if count == capacity { try reserve(count &+ 1) }
    if 2 &* (count &+ 1) > slots.count {
      try rebuildSlots(2 &* slots.count)
      place = slot(id)
    }
    let sample = count
    ids.pointer[sample] = id
    lastRound.pointer[sample] = -1
    latest.pointer[sample] = -1
    previous.pointer[sample] = -1
    isConfident.pointer[sample] = false
    stamps.pointer[sample] = 0
    count = count &+ 1
    slots.pointer[place] = count
    return sample
  }

  /// Forgets the samples from `count` on.
  func truncate(to count: Int) {
    guard count < self.count else { return }
    self.count = count
    for place in 0..<slots.count { slots.pointer[place] = 0 }
    for sample in 0..<count { slots.pointer[slot(ids.pointer[sample])] = sample &+ 1 }
  }

  /// Where the id stands, or the empty slot where it would.
  private func slot(_ id: Int) -> Int {
    var hash = UInt64(bitPattern: Int64(id)) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while slots.pointer[place] > 0 && ids.pointer[slots.pointer[place] &- 1] != id { place = (place &+ 1) & mask }
    return place
  }

  private func rebuildSlots(_ size: Int) throws(TrimtabError) {
    slots = try Storage(count: size, for: "ids")
    for sample in 0..<count { slots.pointer[slot(ids.pointer[sample])] = sample &+ 1 }
  }

  /// Makes room in every column before any of them changes.
  func reserve(_ wanted: Int) throws(TrimtabError) {
    guard wanted > capacity else { return }
    guard wanted <= SampleTable.greatestCount else {
      throw TrimtabError(.outOfMemory, "ids: found more than % samples", SampleTable.greatestCount)
    }
    let capacity = max(wanted, min(2 &* self.capacity, SampleTable.greatestCount), 64)
    let (rowElements, overflow) = capacity.multipliedReportingOverflow(by: rowLength)
    guard !overflow else { throw TrimtabError(.outOfMemory, "ids: found more probabilities than memory can hold") }
    let ids = try grown(self.ids, capacity, count)
    let lastRound = try grown(self.lastRound, capacity, count)
    let latest = try grown(self.latest, capacity, count)
    let previous = try grown(self.previous, capacity, count)
    let isConfident = try grown(self.isConfident, capacity, count)
    let stamps = try grown(self.stamps, capacity, count)
    rows = try grown(rows, rowElements, count &* rowLength)
    (self.ids, self.lastRound, self.latest, self.previous) = (ids, lastRound, latest, previous)
    (self.isConfident, self.stamps) = (isConfident, stamps)
    self.capacity = capacity
  }

  private func grown<Element: BitwiseCopyable>(
    _ old: Storage<Element>, _ capacity: Int, _ count: Int
  ) throws(TrimtabError) -> Storage<Element> {
    let new = try Storage<Element>(count: capacity, for: "ids")
    if count > 0 { new.pointer.update(from: old.pointer, count: count) }
    return new
  }

  func write(to writer: inout StateWriter) {
    writer.write(count)
    writer.write(UnsafePointer(ids.pointer), count: count)
    writer.write(UnsafePointer(lastRound.pointer), count: count)
    writer.write(UnsafePointer(latest.pointer), count: count)
    writer.write(UnsafePointer(previous.pointer), count: count)
    for sample in 0..<count { writer.write(isConfident.pointer[sample]) }
    writer.write(UnsafePointer(rows.pointer), count: count &* rowLength)
  }

  /// - Throws: `stateCorrupt` where the columns cannot come from data (an id twice, a label or a probability out of
  ///   range).
  static func read(
    from reader: inout StateReader, rowLength: Int, roundCount: Int, classCount: Int
  ) throws(TrimtabError) -> SampleTable {
    let table = try SampleTable(rowLength: rowLength)
    let bytes = 28 &+ 2 &* rowLength
    let count = try reader.readCount(0...min(reader.remaining / bytes, greatestCount))
    try table.reserve(count)
    let found = try Storage<Int>(count: count, for: "buffer")
    try reader.read(into: found.pointer, count: count)
    for sample in 0..<count {
      guard try table.findOrAppend(found.pointer[sample]) == sample else { throw StateReader.corrupt }
    }
    try reader.read(into: table.lastRound.pointer, count: count)
    try reader.read(into: table.latest.pointer, count: count)
    try reader.read(into: table.previous.pointer, count: count)
    for sample in 0..<count { table.isConfident.pointer[sample] = try reader.readBool() }
    try reader.read(into: table.rows.pointer, count: count &* rowLength)
    for sample in 0..<count {
      let round = Int(table.lastRound.pointer[sample])
      let labels = (Int(table.latest.pointer[sample]), Int(table.previous.pointer[sample]))
      guard round >= 0 && round < roundCount, labels.0 >= -1 && labels.0 < classCount,
        labels.1 >= -1 && labels.1 < classCount
      else { throw StateReader.corrupt }
    }
    for element in 0..<(count &* rowLength) where table.rows.pointer[element] > 0x3C00 { throw StateReader.corrupt }
    return table
  }
}

extension UInt16 {
  /// The bits of the IEEE half nearest to a probability, which the caller keeps in 0...1.
  init(float16BitsOf probability: Double) {
    let value = Float(probability)
    guard value >= 0 && value <= 1 else {
      self = 0
      return
    }
    if value >= 0x1p-14 {
      let bits = value.bitPattern
      let rounded = (bits &+ 0xFFF &+ ((bits >> 13) & 1)) >> 13
      self = UInt16(truncatingIfNeeded: rounded &- (112 << 10))
    } else {
      self = UInt16((value * 0x1p24).rounded(.toNearestOrEven))
    }
  }
}
