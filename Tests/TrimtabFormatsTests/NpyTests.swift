import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct NpyTests {
  let scratch = Scratch()

  @Test(arguments: [1, 2, 3] as [UInt8]) func readsEveryVersion(version: UInt8) throws {
    let path = scratch.write(
      "a.npy", SampleFile.npy("<f4", "(2, 3)", SampleFile.float32([1, 2, 3, 4, 5, 6]), version: version))
    let tensor = try #require(try TensorFile(path: path).tensors.first)
    #expect(tensor.shape == [2, 3])
    #expect(tensor.elementType == .float32)
    #expect(try values(tensor, blockByteCount: 12) == [1, 2, 3, 4, 5, 6])
  }

  @Test func turnsBigEndianRound() throws {
    let path = scratch.write(
      "a.npy", SampleFile.npy(">f4", "(3,)", SampleFile.float32([1.5, -2, 1e-30], bigEndian: true)))
    let tensor = try #require(try TensorFile(path: path).tensors.first)
    #expect(try values(tensor, blockByteCount: 4) == [1.5, -2, Double(Float(1e-30))])
    #expect(try tensor.withView(memoryLimit: 100) { elements($0) } == [1.5, -2, Double(Float(1e-30))])
  }

  @Test(arguments: [1, 8, 24, 1000]) func readsColumnMajorInRowOrder(block: Int) throws {
    // numpy.asfortranarray([[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]])
    let stored: [Float] = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]
    let path = scratch.write("a.npy", SampleFile.npy("<f4", fortran: true, "(2, 3, 2)", SampleFile.float32(stored)))
    let tensor = try #require(try TensorFile(path: path).tensors.first)
    #expect(try values(tensor, blockByteCount: block, memoryLimit: 48) == (0..<12).map(Double.init))
    #expect(try values(tensor, blockByteCount: block, memoryLimit: 24) == (0..<12).map(Double.init))
    #expect(try tensor.withView(memoryLimit: 100) { elements($0) } == (0..<12).map(Double.init))
  }

  @Test func readsScalarsAndEmptyArrays() throws {
    let scalar = scratch.write("s.npy", SampleFile.npy("<f8", "()", SampleFile.littleEndian((2.5).bitPattern)))
    #expect(try values(try #require(try TensorFile(path: scalar).tensors.first)) == [2.5])
    let empty = scratch.write("e.npy", SampleFile.npy("|b1", "(0, 4)", []))
    let tensor = try #require(try TensorFile(path: empty).tensors.first)
    var shapes: [Int] = []
    try tensor.forEachRowBlock(memoryLimit: 100) { shapes.append($0.shape[1]) }
    #expect(shapes == [4])
  }

  @Test(arguments: [
    ("'|O'", "(Python objects)"), ("'<c16'", "(complex)"), ("'<U7'", "(text)"), ("'<M8[ns]'", "(times)"),
    ("'|V2'", "bfloat16"), ("'<f16'", "(long double)"), ("[('a', '<f4'), ('b]', '<i8')]", "structured"),
    ("'f4'", "found dtype"), ("3", "no dictionary"),
  ])
  func refusesOtherTypesByName(descr: String, words: String) {
    let path = scratch.write("a.npy", SampleFile.npyHeader(descr, "(1,)") + [UInt8](repeating: 0, count: 64))
    #expect(failure(path).contains(words))
  }

  @Test func refusesWhatDoesNotFit() {
    let data = SampleFile.float32([1, 2, 3])
    #expect(
      failure(scratch.write("t.npy", SampleFile.npy("<f4", "(4,)", data))).contains(
        "found 12 bytes of elements, needed 16"))
    #expect(failure(scratch.write("n.npy", SampleFile.npy("<f4", "(-4,)", data))).contains("found extent -4"))
    let huge = "(4611686018427387904, 4, 0)"
    #expect(failure(scratch.write("h.npy", SampleFile.npy("<f4", huge, []))).contains("leaves 64 bits"))
    let deep = "(" + String(repeating: "1,", count: 9) + ")"
    #expect(failure(scratch.write("d.npy", SampleFile.npy("<f4", deep, data))).contains("found rank 9, allowed 0 to 8"))
    #expect(
      failure(scratch.write("v.npy", SampleFile.npy("<f4", "(3,)", data, version: 9))).contains("found .npy version 9"))
    #expect(failure(scratch.write("x.npy", [1, 2, 3])).contains("no .npy magic"))
    #expect(failure(scratch.write("z.npy", [])).contains("is empty"))
  }

  @Test func keepsToTheMemoryItIsAllowed() throws {
    let path = scratch.write(
      "a.npy", SampleFile.npy("<f4", "(2, 100)", SampleFile.float32(Array(repeating: 1, count: 200))))
    #expect(failure(path, memoryLimit: 100).contains("would take 400 bytes of memory"))
    let tensor = try #require(try TensorFile(path: path).tensors.first)
    var total = 0
    try tensor.forEachElementBlock(memoryLimit: 100) {
      #expect($0.count <= 25)
      total += $0.count
    }
    #expect(total == 200)
    #expect(throws: FormatError.self) { try tensor.withView(memoryLimit: 799) { _ in } }
  }
}
