/// A step of a flight record, with what it says of the entries that were asked for.
public struct RecordedStep: Sendable, Equatable {
  public var step: RunStep
  public var seen: [SeenEntry]
}

extension RunFile {
  /// Reads a flight record once more, for the entries `names` in its last `count` steps.
  public static func recordedSteps(
    path: String, names: Set<String>, last count: Int
  ) throws(FormatError) -> [RecordedStep] {
    let file = try InputFile(path: path)
    let reader = LineReader(RegionStream(file, offset: 0, count: file.byteCount))
    var parser = RunLineParser(wanted: names)
    var steps: [RecordedStep] = []
    while try reader.next({ bytes in
      guard !reader.isTooLong else { return }
      _ = parser.parseLine(bytes) { line, seen in
        guard case .step(let step) = line else { return true }
        steps.append(RecordedStep(step: step, seen: seen))
        if steps.count > 2 * count { steps.removeFirst(steps.count - count) }
        return true
      }
    }) {}
    return Array(steps.suffix(count))
  }
}
