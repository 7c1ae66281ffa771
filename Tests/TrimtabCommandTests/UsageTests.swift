import Foundation
import Testing

/// Exit status, streams, flags, and files that are not what they should be.
@Suite struct UsageTests {
  @Test(arguments: [
    [], ["check"], ["check", "--bogus", "x"], ["condition", "/nonexistent.npy"], ["check", "--as", "wieghts", "x.npy"],
    ["check", "--fail-on", "sometimes", "x.npy"], ["check", "--maximum-memory", "0", "x.npy"],
    ["drift", CommandRun.example("self_training/predictions.npz"), "--warning-flip-rate", "2"],
  ])
  func endsWithTwoOnWrongUse(arguments: [String]) throws {
    let run = try CommandRun(arguments)
    #expect(run.status == (arguments.isEmpty ? 0 : 2), "\(run.errors)")
  }

  @Test(arguments: ["nan", "0", "-3", "0.5"]) func refusesAGrowthFactorThatIsNone(value: String) throws {
    for name in ["check", "gradients"] {
      let run = try CommandRun([name, CommandRun.example("killed/gradients.npz"), "--growth-factor=\(value)"])
      #expect(run.status == 2 && run.errors.contains("--growth-factor: found \(value)"), "\(run.errors)")
      #expect(run.errors.contains("allowed 1 or more"))
    }
  }

  @Test func blamesTheFlagOfTheMatrix() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 1)
    let path = try files.safetensors("m.safetensors", [("w", [8, 8], noise.normals(64))])
    let run = try CommandRun(["check", path, "--matrix-critical-condition-number", "nan"])
    #expect(run.status == 2 && run.output.contains(" --matrix-critical-condition-number: found nan"), "\(run.output)")
    let other = try CommandRun(["check", path, "--relative-tolerance", "2"])
    #expect(other.output.contains(" --relative-tolerance: found 2"), "\(other.output)")
  }

  @Test func failsInJSONWhereOnlyTheFilesShowTheMistake() throws {
    let arguments = ["check", CommandRun.example("killed/gradients.npz"), "--as", "nosuch=weights"]
    let run = try CommandRun(arguments + ["--json"])
    #expect(run.status == 2)
    #expect(try run.json["exit_status"] as? Int == 2)
    #expect(try (run.json["error"] as? String)?.hasPrefix("--as: found 'nosuch'") == true, "\(run.output)")
    #expect(
      run.errors.contains("Error: --as: found 'nosuch'") && run.errors.contains("Usage: trimtab check "),
      "\(run.errors)")
    #expect(run.errors.contains("See 'trimtab check --help'"))
    let text = try CommandRun(arguments)
    #expect(text.status == 2 && text.output.isEmpty && text.errors == run.errors)
  }

  @Test func saysItsVersionAndItsHelp() throws {
    let version = try CommandRun(["--version"])
    #expect(version.status == 0 && version.output == "0.1.0\n")
    for name in ["check", "condition", "neurons", "drift", "gradients", "whiten", "gate", "curriculum", "game"] {
      let help = try CommandRun([name, "--help"])
      #expect(help.status == 0 && help.output.contains("USAGE: trimtab \(name)"))
    }
  }

  /// Every field of an option struct in the headers is a flag of `check`.
  @Test func hasAFlagForEveryThreshold() throws {
    let help = try CommandRun(["check", "--help"]).output
    let folder = CommandRun.root.appendingPathComponent("include/trimtab")
    var checked = 0
    for (header, structure) in [
      ("conditioning.h", "trimtab_conditioning_options"), ("conditioning.h", "trimtab_matrix_options"),
      ("neurons.h", "trimtab_activity_options"), ("drift.h", "trimtab_drift_options"),
      ("gradients.h", "trimtab_gradient_options"),
    ] {
      let text = try String(contentsOf: folder.appendingPathComponent(header), encoding: .utf8)
      let end = try #require(text.range(of: "} \(structure);"))
      let start = try #require(text.range(of: "typedef struct \(structure) {"))
      for match in text[start.upperBound..<end.lowerBound].matches(of: /(?m)^\s*(?:const )?\w+ \*?(\w+);/) {
        let field = String(match.1)
        if ["struct_size", "reserved", "class_prior_count"].contains(field) { continue }
        let prefix =
          structure.contains("matrix") && ["norm", "method", "critical_condition_number"].contains(field)
          ? "matrix-" : ""
        let flag = "--\(prefix)\(field.replacingOccurrences(of: "_", with: "-")) "
        #expect(help.contains(flag), "\(flag)")
        checked += 1
      }
    }
    #expect(checked > 30)
  }

  @Test func holdsThresholdsAgainstTheData() throws {
    let wine = CommandRun.example("wine/features_raw.csv")
    #expect(try CommandRun(["condition", wine]).status == 1)
    #expect(try CommandRun(["condition", wine, "--fail-on", "never"]).status == 0)
    let lax = ["--warning-condition-number", "1e8", "--critical-condition-number", "1e9"]
    #expect(try CommandRun(["condition", wine] + lax).status == 0)
    let standardised = CommandRun.example("wine/features_standardised.csv.gz")
    #expect(try CommandRun(["condition", standardised]).status == 0)
    #expect(
      try CommandRun(["condition", standardised, "--warning-condition-number", "40", "--null-factor", "1"]).status == 1)
  }

  @Test func refusesDamagedFilesPrecisely() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-usage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try Data(contentsOf: URL(fileURLWithPath: CommandRun.example("killed/gradients.npz")))
    let cases: [(String, Data, String)] = [
      ("a.npz", whole.prefix(whole.count / 2), "not a zip archive, or truncated"), ("b.npy", Data(), "is empty"),
      ("c.csv", Data("a,b\n1,2\n3,x\n".utf8), "line 3, column 2 ('b'): found 'x', allowed a number"),
      ("d.csv", Data("a,b\n1,2\n3\n".utf8), "line 3: found 1 cell, allowed 2"),
      ("e.safetensors", Data(repeating: 0xff, count: 64), "header length"),
    ]
    for (name, bytes, words) in cases {
      let url = folder.appendingPathComponent(name)
      try bytes.write(to: url)
      let run = try CommandRun(["check", url.path])
      #expect(run.status == 2, "\(name)")
      #expect(run.errors.contains(words), "\(name): \(run.errors)")
    }
    #expect(mkfifo(folder.appendingPathComponent("f.npy").path, 0o600) == 0)
    symlink(folder.path, folder.appendingPathComponent("loop").path)
    let all = try CommandRun(["check", folder.path, "--json"])
    #expect(all.status == 2)
    #expect(try all.objects("not_checked").filter { $0["unreadable"] as? Bool == true }.count == cases.count + 1)
  }

  /// Runs `check` on a folder with these files, and again for JSON.
  private func check(_ files: [(String, String)]) throws -> (folder: String, text: CommandRun, json: CommandRun) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-usage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
    return (
      folder.path, try CommandRun(["check", folder.path]),
      try CommandRun(["check", folder.path, folder.path, "--json"])
    )
  }

  @Test(arguments: [[], [".hidden.csv"], ["notes.txt", "more.txt"]])
  func saysWhyAFolderGivesNothing(names: [String]) throws {
    let (folder, text, json) = try check(names.map { ($0, "1,2\n") })
    let reason = "holds no file that check reads (.npy, .npz, .safetensors, .csv, .csv.gz, .jsonl)"
    #expect(text.status == 2 && json.status == 2)
    #expect(text.output.contains("   \(folder): \(reason)\n"), "\(text.output)")
    let entries = try json.objects("not_checked")
    #expect(entries.filter { $0["reason"] as? String == reason }.count == 1)
    #expect(entries.allSatisfy { $0["file"] as? String == folder && $0["unreadable"] as? Bool == false })
    if names.contains("notes.txt") { #expect(text.output.contains("2 files of no known format (endings: .txt)")) }
    let sound = try check([("a.csv", "1,2\n3,5\n4,1\n")])
    #expect(!sound.text.output.contains("holds no file"))
  }

  @Test(arguments: [
    ("a,b\n", "a header of 2 columns and no rows", "holds a header and no row of numbers", 0),
    ("a\n", "a header of 1 column and no rows", "holds a header and no row of numbers", 0),
    (
      "a,b\nx,y\n", "text of 2 columns, not read as a table of numbers", "line 2: found text in each of its 2 cells",
      nil
    ),
    ("a,b\n1,2\n3\n", "text of 2 columns, not read as a table of numbers", "line 3: found 1 cell, allowed 2", nil),
    ("1,2\n", "1×2 float64 taken for samples", "too little data to tell (1 sample)", 1),
    ("1,2\nnan,3\n", "2×2 float64 taken for samples", "(1 sample, 1 row with NaN or Inf left out)", 2),
  ])
  func saysWhatATableIsThatWasNotJudged(table: String, description: String, reason: String, rows: Int?) throws {
    let (_, text, json) = try check([("a.csv", table)])
    #expect(text.output.contains("   \(description)"), "\(text.output)")
    #expect(text.output.contains(reason), "\(text.output)")
    #expect(!text.output.contains("0×"))
    let tensors = try #require(try json.objects("files").first?["tensors"] as? [[String: Any]])
    #expect((tensors.first?["shape"] as? [Any])?.first as? Int == rows)
    #expect(try json.objects("not_checked").contains { ($0["reason"] as? String)?.contains(reason) == true })
  }

  @Test func namesTheShareOfACollapsedClass() throws {
    let rows = String(repeating: "0.99,0.005,0.005\n", count: 30)
    let (_, text, json) = try check([("predictions_0.csv", rows), ("predictions_1.csv", rows)])
    #expect(text.status == 1)
    #expect(text.output.contains("in round 1 100 % of the samples are in one of 3 classes"))
    #expect(text.output.contains("greatest_class_share = 1, threshold 0.99"))
    #expect(try json.objects("findings").map { $0["cause"] as? String } == ["class_collapse"])
  }

  @Test func locatesNaN() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-nan-\(UUID().uuidString).csv")
    try Data("a,b\n1,2\n3,5\n4,nan\n8,1\n".utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    let run = try CommandRun(["check", url.path, "--json"])
    let finding = try #require(try run.objects("findings").first { $0["diagnosis"] as? String == "finiteness" })
    #expect(finding["what"] as? String == "1 NaN and 0 Inf of 8 elements, the first at [2, 1] (b)")
    #expect(run.status == 1)
  }

  /// The covariance alone would take 2 GB; the command with its libraries maps below 150 MB to start.
  @Test func staysSmallOnBombs() throws {
    let bomb = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-\(UUID().uuidString).csv")
    // A table of a megabyte whose covariance would take 2 GB.
    let columns = 16_000
    let row = (0..<columns).map { "\($0 % 7)" }.joined(separator: ",") + "\n"
    try Data(String(repeating: row, count: 4).utf8).write(to: bomb)
    defer { try? FileManager.default.removeItem(at: bomb) }
    let run = try CommandRun(["check", bomb.path], addressSpace: 300_000)
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.output.contains("more memory than --maximum-memory allows"))
  }
}
