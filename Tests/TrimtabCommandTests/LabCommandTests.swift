import Foundation
import Testing

/// `trimtab lab` refuses before it runs.
@Suite struct LabCommandTests {
  @Test func namesWhatThereIs() throws {
    let run = try CommandRun(["lab", "run", "nope"])
    #expect(run.status == 2 && run.errors.contains("name: found 'nope', allowed one of dying-relu, "), "\(run.errors)")
    #expect(run.errors.contains("trimtab lab list"))
  }

  @Test func takesANegativeNumberForTheValue() throws {
    let seeds = try CommandRun(["lab", "run", "dying-relu", "--seeds", "-1"])
    #expect(seeds.status == 2 && seeds.errors.contains("--seeds: found -1, allowed 1 to 10000"), "\(seeds.errors)")
    let first = try CommandRun(["lab", "run", "dying-relu", "--first-seed", "-1"])
    #expect(first.status == 2 && first.errors.contains("'-1' is invalid for '--first-seed"), "\(first.errors)")
  }

  @Test func refusesAPlaceThatCannotBeWritten() throws {
    let files = try MadeFiles()
    for path in ["/nonexistent/x.svg", files.path("absent/x.svg")] {
      let run = try CommandRun(["lab", "run", "dying-relu", "--plot", path])
      #expect(run.status == 2 && run.output.isEmpty && run.errors.contains("--plot: found '\(path)'"), "\(run.errors)")
    }
    let pages = try CommandRun(["lab", "run", "dying-relu", "--pages", files.path("absent")])
    #expect(pages.status == 2 && pages.output.isEmpty && pages.errors.contains("--pages: found"))
  }

  @Test func samplesAreDrawnAsPointsAndCoursesAsLines() throws {
    let files = try MadeFiles()
    func drawing(_ name: String) throws -> String {
      let path = files.path("\(name).svg")
      #expect(try CommandRun(["lab", "run", name, "--seeds", "1", "--plot", path]).status == 0)
      return try String(contentsOfFile: path, encoding: .utf8)
    }
    let samples = try drawing("mode-collapse")
    #expect(samples.components(separatedBy: "<circle").count > 500 && !samples.contains("<path"))
    let courses = try drawing("dirac-gan")
    #expect(courses.components(separatedBy: "<path").count == 6 && !courses.contains("<circle"))
  }
}
