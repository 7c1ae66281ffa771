import Foundation
import Testing
import Trimtab

@testable import TrimtabCommand

/// Matrices too large to work on whole, judged from the Gram matrix of their short side.
@Suite struct LargeMatrixTests {
  func spread(_ rows: Int, _ columns: Int, _ factor: Float, seed: UInt64) -> [Float] {
    var noise = Noise(seed: seed)
    return (0..<(rows * columns)).map { Float(noise.normal()) * ($0 % columns == 1 ? factor : 1) }
  }

  func report(_ path: String, _ flags: [String]) throws -> (CommandRun, [String: Any]) {
    let run = try CommandRun(["condition", "--matrix", path, "--json"] + flags)
    let reading = try #require(try run.objects("readings").first, "\(run.output) \(run.errors)")
    return (run, try #require(reading["report"] as? [String: Any]))
  }

  /// The whole matrix takes the other way: singular values by orthogonal transformations.
  @Test(arguments: [(700, 24, Float(1)), (700, 24, 1e-3), (24, 700, 1e-3), (300, 40, 1e3)])
  func agreesWithTheWholeMatrix(rows: Int, columns: Int, factor: Float) throws {
    let files = try MadeFiles()
    let path = try files.npy("w.npy", [rows, columns], spread(rows, columns, factor, seed: 3))
    let (_, whole) = try report(path, [])
    let (run, gram) = try report(path, ["--maximum-elements", "6000"])
    for key in [
      "condition_number", "condition_number_on_support", "largest_singular_value", "stable_rank", "threshold",
    ] {
      let (found, expected) = (try #require(gram[key] as? Double), try #require(whole[key] as? Double))
      #expect(abs(found - expected) <= 1e-6 * expected, "\(key): \(found) \(expected)")
    }
    #expect(gram["method"] as? String == "estimate" && whole["method"] as? String == "exact")
    #expect(gram["rank"] as? Int == whole["rank"] as? Int)
    #expect(run.status == 0)
  }

  @Test func countsZerosAndFindsWhatIsSingular() throws {
    let files = try MadeFiles()
    var values = spread(700, 24, 1, seed: 5)
    for column in 0..<24 { values[37 * 24 + column] = 0 }
    for row in 0..<700 { values[row * 24 + 5] = 0 }
    let flags = ["--maximum-elements", "6000"]
    let zeros = try report(try files.npy("z.npy", [700, 24], values), flags)
    #expect(zeros.1["zero_row_count"] as? Int == 1 && zeros.1["zero_column_count"] as? Int == 1)
    #expect(zeros.1["verdict"] as? String == "notice" && zeros.0.status == 0)
    for row in 0..<700 { values[row * 24 + 5] = values[row * 24 + 6] }
    let singular = try report(try files.npy("s.npy", [700, 24], values), flags)
    #expect(singular.1["cause"] as? String == "rank_deficient" && singular.0.status == 1)
    // In float64 the threshold lies beyond what squares show.
    let path = try files.npy("d.npy", [700, 24], values.map(Double.init))
    let (run, unknown) = try report(path, flags)
    #expect(unknown["verdict"] as? String == "unknown" && run.status == 2)
    let text = try CommandRun(["condition", "--matrix", path] + flags).output
    #expect(text.contains("condition number at least 1.000e7") && text.contains("--maximum-elements"), "\(text)")
    values[3] = .nan
    let broken = try report(try files.npy("n.npy", [700, 24], values), flags)
    #expect(broken.1["outcome"] as? String == "nonfinite" && broken.0.status == 1)
  }

  @Test func refusesBeforeReadingAndSaysWhatIsNeeded() throws {
    let files = try MadeFiles()
    let path = try files.npy("w.npy", [100, 80], spread(100, 80, 1, seed: 9))
    let run = try CommandRun(["condition", "--matrix", path, "--maximum-elements", "6000"])
    #expect(run.status == 2)
    #expect(
      run.output.contains("100×80 needs 19200 elements of work space, allowed 6000 (--maximum-elements)"),
      "\(run.output)"
    )
  }

  @Test func judgesATableAsAMatrix() throws {
    let files = try MadeFiles()
    let run = try CommandRun(["condition", "--matrix", try files.text("a.csv", "1,0\n0,4\n"), "--json"])
    let report = try #require(try run.objects("readings").first?["report"] as? [String: Any])
    #expect(report["condition_number"] as? Double == 4 && run.status == 0, "\(run.output)")
    let large = try files.table("b.csv", rows: 9000, columns: 30)
    let refused = try CommandRun(["condition", "--matrix", large, "--maximum-memory", "4"])
    #expect(refused.status == 2 && refused.output.contains("bytes of memory"), "\(refused.output)")
  }
}
