extension ExposureBias {
  /// Calls `body` with each length from 1 on, as far as steps were measured both ways.
  private func forEachLength(_ body: (ExposureLength) -> Void) {
    var row = ExposureLength()
    var teacherSum = 0.0
    for index in 0..<lengthCount {
      let step = step(index)
      guard step.teacherCount > 0, step.freeCount > 0 else { return }
      teacherSum += step.teacherSum / Double(step.teacherCount)
      row.length = index &+ 1
      row.teacherCount = step.teacherCount
      row.freeCount = step.freeCount
      row.stepError = teacherSum / Double(index &+ 1)
      row.accumulatedError += step.freeSum / Double(step.freeCount)
      row.ratio = teacherSum > 0 ? row.accumulatedError / row.stepError : .nan
      row.excess = teacherSum > 0 ? (row.accumulatedError - teacherSum) / teacherSum : .nan
      body(row)
    }
  }

  /// Copies out the curve, at most `capacity` lengths of it, and answers how many lengths were measured both ways.
  public func copyLengths(to rows: UnsafeMutablePointer<ExposureLength>?, capacity: Int) -> Int {
    var count = 0
    forEachLength { row in
      if let rows, count < capacity { rows[count] = row }
      count = count &+ 1
    }
    return count
  }

  /// Reports at any time; changes nothing.
  ///
  /// AccErr(l) = R_l / eps_l and its excess (R_l - l eps_l) / (l eps_l), 1.5 and 0.5 being 50 % more than what single
  /// steps explain. Source: Arora et al. 2022, whose code writes it as percent. A divergence is critical.
  public func report() -> ExposureReport {
    var report = ExposureReport()
    report.sequenceCount = sequenceCount
    report.nonfiniteCount = nonfiniteCount
    report.divergedCount = divergedCount
    report.firstDivergence = firstDivergence
    report.threshold = options.warningExcess
    var (powerFit, exponentialFit) = (StraightFit(), StraightFit())
    forEachLength { row in
      report.length = row.length
      report.stepError = row.stepError
      report.accumulatedError = row.accumulatedError
      report.ratio = row.ratio
      report.excess = row.excess
      guard row.accumulatedError > 0 else { return }
      powerFit.add(logarithm(Double(row.length)), logarithm(row.accumulatedError))
      exponentialFit.add(Double(row.length), logarithm(row.accumulatedError))
    }
    report.growthExponent = powerFit.slope()
    report.growthRate = exponentialFit.slope()
    report.isExponential = report.growthRate > 0 && exponentialFit.residual < powerFit.residual
    judge(&report)
    return report
  }

  private var hasTeacherError: Bool {
    for index in 0..<lengthCount where step(index).teacherCount > 0 { return true }
    return false
  }

  private func judge(_ report: inout ExposureReport) {
    // A model that is not finite on true prefixes either is not led astray by its own outputs.
    if divergedCount > 0, nonfiniteCount == 0 || hasTeacherError {
      report.outcome = .ok
      report.verdict = .critical
      report.cause = .exposureBias
      report.measurement = Double(divergedCount) / Double(max(sequenceCount, 1))
      report.threshold = 0
      return
    }
    guard report.length > 0 else {
      report.outcome = nonfiniteCount > 0 ? .nonfinite : .insufficient
      return
    }
    guard report.stepError > 0 else {
      report.outcome = .degenerate
      return
    }
    guard report.stepError.isFinite, report.excess == report.excess else {
      report.outcome = .nonfinite
      return
    }
    report.outcome = .ok
    report.measurement = report.excess
    report.verdict = .healthy
    guard report.excess > options.warningExcess else { return }
    report.cause = .exposureBias
    let isCritical = report.excess > options.criticalExcess
    report.verdict = isCritical ? .critical : .warning
    if isCritical { report.threshold = options.criticalExcess }
  }
}

extension ExposureBias {
  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.warningExcess)
    writer.write(options.criticalExcess)
    writer.write(options.divergenceError)
    writer.write(sequenceCount)
    writer.write(nonfiniteCount)
    writer.write(divergedCount)
    writer.write(firstDivergence)
    writer.write(lengthCount)
    if let steps { writer.write(UnsafePointer(steps.pointer), count: steps.count) }
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .exposure, version: ExposureBias.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> ExposureBias {
    var reader = try StateReader(bytes, kind: .exposure, newestVersion: stateVersion)
    var options = ExposureOptions()
    options.warningExcess = try reader.readDouble()
    options.criticalExcess = try reader.readDouble()
    options.divergenceError = try reader.readDouble()
    guard (try? options.validate()) != nil else { throw StateReader.corrupt }
    let sequences = try reader.readTally()
    let nonfinite = try reader.readTally()
    let diverged = try reader.readCount(0...sequences)
    let first = try reader.readCount(0...greatestLength)
    let length = try reader.readCount(0...min(greatestLength, reader.remaining / MemoryLayout<Step>.stride))
    guard (diverged == 0) == (first == 0), first <= length else { throw StateReader.corrupt }
    let steps = try Storage<Step>(count: length, for: "errors by step")
    try reader.read(into: steps.pointer, count: length)
    for index in 0..<length {
      let step = steps.pointer[index]
      guard step.teacherCount >= 0, step.teacherCount <= sequences, step.freeCount >= 0, step.freeCount <= sequences,
        step.teacherSum >= 0, step.teacherSum.isFinite, step.freeSum >= 0, step.freeSum.isFinite
      else { throw StateReader.corrupt }
    }
    try reader.finish()
    let exposure = ExposureBias(options: options, steps: length > 0 ? steps : nil)
    exposure.sequenceCount = sequences
    exposure.nonfiniteCount = nonfinite
    exposure.divergedCount = diverged
    exposure.firstDivergence = first
    return exposure
  }
}
