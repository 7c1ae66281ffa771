import Foundation
import Testing

/// `trimtab check` on training logs of any program.
@Suite struct TrainingLogTests {
  /// A falling loss with noise, and what `change` makes of it.
  private func table(_ rows: Int, header: String = "step,loss", _ change: (Int, Double) -> String) -> String {
    var state: UInt64 = 7
    var lines = [header]
    for row in 0..<rows {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Double(state >> 11) / 9_007_199_254_740_992 - 0.5
      lines.append(change(row, 2 + 3 / (1 + 0.01 * Double(row)) + 0.1 * noise))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func write(_ made: MadeFiles, _ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: made.path(name)))
  }

  @Test func aHealthyLogSaysWhatItCouldNotSee() throws {
    let made = try MadeFiles()
    try write(made, "run.csv", table(800) { "\($0),\($1)" })
    let text = try CommandRun(["check", made.path("run.csv")])
    #expect(text.status == 0 && text.errors.isEmpty)
    for part in [
      "HEALTHY: no finding in 800 steps in 1 file\n", "training log (table)", "steps    0 to 799, 800 rows\n",
      "columns  step: step, loss: loss\n", "not checked\n   overfitting: no validation loss in the log; without it",
      "no gradient norm in the log; log the global norm", "no learning rate in the log",
    ] { #expect(text.output.contains(part), "\(part)\n\(text.output)") }
  }

  @Test func aLeapIsNamedWithItsStepAndCure() throws {
    let made = try MadeFiles()
    try write(made, "run.csv", table(800) { "\($0),\($0 >= 500 ? $1 + 1 : $1)" })
    let run = try CommandRun(["check", made.path("run.csv"), "--json"])
    #expect(run.status == 1)
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["rule"] as? String == "jump" && finding["cause"] as? String == "level_shift")
    #expect(finding["diagnosis"] as? String == "log" && finding["verdict"] as? String == "warning")
    #expect((495...510).contains(finding["first_index"] as? Int ?? 0))
    #expect((finding["cure"] as? String)?.isEmpty == false && (finding["check"] as? String)?.isEmpty == false)
    let reading = try #require(try run.objects("readings").first)
    #expect(reading["report_kind"] as? String == "log" && reading["verdict"] as? String == "warning")
    let report = try #require(reading["report"] as? [String: Any])
    #expect(report["row_count"] as? Int == 800 && (report["checks"] as? [Any])?.count == 18)
    let first = try #require((report["findings"] as? [[String: Any]])?.first)
    #expect(abs((first["size"] as? Double ?? 0) - 1) < 0.1 && first["standing"] as? Bool == true)
    let text = try CommandRun(["check", made.path("run.csv")])
    #expect(text.output.hasPrefix("WARNING: 1 finding (1 warning) in 800 steps in 1 file\n"))
    #expect(text.output.contains("1. warning  jump  ") && text.output.contains("   cure      "))
  }

  @Test func lostWeightsAreNamedFirst() throws {
    let made = try MadeFiles()
    // The run goes on at its step 401 with weights as they were made.
    try write(
      made, "run.csv", table(800) { row, _ in "\(row),\(2 + 3 / (1 + 0.01 * Double(row < 400 ? row : row - 400)))" })
    let run = try CommandRun(["check", made.path("run.csv"), "--json"])
    #expect(run.status == 1)
    // No step goes back here: it is a level that comes back, from where the log began.
    #expect(try run.objects("findings").first?["rule"] as? String == "jump")
    #expect(try run.objects("findings").first?["cause"] as? String == "weights_lost")
    try write(
      made, "again.csv",
      table(800) { row, loss in
        "\(row < 400 ? row : row - 20),\(row < 400 ? loss : 2 + 3 / (1 + 0.01 * Double(row - 400)))"
      })
    let again = try CommandRun(["check", made.path("again.csv"), "--json"])
    let finding = try #require(try again.objects("findings").first)
    #expect(finding["rule"] as? String == "resume" && finding["cause"] as? String == "weights_lost_at_resume")
    #expect(finding["first_index"] as? Int == 380 && again.status == 1)
  }

  @Test func foldersTakeLogsByTheirContent() throws {
    let made = try MadeFiles()
    try write(made, "run.log", table(100, header: "") { "step \($0) loss \($1)" })
    try write(made, "notes.txt", "Nothing to see here.\n")
    try write(made, "run.jsonl", table(100, header: "") { "{\"step\": \($0), \"loss\": \($1)}" })
    let run = try CommandRun(["check", made.path(""), "--json"])
    let files = try run.objects("files").compactMap { $0["path"] as? String }.map { $0.split(separator: "/").last }
    #expect(files == ["run.jsonl", "run.log"], "\(files)")
    let notChecked = try run.objects("not_checked").compactMap { $0["reason"] as? String }
    #expect(notChecked.contains { $0.contains("1 file of no known format (endings: .txt)") })
    #expect(run.status == 0, "\(run.output)")
  }

  @Test func damageIsANotice() throws {
    let made = try MadeFiles()
    try write(made, "run.csv", table(100) { $0 == 50 ? "50,1,2,3,4" : "\($0),\($1)" })
    let run = try CommandRun(["check", made.path("run.csv"), "--json"])
    #expect(run.status == 0)
    #expect(
      try run.objects("findings").compactMap { $0["cause"] as? String }.sorted() == ["damaged_lines", "missing_steps"])
  }

  @Test func realLogs() throws {
    let folder = CommandRun.root.deletingLastPathComponent().appendingPathComponent("shared/data/logs")
    guard FileManager.default.fileExists(atPath: folder.path) else {
      print("no real logs beside the repository (shared/data/logs): not tried")
      return
    }
    let run = try CommandRun(["check", folder.path, "--json"])
    #expect(run.status == 1)
    let findings = try run.objects("findings").filter { ["warning", "critical"].contains($0["verdict"] as? String) }
    let named = findings.compactMap { finding in
      "\((finding["file"] as? String)?.split(separator: "/").last ?? "") \(finding["rule"] as? String ?? "")"
    }
    #expect(Set(named) == ["pythia_410m_seed3.csv.gz resume", "pythia_14m_seed4.csv.gz drift"], "\(named)")
    #expect(findings.first { $0["rule"] as? String == "resume" }?["first_index"] as? Int == 75002)
  }
}
