/// One line on a terminal's error stream that says how far long work is; silent elsewhere, and for what takes under a
/// second.
final class Progress {
  private let isShown: Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  private var isWritten = false

  init(isShown: Bool = Terminal.errorIsTerminal) {
    self.isShown = isShown
    start = clock.now
    last = start
  }

  /// Says what is being worked at; `done` of `total` where that is known.
  func update(_ what: String, done: Int = 0, total: Int = 0) {
    guard isShown else { return }
    let now = clock.now
    guard now - start > .seconds(1), now - last > .milliseconds(100) else { return }
    last = now
    isWritten = true
    let share = total > 0 ? " \(Int(100 * min(1, Double(done) / Double(total)))) %" : ""
    let text = "\(what)\(share)"
    Terminal.writeError("\r\u{1B}[K" + (text.count > 78 ? "…" + text.suffix(77) : text))
  }

  /// Writes a line that stays, above the one that says how far the work is; in a pipe too.
  func say(_ line: String) {
    finish()
    Terminal.writeError(line + "\n")
  }

  /// Takes the line away.
  func finish() {
    if isWritten { Terminal.writeError("\r\u{1B}[K") }
    isWritten = false
  }
}
