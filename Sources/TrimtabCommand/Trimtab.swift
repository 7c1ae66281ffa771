import ArgumentParser

/// `trimtab`: is training becoming unstable, why, and what cures it?
@main
struct TrimtabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trimtab",
    abstract: "Tells whether training is becoming unstable, why, and what cures it.",
    discussion: """
      Files: .npy, .npz, .safetensors, .csv and .csv.gz; for check also .jsonl, the run logs and flight records of a monitor. \
      They are read in blocks, whatever their size.

      Exit status: 0 healthy; 1 findings at or above --fail-on; 2 could not judge, a file could not be read, or wrong usage.
      """,
    version: commandVersion,
    subcommands: [
      Check.self, Condition.self, Neurons.self, Drift.self, GradientNorms.self, FeatureScales.self,
      OverlapByResolution.self,
      CurriculumDecision.self, Leakage.self, Balance.self, Game.self, Generative.self, Gate.self, Probe.self,
      Whiten.self, Train.self, Lab.self,
    ])

  /// Runs the command; every failure that is no finding ends with 2, where the parser's own would be 64.
  static func main() {
    Terminal.prepare()
    do {
      var command = try parseAsRoot()
      do { try command.run() } catch let error as ValidationError { refuse(error, command) }
    } catch let code as ExitCode {
      leave(code.rawValue)
    } catch {
      let text = fullMessage(for: error)
      if exitCode(for: error) == .success {
        Terminal.write(text + "\n")
        leave(0)
      }
      Terminal.writeError(text + "\n")
      leave(2)
    }
  }

  /// Ends what only the files showed to be wrong usage: with the subcommand's usage, and in JSON where that was asked for.
  private static func refuse(_ error: ValidationError, _ command: any ParsableCommand) -> Never {
    let kind = type(of: command)
    if let command = command as? any Subcommand, command.common.json { Terminal.write(JSONText.failure(error.message)) }
    let name = "\(configuration.commandName ?? "") \(kind.configuration.commandName ?? "\(kind)".lowercased())"
    Terminal.writeError(
      "Error: \(error.message)\nUsage: \(usageString(for: kind))\n  See '\(name) --help' for more information.\n")
    leave(2)
  }

  private static func leave(_ status: Int32) -> Never { exit(withError: ExitCode(status)) }
}
