/// Writes the fields of a saved state or reads them, in one order for both.
///
/// Numbers are taken as they are: what indexes memory is held to its range, so that no state leads outside of it.
struct LogSavedState {
  private(set) var writer: StateWriter
  private var reader: StateReader?
  private(set) var isSound = true

  init(writing writer: StateWriter) { self.writer = writer }

  init(reading reader: StateReader) {
    writer = StateWriter()
    self.reader = reader
  }

  /// Memory of plain numbers.
  @inline(never)
  mutating func bytes(_ memory: UnsafeMutableRawPointer, _ count: Int) {
    let memory = memory.assumingMemoryBound(to: UInt8.self)
    guard var reader else { return writer.write(memory, count: count) }
    do throws(TrimtabError) { try reader.read(into: memory, count: count) } catch { isSound = false }
    self.reader = reader
  }

  /// A value of whole numbers and floating-point numbers alone.
  @inline(__always)
  mutating func plain<Value: BitwiseCopyable>(_ value: inout Value) {
    withUnsafeMutablePointer(to: &value) { bytes(UnsafeMutableRawPointer($0), MemoryLayout<Value>.size) }
  }

  @inline(__always)
  mutating func table<Value: BitwiseCopyable>(_ values: UnsafeMutablePointer<Value>, _ count: Int) {
    bytes(UnsafeMutableRawPointer(values), count &* MemoryLayout<Value>.stride)
  }

  /// A count, 0 to `most`; 0 where the state says another.
  @inline(never)
  mutating func count(_ value: inout Int, _ most: Int) {
    plain(&value)
    require(value >= 0 && value <= most)
    if !isSound { value = 0 }
  }

  @inline(never)
  mutating func flag(_ value: inout Bool) {
    var code = value ? 1 : 0
    count(&code, 1)
    value = code == 1
  }

  mutating func require(_ condition: Bool) { if !condition { isSound = false } }

  @inline(never)
  mutating func detector(_ detector: inout SeriesDetector) {
    guard var reader else { return detector.write(to: &writer) }
    do throws(TrimtabError) {
      let options = try DetectorOptions(from: &reader)
      guard options == detector.options else { throw StateReader.corrupt }
      try detector.read(from: &reader)
    } catch { isSound = false }
    self.reader = reader
  }

  @inline(never)
  mutating func recent(_ values: inout RecentValues) {
    guard var reader else { return values.write(to: &writer) }
    do throws(TrimtabError) { try values.read(from: &reader) } catch { isSound = false }
    self.reader = reader
  }

  /// - Throws: `stateCorrupt` where a field did not fit, or bytes are left over.
  func finish() throws(TrimtabError) {
    guard isSound else { throw StateReader.corrupt }
    try reader?.finish()
  }
}

extension LogDoctor {
  public static let stateVersion: UInt32 = 1

  /// Writes the state's payload: the options, then the fields.
  public func write(to writer: inout StateWriter) {
    writer.write(options.falseAlarmsPerMillion)
    writer.write(options.riseSize)
    writer.write(options.recoveryRows)
    writer.write(options.classCount)
    var state = LogSavedState(writing: writer)
    exchange(&state)
    writer = state.writer
  }

  /// The saved state as bytes.
  public func save() -> [UInt8] { savedBytes(kind: .logDoctor, version: LogDoctor.stateVersion, write) }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`, `outOfMemory`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> LogDoctor {
    var reader = try StateReader(bytes, kind: .logDoctor, newestVersion: stateVersion)
    var options = LogDoctorOptions()
    options.falseAlarmsPerMillion = try reader.readDouble()
    options.riseSize = try reader.readDouble()
    options.recoveryRows = try reader.readInt()
    options.classCount = try reader.readInt()
    let doctor: LogDoctor
    do throws(TrimtabError) { doctor = try LogDoctor(options: options) } catch {
      throw error.status == .outOfMemory ? error : StateReader.corrupt
    }
    var state = LogSavedState(reading: reader)
    doctor.exchange(&state)
    try state.finish()
    return doctor
  }
}
