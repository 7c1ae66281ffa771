import Testing
import Trimtab

@testable import TrimtabFormats

/// Small logs of each format with bytes changed, moved, lost and doubled: reading them must end without a trap.
@Suite struct LogMutationTests {
  static let logs: [[UInt8]] = [
    Array("step,loss,lr,grad_norm\n1,2.5,0.1,1\n2,2.25,0.1,\"1,5\"\nstep,loss,lr\n3,nan,0.1\n".utf8),
    Array("epoch;step;train_loss_step;val_loss\n0;1;2,5;\n0;2;;2,5\n1;3;1.#QNAN;\n".utf8),
    Array("  step  loss\n 1  2.5\n 2  2.25e-3\n".utf8),
    Array(
      "{\"step\": 1, \"train\": {\"loss\": 2.5}}\n{\"step\": 2, \"train\": {\"loss\": NaN}, \"x\": [1, {}]}\n".utf8),
    Array(JSONLogTests.state.utf8), Array("[{\"step\": 1, \"loss\": 2.5},\n{\"step\": 2, \"loss\": \"nan\"}]".utf8),
    EventFile.header + EventFile.scalars(4).joined()
      + EventFile.event(9, [EventFile.tensor("val_loss", EventFile.field(1, 1) + EventFile.field(5, Float(2)))]),
    Array(
      "step     1/19560 | loss 11.0 (+nanz)| norm 15.3 (-0.1z)| lr 8.57e-07\nval loss 1,5\nstep 2/3 | loss -nan(ind)\n"
        .utf8),
    Array(
      "Epoch 0: 10%|█ | 5/50 [00:01<00:09, 4.9it/s, loss=2.3]\rEpoch 1: 10%| 6/50 [loss=2.3]\r\nEpoch 1/2 loss: 1.#IND\n"
        .utf8),
    Array("{'loss': 2.1, 'epoch': 0.01}\n{'loss': tensor(2.0), 'lr': 1e-5, 'epoch': 0.02}\n".utf8),
    SampleFile.deflated(Array("step,loss\n1,2.5\n2,2.25\n".utf8), window: 31),
    [0xff, 0xfe] + Array("step,loss\n1,2.5\n2,2.25\n".utf8).flatMap { [$0, 0] },
    Array("step,d_loss,ppl\n\"999\",2.5,7\n\"1,000\",None\n\"1,001\",2.25,9\n1/3,2,\n".utf8),
    Array("[0/5][1/9] Loss_D: 2.5 D loss: 7\n[0/5][2/9] Loss_D: 2.25 ppl: 7\n".utf8),
  ]
  static let words: [[UInt8]] =
    [
      "nan", "1e999", "-", "\"", "{", "[", "\n", "\r", ",", "99999999999999999999", "9223372036854775807",
      "-9223372036854775808",
      "step", "loss", "epoch", "/", "1.#", "\u{1b}[", "(", "\\u", "1e-400", "9007199254740993",
    ].map { Array($0.utf8) } + [
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0], [0x80], [0xef, 0xbb, 0xbf],
    ]

  @Test func doNotTrap() throws {
    let seed = UInt64.random(in: 0 ..< .max)
    print("log mutations: seed \(seed)")
    var random = SplitMix(state: seed)
    let scratch = Scratch()
    var readCount = 0
    for round in 0..<4000 {
      let log = LogMutationTests.mutated(LogMutationTests.logs[round % LogMutationTests.logs.count], &random)
      let path = scratch.write("log", log)
      guard let found = try? TrainingLog(path: path) else { continue }
      var count = 0
      let reading = try found.forEachRow { _ in count += 1 }
      #expect(reading.rowCount == count, "seed \(seed) round \(round)")
      readCount += 1
    }
    #expect(readCount > 1000)
  }

  private static func mutated(_ log: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var log = log
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...log.count, using: &random)
      let end = min(log.count, place + Int.random(in: 0...12, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: log.removeSubrange(place..<end)
      case 1: log.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
      case 2: log.insert(contentsOf: log[place..<end], at: Int.random(in: 0...log.count, using: &random))
      case 3: if place < log.count { log[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
      case 4: log = Array(log.prefix(place))
      default: log.replaceSubrange(place..<end, with: words.randomElement(using: &random) ?? [])
      }
    }
    return log
  }
}
