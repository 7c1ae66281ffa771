import Foundation
import Testing

@testable import TrimtabCommand

/// Predictions in one array [rounds, samples, classes] are judged as rounds; other arrays of three axes are not weights.
@Suite struct StackedRoundsTests {
  /// One-hot rows, softened: every sample keeps its class but `flipping` of 100, which change in every round.
  static func rounds(_ rounds: Int, flipping: Int) -> [Float] {
    (0..<(rounds * 100)).flatMap { index -> [Float] in
      let (round, sample) = (index / 100, index % 100)
      let label = (sample + (sample < flipping ? round : 0)) % 5
      return (0..<5).map { $0 == label ? 0.96 : 0.01 }
    }
  }

  @Test(arguments: [(0, "healthy", 0), (30, "critical", 1)])
  func judgesThemAsRounds(flipping: Int, verdict: String, status: Int) throws {
    let files = try MadeFiles()
    let values = StackedRoundsTests.rounds(3, flipping: flipping)
    let stacked = try files.npy("predictions.npy", [3, 100, 5], values)
    for command in ["check", "drift"] {
      let run = try CommandRun([command, stacked, "--json"])
      #expect(run.status == Int32(status), "\(run.output)\(run.errors)")
      #expect(try run.json["verdict"] as? String == verdict)
      let reading = try #require(try run.objects("readings").first)
      #expect(reading["diagnosis"] as? String == "drift" && reading["report_kind"] as? String == "drift_rounds")
      // The same numbers as of the rounds in files of their own.
      let folder = try MadeFiles()
      let paths = try (0..<3).map {
        try folder.npy("predictions_\($0).npy", [100, 5], Array(values[($0 * 500)..<($0 * 500 + 500)]))
      }
      let apart = try #require(try CommandRun(["drift", "--json"] + paths).objects("readings").first)
      #expect(NSDictionary(dictionary: apart["report"] as? [String: Any] ?? [:]) == reading["report"] as? NSDictionary)
    }
  }

  @Test(arguments: [[2, 100, 5], [1000, 1, 1], [100, 2, 5], [1, 200, 5], [2, 10, 10, 5]])
  func leavesOtherArrays(shape: [Int]) throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 13)
    let isStack = shape == [2, 100, 5]
    let values = isStack ? noise.normals(1000) : Array(StackedRoundsTests.rounds(2, flipping: 0))
    let path = try files.npy("predictions.npy", shape, values)
    let run = try CommandRun(["check", path, "--json"])
    #expect(run.status == 2, "\(run.output)")
    #expect(try run.json["verdict"] as? String == "unknown")
    #expect(try run.objects("readings").isEmpty && run.objects("findings").isEmpty)
    let tensor = try #require((try run.objects("files").first?["tensors"] as? [[String: Any]])?.first)
    #expect(tensor["kind"] as? String == "other")
    #expect(try run.objects("not_checked").contains { ($0["reason"] as? String)?.contains("axes") == true })
  }

  @Test func findsNaNInThem() throws {
    let files = try MadeFiles()
    var values = StackedRoundsTests.rounds(2, flipping: 0)
    values[507] = .nan
    let run = try CommandRun(["check", try files.npy("predictions.npy", [2, 100, 5], values), "--json"])
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["diagnosis"] as? String == "finiteness" && finding["verdict"] as? String == "critical")
    #expect((finding["what"] as? String)?.hasSuffix("the first at [1, 1, 2]") == true)
  }

  @Test func takesCheckpointsAndParametersForWeights() {
    for (path, key) in [("prediction_head.safetensors", "conv.k"), ("predictions.npz", "conv.weight")] {
      let traits = TensorTraits(path: path, key: key, shape: [8, 4, 3])
      #expect(Recogniser().recognise(traits).kind == .weights)
    }
    let deep = TensorTraits(path: "predictions.npz", key: "a", shape: [8, 4, 3, 2])
    #expect(
      Recogniser().recognise(deep) == Recognition(kind: .other, reason: "predictions by file name, but of 4 axes"))
  }
}
