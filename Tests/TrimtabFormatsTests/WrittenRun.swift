import Foundation
import Trimtab

@testable import TrimtabFormats

/// A run that the library itself writes: its log, and its flight record.
final class WrittenRun {
  let folder: URL
  let log: String
  let record: String

  /// - Parameter steps: the numbers of the steps; the loss is NaN, and the gradient of `layer "0".weight` too, at `bad`.
  init(steps: ClosedRange<Int> = 1...100, bad: Int? = 80) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    log = folder.appendingPathComponent("run.jsonl").path
    record = folder.appendingPathComponent("record.jsonl").path
    try write(steps, bad: bad)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// One more run at the end of the log.
  func write(_ steps: ClosedRange<Int>, bad: Int?) throws {
    let monitor = try Monitor()
    var indices: [Int] = []
    for name in ["layer \"0\".weight", "layer \\1.weight", "größe"] {
      var entry = MonitorEntry(role: .weight)
      entry.order = indices.count
      // The last is never seen, and is not meant to train.
      entry.isFrozen = name == "größe"
      indices.append(try Array(name.utf8).withUnsafeBufferPointer { try monitor.register($0, entry) })
    }
    try log.withCString { try monitor.writeLog(to: $0) }
    for step in steps {
      try monitor.beginStep(step)
      for index in indices.dropLast() {
        let values: [Double] =
          index == 0 && step == bad ? [1, .nan, 2, 3] : [1, -2, 3, 0.25 + 0.01 * Double(step % 7)]
        try values.withUnsafeBytes { bytes in
          try monitor.observe(index, .gradient, try TensorView(bytes.baseAddress, .float64, shape: [2, 2]))
        }
      }
      try monitor.observe(.loss, step == bad ? .nan : 2 / Double(step))
      try monitor.observe(.learningRate, 0.1)
      _ = try monitor.endStep()
    }
    try record.withCString { try monitor.writeRecord(to: $0) }
    try monitor.writeLog(to: nil)
  }

  func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

  /// Another file in the folder.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder.appendingPathComponent(name).path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}

/// splitmix64, from a seed that is new in every run; TRIMTAB_SEED repeats one.
struct PrintedSeed: RandomNumberGenerator {
  private var state: UInt64

  init() {
    let told = ProcessInfo.processInfo.environment["TRIMTAB_SEED"].flatMap { UInt64($0) }
    state = told ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("seed \(state)")
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
