import Trimtab
import TrimtabFormats

extension Examiner {
  /// The only array of a file, or the one that FILE:KEY names, which is noted as looked at; nil, with the reason noted,
  /// where there is none.
  func tensor(_ argument: String, for diagnosis: Diagnosis) -> TensorSource? {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let path = parts[0]
    guard let opened = open(path, as: { _, _ in Recognition(kind: .other, reason: "told by the subcommand") }) else {
      return nil
    }
    let found = opened.tensors.map(\.0).filter { parts.count < 2 || $0.name == parts[1] }
    if !examination.files.contains(where: { $0.path == path }) { examination.files.append(opened.record) }
    guard found.count == 1, let source = found.first else {
      let names = opened.tensors.map(\.0.name).joined(separator: ", ")
      let reason =
        parts.count < 2
        ? "found \(counted(found.count, "array")), allowed one: say which by \(path):KEY (\(names))"
        : "found no array of this name, allowed \(names)"
      examination.notChecked.append(
        NotChecked(
          file: path, tensor: parts.count < 2 ? "" : parts[1], check: diagnosis.rawValue, reason: reason,
          isUnreadable: true))
      return nil
    }
    return source
  }
}
