import Foundation

/// Files that a test makes, in a folder that goes away with the object.
final class MadeFiles {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-made-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func text(_ name: String, _ content: String) throws -> String {
    try Data(content.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// A table of `rows` lines whose columns are named c0, c1, ...
  func table(_ name: String, rows: Int, columns: Int, seed: UInt64 = 1) throws -> String {
    var noise = Noise(seed: seed)
    var lines = [(0..<columns).map { "c\($0)" }.joined(separator: ",")]
    for _ in 0..<rows { lines.append((0..<columns).map { _ in "\(noise.normal())" }.joined(separator: ",")) }
    return try text(name, lines.joined(separator: "\n") + "\n")
  }

  func npy(_ name: String, _ shape: [Int], _ values: [Float]) throws -> String {
    try npy(name, "<f4", shape, values.withUnsafeBytes { Data($0) })
  }

  func npy(_ name: String, _ shape: [Int], _ values: [Double]) throws -> String {
    try npy(name, "<f8", shape, values.withUnsafeBytes { Data($0) })
  }

  func npy(_ name: String, _ shape: [Int], _ values: [Int64]) throws -> String {
    try npy(name, "<i8", shape, values.withUnsafeBytes { Data($0) })
  }

  private func npy(_ name: String, _ type: String, _ shape: [Int], _ data: Data) throws -> String {
    let extents = shape.map { "\($0)," }.joined()
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    file.append(UInt8(header.utf8.count & 255))
    file.append(UInt8(header.utf8.count >> 8))
    try (file + Data(header.utf8) + data).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func safetensors(_ name: String, _ tensors: [(String, [Int], [Float])]) throws -> String {
    var entries: [String] = []
    var data = Data()
    for (key, shape, values) in tensors {
      let end = data.count + values.count * 4
      entries.append("\"\(key)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(data.count),\(end)]}")
      data += values.withUnsafeBytes { Data($0) }
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    try (length + header + data).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}

/// Normal numbers that a seed decides (splitmix64, Box and Muller).
struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (Double((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53
  }

  mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }

  mutating func normals(_ count: Int) -> [Float] { (0..<count).map { _ in Float(normal()) } }
}
