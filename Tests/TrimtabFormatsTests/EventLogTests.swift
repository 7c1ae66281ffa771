import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct EventLogTests {
  let scratch = Scratch()

  /// RFC 3720, appendix B.4.
  @Test func checksumsAreThoseOfTheStandard() {
    let read: [UInt8] =
      [
        0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18,
        0x28,
      ]
      + [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    let vectors: [([UInt8], UInt32)] = [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      (Array(0..<32), 0x46dd_794e), ((0..<32).reversed(), 0x113f_db5c), (read, 0xd996_3a56),
      (Array("123456789".utf8), 0xe306_9283), ([], 0),
    ]
    for (bytes, checksum) in vectors { #expect(bytes.withUnsafeBytes { Checksum32C.of($0) } == checksum) }
    let bytes = Array("123456789".utf8)
    let split = bytes[..<4].withUnsafeBytes { Checksum32C.of($0) }
    #expect(bytes[4...].withUnsafeBytes { Checksum32C.of($0, after: split) } == 0xe306_9283)
  }

  @Test func readsScalars() throws {
    let bytes =
      EventFile.header + EventFile.scalars(4).joined() + EventFile.event(30, [EventFile.simple("val/loss", .nan)])
    let sample = try LogSample(scratch, bytes, name: "events.out.tfevents.1")
    #expect(sample.log.format == .tensorBoard && sample.log.hasSteps)
    #expect(sample.steps == [0, 10, 20, 30, 30])
    #expect(same(sample.losses, [2.5, 2.375, 2.25, 2.125, nil]))
    #expect(sample.rows[0].learningRate == 0.25 && sample.rows[4].validationLoss?.isNaN == true)
    #expect(sample.reading.isSound && sample.reading.rowCount == 5 && sample.reading.passedOverCount == 1)
  }

  @Test func readsTensors() throws {
    let float = EventFile.field(1, 1) + EventFile.field(2, []) + EventFile.field(5, Float(2.5))
    let packed = EventFile.field(1, 1) + EventFile.field(5, SampleFile.float32([2.25]))
    let content = EventFile.field(1, 1) + EventFile.field(4, SampleFile.float32([2]))
    let double = EventFile.field(1, 2) + EventFile.field(6, 1.75)
    let vector = EventFile.field(1, 1) + EventFile.field(4, SampleFile.float32([2, 3]))
    let bytes =
      EventFile.header
      + [float, packed, content, double, vector].enumerated()
      .flatMap { EventFile.event($0, [EventFile.tensor("Loss/train", $1)]) }
      + EventFile.event(9, [EventFile.tensor("Loss/train", float, plugin: "histograms")])
    let sample = try LogSample(scratch, bytes)
    #expect(same(sample.losses, [2.5, 2.25, 2, 1.75]))
    #expect(sample.reading.passedOverCount == 3)
  }

  /// Made by torch.utils.tensorboard: a simple value, tensors of both precisions, and a text.
  @Test func readsWhatPyTorchWrites() throws {
    let encoded =
      "SAAAAAAAAAD+kkidCfJ+xUXVwtpBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2ZpbGVfd3JpdGVyr"
      + "xdwUiAAAAAAAAAAKe2pUAnphcVF1cLaQRAKKhMKEQoKdHJhaW4vbG9zcxUAACBAhPZ6XzIAAAAAAAAAJBlW7AlzhsVF1cLaQRAUKiUKIwoKdHJh"
      + "aW4vbG9zc0IICAEqBAAAEEBKCwoJCgdzY2FsYXJzJX8/7DYAAAAAAAAAT1eM7wm2hsVF1cLaQRAeKikKJwoKdHJhaW4vbG9zc0IMCAIyCAAAAAA"
      + "AAPh/SgsKCQoHc2NhbGFyc/NwFOMYAAAAAAAAAKN/SyIJ3IbFRdXC2kEQHioLCgkKAmxyFQAAAD9nhxT6PgAAAAAAAADZ0kDnCU+HxUXVwtpBEB"
      + "4qMQovChFub3RlL3RleHRfc3VtbWFyeUIQCAcSBBICCAFCBmxvc3MgNUoICgYKBHRleHR6CAQ0"
    let sample = try LogSample(scratch, Array(try #require(Data(base64Encoded: encoded))))
    #expect(sample.steps == [10, 20, 30, 30] && same(sample.losses, [2.5, 2.25, .nan, nil]))
    #expect(sample.rows[3].learningRate == 0.5 && sample.reading.isSound)
  }

  @Test func passesOverARecordWhoseDataAreDamaged() throws {
    var records = EventFile.scalars(5)
    records[2][20] ^= 1
    let sample = try LogSample(scratch, EventFile.header + records.joined())
    #expect(sample.steps == [0, 10, 30, 40])
    #expect(sample.reading.checksumFailureCount == 1 && sample.reading.lostByteCount == 0)
    #expect(sample.reading.damages == [LogReading.Damage(line: 4, reason: "the checksum does not fit")])
    #expect(sample.reading.notes.contains { $0.contains("TensorBoard stops") })
  }

  @Test func findsTheNextRecordWhereALengthIsDamaged() throws {
    var records = EventFile.scalars(5)
    records[2][0] ^= 1
    let sample = try LogSample(scratch, EventFile.header + records.joined())
    #expect(sample.steps == [0, 10, 30, 40])
    #expect(sample.reading.checksumFailureCount == 1 && sample.reading.lostByteCount == records[2].count)
  }

  @Test func tellsATornRecord() throws {
    let bytes = EventFile.header + EventFile.scalars(3).joined()
    for cut in [1, 5, 20, 40] {
      let sample = try LogSample(scratch, Array(bytes.dropLast(cut)))
      #expect(sample.steps == [0, 10] && sample.reading.tornLine != nil && sample.reading.checksumFailureCount == 0)
    }
  }

  @Test func countsRowsWhereNoStepIsNamed() throws {
    let bytes = EventFile.header + (0..<3).flatMap { EventFile.event(0, [EventFile.simple("loss", Float($0))]) }
    let sample = try LogSample(scratch, bytes)
    #expect(sample.steps == [0, 1, 2] && !sample.log.hasSteps)
  }

  @Test func takesNegativeSteps() throws {
    let bytes = EventFile.header + [-1, 5].flatMap { EventFile.event($0, [EventFile.simple("loss", 1)]) }
    #expect(try LogSample(scratch, bytes).steps == [-1, 5])
  }

  @Test func isNoLog() {
    let example = EventFile.record(EventFile.field(1, EventFile.field(1, Array("loss".utf8))))
    let others: [[UInt8]] = [
      example + example, EventFile.header, EventFile.header + EventFile.event(1, [EventFile.simple("temperature", 1)]),
      EventFile.record([]), EventFile.record([0xff]), Array(EventFile.header.dropLast(3)),
    ]
    for bytes in others { #expect(!TrainingLog.recognise(path: scratch.write("events.out.tfevents.1", bytes))) }
  }
}
