#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the probed function is called, in memory that the process which waits for it shares: what is left of a crash.
struct ProbeTrace {
  /// The file that the child process finds it under.
  static let descriptor: Int32 = 3
  private let memory: UnsafeMutableRawPointer
  private let count: Int

  /// - Parameters:
  ///   - file: its descriptor; it is made as long as it has to be
  ///   - count: numbers that tell one call from another
  init?(file: Int32, count: Int) {
    let length = 8 * (count + 2)
    guard ftruncate(file, off_t(length)) == 0,
      let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
    else { return nil }
    self.memory = memory
    self.count = count
  }

  /// An unnamed file for it; negative where none can be had.
  static func makeFile() -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/trimtab-probe-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    if file >= 0 { unlink(name) }
    return file
  }

  func enter(_ x: UnsafePointer<Double>) {
    (memory + 16).copyMemory(from: x, byteCount: 8 * count)
    memory.storeBytes(of: memory.load(as: UInt64.self) &+ 1, as: UInt64.self)
  }

  var callCount: UInt64 { memory.load(as: UInt64.self) }
  var point: [Double] { (0..<count).map { memory.load(fromByteOffset: 8 * ($0 + 2), as: Double.self) } }

  /// Whether the child process came to its own end: what ends it before that is the library.
  var isAnswered: Bool { memory.load(fromByteOffset: 8, as: UInt64.self) == 1 }
  func answer() { memory.storeBytes(of: 1, toByteOffset: 8, as: UInt64.self) }

  /// Whether it did, with nothing left to answer through.
  var isLost: Bool { memory.load(fromByteOffset: 8, as: UInt64.self) == 2 }
  func lose() { memory.storeBytes(of: 2, toByteOffset: 8, as: UInt64.self) }

  /// "in call 7, at (0.5, 1)"
  ///
  /// - Parameter words: what the numbers of the last call say; nil: a point.
  func place(_ words: (([Double]) -> String)? = nil) -> String {
    guard callCount > 0 else { return "before the first call, while the library was loaded" }
    let shown = point.prefix(8).map(figure).joined(separator: ", ")
    return "in call \(callCount), \(words?(point) ?? "at (\(shown)\(count > 8 ? ", …" : ""))")"
  }
}
