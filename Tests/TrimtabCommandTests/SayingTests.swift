import Foundation
import Testing
import Trimtab

@testable import TrimtabCommand

/// What the command assumed, left out, or could not do is said, and the exit status agrees.
@Suite struct SayingTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func failsWhereTheReportCannotBeWritten() throws {
    let run = try shell("\(CommandRun.executable.path) check \(CommandRun.example("healthy")) > /dev/full")
    #expect(run.status == 2 && run.errors.contains("standard output cannot be written: No space left"), "\(run.errors)")
    let help = try shell("\(CommandRun.executable.path) --help > /dev/full")
    #expect(help.status == 2)
    // A reader that leaves early is served.
    let pipe = try shell("\(CommandRun.executable.path) check --json \(CommandRun.example("healthy")) | true; echo ok")
    #expect(pipe.errors.isEmpty && pipe.output == "ok\n")
  }

  private func shell(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    process.waitUntilExit()
    func text(_ pipe: Pipe) -> String {
      String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    return (process.terminationStatus, text(output), text(errors))
  }

  @Test func isNotHealthyWhereSomethingCouldNotBeRead() throws {
    let files = try MadeFiles()
    let sound = try files.table("a.csv", rows: 300, columns: 3)
    let broken = try files.text("b.npy", "nothing")
    let run = try CommandRun(["check", sound, broken])
    #expect(run.status == 2)
    #expect(run.output.hasPrefix("UNKNOWN: 1 of 2 could not be read; no finding in the rest\n"), "\(run.output)")
    #expect(try CommandRun(["check", sound, broken, "--json"]).json["verdict"] as? String == "unknown")
    let worse = try CommandRun(["check", CommandRun.example("wine/features_raw.csv"), broken])
    #expect(worse.status == 1)
    #expect(worse.output.hasPrefix("CRITICAL: 1 of 2 could not be read; 1 finding (1 critical) in the rest\n"))
    let none = try CommandRun(["check", broken])
    #expect(
      none.output.hasPrefix("UNKNOWN: 1 of 1 could not be read; nothing could be judged in 0 tensors in 0 files\n"))
  }

  @Test func takesChannelsForTheUnitsOfImages() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 21)
    let shape = [16, 32, 14, 14]
    // 20 of the 32 channels never fire.
    let values = (0..<(16 * 32 * 196)).map { index in
      let value = Float(noise.normal())
      return index / 196 % 32 < 20 ? -abs(value) - 0.1 : value
    }
    let path = try files.npy("conv_preactivations.npy", shape, values)
    let run = try CommandRun(["check", path])
    #expect(run.status == 1)
    #expect(run.output.contains("20 of 32 units"), "\(run.output)")
    #expect(
      run.output.contains("units: axis 1 (channels) of [16, 32, 14, 14]; --unit-axis to choose; activation relu"),
      "\(run.output)")
    let told = try CommandRun(["neurons", path, "--unit-axis", "-1"])
    #expect(told.output.contains("of 14 units") && told.output.contains("units: axis -1, as told"), "\(told.output)")
    let audit = try CommandRun(["neurons", CommandRun.example("healthy/preactivations.npz"), "--activation", "gelu"])
    #expect(audit.output.contains("units: the last axis; activation gelu"), "\(audit.output)")
  }

  @Test(arguments: [
    ([64, 32], -1, "the last axis"), ([8, 5, 9], -1, "the last axis of [8, 5, 9], which may be another"),
    ([16, 32, 14, 14], 1, "axis 1 (channels)"), ([16, 14, 14, 32], 3, "axis 3 (channels last)"),
    ([2, 8, 4, 6, 6], 1, "axis 1 (channels)"), ([7], -1, "the last axis"), ([4, 4, 4, 4], 1, "axis 1 (channels)"),
  ])
  func choosesTheAxisOfTheUnits(shape: [Int], axis: Int, words: String) {
    let units = UnitAxis(shape, Settings())
    #expect(units.axis == axis && units.note.contains(words), "\(units.note)")
  }

  /// 1 - 0.997^n reaches 0.95 at n = 997.07, 1 - 0.9^n at 28.4.
  @Test func saysHowManySamplesWouldDo() throws {
    let files = try MadeFiles()
    let path = try files.npy("preactivations.npy", [400, 8], Array(repeating: Float(-1), count: 3200))
    let run = try CommandRun(["check", path])
    #expect(run.status == 2)
    #expect(run.output.contains("400 samples are too few"), "\(run.output)")
    #expect(run.output.contains("998 would do (--confidence 0.95, --least-active-fraction 0.003)"), "\(run.output)")
    #expect(try CommandRun(["check", path, "--least-active-fraction", "0.1"]).status == 1)
  }

  @Test func takesSharesWithCommas() throws {
    let files = try MadeFiles()
    let rows = 200
    // Nine rows of ten are of class 0.
    var values: [Float] = []
    for row in 0..<rows { values += row % 10 < 9 ? [1, 0] : [0, 1] }
    let rounds = [try files.npy("p0.npy", [rows, 2], values), try files.npy("p1.npy", [rows, 2], values)]
    let fair = try CommandRun(["drift", "--class-prior", "0.9,0.1"] + rounds)
    #expect(fair.status == 0, "\(fair.output) \(fair.errors)")
    let skewed = try CommandRun(["drift", "--class-prior", "0.5, 0.5"] + rounds)
    #expect(skewed.status == 1 && skewed.output.contains("class_collapse"), "\(skewed.output)")
    let wrong = try CommandRun(["drift", "--class-prior", "0.5,0.3,0.2"] + rounds)
    #expect(wrong.status == 2 && wrong.output.contains("--class-prior: found 3 shares, allowed as many as"))
    let labels = try files.npy("l.npy", [40], (0..<40).map { Int64($0 % 5) })
    let few = try CommandRun(["drift", "--class-prior", "0.5,0.5", labels, labels])
    #expect(few.status == 2 && few.output.contains("--class-prior: found 2 shares"), "\(few.output)")
    let sum = try CommandRun(["drift", "--class-prior", "0.5,0.3"] + rounds)
    #expect(sum.status == 2 && sum.output.contains("--class-prior: found a sum of 0.8"), "\(sum.output)")
    let bad = try CommandRun(["drift", "--class-prior", "0.5,x"] + rounds)
    #expect(bad.status == 2 && bad.errors.contains("--class-prior"))
  }

  @Test func saysThatANameMeetsNothing() throws {
    let files = try MadeFiles()
    let path = try files.table("a.csv", rows: 300, columns: 3)
    let run = try CommandRun(["check", path, "--as", "nosuch=weights"])
    #expect(run.status == 2 && run.errors.contains("--as: found 'nosuch', allowed a key"), "\(run.errors)")
    #expect(try CommandRun(["check", path, "--as", "a.csv=samples"]).status == 0)
    // What cannot be read was met all the same.
    let broken = try CommandRun(["check", try files.text("b.npy", "nothing"), "--as", "b.npy=weights"])
    #expect(broken.status == 2 && !broken.errors.contains("--as"), "\(broken.errors)")
    let before = CommandRun.example("healthy/weights.safetensors")
    let audit = try CommandRun(["neurons", CommandRun.example("healthy/preactivations.npz"), "--before", before])
    #expect(audit.output.contains("--before: \(before) has no layer of that name, it has "), "\(audit.output)")
  }

  @Test func saysHowRowsOfDifferentRoundsWerePaired() throws {
    let files = try MadeFiles()
    let labels = (0..<200).map { Int64($0 % 4) }
    let rounds = [
      try files.npy("round_0.npy", [200], labels), try files.npy("round_1.npy", [150], Array(labels.prefix(150))),
    ]
    let run = try CommandRun(["drift"] + rounds)
    #expect(run.output.contains("paired by their index, and 50 rows"), "\(run.output)")
    let even = try CommandRun(["drift", rounds[0], rounds[0]])
    #expect(!even.output.contains("paired by"))
  }

  @Test func saysTheClipFactor() throws {
    let files = try MadeFiles()
    let path = try files.npy("gradients.npy", [2, 2], [3, 0, 0, 4] as [Float])
    #expect(try CommandRun(["check", path]).output.contains("global norm 5, clip factor 0.2 for a norm of 1"))
    #expect(
      try CommandRun(["gradients", path, "--maximum-norm", "2.5"]).output.contains("clip factor 0.5 for a norm of 2.5"))
    let steps = try CommandRun(["gradients", CommandRun.example("healthy/gradients.npz")])
    #expect(steps.output.contains("clip factor "), "\(steps.output)")
  }
}
