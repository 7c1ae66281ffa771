import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct SafetensorsTests {
  let scratch = Scratch()
  let data = SampleFile.float32([1, 2, 3, 4])

  func refusal(_ header: String, _ bytes: Int = 16) -> String {
    failure(scratch.write("a.safetensors", SampleFile.safetensors(header, Array(data.prefix(bytes)))))
  }

  @Test func readsTensorsInFileOrder() throws {
    let header = #"""
      {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},
      "a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]},"none":{"dtype":"F8_E4M3","shape":[0,3],"data_offsets":[8,8]}}
      """#
    let file = try TensorFile(path: scratch.write("a.safetensors", SampleFile.safetensors(header, data)))
    #expect(file.tensors.map(\.name) == ["a", "none", "b"])
    #expect(file.tensors.map(\.elementType) == [.bfloat16, .float8e4m3fn, .float32])
    #expect(try values(file.tensors[2]) == [3, 4])
  }

  @Test(arguments: [
    ("F64", ElementType.float64), ("F16", .float16), ("F8_E5M2", .float8e5m2), ("BOOL", .bool), ("I8", .int8),
    ("U16", .uint16),
    ("I64", .int64), ("U64", .uint64),
  ])
  func knowsTypes(name: String, type: ElementType) throws {
    let header = #"{"a":{"dtype":"\#(name)","shape":[\#(16 / type.byteCount)],"data_offsets":[0,16]}}"#
    let file = try TensorFile(path: scratch.write("a.safetensors", SampleFile.safetensors(header, data)))
    #expect(file.tensors.map(\.elementType) == [type])
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,20]}}"#, "allowed two that rise within 0 to 16"),
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#, "allowed two that rise"),
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[-8,8]}}"#, "allowed two that rise"),
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}}"#, "allowed two that rise"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}"#, "found 16 bytes, needed 12"),
    (#"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#, "found extent -4"),
    (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}"#, "leaves 64 bits"),
    (#"{"a":{"dtype":"Q4","shape":[4],"data_offsets":[0,16]}}"#, "found dtype 'Q4'"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}"#,
      "overlap"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
      "hole"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "end at byte 8 of 16"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, "'a' has no shape"),
    (#"{"a":{"dtype":"F32","shape":[1e99],"data_offsets":[0,8]}}"#, "number beyond 64 bits"),
    (#"[1, 2]"#, "no JSON object"), (#"{"a": "#, "no JSON"), (#"{}"#, "holds no tensor"),
  ])
  func refusesHeadersThatLie(header: String, words: String) {
    #expect(refusal(header).contains(words), "\(refusal(header))")
  }

  @Test func refusesLyingLengths() {
    let far = SampleFile.littleEndian(UInt64.max) + data
    #expect(failure(scratch.write("a.safetensors", far)).contains("no .safetensors header length"))
    let long = SampleFile.littleEndian(UInt64(1000)) + data
    #expect(failure(scratch.write("a.safetensors", long)).contains("header of 1000 bytes in a file of 24"))
    #expect(failure(scratch.write("a.safetensors", [1, 0])).contains("no .safetensors header length"))
    let nested = String(repeating: "[", count: 100_000)
    #expect(refusal(#"{"a":"# + nested).contains("cannot be read"))
  }
}
