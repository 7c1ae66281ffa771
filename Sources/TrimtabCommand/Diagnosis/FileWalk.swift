import TrimtabFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The files that paths lead to: folders are walked in the order of names, each once, hidden ones left out.
struct FileWalk {
  private(set) var files: [String] = []
  private(set) var notChecked: [NotChecked] = []
  private var visited: Set<Place> = []
  private let takesRuns: Bool
  private let loss: String?

  private struct Place: Hashable {
    let device: UInt
    let inode: UInt
  }

  /// - Parameters:
  ///   - takesRuns: whether run logs in folders are files to read too.
  ///   - loss: the name that the user gave the loss of training logs.
  init(_ paths: [String], takesRuns: Bool = false, loss: String? = nil) {
    self.takesRuns = takesRuns
    self.loss = loss
    for path in paths { walk(path) }
  }

  private mutating func walk(_ root: String) {
    var open = [root]
    var strangers: [String: Int] = [:]
    var isBarren = true
    while let path = open.popLast() {
      guard let status = fileStatus(path) else {
        refuse(path, "cannot be examined: \(systemMessage(errno))")
        isBarren = false
        continue
      }
      if status.st_mode & S_IFMT != S_IFDIR {
        if take(path, isNamed: path == root, &strangers) { isBarren = false }
        continue
      }
      let place = Place(device: UInt(truncatingIfNeeded: status.st_dev), inode: UInt(truncatingIfNeeded: status.st_ino))
      guard visited.insert(place).inserted else {
        // A folder named twice was walked the first time.
        if path == root { isBarren = false }
        continue
      }
      do {
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
        // The last is taken first.
        open += names.sorted(by: >).map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
      } catch {
        refuse(path, "the folder cannot be read")
        isBarren = false
      }
    }
    if isBarren { note(root, "holds no file that check reads (\(endings))") }
    guard !strangers.isEmpty else { return }
    let total = strangers.values.reduce(0, +)
    let endings = strangers.keys.sorted().map { $0.isEmpty ? "none" : $0 }
    let shown = endings.prefix(8).joined(separator: ", ") + (endings.count > 8 ? " …" : "")
    note(root, "\(counted(total, "file")) of no known format (endings: \(shown))")
  }

  private var endings: String {
    (TensorFile.Format.allCases.map { ".\($0.rawValue)" } + (takesRuns ? [".jsonl"] : [])).joined(separator: ", ")
  }

  private mutating func note(_ root: String, _ reason: String) {
    notChecked.append(NotChecked(file: root, tensor: "", check: "", reason: reason))
  }

  /// Answers whether the file is one to read.
  private mutating func take(_ path: String, isNamed: Bool, _ strangers: inout [String: Int]) -> Bool {
    let isKnown = TensorFile.format(ofName: path) != nil || takesRuns && (RunFile.isNamedAsOne(path) || isLog(path))
    guard isNamed || isKnown else {
      let name = FileName(path).name
      strangers[name.lastIndex(of: ".").map { String(name[$0...]) } ?? "", default: 0] += 1
      return false
    }
    if !files.contains(path) { files.append(path) }
    return true
  }

  /// Whether a name is one that training logs have, and the content that of one.
  ///
  /// Event files and trainer_state.json are logs by their names: one that is damaged is to be told of.
  private func isLog(_ path: String) -> Bool {
    let name = FileName(path).name.lowercased()
    if name.contains("tfevents") || name == "trainer_state.json" { return true }
    let endings = [".csv.gz", ".tsv", ".tsv.gz", ".jsonl.gz", ".json", ".log", ".txt"]
    return endings.contains { name.hasSuffix($0) } && TrainingLog.recognise(path: path, loss: loss)
  }

  private mutating func refuse(_ path: String, _ reason: String) {
    notChecked.append(NotChecked(file: path, tensor: "", check: "", reason: reason, isUnreadable: true))
  }

  private func fileStatus(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}
