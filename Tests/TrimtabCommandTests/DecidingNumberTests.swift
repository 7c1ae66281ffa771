import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

/// Findings show the number that decided, and it stands on the wrong side of the threshold that is shown beside it.
@Suite struct DecidingNumberTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-deciding-\(UUID().uuidString)")

  func check(
    _ name: String, rows: Int, columns: Int, _ flags: [String] = [], _ value: (Int, Int) -> Double
  ) throws -> [String: Any] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent(name).path
    var lines = (0..<rows).map { row in (0..<columns).map { "\(value(row, $0))" }.joined(separator: ",") }
    lines.insert((0..<columns).map { "x\($0)" }.joined(separator: ","), at: 0)
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return try CommandRun(["condition", path, "--json"] + flags).json
  }

  func finding(_ json: [String: Any]) throws -> [String: Any] {
    try #require((json["findings"] as? [[String: Any]])?.first)
  }

  /// Noise whose columns have unit variance, near enough.
  static func noise(_ row: Int, _ column: Int) -> Double {
    var state = UInt64(row &* 1_000_003 &+ column &* 7919 &+ 12345)
    for _ in 0..<3 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
    }
    return Double(state >> 11) * 0x1p-53 * 3.46 - 1.73
  }

  @Test func scaleBeyondFloat64ShowsItsNumber() throws {
    let json = try check("features.csv", rows: 1000, columns: 8) { Self.noise($0, $1) * ($1 == 3 ? 1e9 : 1) }
    let finding = try finding(json)
    #expect(finding["verdict"] as? String == "critical")
    let value = try #require(finding["value"] as? Double)
    #expect(value > 1e17 && value < 1e19)
    #expect(value > finding["threshold"] as? Double ?? .infinity)
    #expect((finding["what"] as? String)?.contains("condition number at least 1.") == true)
  }

  @Test func duplicatesShowTheRank() throws {
    let json = try check("features.csv", rows: 500, columns: 9) { Self.noise($0, $1 == 8 ? 2 : $1) }
    let finding = try finding(json)
    #expect(finding["verdict"] as? String == "notice")
    #expect((finding["what"] as? String)?.hasSuffix("rank 8 of 9") == true)
    #expect(finding["measurement"] as? String == "rank" && finding["threshold"] as? Double == 9)
  }

  @Test func constantFeaturesAreNamed() throws {
    let json = try check("features.csv", rows: 20, columns: 5) { _, column in Double(column) + 0.5 }
    #expect(
      (json["not_checked"] as? [[String: Any]])?.first?["reason"] as? String
        == "all 5 features are constant (20 samples)")
  }

  @Test func aDuplicatedRowOfAWeightShowsTheRank() throws {
    let json = try check("weight.csv", rows: 64, columns: 64, ["--matrix"]) { Self.noise($0 == 3 ? 9 : $0, $1) }
    let finding = try finding(json)
    #expect(finding["verdict"] as? String == "critical")
    #expect((finding["what"] as? String)?.hasSuffix("rank 63 of 64") == true)
    let value = finding["value"] as? Double ?? (finding["value"] as? String == "inf" ? .infinity : 0)
    #expect(value > finding["threshold"] as? Double ?? .infinity)
  }
}
