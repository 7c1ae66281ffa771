import Foundation
import Testing

/// `trimtab scale`, `trimtab overlap`, and the advice of `trimtab condition`, as a user runs them.
@Suite struct ScaleAndOverlapTests {
  private func normals(_ count: Int, seed: UInt64, _ change: (Int, Float) -> Float = { $1 }) -> [Float] {
    var noise = Noise(seed: seed)
    return (0..<count).map { change($0, Float(noise.normal())) }
  }

  @Test func scaleNamesTheAxis() throws {
    let files = try MadeFiles()
    let path = try files.npy("x.npy", [400, 32], normals(12_800, seed: 1) { $0 / 32 % 20 == 0 ? 100 * $1 : $1 })
    let run = try CommandRun(["scale", path, "--json"])
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["cause"] as? String == "node_scale" && finding["measurement"] as? String == "node_deviation")
    #expect(run.status == 1)
    let reading = try #require(try run.objects("readings").first?["report"] as? [String: Any])
    #expect(reading["advice"] as? String == "node_wise" && reading["outlier_node_count"] as? Int == 20)
    let healthy = try CommandRun(["scale", try files.npy("h.npy", [400, 32], normals(12_800, seed: 2))])
    #expect(healthy.status == 0 && healthy.output.contains("normalise: none"))
    #expect(try CommandRun(["scale", try files.npy("v.npy", [32], normals(32, seed: 2))]).status == 2)
  }

  @Test func overlapFallsWithTheResolution() throws {
    let files = try MadeFiles()
    let real = try files.npy("real.npy", [300, 64], normals(19_200, seed: 3))
    let fake = try files.npy(
      "fake.npy", [300, 64], normals(19_200, seed: 4) { $1 + (($0 / 8 + $0) % 2 == 0 ? 0.9 : -0.9) })
    let run = try CommandRun(["overlap", real, fake, "--shape", "8x8", "--resolutions", "2,4,8", "--json"])
    let overlaps = try run.objects("readings").map { ($0["report"] as? [String: Any])?["overlap"] as? Double ?? -1 }
    try #require(overlaps.count == 3)
    #expect(overlaps[0] > 0.7 && overlaps[1] > 0.7 && overlaps[2] < 0.1 && run.status == 1)
    #expect(try run.objects("findings").first?["cause"] as? String == "no_overlap")
    let refused = try CommandRun(["overlap", real, fake, "--shape", "8x8", "--resolutions", "3"])
    #expect(refused.status == 2 && refused.output.contains("resolution: found 3 for real of 8 positions"))
    #expect(try CommandRun(["overlap", real, fake, "--shape", "8x9"]).output.contains("--shape: found 72 numbers"))
  }

  @Test func conditionAdvises() throws {
    let files = try MadeFiles()
    var values = normals(1500, seed: 5)
    for row in 0..<500 { values[3 * row + 1] = values[3 * row] + 0.01 * values[3 * row + 1] }
    let path = try files.npy("s.npy", [500, 3], values)
    #expect(try CommandRun(["condition", path]).output.contains("1 whitened; advice: whiten"))
    let run = try CommandRun(["condition", path, "--json"])
    #expect(try run.objects("advice").first?["advice"] as? String == "whiten")
  }
}
