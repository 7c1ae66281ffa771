import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct SafetensorsWriterTests {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-\(UUID().uuidString).safetensors")
    .path

  @Test func readsBackWhatItWrote() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let floats: [Float] = [1, 2, 3, 4, 5, 6]
    let doubles = [0.1, -7e300]
    var writer = SafetensorsWriter()
    writer.metadata = ["note": "a \"quoted\" text"]
    try floats.withUnsafeBytes { bytes in
      // Two rows of three that lie column after column.
      var shape = Extents()
      var strides = Extents()
      (shape[0], shape[1]) = (2, 3)
      (strides[0], strides[1]) = (1, 2)
      try writer.add(
        "layer0.weight",
        TensorView(base: bytes.baseAddress, elementType: .float32, rank: 2, shape: shape, strides: strides))
    }
    try doubles.withUnsafeBytes { try writer.add("b \"ü\"", TensorView($0.baseAddress, .float64, shape: [2])) }
    try writer.write(to: path)
    let file = try TensorFile(path: path)
    #expect(file.tensors.map(\.name) == ["layer0.weight", "b \"ü\""] && file.refused.isEmpty)
    #expect(file.tensors.map(\.shape) == [[2, 3], [2]] && file.tensors.map(\.elementType) == [.float32, .float64])
    try file.tensors[0].withView(memoryLimit: 1 << 20) { view in
      #expect(
        (0..<6).map { view.base?.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) } == [1, 3, 5, 2, 4, 6])
    }
    try file.tensors[1].withView(memoryLimit: 1 << 20) { view in
      #expect((0..<2).map { view.base?.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) } == [0.1, -7e300])
    }
  }

  @Test func refusesWhatCannotBe() throws {
    let floats: [Float] = [1]
    var writer = SafetensorsWriter()
    try floats.withUnsafeBytes { bytes in
      try writer.add("w", TensorView(bytes.baseAddress, .float32, shape: [1]))
      #expect(throws: FormatError.self) { try writer.add("w", TensorView(bytes.baseAddress, .float32, shape: [1])) }
      #expect(throws: FormatError.self) { try writer.add("i", TensorView(bytes.baseAddress, .int32, shape: [1])) }
    }
    #expect(throws: FormatError.self) { try writer.write(to: "/nonexistent/w.safetensors") }
  }
}
