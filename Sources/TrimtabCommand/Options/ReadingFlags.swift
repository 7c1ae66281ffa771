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
    parsing: .unconditional,
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
  ///   - headline: for people, what came of it where nothing was found; nil: that nothing was
  ///   - lines: for people, after the examination
  ///   - more: for programs, beside it
  func report(
    _ examination: Examination, headline: PlainText.Headline? = nil, lines: [String] = [],
    more: [String: JSONValue] = [:]
  ) throws {
    let (text, status) = answer(examination, headline: headline, lines: lines, more: more)
    Terminal.write(text)
    if status != 0 { throw ExitCode(status) }
  }

  /// What `report` prints, and the status; what could not be read goes to the error stream.
  func answer(
    _ examination: Examination, headline: PlainText.Headline? = nil, lines: [String] = [],
    more: [String: JSONValue] = [:]
  ) -> (text: String, status: Int32) {
    let status = examination.exitStatus(failOn: failOn.verdict)
    guard !json else {
      return (JSONText(examination: examination, exitStatus: status, more: more).render(), status)
    }
    for entry in examination.notChecked where entry.isUnreadable {
      Terminal.writeError(
        "trimtab: \(entry.tensor.isEmpty ? entry.file : "\(entry.file):\(entry.tensor)"): \(entry.reason)\n")
    }
    let text = PlainText(
      examination: examination, usesColour: Terminal.usesColour, listsAll: all, outcome: headline)
    return (text.render() + (lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n"), status)
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
