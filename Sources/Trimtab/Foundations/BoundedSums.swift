/// Where counts end: the last whole number up to which float64 holds every one.
let greatestTally = 1 << 53

/// The sum of two counts, each 0 to `greatestTally`, which it does not pass: a saved state may claim any number of samples.
func tally(_ first: Int, _ second: Int) -> Int {
  second > greatestTally &- first ? greatestTally : first &+ second
}

/// The sum of two finite numbers, finite in turn: what passes the greatest stays there.
func finiteSum(_ first: Double, _ second: Double) -> Double {
  max(-Double.greatestFiniteMagnitude, min(Double.greatestFiniteMagnitude, first + second))
}

extension StateReader {
  /// Reads a count that `tally` adds to.
  mutating func readTally() throws(TrimtabError) -> Int { try readCount(0...greatestTally) }
}
