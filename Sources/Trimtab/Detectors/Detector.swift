/// A detector with its memory: streaming over one series, in constant memory, without an allocation after creation. Not
/// for use by two threads at a time.
///
/// There is no merge: the values of a step are merged (as summaries or sums) before they come here, and a series has one
/// order. Source: definitions 0.5 and 11. Since: 0.1.
public final class Detector {
  public static let stateVersion: UInt32 = 1

  private let memory: Storage<Double>
  private var series: SeriesDetector

  /// - Throws: `invalidArgument` for an option out of range, `outOfMemory`.
  public init(options: DetectorOptions = DetectorOptions()) throws(TrimtabError) {
    memory = try Storage(count: SeriesDetector.memoryCount(for: options.kind), for: "detector")
    series = try SeriesDetector(options: options, memory: memory.pointer)
  }

  public var options: DetectorOptions { series.options }

  /// Takes the value of the next step. Complexity: constant, well below a microsecond.
  @discardableResult
  public func add(_ value: Double) -> DetectorResult { series.add(value) }

  /// The answer to the last step again.
  public func report() -> DetectorResult { series.report }

  /// Starts the baseline anew, after a restore or a restart of the learning rate.
  ///
  /// - Parameter level: what the series is known to be like from here on; nil: what comes first says it.
  public func reset(to level: Double? = nil) { series.reset(to: level) }

  /// Multiplies thresholds for so many further steps, as after a rollback.
  public func widen(_ factor: Double, forSteps steps: Int) { series.widen(factor, forSteps: steps) }

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) { series.write(to: &writer) }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .detector, version: Detector.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Detector {
    var reader = try StateReader(bytes, kind: .detector, newestVersion: stateVersion)
    let options = try DetectorOptions(from: &reader)
    let detector: Detector
    do throws(TrimtabError) { detector = try Detector(options: options) } catch {
      throw error.status == .outOfMemory ? error : StateReader.corrupt
    }
    try detector.series.read(from: &reader)
    try reader.finish()
    return detector
  }
}
