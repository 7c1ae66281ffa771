internal import CPlatform

/// What a run log has come to.
public struct LogState: Sendable, Equatable {
  /// errno of the last failure to write; 0 for none.
  public var failure: Int32 = 0
  public var lineCount = 0
  /// Lines and records that could not be written; the run went on.
  public var lostCount = 0
}

extension Monitor {
  public var logState: LogState {
    LogState(
      failure: max(log?.failure ?? 0, recordFailure), lineCount: log?.lineCount ?? 0,
      lostCount: (log?.lostCount ?? 0) &+ lostRecords)
  }
}

/// An append-only log of a run, a line of JSON a step: what a `kill -9` can cost is the line that was being written.
///
/// A line goes out in one write to a file opened for appending. Where writing fails (a full disk) the run goes on: the
/// lines lost are counted, and the next step tries again with a line feed in front, so that a torn line spoils no other.
public final class RunLog {
  private var file: Int32
  private var line: JSONLine
  /// Whether the end of the file may be within a line.
  private var isTorn: Bool
  public private(set) var lineCount = 0
  public private(set) var lostCount = 0
  /// errno of the last failure; 0 for none.
  public private(set) var failure: Int32 = 0

  /// - Parameter path: ends with a zero byte; the file is made if it is not there.
  /// - Throws: `file` if it cannot be opened, `outOfMemory`.
  init(path: UnsafePointer<CChar>) throws(TrimtabError) {
    let opened = trimtab_platform_open(path, 0)
    guard opened >= 0 else {
      throw TrimtabError(.file, "path: found a file that cannot be written (errno %)", -Int(opened))
    }
    file = opened
    isTorn = trimtab_platform_is_empty(opened) == 0
    line = try JSONLine()
  }

  deinit { if file >= 0 { _ = trimtab_platform_close(file, 1) } }

  /// Writes one line, made by `fill`.
  func write(_ fill: (inout JSONLine) -> Void) {
    line.begin()
    fill(&line)
    line.end()
    guard !line.isBroken else {
      lostCount = lostCount &+ 1
      return
    }
    var result: Int32 = 0
    // Whatever stood at the end of the file, this line begins on a line of its own. Empty lines mean nothing.
    if isTorn {
      var lineFeed = UInt8(ascii: "\n")
      result = trimtab_platform_write(file, &lineFeed, 1)
    }
    if result == 0 { result = trimtab_platform_write(file, line.bytes, UInt64(line.count)) }
    if result == 0 {
      lineCount = lineCount &+ 1
      isTorn = false
    } else {
      failure = result
      lostCount = lostCount &+ 1
      isTorn = true
    }
  }
}
