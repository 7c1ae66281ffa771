internal import CPlatform

extension Monitor {
  /// Appends a line of JSON for each step and each new finding to a file; nil ends it.
  ///
  /// - Parameter path: ends with a zero byte.
  /// - Throws: `file` if it cannot be opened, `outOfMemory`.
  public func writeLog(to path: UnsafePointer<CChar>?) throws(TrimtabError) {
    guard let path else {
      closeLog()
      return
    }
    let opened = try RunLog(path: path)
    closeLog()
    log = opened
    loggedEntries = -1
  }

  /// Writes the record to `path` by itself when the first critical finding arises: later ones leave it as it is, since
  /// what went wrong first is the cause. Nil ends that; another call makes it wait for the next one.
  public func writeRecordWhenCritical(to path: UnsafePointer<CChar>?) throws(TrimtabError) {
    guard let path else {
      recordPath = nil
      return
    }
    try requireRecorder()
    recordPath = try copied(path, suffix: "")
    isRecorded = false
  }

  private func requireRecorder() throws(TrimtabError) {
    guard recorder != nil else {
      throw TrimtabError(.invalidArgument, "options.recorder_steps: found 0, allowed 1 or more to keep a record")
    }
  }

  private func copied(_ path: UnsafePointer<CChar>, suffix: StaticText) throws(TrimtabError) -> Storage<CChar> {
    var length = 0
    while length <= 4096, path[length] != 0 { length = length &+ 1 }
    guard length > 0, length <= 4096 else {
      throw TrimtabError(.invalidArgument, "path: found % bytes, allowed 1 to 4096", length)
    }
    let suffixLength = suffix.count
    let copy = try Storage<CChar>(count: length &+ suffixLength &+ 1, for: "path")
    copy.pointer.update(from: path, count: length)
    for place in 0..<suffixLength {
      copy.pointer[length &+ place] = CChar(bitPattern: suffix.firstByte[place])
    }
    return copy
  }

  /// What `endStep` hands on: to the ring, the log, and, where a critical finding is new, to the record's file.
  @inline(never)
  func record(_ decision: Decision) {
    if let recorder {
      // Without memory for the ring the run goes on, and the log says that steps are missing from the record.
      do throws(TrimtabError) { try recorder.prepare(entries: entries.count) } catch { lostRecords = lostRecords &+ 1 }
      recorder.add(
        FlightRecorder.Step(
          number: step, loss: decision.loss, learningRate: scalars[.learningRate] ?? .nan,
          gradientNorm: decision.gradientNorm, action: decision.action)
      ) { mark(of: entries[$0]) }
    }
    if log != nil { logStep(decision) }
    guard let recordPath, !isRecorded, decision.newFindingCount > 0, isCritical(since: decision.newFindingCount) else {
      return
    }
    do throws(TrimtabError) {
      try writeRecord(to: UnsafePointer(recordPath.pointer))
      isRecorded = true
    } catch {
      lostRecords = lostRecords &+ 1
    }
  }

  private func isCritical(since count: Int) -> Bool {
    for index in max(findings.count &- count, 0)..<findings.count {
      if let finding = findings.at(index), finding.pointee.verdict == .critical { return true }
    }
    return false
  }

  private func mark(of watched: Watched) -> FlightRecorder.Mark {
    var mark = FlightRecorder.Mark()
    if watched.entry.role.kind == .parameter {
      if let look = seen(watched, .gradient) {
        mark.first = Float(look.pointee.rootMeanSquare)
        mark.nonfiniteCount = Int32(clamping: look.pointee.summary.nonfiniteCount)
      }
      if let look = seen(watched, .weight) { mark.second = Float(look.pointee.rootMeanSquare) }
    } else if let look = seen(watched, .preactivation) ?? seen(watched, .output) ?? seen(watched, .attentionLogits) {
      mark.first = Float(look.pointee.rootMeanSquare)
      mark.second = Float(look.pointee.summary.greatestMagnitude)
      mark.nonfiniteCount = Int32(clamping: look.pointee.summary.nonfiniteCount)
    }
    return mark
  }

  // MARK: Lines

  private func logStep(_ decision: Decision) {
    guard let log else { return }
    if loggedEntries < entries.count {
      log.write { header("trimtab_log", isContinued: loggedEntries >= 0, &$0) }
      loggedEntries = entries.count
    }
    log.write { line in
      line.field("step", decision.step)
      for number in 0..<Int32(Scalar.count) {
        if let scalar = Scalar(rawValue: number), let value = scalars[scalar] { line.field(scalar.key, value) }
      }
      if scalars[.gradientNorm] == nil, tally.seenCount > 0 { line.field("gradient_norm", decision.gradientNorm) }
      line.field("action", decision.action.key)
      if decision.action == .clip { line.field("clip_factor", decision.clipFactor) }
      if let rule = decision.rule { line.field("rule", rule.key) }
      if let name = name(of: decision.entry) { line.field("name", text: name) }
      line.field("verdict", decision.verdict.key)
    }
    for index in max(findings.count &- decision.newFindingCount, 0)..<findings.count {
      log.write { finding(index, &$0) }
    }
  }

  /// - Parameter isContinued: more entries were registered within a run.
  private func header(_ kind: StaticText, isContinued: Bool, _ line: inout JSONLine) {
    line.field(kind, 1)
    if isContinued { line.field("continued", 1) }
    line.beginObject("entries")
    for watched in entries { line.field(named: UnsafePointer(watched.name.pointer), Int(watched.entry.role.rawValue)) }
    line.endObject()
  }

  func finding(_ index: Int, _ line: inout JSONLine) {
    guard let finding = findings.at(index)?.pointee else { return }
    line.field("finding", index)
    line.field("rule", finding.rule.key)
    line.field("verdict", finding.verdict.key)
    line.field("cause", finding.cause.key)
    if let name = name(of: finding.entry) { line.field("name", text: name) }
    if let quantity = finding.quantity { line.field("quantity", quantity.key) }
    line.field("first_step", finding.firstStep)
    line.field("last_step", finding.lastStep)
    line.field("count", finding.count)
    line.field("index", finding.index)
    line.field("value", finding.value)
    line.field("threshold", finding.threshold)
    line.field("confidence", finding.confidence)
    line.field("is_standing", finding.isStanding ? 1 : 0)
    line.beginList("before")
    for place in 0..<4 { line.element(finding.before[place]) }
    line.endList()
  }

  // MARK: The record

  /// Writes what the flight recorder holds to `path`, which is replaced only when the new file is whole and on disk.
  ///
  /// - Throws: `file`, `invalidArgument` (no recorder), `outOfMemory`.
  public func writeRecord(to path: UnsafePointer<CChar>) throws(TrimtabError) {
    try requireRecorder()
    let part = try copied(path, suffix: ".part")
    let file = trimtab_platform_open(part.pointer, 1)
    var failure = file < 0 ? -file : 0
    if file >= 0 {
      failure = try writeRecord(file)
      let closed = trimtab_platform_close(file, 1)
      if failure == 0 { failure = closed }
    }
    if failure == 0 { failure = trimtab_platform_rename(part.pointer, path) }
    recordFailure = failure
    guard failure == 0 else {
      if file >= 0 { trimtab_platform_remove(part.pointer) }
      throw TrimtabError(.file, "path: found a file that cannot be written (errno %)", Int(failure))
    }
  }

  private func writeRecord(_ file: Int32) throws(TrimtabError) -> Int32 {
    var line = try JSONLine()
    var failure: Int32 = 0
    func write(_ fill: (inout JSONLine) -> Void) {
      line.begin()
      fill(&line)
      line.end()
      if failure == 0, !line.isBroken { failure = trimtab_platform_write(file, line.bytes, UInt64(line.count)) }
    }
    write { header("trimtab_record", isContinued: false, &$0) }
    recorder?.visitSteps { step, marks, count in
      write { line in
        line.field("step", step.number)
        line.field("loss", step.loss)
        line.field("learning_rate", step.learningRate)
        line.field("gradient_norm", step.gradientNorm)
        line.field("action", step.action.key)
        line.beginObject("seen")
        for index in 0..<min(count, entries.count) where !marks[index].first.isNaN || !marks[index].second.isNaN {
          seenObject(index, marks[index], &line)
        }
        line.endObject()
      }
    }
    for index in 0..<findings.count { write { finding(index, &$0) } }
    write { closing(&$0) }
    return failure
  }

  private func seenObject(_ index: Int, _ mark: FlightRecorder.Mark, _ line: inout JSONLine) {
    let watched = entries[index]
    line.beginObject(text: UnsafePointer(watched.name.pointer))
    if watched.entry.role.kind == .parameter {
      if !mark.first.isNaN { line.field("gradient_rms", Double(mark.first)) }
      if !mark.second.isNaN { line.field("weight_rms", Double(mark.second)) }
    } else {
      line.field("rms", Double(mark.first))
      line.field("greatest_magnitude", Double(mark.second))
    }
    if mark.nonfiniteCount > 0 { line.field("nonfinite_count", Int(mark.nonfiniteCount)) }
    line.endObject()
  }
}
