import Foundation
import Testing

/// What is laid down and not learned raises no alarm; learned weights with the same fault still do.
@Suite struct StructureTests {
  static func encoding(_ positions: Int, _ width: Int) -> [Float] {
    (0..<(positions * width)).map { index in
      let (position, column) = (Double(index / width), index % width)
      let angle = position / pow(10000, Double(2 * (column / 2)) / Double(width))
      return Float(column % 2 == 0 ? sin(angle) : cos(angle))
    }
  }

  static func rotary(_ wave: (Double) -> Double) -> [Float] {
    (0..<(2048 * 64)).map { index in
      let rate = pow(10000, -Double(index % 32) / 32)
      return Float(wave(Double(index / 64) * rate))
    }
  }

  static func square(_ value: (Int, Int) -> Float) -> [Float] {
    (0..<(64 * 64)).map { value($0 / 64, $0 % 64) }
  }

  static let triangle = square { row, column in column > row ? -Float.infinity : 0 }
  static let blocks = square { row, column in column / 16 == row / 16 ? 1 : 0 }
  static let plane: [Float] = (0..<(196 * 64)).map { index in
    let (place, column) = (index / 64, index % 64)
    let coordinate = Double(column < 32 ? place / 14 : place % 14)
    let angle = coordinate * pow(10000, -Double(column % 16) / 16)
    return Float(column % 32 < 16 ? sin(angle) : cos(angle))
  }

  @Test(arguments: [
    ("pe", [512, 64]), ("pos_encoder.pe", [512, 1, 64]), ("positional_encoding", [1, 512, 64]),
    ("sinusoid", [512, 64]),
    ("table", [512, 64]), ("position_embeddings", [1, 512, 64]), ("encoder.weight", [512, 64]),
  ])
  func leavesPositionalEncodings(key: String, shape: [Int]) throws {
    try leaves(key, shape, StructureTests.encoding(512, 64))
  }

  @Test(arguments: ["rotary.cos_cached", "a"]) func leavesRotaryTables(key: String) throws {
    try leaves(key, [2048, 64], StructureTests.rotary(cos))
    try leaves(key, [1, 1, 2048, 64], StructureTests.rotary(sin))
  }

  @Test(arguments: ["attn_mask", "bias", "b.causal"]) func leavesMasks(key: String) throws {
    try leaves(key, [64, 64], StructureTests.triangle)
    try leaves(key, [64, 64], StructureTests.blocks)
    try leaves(key, [64, 64], StructureTests.triangle.map { $0 == 0 ? 0 : -1e9 })
  }

  @Test func leavesPlanesAndKernels() throws {
    try leaves("fixed", [196, 64], StructureTests.plane)
    try leaves("blur.weight", [64, 1, 4, 4], Array(repeating: 1 / 16, count: 64 * 16))
    try leaves("dw.weight", [64, 1, 3, 3], Array(repeating: 1 / 9, count: 64 * 9))
  }

  private func leaves(_ key: String, _ shape: [Int], _ values: [Float]) throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 7)
    let path = try files.safetensors("m.safetensors", [(key, shape, values), ("w", [30, 6], noise.normals(180))])
    let run = try CommandRun(["check", path, "--json"])
    #expect(run.status == 0, "\(key) \(shape) \(run.output)")
    #expect(try run.objects("findings").isEmpty)
    #expect(try run.objects("readings").count == 1)
    #expect(
      try run.objects("not_checked").contains {
        $0["tensor"] as? String == key && ($0["reason"] as? String)?.isEmpty == false
      })
  }

  @Test func stillAccusesLearnedWeights() throws {
    var noise = Noise(seed: 11)
    var repeated = noise.normals(64 * 64)
    for column in 0..<64 { repeated[5 * 64 + column] = repeated[9 * 64 + column] }
    let row = noise.normals(64)
    var broken = noise.normals(64 * 64)
    broken[100] = .nan
    var infinite = noise.normals(64 * 64)
    infinite[7] = -.infinity
    let files = try MadeFiles()
    let cases: [(String, [Int], [Float])] = [
      ("a.weight", [64, 64], repeated), ("emb.weight", [100, 64], (0..<6400).map { row[$0 % 64] }),
      ("c", [64, 64], Array(repeating: 0.01, count: 4096)), ("o", [64, 64], Array(repeating: 1, count: 4096)),
      ("n", [64, 64], broken), ("i", [64, 64], infinite), ("attn_mask", [64, 64], broken),
      ("conv", [64, 2, 4, 4], Array(repeating: 1 / 16, count: 64 * 32)),
    ]
    for (key, shape, values) in cases {
      let path = try files.safetensors("m.safetensors", [(key, shape, values)])
      let run = try CommandRun(["check", path, "--json"])
      #expect(run.status == 1, "\(key) \(run.output)")
    }
  }
}
