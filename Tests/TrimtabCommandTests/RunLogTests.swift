import Foundation
import Testing
import Trimtab

/// `trimtab check` on the files of a monitor.
@Suite struct RunLogTests {
  /// A run whose first weight has a NaN in its gradient at `bad`, and in all steps from `lost` on.
  func write(_ made: MadeFiles, steps: Int = 90, bad: Int = 60, lost: Int = .max, isClosed: Bool = true) throws {
    let monitor = try Monitor()
    let index = try Array("layer1.weight".utf8).withUnsafeBufferPointer {
      try monitor.register($0, MonitorEntry(role: .weight))
    }
    try made.path("run.jsonl").withCString { try monitor.writeLog(to: $0) }
    try made.path("record.jsonl").withCString { try monitor.writeRecordWhenCritical(to: $0) }
    for step in 1...steps {
      try monitor.beginStep(step)
      let values: [Double] = step == bad || step >= lost ? [1, .nan, 2, 3] : [1, -2, 3, 0.25]
      try values.withUnsafeBytes { bytes in
        try monitor.observe(index, .gradient, try TensorView(bytes.baseAddress, .float64, shape: [2, 2]))
      }
      try monitor.observe(.loss, 3 / Double(step))
      _ = try monitor.endStep()
    }
    if isClosed { try monitor.writeLog(to: nil) }
    // What the process would leave had it been killed here.
    if !isClosed { try FileManager.default.copyItem(atPath: made.path("run.jsonl"), toPath: made.path("killed.jsonl")) }
  }

  @Test func explainsALog() throws {
    let made = try MadeFiles()
    try write(made)
    let run = try CommandRun(["check", made.path("run.jsonl"), "--json"])
    #expect(run.status == 1)
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["rule"] as? String == "nonfinite" && finding["cause"] as? String == "nonfinite_gradient")
    #expect(finding["tensor"] as? String == "layer1.weight" && finding["first_index"] as? Int == 60)
    #expect((finding["cure"] as? String)?.contains("Skip this step") == true)
    #expect((finding["evidence"] as? [String])?.contains { $0.hasSuffix("before: 3, 3, 3, 3") } == true)
    let reading = try #require(try run.objects("readings").first)
    #expect(reading["report_kind"] as? String == "run_log" && reading["verdict"] as? String == "critical")
    let report = try #require(reading["report"] as? [String: Any])
    let first = try #require((report["runs"] as? [[String: Any]])?.first)
    #expect(first["step_count"] as? Int == 90 && first["last_step"] as? Int == 90)
    let loss = try #require(first["loss"] as? [String: Any])
    #expect((loss["least"] as? [String: Any])?["step"] as? Int == 90)
    let actions = try #require(first["actions"] as? [[String: Any]])
    #expect(actions.count == 1 && actions[0]["action"] as? String == "skip" && actions[0]["first_step"] as? Int == 60)
    #expect(((first["findings"] as? [[String: Any]])?.first)?["is_standing"] as? Bool == false)

    let text = try CommandRun(["check", made.path("run.jsonl")])
    #expect(text.status == 1 && text.errors.isEmpty)
    for part in [
      "CRITICAL: 1 finding (1 critical) in 90 steps in 1 file\n", "1. critical  nonfinite  ", "step 60; it passed\n",
      "steps 1 to 90, ended in order, 1 entry\n", "skip           1 step for nonfinite: 60 (layer1.weight)\n",
      "loss           3 at step 1, best 0.03333 at 90, last 0.03333 at 90\n", "looked at      gradient all",
    ] { #expect(text.output.contains(part), "\(part)") }
  }

  @Test func explainsARecordAsATable() throws {
    let made = try MadeFiles()
    try write(made)
    let run = try CommandRun(["check", made.path("record.jsonl")])
    #expect(run.status == 1)
    #expect(run.output.contains("flight record"))
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    let head = try #require(lines.firstIndex { $0.contains("layer1.weight: gradient rms") })
    #expect(lines[head].hasSuffix("NaN and Inf") && lines[head + 8].hasPrefix("   60 "))
    #expect(lines[head + 8].contains("skip") && lines[head + 8].hasSuffix(" 1"))
    #expect(lines[head + 1].hasPrefix("   53 ") && lines[head + 1].hasSuffix(" -"))
    #expect(!lines.contains { $0.last == " " })
  }

  @Test func aFileThatIsCutBehindACriticalStepIsNotHealthy() throws {
    let made = try MadeFiles()
    try write(made)
    for name in ["run.jsonl", "record.jsonl"] {
      let text = try String(contentsOfFile: made.path(name), encoding: .utf8)
      let cut = try #require(text.range(of: "{\"finding\""))
      _ = try made.text("cut.jsonl", String(text[..<cut.lowerBound]))
      let run = try CommandRun(["check", made.path("cut.jsonl"), "--json"])
      #expect(run.status == 1)
      let finding = try #require(try run.objects("findings").first)
      #expect(finding["verdict"] as? String == "critical" && finding["first_index"] as? Int == 60)
    }
  }

  @Test func tellsALogAndItsRecordOnce() throws {
    let made = try MadeFiles()
    try write(made, lost: 70)
    _ = try made.text("notes.jsonl", "{\"a\":1}\n")
    let run = try CommandRun(["check", made.folder.path, "--json"])
    #expect(run.status == 1)
    let findings = try run.objects("findings")
    #expect(findings.compactMap { $0["rule"] as? String } == ["nonfinite", "guard"])
    let notes = try run.objects("files").flatMap { $0["notes"] as? [String] ?? [] }
    #expect(notes.contains { $0.contains("of the log beside it stand here too") })
    let strangers = try run.objects("not_checked").filter { ($0["file"] as? String)?.hasSuffix("notes.jsonl") == true }
    #expect(strangers.count == 1 && strangers[0]["unreadable"] as? Bool == false)
    // Named by the user it is an error.
    #expect(try CommandRun(["check", made.path("notes.jsonl")]).status == 2)
  }

  @Test func saysWhereAKilledRunEnds() throws {
    let made = try MadeFiles()
    try write(made, isClosed: false)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: made.path("killed.jsonl")))
    bytes.append(contentsOf: Data("{\"step\":91,\"lo".utf8))
    try bytes.write(to: URL(fileURLWithPath: made.path("killed.jsonl")))
    let run = try CommandRun(["check", made.path("killed.jsonl")])
    #expect(run.status == 1)
    #expect(run.output.contains("ends at step 90, no closing line: it ended abruptly there, or still runs\n"))
    #expect(run.output.contains("the last, is torn: it was being written when the process ended\n"))
    #expect(run.output.contains("first at step 60\n"))
  }

  @Test func aHealthyRunIsHealthyAndDamageIsANotice() throws {
    let made = try MadeFiles()
    try write(made, bad: .max)
    let healthy = try CommandRun(["check", made.path("run.jsonl")])
    #expect(healthy.status == 0 && healthy.output.hasPrefix("HEALTHY: no finding in 90 steps in 1 file\n"))
    var text = try String(contentsOfFile: made.path("run.jsonl"), encoding: .utf8)
    text = text.replacingOccurrences(of: "{\"step\":7,", with: "{\"step\"\u{0}7,")
    text = text.replacingOccurrences(of: "{\"step\":30,", with: "{\"stop:30,")
    // Of another name: what it is is told by its front.
    let damaged = try made.text("damaged.log", text)
    let run = try CommandRun(["check", damaged])
    #expect(run.status == 0 && run.output.hasPrefix("NOTICE: 1 finding (1 notice) in 88 steps in 1 file\n"))
    #expect(run.output.contains("2 lines cannot be read: 8, 31; all others were read\n"))
    #expect(try CommandRun(["check", damaged, "--fail-on", "notice"]).status == 1)
    #expect(try CommandRun(["check", made.path("run.jsonl"), "--json", "--fail-on", "notice"]).status == 0)
  }

  @Test func withoutAStepNothingIsJudged() throws {
    let made = try MadeFiles()
    let path = try made.text("header.jsonl", "{\"trimtab_log\":1,\"entries\":{}}\n")
    let run = try CommandRun(["check", path])
    #expect(run.status == 2 && run.output.hasPrefix("UNKNOWN: nothing could be judged in 0 steps in 1 file\n"))
    #expect(try CommandRun(["check", try made.text("empty.jsonl", "")]).status == 2)
  }

  /// Two million steps in the address space that a small log takes, and lines without end.
  @Test func aLongLogTakesNoMoreMemory() throws {
    let made = try MadeFiles()
    let path = try made.text("long.jsonl", "{\"trimtab_log\":1,\"entries\":{\"w\":0}}\n")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    for block in 0..<100 {
      let lines = (1...20_000).map { place in
        let step = block * 20_000 + place
        return
          "{\"step\":\(step),\"loss\":\(Double(step % 997) * 1e-3),\"action\":\"\(step % 3 == 0 ? "clip" : "proceed")\"}\n"
      }
      try file.write(contentsOf: Data(lines.joined().utf8))
    }
    try file.write(contentsOf: Data(repeating: UInt8(ascii: "x"), count: 40 << 20))
    try file.close()
    let run = try CommandRun(["check", path, "--json"], addressSpace: 400_000)
    #expect(run.status == 0)
    let report = try #require(try run.objects("readings").first?["report"] as? [String: Any])
    #expect(report["step_count"] as? Int == 2_000_000 && report["torn_line"] as? Int == 2_000_002)
  }
}
