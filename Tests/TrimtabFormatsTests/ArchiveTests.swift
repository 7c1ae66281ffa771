import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct ArchiveTests {
  let scratch = Scratch()
  let array = SampleFile.npy("<f4", "(2, 2)", SampleFile.float32([1, 2, 3, 4]))

  @Test(arguments: [true, false]) func readsMembers(isDeflated: Bool) throws {
    let path = scratch.write(
      "a.npz",
      SampleFile.zip([
        .init(name: "x.npy", data: array, isDeflated: isDeflated), .init(name: "notes.txt", data: [1]),
        .init(name: "deep/y.npy", data: array, isDeflated: !isDeflated),
      ]))
    let file = try TensorFile(path: path)
    #expect(file.tensors.map(\.name) == ["x", "deep/y"])
    #expect(file.notes.count == 1)
    for tensor in file.tensors { #expect(try values(tensor, blockByteCount: 8) == [1, 2, 3, 4]) }
  }

  @Test func readsColumnMajorMembers() throws {
    let data = SampleFile.npy("<f4", fortran: true, "(2, 2)", SampleFile.float32([1, 3, 2, 4]))
    let path = scratch.write("a.npz", SampleFile.zip([.init(name: "x.npy", data: data, isDeflated: true)]))
    #expect(try values(try #require(try TensorFile(path: path).tensors.first)) == [1, 2, 3, 4])
  }

  @Test func refusesDamage() {
    func zip(_ member: SampleFile.Member) -> String { failure(scratch.write("a.npz", SampleFile.zip([member]))) }
    #expect(zip(.init(name: "x.npy", data: array, checksum: 7)).contains("checksum does not fit"))
    #expect(zip(.init(name: "x.npy", data: array, declaredCount: 7)).contains("is stored, yet declares 7 bytes"))
    // More inflates than is declared: the declared part alone has another checksum.
    let more = array + [1, 2]
    #expect(
      zip(.init(name: "x.npy", data: more, isDeflated: true, declaredCount: array.count)).contains(
        "checksum does not fit"))
    #expect(zip(.init(name: "x.npy", data: array, localOffset: 9999)).contains("truncated"))
    #expect(zip(.init(name: "x.npy", data: [1, 2])).contains("no .npy magic"))
    let short = SampleFile.npy("<f4", "(3, 2)", SampleFile.float32([1, 2, 3, 4]))
    #expect(zip(.init(name: "x.npy", data: short)).contains("found 16 bytes of elements, needed 24"))
    #expect(zip(.init(name: "x.txt", data: short)).contains("holds no .npy array"))
    #expect(
      failure(scratch.write("b.npz", Array("PK no zip at all, but long enough".utf8))).contains("not a zip archive"))
  }

  @Test func refusesBombs() {
    // Two members over the same bytes.
    let shared = SampleFile.zip([.init(name: "x.npy", data: array), .init(name: "y.npy", data: array, localOffset: 0)])
    #expect(failure(scratch.write("shared.npz", shared)).contains("shares bytes with 'x.npy'"))
    // More than deflate can give.
    let lie = SampleFile.zip([.init(name: "x.npy", data: array, isDeflated: true, declaredCount: 1 << 30)])
    #expect(failure(scratch.write("lie.npz", lie)).contains("more than deflate can give"))
    let twice = SampleFile.zip([.init(name: "x.npy", data: array), .init(name: "x.npy", data: array)])
    #expect(failure(scratch.write("twice.npz", twice)).contains("stands in the archive twice"))
  }

  @Test func streamsABombInsteadOfLoadingIt() throws {
    let rows = 1 << 16
    let zeros = SampleFile.npy("<f4", "(\(rows), 256)", [UInt8](repeating: 0, count: rows * 1024))
    let bytes = SampleFile.zip([.init(name: "x.npy", data: zeros, isDeflated: true)])
    #expect(bytes.count < 1 << 17)
    let tensor = try #require(try TensorFile(path: scratch.write("bomb.npz", bytes)).tensors.first)
    var total = 0
    try tensor.forEachRowBlock(blockByteCount: 1 << 16, memoryLimit: 1 << 16) { total += $0.count }
    #expect(total == rows * 256)
    #expect(throws: FormatError.self) { try tensor.withView(memoryLimit: 1 << 20) { _ in } }
  }

  @Test func readsWhatNumpyWrote() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try TensorFile(path: root.appendingPathComponent("examples/data/healthy/preactivations.npz").path)
    #expect(file.tensors.map(\.name) == ["layers.0", "layers.1"])
    #expect(file.tensors.allSatisfy { $0.shape == [1024, 128] && $0.elementType == .float16 })
    for tensor in file.tensors { try tensor.forEachRowBlock(memoryLimit: 1 << 20) { #expect($0.shape[1] == 128) } }
  }
}
