/// The last line of a log and of a record, by which a reader knows that nothing is missing after it.
extension Monitor {
  private static let greatestNameCount = 16

  /// Writes what the findings came to, and the closing line; then ends the log.
  func closeLog() {
    if let log, loggedEntries >= 0 {
      for index in 0..<findings.count { log.write { finding(index, &$0) } }
      log.write { closing(&$0) }
    }
    log = nil
  }

  /// The last step, what was lost, what watching has cost, and what was looked at how often.
  func closing(_ line: inout JSONLine) {
    line.field("end", step)
    line.field("step_count", serial)
    line.field("finding_count", findings.count)
    line.field("lost_count", logState.lostCount)
    line.field("failure", Int(logState.failure))
    line.field("cost_fraction", governor.costFraction)
    line.beginObject("coverage")
    for number in 0..<Int32(Quantity.count) {
      if let quantity = Quantity(rawValue: number) { coverage(quantity, &line) }
    }
    line.endObject()
    line.beginList("never_seen")
    var count = 0
    for watched in entries where count < Monitor.greatestNameCount && !isEverSeen(watched) {
      line.element(text: UnsafePointer(watched.name.pointer))
      count = count &+ 1
    }
    line.endList()
  }

  /// Of the entries that were looked at for it at least once.
  private func coverage(_ quantity: Quantity, _ line: inout JSONLine) {
    var entryCount = 0
    var lookCount = 0
    for watched in entries where watched.look(quantity).pointee.lookCount > 0 {
      entryCount = entryCount &+ 1
      lookCount = lookCount &+ watched.look(quantity).pointee.lookCount
    }
    guard entryCount > 0 else { return }
    line.beginObject(quantity.key)
    line.field("entry_count", entryCount)
    line.field("look_count", lookCount)
    line.field("left_out_count", max(entryCount &* serial &- lookCount, 0))
    line.field("interval", governor.interval(of: quantity))
    line.endObject()
  }

  private func isEverSeen(_ watched: Watched) -> Bool {
    for place in 0..<Quantity.count where watched.looks.pointer[place].lookCount > 0 { return true }
    return false
  }
}
