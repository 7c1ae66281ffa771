import ArgumentParser
import Trimtab
import TrimtabTrainer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `trimtab lab`: instabilities shown failing and cured.
struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Experiments: each an instability that shows, is seen, and is cured.",
    subcommands: [List.self, Run.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Names the experiments.")

    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let all = Experiment.all
      if json {
        let rows = all.map { one in
          JSONValue.object([
            "name": .text(one.name.description), "title": .text(one.title.description),
            "section": .integer(one.section),
          ])
        }
        Terminal.write(encoded(.object(["schema": .integer(1), "experiments": .array(rows)])) + "\n")
        return
      }
      let rows = all.map { [$0.name.description, "\($0.section)", $0.title.description] }
      Terminal.write((LabText.aligned([["name", "section", "title"]] + rows)).joined(separator: "\n") + "\n")
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs an experiment, or all, over several seeds.",
      discussion: """
        Prints what each arm came to, and what was expected of it: the median over the seeds, and an interval that holds \
        the median of all seeds. Exit status: 0 all held; 1 one did not; 2 it could not be run.
        """)

    @Argument(help: "Names of experiments, as trimtab lab list prints them.") var names: [String] = []
    @Flag(help: "Run all of them.") var all = false
    @Option(parsing: .unconditional, help: "How many seeds.") var seeds = 8
    @Option(parsing: .unconditional, help: "The first of them, 0 or more; the others count up.") var firstSeed: UInt64 =
      0
    @Flag(help: "Print JSON.") var json = false
    @Option(help: ArgumentHelp("The .svg file to draw the first seed's curves to.", valueName: "file")) var plot:
      String?
    @Option(
      help: ArgumentHelp(
        "A folder: each experiment's page there gets its results, and a drawing beside it.", valueName: "folder"))
    var pages: String?

    func validate() throws {
      guard all != !names.isEmpty else {
        throw ValidationError("name: found \(names.count) and \(all ? "" : "no ")--all, allowed one of the two")
      }
      guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds: found \(seeds), allowed 1 to 10000") }
      if let plot {
        guard plot.hasSuffix(".svg") else {
          throw ValidationError("--plot: found '\(plot)', allowed a name that ends in .svg")
        }
        guard names.count == 1 else {
          throw ValidationError(
            "--plot: found \(all ? "--all" : "several names"), allowed one experiment (--pages draws all)")
        }
      }
      _ = try chosen()
      if let plot {
        guard WritablePlace.takes(file: plot) else {
          throw ValidationError("--plot: found '\(plot)', allowed a file in a folder that can be written to")
        }
      }
      if let pages, !WritablePlace.takesFiles(in: pages) {
        throw ValidationError("--pages: found '\(pages)', allowed a folder that can be written to")
      }
    }

    private func chosen() throws -> [Experiment] {
      if all { return Experiment.all }
      return try names.map { name in
        guard let found = Experiment.all.first(where: { $0.name.description == name }) else {
          throw ValidationError(
            "name: found '\(name)', allowed one of \(Experiment.all.map(\.name.description).joined(separator: ", ")) (trimtab "
              + "lab list says what they are)")
        }
        return found
      }
    }

    func run() throws {
      let progress = Progress()
      var results: [(report: LabReport, seconds: Double)] = []
      for experiment in try chosen() {
        let clock = ContinuousClock()
        let start = clock.now
        do {
          let report = try LabReport(experiment, seeds: seeds, firstSeed: firstSeed) { done, total in
            progress.update(experiment.name.description, done: done, total: total)
            return true
          }
          let seconds = (clock.now - start) / .seconds(1)
          results.append((report, seconds))
          progress.finish()
          if !json {
            Terminal.write((results.count > 1 ? "\n" : "") + LabText(result: report, seconds: seconds).render())
          }
          try draw(report, seconds)
        } catch let error as TrimtabError {
          fail("\(experiment.name): \(error.message)")
        }
      }
      conclude(results)
    }

    private func draw(_ report: LabReport, _ seconds: Double) throws {
      if let plot { write(report.plot.render(), to: plot) }
      guard let pages else { return }
      let name = report.experiment.name.description
      write(report.plot.render(), to: "\(pages)/\(name).svg")
      let page = LabPage(text: LabText(result: report, seconds: seconds), plot: "\(name).svg")
      let path = "\(pages)/\(name).md"
      write(page.render(over: try? String(contentsOfFile: path, encoding: .utf8)), to: path)
    }

    private func write(_ text: String, to path: String) {
      do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
        fail("\(path): cannot be written")
      }
    }

    private func conclude(_ results: [(report: LabReport, seconds: Double)]) {
      let failed = results.filter { !$0.report.isHeld }
      let status: Int32 = failed.isEmpty ? 0 : 1
      if json {
        Terminal.write(
          encoded(
            .object([
              "schema": .integer(1), "version": .text(commandVersion), "exit_status": .integer(Int(status)),
              "experiments": .array(results.map { $0.report.json(seconds: $0.seconds) }),
            ])) + "\n")
      } else if results.count > 1 {
        let seconds = results.reduce(0) { $0 + $1.seconds }
        let names = failed.map { $0.report.experiment.name.description }.joined(separator: ", ")
        Terminal.write(
          "\n\(failed.isEmpty ? "ALL HELD" : "NOT HELD: \(names)"): \(results.count - failed.count) of \(results.count) experiments in \(figure(seconds.rounded())) s\n"
        )
      }
      if status != 0 { TrimtabCommand.exit(withError: ExitCode(status)) }
    }

    private func fail(_ message: String) -> Never {
      if json { Terminal.write(JSONText.failure(message)) }
      Terminal.writeError("trimtab: \(message)\n")
      TrimtabCommand.exit(withError: ExitCode(2))
    }
  }
}
