#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whether results can be written: known before the work, and not after it.
enum WritablePlace {
  /// Whether a file can be made, or written anew.
  static func takes(file path: String) -> Bool {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    parts.removeLast()
    let folder = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    var found = stat()
    let isFolder = stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR
    return !isFolder && takesFiles(in: folder)
  }

  /// Whether files can be made in a folder: one is, and taken away.
  static func takesFiles(in folder: String) -> Bool {
    var name = Array("\(folder)/.trimtab-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    guard file >= 0 else { return false }
    unlink(name)
    close(file)
    return true
  }
}
