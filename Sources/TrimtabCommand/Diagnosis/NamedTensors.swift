import Trimtab
import TrimtabFormats

extension Examiner {
  /// The only array of a file, or the one that FILE:KEY names, which is noted as looked at; nil, with the reason noted,
  /// where there is none.
  ///
  /// - Parameter role: what the subcommand takes it for, whatever its name and shape say.
  func tensor(_ argument: String, for diagnosis: Diagnosis, as role: String) -> TensorSource? {
    let (path, key) = Self.parts(of: argument)
    let unnamed = Recognition(kind: .other, reason: "not named")
    guard let opened = open(path, as: { _, _ in unnamed }) else { return nil }
    if !examination.files.contains(where: { $0.path == path }) { examination.files.append(opened.record) }
    let found = opened.tensors.map(\.0).filter { key == nil || $0.name == key }
    guard found.count == 1, let source = found.first else {
      let names = opened.tensors.map(\.0.name).joined(separator: ", ")
      let reason =
        key == nil
        ? "found \(counted(found.count, "array")), allowed one: say which by \(path):KEY (\(names))"
        : "found no array of this name, allowed \(names)"
      examination.notChecked.append(
        NotChecked(
          file: path, tensor: key ?? "", check: diagnosis.rawValue, reason: reason, isUnreadable: true))
      return nil
    }
    take(source, for: Recognition(kind: .other, reason: "told by the subcommand", role: role))
    return source
  }

  /// Holds all of a tensor in memory for a while, and notes the rows where only reading could count them.
  func withView<Result>(_ source: TensorSource, _ body: (TensorView) throws -> Result) throws -> Result {
    try source.withView(memoryLimit: settings.memoryLimit(source)) { view in
      if !source.rowsAreCounted { noteRows(source, view.shape[0]) }
      return try body(view)
    }
  }

  /// A path may hold colons: a key follows the ending of a file that has keys.
  static func parts(of argument: String) -> (path: String, key: String?) {
    for ending in [".npz:", ".safetensors:"] {
      guard let mark = argument.firstRange(of: ending) else { continue }
      return (String(argument[..<argument.index(before: mark.upperBound)]), String(argument[mark.upperBound...]))
    }
    return (argument, nil)
  }
}
