extension DetectorOptions {
  func write(to writer: inout StateWriter) {
    writer.write(Int(kind.rawValue))
    writer.write(Int(direction.rawValue))
    writer.write(Int(scale.rawValue))
    writer.write(warmUp)
    writer.write(confirmation)
    writer.write(patience)
    writer.write(falseAlarmsPerMillion)
    writer.write(hysteresis)
    writer.write(divergenceRatio)
    writer.write(sustainedRatio)
    writer.write(plateauTolerance)
    writer.write(oscillationRate)
    writer.write(vanishingMagnitude)
    writer.write(unchangedTolerance)
  }

  @inline(never)
  init(from reader: inout StateReader) throws(TrimtabError) {
    self.init()
    kind = DetectorKind(rawValue: try reader.readCode(0...8)) ?? .spike
    direction = DetectorDirection(rawValue: try reader.readCode(0...2)) ?? .up
    scale = DetectorScale(rawValue: try reader.readCode(0...2)) ?? .automatic
    warmUp = try reader.readInt()
    confirmation = try reader.readInt()
    patience = try reader.readInt()
    falseAlarmsPerMillion = try reader.readDouble()
    hysteresis = try reader.readDouble()
    divergenceRatio = try reader.readDouble()
    sustainedRatio = try reader.readDouble()
    plateauTolerance = try reader.readDouble()
    oscillationRate = try reader.readDouble()
    vanishingMagnitude = try reader.readDouble()
    unchangedTolerance = try reader.readDouble()
  }
}

extension DetectorResult {
  func write(to writer: inout StateWriter) {
    writer.write(Int(outcome.rawValue))
    writer.write(Int(verdict.rawValue))
    writer.write(Int(state.rawValue))
    writer.write(Int(scale.rawValue))
    writer.write(value)
    writer.write(score)
    writer.write(threshold)
    writer.write(baseline)
    writer.write(spread)
    writer.write(stepCount)
    writer.write(nonfiniteCount)
    writer.write(alarmCount)
    writer.write(firstAlarmStep)
    writer.write(consecutiveSteps)
  }

  @inline(never)
  init(from reader: inout StateReader) throws(TrimtabError) {
    self.init()
    outcome = Outcome(rawValue: try reader.readCode(0...3)) ?? .ok
    verdict = Verdict(rawValue: try reader.readCode(-1...3)) ?? .unknown
    state = DetectorState(rawValue: try reader.readCode(0...4)) ?? .quiet
    scale = DetectorScale(rawValue: try reader.readCode(0...2)) ?? .linear
    value = try reader.readDouble()
    score = try reader.readFinite()
    threshold = try reader.readFinite()
    baseline = try reader.readFinite()
    spread = try reader.readFinite()
    stepCount = try reader.readCount(0...(1 << 60))
    nonfiniteCount = try reader.readCount(0...stepCount)
    alarmCount = try reader.readCount(0...stepCount)
    firstAlarmStep = try reader.readCount(-1...(1 << 60))
    consecutiveSteps = try reader.readCount(0...(1 << 60))
  }
}
