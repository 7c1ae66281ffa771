import Testing

/// `trimtab curriculum` as a user runs it.
@Suite struct CurriculumCommandTests {
  private let audits = [
    "4,0.1,1.0", "4,0.6,0.7", "4,0.62,0.69", "4,0.64,0.69", "8,0.3,1.2", "8,0.5,1.0", "8,0.6,0.9", "8,0.7,0.9",
  ]

  private func decide(_ rows: [String], _ more: [String] = [], header: String = "resolution,overlap,loss") throws
    -> CommandRun
  {
    let files = try MadeFiles()
    let path = try files.text("audits.csv", ([header] + rows).joined(separator: "\n") + "\n")
    return try CommandRun(["curriculum", path, "--resolutions", "4,8,16"] + more)
  }

  @Test func staysGrowsAndFades() throws {
    let stay = try decide(Array(audits.prefix(2)))
    #expect(stay.status == 0 && stay.output.hasPrefix("STAY: overlap 0.6 at resolution 4, but the loss still falls\n"))
    let grow = try decide(Array(audits.prefix(4)))
    #expect(grow.output.hasPrefix("GROW: to resolution 8: 2 audits in a row"), "\(grow.output)")
    let fade = try decide(audits, ["--json"])
    #expect(try fade.json["decision"] as? String == "stay" && fade.json["resolution"] as? Int == 8)
    let course = try fade.objects("audits")
    #expect(
      course.map { $0["decision"] as? String } == ["stay", "stay", "stay", "grow", "fade", "fade", "fade", "stay"])
    #expect(course.map { $0["fade_weight"] as? Double }.suffix(4) == [0.25, 0.5, 0.75, 1])
    let images = try decide(
      audits.map { $0 + ",100" }, ["--fade-images", "200", "--json"], header: "resolution,overlap,loss,images")
    #expect(try images.objects("audits").map { $0["fade_weight"] as? Double }.suffix(4) == [0.5, 1, 1, 1])
  }

  /// A training that stays where it could grow is still told to; one that grows by itself is followed.
  @Test func followsTheTraining() throws {
    let stubborn = try decide(audits.prefix(4) + ["4,0.7,0.69", "4,0.7,0.69"])
    #expect(stubborn.output.hasPrefix("GROW: to resolution 8"), "\(stubborn.output)")
    let worse = try decide(audits.prefix(4) + ["4,0.1,0.69"])
    #expect(worse.output.hasPrefix("STAY: overlap 0.1 at resolution 4, below the 0.5"), "\(worse.output)")
    let hasty = try decide(["4,0.1", "16,0.9"], header: "resolution,overlap")
    #expect(hasty.output.hasPrefix("STAY: at resolution 16, the last"), "\(hasty.output)")
  }

  @Test func refusals() throws {
    for (row, words) in [
      ("5,0.2,1", "audit 1: resolution: found 5, allowed those of --resolutions, 4, 8, 16"),
      ("4,2,1", "audit 1: overlap: found 2, allowed 0 to 1"), ("4.5,0.2,1", "audit 1: resolution: found 4.5"),
      ("4,nan,1", "the overlap of the last audit is not known"),
    ] {
      let run = try decide(["4,0.1,1", row])
      #expect(run.status == 2 && run.output.hasPrefix("UNKNOWN") && run.output.contains(words), "\(run.output)")
    }
    let columns = try decide(["4,1"], header: "level,overlap")
    #expect(columns.status == 2 && columns.output.contains("found the columns level, overlap"), "\(columns.output)")
    let patience = try decide(["4,1,1"], ["--patience", "-1"])
    #expect(patience.status == 2 && patience.output.contains("--patience: found -1"), "\(patience.output)")
    #expect(try decide(["4,1,1"], ["--plateau-fall", "-1"]).errors.contains("--plateau-fall: found -1"))
    let files = try MadeFiles()
    let path = try files.npy("a.npy", [1, 2], [4, 0.5] as [Double])
    let order = try CommandRun(["curriculum", path, "--resolutions", "8,4"])
    #expect(order.status == 2 && order.errors.contains("--resolutions"))
    #expect(try CommandRun(["curriculum", path, "--resolutions", "4,8"]).status == 0)
  }
}
