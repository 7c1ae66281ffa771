import ArgumentParser

@main
struct TrimtabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "trimtab")
}
