import ArgumentParser
import Trimtab
import TrimtabFormats

/// How much a finding must weigh to fail.
enum FailLevel: String, ExpressibleByArgument, CaseIterable {
  case notice, warning, critical, never

  var verdict: Verdict? {
    switch self {
    case .notice: .notice
    case .warning: .warning
    case .critical: .critical
    case .never: nil
    }
  }
}

/// A command with the flags that all have.
protocol Subcommand: ParsableCommand {
  var common: CommonFlags { get }
}

/// What every subcommand takes.
struct CommonFlags: ParsableArguments {
  @Flag(help: "Print JSON: the same numbers, stable keys.") var json = false
  @Option(help: "The least verdict that makes the exit status 1.") var failOn = FailLevel.warning
  @Flag(help: "List every tensor and every matrix, and explain every finding of a run.") var all = false
  @Option(
    help: ArgumentHelp(
      "Memory, in megabytes, that a tensor and the work on it may take. Without it 24 times the file, at least 268; of train no limit.",
      valueName: "megabytes")) var maximumMemory: Int?
  @Option(help: "Whether the first line of a .csv names the columns: automatic, present or absent.") var csvHeader =
    HeaderMode.automatic

  func validate() throws {
    if let maximumMemory, maximumMemory < 1 || maximumMemory > 1 << 40 {
      throw ValidationError("--maximum-memory: found \(maximumMemory), allowed 1 to \(1 << 40)")
    }
  }

  func apply(to settings: inout Settings) {
    settings.maximumMemory = maximumMemory.map { $0 * 1_000_000 }
    settings.csv.header = csvHeader.header
  }

  /// Prints an examination and gives the process its status.
  ///
  /// - Parameters:
  ///   - lines: for people, after the examination
  ///   - more: for programs, beside it
  func report(_ examination: Examination, lines: [String] = [], more: [String: JSONValue] = [:]) throws {
    let status = examination.exitStatus(failOn: failOn.verdict)
    let text =
      json
      ? JSONText(examination: examination, exitStatus: status, more: more).render()
      : PlainText(examination: examination, usesColour: Terminal.usesColour, listsAll: all).render()
        + (lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n")
    Terminal.write(text)
    if !json {
      for entry in examination.notChecked where entry.isUnreadable {
        Terminal.writeError(
          "trimtab: \(entry.tensor.isEmpty ? entry.file : "\(entry.file):\(entry.tensor)"): \(entry.reason)\n")
      }
    }
    if status != 0 { throw ExitCode(status) }
  }
}

enum HeaderMode: String, ExpressibleByArgument, CaseIterable {
  case automatic, present, absent

  var header: CSVOptions.Header {
    switch self {
    case .automatic: .automatic
    case .present: .present
    case .absent: .absent
    }
  }
}

/// What tensors are, told by the user.
struct KindFlags: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "What tensors are: weights, samples, preactivations, gradients, predictions, labels, ids, structure (laid "
        + "down and not learned: not judged) or other. NAME=KIND "
        + "tells it of one key, file or file:key. May be repeated.", valueName: "kind")) var kinds: [String] = []

  func overrides() throws -> KindOverrides {
    var overrides = KindOverrides()
    for text in kinds { if let message = overrides.add(text) { throw ValidationError(message) } }
    return overrides
  }

  func validate() throws { _ = try overrides() }
}
