#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  import Darwin
#endif

/// What the streams are connected to, and writing to them.
enum Terminal {
  /// Colour only for people: on a terminal, unless NO_COLOR is set or the terminal is dumb.
  static var usesColour: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    if let setting = getenv("NO_COLOR"), setting.pointee != 0 { return false }
    if let kind = getenv("TERM"), String(cString: kind) == "dumb" { return false }
    return true
  }

  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Ends the process with 2 where the text cannot be written: a report that nobody got is no success. A reader that
  /// went away has what it wanted.
  static func write(_ text: String) {
    let failure = put(text, STDOUT_FILENO)
    guard failure != 0, failure != EPIPE else { return }
    writeError("trimtab: standard output cannot be written: \(String(cString: strerror(failure)))\n")
    exit(2)
  }

  static func writeError(_ text: String) { _ = put(text, STDERR_FILENO) }

  /// Returns 0, or the system's number of the error.
  private static func put(_ text: String, _ descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { buffer in
        #if canImport(Glibc)
          Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
          Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
          Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return written < 0 ? errno : EIO }
      bytes = bytes.dropFirst(written)
    }
    return 0
  }

  /// Lets a closed pipe be an error of `write` and not the end of the process, and opens as many files as the system
  /// grants.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    var limit = rlimit()
    #if os(Linux)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    if getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      setrlimit(resource, &limit)
    }
  }
}
