/// The kinds of saved states.
public enum StateKind: UInt32, Sendable {
  case covariance = 1
  case neurons = 2
  case labelDrift = 3
  case gradients = 4
  case whitener = 5
  case detector = 6
  case trainer = 7
  case featureScale = 20
  case generatorSignal = 21
  case curriculum = 22
  case batchLeakage = 25
  case gradientBalance = 27
  case exposure = 40
  case posterior = 41
  case bins = 42
  case vendi = 43
  case pseudoLabelGate = 44
  case logDoctor = 60

  var name: StaticText {
    switch self {
    case .covariance: "covariance"
    case .neurons: "neurons"
    case .labelDrift: "label_drift"
    case .gradients: "gradients"
    case .whitener: "whitener"
    case .detector: "detector"
    case .trainer: "trainer"
    case .exposure: "exposure"
    case .posterior: "posterior"
    case .bins: "bins"
    case .vendi: "vendi"
    case .pseudoLabelGate: "pseudo_label_gate"
    case .logDoctor: "log_doctor"
    case .featureScale: "feature_scale"
    case .generatorSignal: "generator_signal"
    case .curriculum: "curriculum"
    case .batchLeakage: "batch_leakage"
    case .gradientBalance: "gradient_balance"
    }
  }
}

// A saved state, all little-endian:
//   8 bytes  "TRIMTAB\n"      4 bytes kind    4 bytes version of that kind's payload
//   8 bytes  payload length   8 bytes checksum of the 24 bytes before and of the payload
//   payload
private let magic: UInt64 = 0x0A42_4154_4D49_5254
private let headerLength = 32

/// Writes a saved state into memory of the caller, or only counts its bytes.
public struct StateWriter {
  private let base: UnsafeMutableRawPointer?
  private let capacity: Int
  /// Bytes written so far, header included.
  public private(set) var length: Int = headerLength

  /// Counts only.
  public init() {
    base = nil
    capacity = 0
  }

  /// Writes into `buffer`; what does not fit is counted and not written.
  public init(into buffer: UnsafeMutableRawBufferPointer) {
    base = buffer.baseAddress
    capacity = buffer.count
  }

  public mutating func write(_ value: UInt64) {
    put(value)
  }
  public mutating func write(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }
  public mutating func write(_ value: Double) { put(value.bitPattern) }
  public mutating func write(_ value: Bool) { put(value ? 1 : 0) }

  /// Writes `count` elements as they stand in memory (the formats are little-endian, as are the machines).
  public mutating func write<Element: BitwiseCopyable>(_ elements: UnsafePointer<Element>, count: Int) {
    let bytes = count &* MemoryLayout<Element>.stride
    if let base, length &+ bytes <= capacity, bytes > 0 {
      (base + length).copyMemory(from: UnsafeRawPointer(elements), byteCount: bytes)
    }
    length = length &+ bytes
  }

  private mutating func put(_ bits: UInt64) {
    if let base, length &+ 8 <= capacity {
      base.storeBytes(of: bits.littleEndian, toByteOffset: length, as: UInt64.self)
    }
    length = length &+ 8
  }

  /// Writes the header; call it last. Returns whether everything fitted.
  public mutating func finish(kind: StateKind, version: UInt32) -> Bool {
    guard let base, length <= capacity else { return false }
    base.storeBytes(of: magic.littleEndian, toByteOffset: 0, as: UInt64.self)
    base.storeBytes(of: kind.rawValue.littleEndian, toByteOffset: 8, as: UInt32.self)
    base.storeBytes(of: version.littleEndian, toByteOffset: 12, as: UInt32.self)
    base.storeBytes(of: UInt64(length &- headerLength).littleEndian, toByteOffset: 16, as: UInt64.self)
    let sum = checksum(UnsafeRawPointer(base), length: length)
    base.storeBytes(of: sum.littleEndian, toByteOffset: 24, as: UInt64.self)
    return true
  }
}

/// Reads a saved state, having checked all of its header.
public struct StateReader {
  private let base: UnsafeRawPointer
  private let length: Int
  private var offset = headerLength
  /// Of the payload; at most the version that was asked for.
  public let version: UInt32

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public init(_ bytes: UnsafeRawBufferPointer, kind: StateKind, newestVersion: UInt32) throws(TrimtabError) {
    guard let base = bytes.baseAddress, bytes.count >= headerLength else {
      throw TrimtabError(.stateCorrupt, "buffer: found % bytes, allowed at least %", bytes.count, headerLength)
    }
    guard base.loadUnaligned(as: UInt64.self).littleEndian == magic else {
      throw TrimtabError(.stateCorrupt, "buffer: found no saved state (its first bytes are not TRIMTAB)")
    }
    let payload = base.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian
    guard payload == UInt64(bytes.count &- headerLength) else {
      throw TrimtabError(
        .stateCorrupt, "buffer: found % bytes, the state says % and %", bytes.count, payload, headerLength)
    }
    let sum = base.loadUnaligned(fromByteOffset: 24, as: UInt64.self).littleEndian
    guard sum == checksum(base, length: bytes.count) else {
      throw TrimtabError(.stateCorrupt, "buffer: found a checksum that does not fit the bytes")
    }
    let found = base.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
    guard found == kind.rawValue else {
      let name: StaticText = StateKind(rawValue: found)?.name ?? "unknown"
      throw TrimtabError(.stateKind, "buffer: found a state of kind %, allowed %", name, kind.name)
    }
    let version = base.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian
    guard version <= newestVersion else {
      throw TrimtabError(.stateVersion, "buffer: found version %, allowed at most %", version, newestVersion)
    }
    self.base = base
    self.length = bytes.count
    self.version = version
  }

  public mutating func readUInt64() throws(TrimtabError) -> UInt64 {
    guard length &- offset >= 8 else { throw StateReader.corrupt }
    let bits = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    offset = offset &+ 8
    return bits
  }

  public mutating func readInt() throws(TrimtabError) -> Int { Int(truncatingIfNeeded: try readUInt64()) }
  public mutating func readDouble() throws(TrimtabError) -> Double { Double(bitPattern: try readUInt64()) }
  public mutating func readBool() throws(TrimtabError) -> Bool { try readCount(0...1) == 1 }

  /// Reads a count, which must lie in the range.
  public mutating func readCount(_ allowed: ClosedRange<Int>) throws(TrimtabError) -> Int {
    let value = try readInt()
    guard allowed.contains(value) else { throw StateReader.corrupt }
    return value
  }

  /// Reads the code of a case, which must lie in the range.
  @inline(never)
  mutating func readCode(_ allowed: ClosedRange<Int>) throws(TrimtabError) -> Int32 {
    Int32(truncatingIfNeeded: try readCount(allowed))
  }

  public mutating func read<Element: BitwiseCopyable>(
    into elements: UnsafeMutablePointer<Element>, count: Int
  ) throws(TrimtabError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, bytes >= 0, length &- offset >= bytes else { throw StateReader.corrupt }
    if bytes > 0 { UnsafeMutableRawPointer(elements).copyMemory(from: base + offset, byteCount: bytes) }
    offset = offset &+ bytes
  }

  /// Bytes not yet read: bounds what a count in the payload may claim before memory is asked for.
  public var remaining: Int { length &- offset }

  /// - Throws: `stateCorrupt` if bytes are left over.
  public func finish() throws(TrimtabError) {
    guard offset == length else { throw StateReader.corrupt }
  }

  public static var corrupt: TrimtabError {
    TrimtabError(.stateCorrupt, "buffer: found a payload that does not fit its kind")
  }
}

/// Mixes words by xor, multiplication and rotation. Every step is one to one in the state and in the word, so no single
/// changed word passes.
private func checksum(_ base: UnsafeRawPointer, length: Int) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: length)
  func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
  }
  for offset in stride(from: 0, to: 24, by: 8) {
    mix(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
  }
  var offset = headerLength
  while offset &+ 8 <= length {
    mix(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
    offset = offset &+ 8
  }
  while offset < length {
    mix(UInt64(base.load(fromByteOffset: offset, as: UInt8.self)))
    offset = offset &+ 1
  }
  return hash
}
