import Testing

/// `trimtab gate` as a user runs it.
@Suite struct GateCommandTests {
  private static let rounds = CommandRun.example("self_training/predictions.npz")

  @Test func saysWhatPassesOfEachBatch() throws {
    let run = try CommandRun(["gate", GateCommandTests.rounds, "--json"])
    let passed = try run.objects("readings").map { ($0["report"] as? [String: Any])?["passed_count"] as? Int }
    #expect(run.status == 0 && passed == [175, 198, 234, 259, 284, 304, 325, 348, 366])
    let text = try CommandRun(["gate", GateCommandTests.rounds])
    #expect(text.output.hasPrefix("HEALTHY: in the last of 9 batches 366 of 600 pass (61 %), threshold 0.95\n"))
    let none = try CommandRun(["gate", "\(GateCommandTests.rounds):round_03", "--threshold", "1"])
    #expect(none.status == 1 && none.output.contains("empty_gate") && none.output.contains("no sample passes"))
  }

  /// FlexMatch, t = 0.9: of class 0 two reach it and of class 1 one, so b = (1, 1/2) and M(1/2) = 1/3.
  @Test func remembersForFlexMatch() throws {
    let files = try MadeFiles()
    let batch: [Double] = [0.95, 0.05, 0.92, 0.08, 0.08, 0.92]
    let path = try files.npy("p.npy", [2, 3, 2], batch + batch)
    let run = try CommandRun(["gate", path, "--method", "flexmatch", "--threshold", "0.9", "--json"])
    let readings = try run.objects("readings")
    try #require(readings.count == 2)
    #expect(readings.map { $0["tensor"] as? String } == ["[0]", "[1]"])
    let thresholds = try #require((readings[1]["report"] as? [String: Any])?["thresholds"] as? [Double])
    #expect(abs(thresholds[0] - 0.9) < 1e-15 && abs(thresholds[1] - 0.3) < 1e-15)
    // Sample 9 is one of ten: seven were never chosen, b = (2/7, 1/7).
    let ids = try files.npy("i.npy", [3], [0, 4, 9] as [Int64])
    let named = try CommandRun(["gate", path, "--method", "flexmatch", "--threshold", "0.9", "--ids", ids, "--json"])
    let asked = try #require(try named.objects("readings").last?["report"] as? [String: Any])["thresholds"] as? [Double]
    #expect(abs(try #require(asked)[0] - 0.9 / 6) < 1e-15, "\(named.output)")
  }

  /// FreeMatch from 1 / 2, decay 0.5, one batch of mean greatest 0.75 and shares (0.5, 0.5).
  @Test func movesForFreeMatch() throws {
    let files = try MadeFiles()
    let path = try files.npy("p.npy", [2, 2], [0.75, 0.25, 0.25, 0.75] as [Double])
    let run = try CommandRun(["gate", path, "--method", "freematch", "--decay", "0.5", "--json"])
    let report = try #require(try run.objects("readings").first?["report"] as? [String: Any])
    #expect(report["thresholds"] as? [Double] == [0.625, 0.625] && report["coverage"] as? Double == 1)
  }

  @Test func refusals() throws {
    let high = try CommandRun(["gate", GateCommandTests.rounds, "--threshold", "2"])
    #expect(high.status == 2 && high.output.contains("--threshold: found 2, allowed 0 to 1"))
    let low = try CommandRun(["gate", GateCommandTests.rounds, "--threshold", "-1"])
    #expect(low.status == 2 && low.output.contains("--threshold: found -1"))
    let labels = try CommandRun(["gate", CommandRun.example("digits/labels.npy")])
    #expect(labels.status == 2 && labels.errors.contains("found no probabilities"))
    #expect(try CommandRun(["gate", "/nonexistent.npy"]).status == 2)
    #expect(try CommandRun(["gate", "\(GateCommandTests.rounds):nope"]).status == 2)
    let files = try MadeFiles()
    let empty = try CommandRun(["gate", try files.npy("e.npy", [0, 2], [] as [Double])])
    #expect(empty.status == 2 && empty.output.hasPrefix("UNKNOWN"), "\(empty.output)")
    let mixed = try CommandRun([
      "gate", GateCommandTests.rounds, try files.npy("c.npy", [1, 2], [0.5, 0.5] as [Double]),
    ])
    #expect(mixed.status == 2 && mixed.output.contains("found 2 classes, allowed 10"), "\(mixed.output)")
  }
}
