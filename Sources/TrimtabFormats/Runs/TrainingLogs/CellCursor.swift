/// Goes through the cells of a line where they lie.
struct CellCursor {
  /// Stands for runs of spaces and tabs.
  static let spaces: UInt8 = 0

  let line: UnsafeBufferPointer<UInt8>
  let delimiter: UInt8
  /// Of the cell that was found last.
  private(set) var isQuoted = false
  /// The last quote of the line is not closed.
  private(set) var isUnclosed = false
  /// Something stands between the quote that closes the last cell and the delimiter.
  private(set) var hasTail = false
  private var place = 0
  private var isAtEnd = false

  init(_ line: UnsafeBufferPointer<UInt8>, delimiter: UInt8) {
    self.line = line
    self.delimiter = delimiter
  }

  /// The range of the next cell, its quotes left out; nil after the last.
  mutating func next() -> Range<Int>? {
    if delimiter == CellCursor.spaces { return nextWord() }
    guard !isAtEnd else { return nil }
    isQuoted = false
    var start = place
    while start < line.count, line[start] == 32 { start += 1 }
    if start < line.count, line[start] == UInt8(ascii: "\"") { return quoted(start + 1) }
    while place < line.count, line[place] != delimiter { place += 1 }
    defer { step() }
    return min(start, place)..<place
  }

  /// Goes past the delimiter; after the last cell there is none.
  private mutating func step() {
    if place < line.count { place += 1 } else { isAtEnd = true }
  }

  private mutating func quoted(_ start: Int) -> Range<Int> {
    isQuoted = true
    place = start
    while place < line.count {
      if line[place] == UInt8(ascii: "\"") {
        guard place + 1 < line.count, line[place + 1] == UInt8(ascii: "\"") else { break }
        place += 1
      }
      place += 1
    }
    isUnclosed = place >= line.count
    let end = min(place, line.count)
    if place < line.count { place += 1 }
    while place < line.count, line[place] != delimiter {
      if line[place] > 32 { hasTail = true }
      place += 1
    }
    place = min(place, line.count)
    defer { step() }
    return start..<end
  }

  private mutating func nextWord() -> Range<Int>? {
    while place < line.count, line[place] <= 32 { place += 1 }
    guard place < line.count else { return nil }
    let start = place
    while place < line.count, line[place] > 32 { place += 1 }
    isQuoted = false
    if place - start >= 2, line[start] == UInt8(ascii: "\""), line[place - 1] == UInt8(ascii: "\"") {
      isQuoted = true
      return (start + 1)..<(place - 1)
    }
    return start..<place
  }
}
