import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct HostileFileTests {
  let scratch = Scratch()

  @Test func refusesWhatIsNoFile() throws {
    #expect(failure(scratch.path("missing.npy")).contains("No such file"))
    try FileManager.default.createDirectory(atPath: scratch.path("d.npy"), withIntermediateDirectories: false)
    #expect(failure(scratch.path("d.npy")).contains("found a directory"))
    #expect(mkfifo(scratch.path("f.npz"), 0o600) == 0)
    #expect(failure(scratch.path("f.npz")).contains("found a FIFO"))
    #expect(symlink("loop.csv", scratch.path("loop.csv")) == 0)
    #expect(failure(scratch.path("loop.csv")).contains("symbolic links"))
    #expect(failure("/dev/zero").contains("found a device"))
    #expect(failure("a\0b.npy").contains("zero byte"))
    #expect(failure(scratch.write("a.bin", [1])).contains("no known ending"))
    if getuid() != 0 {
      let path = scratch.write("secret.npy", [1])
      chmod(path, 0)
      #expect(failure(path).contains("Permission denied"))
    }
  }

  /// Changes, cuts and doubles bytes of small valid files: whatever comes out is read or refused.
  @Test func survivesMutation() throws {
    let seed: UInt64 = 20_260_713
    print("mutation seed \(seed)")
    var random = SplitMix(state: seed)
    let array = SampleFile.npy("<f4", "(4, 3)", SampleFile.float32((0..<12).map(Float.init)))
    let header =
      #"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"I16","shape":[4],"data_offsets":[16,24]}}"#
    let files: [(String, [UInt8])] = [
      ("a.npy", array),
      ("f.npy", SampleFile.npy(">f8", fortran: true, "(2, 2)", [UInt8](repeating: 3, count: 32), version: 2)),
      (
        "a.npz",
        SampleFile.zip([.init(name: "x.npy", data: array, isDeflated: true), .init(name: "y.npy", data: array)])
      ),
      ("a.safetensors", SampleFile.safetensors(header, [UInt8](repeating: 7, count: 24))),
      ("a.csv", Array("a,\"b \"\"c\"\n1,2.5e3\r\n,nan\n-4,\"5\"\n".utf8)),
      ("a.csv.gz", SampleFile.deflated(Array("a,b\n1,2\n3,4\n".utf8), window: 31)),
    ]
    var readable = 0
    for (name, bytes) in files {
      #expect(failure(scratch.write(name, bytes)) == "no error", "\(name)")
      for _ in 0..<1500 {
        let path = scratch.write(name, mutated(bytes, &random))
        if failure(path) == "no error" { readable += 1 }
      }
    }
    // Both ways out must have been taken.
    #expect(readable > 100 && readable < 8900)
  }

  private func mutated(_ original: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = original
    for _ in 0...Int.random(in: 0..<4, using: &random) {
      guard !bytes.isEmpty else { return bytes }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.removeLast(min(bytes.count, Int.random(in: 1...9, using: &random)))
      case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
      case 4: bytes.remove(at: place)
      default:
        for index in place..<min(bytes.count, place + 8) { bytes[index] = Bool.random(using: &random) ? 0xff : 0x7f }
      }
    }
    return bytes
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
