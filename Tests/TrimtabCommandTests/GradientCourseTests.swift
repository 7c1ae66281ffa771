import Foundation
import Testing

@testable import TrimtabFormats

/// What the steps of a run tell together: growth, and gradients that stay zero.
@Suite struct GradientCourseTests {
  /// Steps of three 4x4 weights whose gradients are `value(step, layer)` throughout.
  func check(_ steps: Int, _ value: (Int, Int) -> Double) throws -> CommandRun {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-course-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var header: [String: Any] = [:]
    var data: [UInt8] = []
    for step in 0..<steps {
      for layer in 0..<3 {
        let bytes = [Double](repeating: value(step, layer), count: 16).withUnsafeBytes { Array($0) }
        header["step.\(step).layers.\(layer).weight"] = [
          "dtype": "F64", "shape": [4, 4], "data_offsets": [data.count, data.count + bytes.count],
        ]
        data += bytes
      }
    }
    let text = try JSONSerialization.data(withJSONObject: header)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    let path = folder.appendingPathComponent("gradients.safetensors")
    try Data(length + [UInt8](text) + data).write(to: path)
    return try CommandRun(["gradients", path.path, "--json"])
  }

  @Test func aNormThatSoarsIsAFinding() throws {
    let run = try check(12) { step, layer in 1e-3 * pow(3.5, Double(step)) * (1 + 0.1 * Double(layer)) }
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["cause"] as? String == "exploding_gradient" && finding["verdict"] as? String == "warning")
    #expect((finding["what"] as? String)?.hasPrefix("the global norm grows from ") == true)
    #expect((finding["value"] as? Double ?? 0) > (finding["threshold"] as? Double ?? .infinity))
  }

  @Test(arguments: [1.0, 1e3, 1e4]) func steadyNormsAreHealthyAtAnyScale(scale: Double) throws {
    let run = try check(12) { step, layer in scale * (1 + 0.5 * sin(Double(step * 3 + layer))) }
    #expect(try run.json["verdict"] as? String == "healthy")
  }

  /// One step beyond, such as a batch of its own, is no growth; nor is a rise from nothing to nothing.
  @Test func oneSpikeAndSmallNormsAreNoGrowth() throws {
    #expect(try check(12) { step, _ in step == 8 ? 5e3 : 1 }.json["verdict"] as? String == "healthy")
    #expect(try check(12) { step, _ in 1e-6 * pow(2.5, Double(step)) }.json["verdict"] as? String == "healthy")
  }

  @Test func zerosAtTheFirstStepAloneAreANotice() throws {
    let run = try check(6) { step, layer in layer == 1 && step == 0 ? 0 : 0.1 }
    #expect(try run.json["verdict"] as? String == "notice")
  }

  @Test func zerosThatStayAreAWarning() throws {
    let run = try check(6) { step, layer in layer == 1 && step >= 3 ? 0 : 0.1 }
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["cause"] as? String == "zero_gradient" && finding["verdict"] as? String == "warning")
    #expect(finding["first_index"] as? Int == 3)
  }
}
