import Foundation
import Testing

/// The number beside a finding goes by the name of the field that decided, and is the one in its sentence.
@Suite struct NamedNumberTests {
  let files: MadeFiles

  init() throws { files = try MadeFiles() }

  /// Gradients of seven weights; those at `places` are `value` throughout.
  func gradients(_ places: [Int], _ value: Float) throws -> [String: Any] {
    var noise = Noise(seed: 3)
    let tensors = (0..<7).map { index -> (String, [Int], [Float]) in
      let usual = noise.normals(64).map { $0 * 0.01 }
      return ("layers.\(index).weight", [8, 8], places.contains(index) ? Array(repeating: value, count: 64) : usual)
    }
    let path = try files.safetensors("gradients.safetensors", tensors)
    return try #require(try CommandRun(["check", path, "--json"]).objects("findings").first)
  }

  /// One tensor: a count that the clip factor of 1 equals.
  @Test(arguments: [[3], [2, 3, 4], [1, 2, 4, 5]]) func countsTinyGradients(places: [Int]) throws {
    let finding = try gradients(places, 1e-9)
    #expect(finding["cause"] as? String == "tiny_gradient")
    #expect(finding["measurement"] as? String == "vanishing_tensor_count")
    #expect(finding["value"] as? Double == Double(places.count))
    #expect((finding["what"] as? String)?.hasPrefix("\(places.count) of 7 gradients") == true, "\(finding)")
  }

  @Test func namesTheOtherCountsAndNorms() throws {
    for (value, cause, name, number) in [
      (Float(0), "zero_gradient", "zero_tensor_count", 2.0),
      (Float.nan, "nonfinite_gradient", "nonfinite_count", 128.0),
    ] {
      let finding = try gradients([2, 4], value)
      #expect(finding["cause"] as? String == cause)
      #expect(finding["measurement"] as? String == name, "\(finding)")
      #expect(finding["value"] as? Double == number)
    }
    let finding = try gradients([3], 1e7)
    #expect(finding["cause"] as? String == "exploding_gradient")
    #expect(finding["measurement"] as? String == "global_norm")
    #expect(abs((finding["value"] as? Double ?? 0) / 8e7 - 1) < 1e-6)
  }

  @Test func namesASlope() throws {
    let tensors = (0..<7).map { index in
      ("layers.\(index).weight", [4, 4], Array(repeating: Float(pow(10, Double(index) - 6)), count: 16))
    }
    for (order, sign) in [(tensors.map(\.2), 1.0), (tensors.map(\.2).reversed(), -1.0)] {
      let path = try files.safetensors(
        "gradients.safetensors", order.enumerated().map { ("layers.\($0).weight", [4, 4], $1) })
      let finding = try #require(try CommandRun(["check", path, "--json"]).objects("findings").first)
      #expect(finding["measurement"] as? String == "depth_slope", "\(finding)")
      #expect(abs((finding["value"] as? Double ?? 0) - sign) < 1e-6)
    }
  }

  @Test func countsZeroRowsAndColumns() throws {
    var noise = Noise(seed: 5)
    let full = noise.normals(64)
    let cases: [([Float], String, Double)] = [
      (Array(repeating: 0, count: 64), "zero_row_count", 8),
      (full.enumerated().map { $0 / 8 == 3 ? 0 : $1 }, "zero_row_count", 1),
      (full.enumerated().map { $0 % 8 > 5 ? 0 : $1 }, "zero_column_count", 2),
    ]
    for (values, name, number) in cases {
      let path = try files.safetensors("m.safetensors", [("fc.weight", [8, 8], values)])
      let finding = try #require(try CommandRun(["check", path, "--json"]).objects("findings").first)
      #expect(finding["measurement"] as? String == name && finding["value"] as? Double == number, "\(finding)")
      #expect((finding["what"] as? String)?.contains("\(Int(number)) \(name.dropFirst(5).prefix(3))") == true)
    }
  }

  /// Rounds of 100 samples of two classes, so many of them in the first.
  func drift(_ counts: [Int], _ flags: [String] = []) throws -> [String: Any] {
    let paths = try counts.enumerated().map { round, count in
      try files.npy("labels_\(round).npy", [100], (0..<100).map { Int64($0 < count ? 0 : 1) })
    }
    let lax = ["--warning-flip-rate", "0.9", "--critical-flip-rate", "0.9", "--json"]
    return try #require(try CommandRun(["drift"] + paths + lax + flags).objects("findings").first)
  }

  @Test(arguments: [
    ([50, 80], [], "class_shift", 0.3, "30 % away from those of the round before"),
    ([50, 51], ["--class-prior", "0.2,0.8"], "class_prior_distance", 0.31, "31 % away from the prior"),
    ([30, 45, 60, 75, 85], [], "class_shift_since_first_round", 0.55, "55 % away from those of the first round"),
    ([50, 60, 70, 80, 90, 100], [], "greatest_class_share", 1, "100 % of the samples are in one of 2 classes"),
  ])
  func namesHowClassesCollapse(
    counts: [Int], flags: [String], name: String, value: Double, words: String
  ) throws {
    let finding = try drift(counts, flags)
    #expect(finding["cause"] as? String == "class_collapse" && finding["measurement"] as? String == name, "\(finding)")
    #expect(abs((finding["value"] as? Double ?? 0) - value) < 1e-12)
    #expect(finding["value"] as? Double ?? 0 > finding["threshold"] as? Double ?? 1)
    #expect((finding["what"] as? String)?.contains(words) == true, "\(finding)")
  }

  @Test func saysWhatAConditionNumberIs() throws {
    var noise = Noise(seed: 9)
    let samples = (0..<2000).map { $0 % 4 == 1 ? noise.normal() * 1e9 : noise.normal() }
    let singular = try files.npy("features.npy", [500, 4], samples)
    let wide = try files.npy(
      "few_features.npy", [50, 60], (0..<3000).map { (noise.normal() + 1) * Double($0 % 60 == 3 ? 1e6 : 1) })
    for (path, name) in [(singular, "condition_number_at_least"), (wide, "condition_number_shrunk")] {
      let finding = try #require(try CommandRun(["check", path, "--json"]).objects("findings").first)
      #expect(finding["measurement"] as? String == name, "\(finding)")
    }
  }

  @Test(arguments: ["bias", "norm.weight", "gamma"]) func nanInAnyLearnedParameterIsOneFault(key: String) throws {
    var noise = Noise(seed: 11)
    var weight = noise.normals(64)
    weight[9] = .nan
    let path = try files.safetensors(
      "m.safetensors", [("w", [8, 8], weight), (key, [8], [Float](repeating: .nan, count: 8))])
    let findings = try CommandRun(["check", path, "--json"]).objects("findings")
    #expect(findings.count == 2 && findings.allSatisfy { $0["verdict"] as? String == "critical" }, "\(findings)")
    #expect(Set(findings.compactMap { $0["likely_cause"] as? String }).count == 1)
  }
}
