import Foundation

/// One run of the built command, as a user runs it.
struct CommandRun {
  let status: Int32
  let output: String
  let errors: String

  /// The command beside the tests, or the one that TRIMTAB_COMMAND names.
  static var executable: URL {
    if let named = ProcessInfo.processInfo.environment["TRIMTAB_COMMAND"] { return URL(fileURLWithPath: named) }
    return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("trimtab")
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func example(_ name: String) -> String { root.appendingPathComponent("examples/data/\(name)").path }

  /// - Parameter addressSpace: kilobytes that the command may map; nil for no limit. Its peak as `getrusage` tells it
  ///   would start from the size of the process that ran it.
  init(_ arguments: [String], environment: [String: String] = [:], addressSpace: Int? = nil) throws {
    let process = Process()
    process.executableURL = addressSpace == nil ? CommandRun.executable : URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      addressSpace.map {
        ["-c", "ulimit -v \($0) && exec \"$0\" \"$@\"", CommandRun.executable.path] + arguments
      } ?? arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files and no pipes: a full pipe would stop the command.
    let streams = try ["output", "errors"].map { name in
      let url = folder.appendingPathComponent(name)
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
      return (url, try FileHandle(forWritingTo: url))
    }
    process.standardOutput = streams[0].1
    process.standardError = streams[1].1
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // A signal must not pass for an exit status.
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    output = try String(contentsOf: streams[0].0, encoding: .utf8)
    errors = try String(contentsOf: streams[1].0, encoding: .utf8)
  }

  var json: [String: Any] {
    get throws { try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:] }
  }

  func objects(_ key: String) throws -> [[String: Any]] { try json[key] as? [[String: Any]] ?? [] }
}
