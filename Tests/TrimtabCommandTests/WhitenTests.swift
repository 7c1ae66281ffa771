import Foundation
import Testing
import Trimtab
import TrimtabFormats

@Suite struct WhitenTests {
  let output = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-\(UUID().uuidString).npy").path

  @Test(arguments: ["zca", "pca", "cholesky"]) func whitensWine(method: String) throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    let run = try CommandRun([
      "whiten", CommandRun.example("wine/features_raw.csv"), output, "--method", method, "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let after = try #require(try run.json["after"] as? [String: Any])
    let conditionNumber = try #require(after["condition_number"] as? Double)
    #expect(abs(conditionNumber - 1) < 1e-9)
    let tensor = try #require(try TensorFile(path: output).tensors.first)
    #expect(tensor.shape == [178, 13])
    // The covariance of what was written, by its definition.
    var rows: [[Double]] = []
    try tensor.forEachRowBlock(memoryLimit: 1 << 20) { block in
      for row in 0..<block.shape[0] {
        rows.append(
          (0..<13).map { block.base?.loadUnaligned(fromByteOffset: (row * 13 + $0) * 8, as: Double.self) ?? .nan })
      }
    }
    for a in 0..<13 {
      for b in 0..<13 {
        let moment = rows.reduce(0) { $0 + $1[a] * $1[b] } / 178
        #expect(abs(moment - (a == b ? 1 : 0)) < 1e-10)
      }
    }
  }

  @Test func writesNothingOnFailure() throws {
    let run = try CommandRun(["whiten", CommandRun.example("digits/features_raw.npy"), output, "--method", "cholesky"])
    #expect(run.status == 2)
    #expect(run.errors.contains("covariance: found rank 61 of 64"))
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try CommandRun(["whiten", CommandRun.example("wine/features_raw.csv"), "/nonexistent/a.npy"]).status == 2)
    #expect(
      try CommandRun(["whiten", CommandRun.example("killed/preactivations.npz"), output]).errors.contains("--tensor"))
    #expect(try CommandRun(["whiten", CommandRun.example("wine/features_raw.csv"), "a.csv"]).status == 2)
  }

  @Test func sparesItsInput() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 4)
    let input = try files.npy("x.npy", [100, 3], noise.normals(300))
    let before = try Data(contentsOf: URL(fileURLWithPath: input))
    try FileManager.default.createSymbolicLink(atPath: files.path("link.npy"), withDestinationPath: input)
    for output in [input, files.path("link.npy"), files.folder.path + "/./x.npy"] {
      let run = try CommandRun(["whiten", input, output])
      #expect(run.status == 2 && run.errors.contains("is the input itself"), "\(run.errors)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: input)) == before)
  }

  @Test func saysWhichArraysThereAre() throws {
    let one = try CommandRun(["whiten", CommandRun.example("wine/features_raw.csv"), output, "--tensor", "foo"])
    #expect(one.errors.contains("found no array named 'foo': the file's only array has no name"), "\(one.errors)")
    let many = try CommandRun([
      "whiten", CommandRun.example("killed/preactivations.npz"), output, "--tensor", "foo", "--json",
    ])
    #expect(many.status == 2)
    let message = try #require(try many.json["error"] as? String, "\(many.output)")
    #expect(message.contains("found no array named 'foo': choose with --tensor among layers.0"))
    #expect(try many.json["exit_status"] as? Int == 2)
  }
}
