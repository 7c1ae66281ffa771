import Foundation
import Testing

@testable import Trimtab

@Suite struct LabelDriftTests {
  private func load(_ bytes: [UInt8]) throws -> LabelDrift { try bytes.withUnsafeBytes { try LabelDrift.load($0) } }

  private func status(_ body: () throws -> Void) -> Status? {
    do {
      try body()
      return nil
    } catch let error as TrimtabError {
      #expect(error.message.contains("found"))
      return error.status
    } catch { return nil }
  }

  /// Random rounds over random subsets of ids in random order and batches, against a dictionary.
  @Test(arguments: [false, true]) func agreesWithADictionary(sharded: Bool) throws {
    var deviates = Deviates("agreesWithADictionary(\(sharded))")
    var options = DriftOptions()
    options.classCount = 4
    let whole = try LabelDrift(options: options)
    let other = try LabelDrift(options: options)
    var history: [[Int: Int]] = []
    for round in 0..<5 {
      let ids: [Int] = (0..<400).filter { _ in deviates.uniform() < 0.9 }.shuffled().map { (id: Int) -> Int in
        id * 0x1_0000_0001 - 7
      }
      let labels = ids.map { _ in deviates.below(5) - (deviates.below(20) == 0 ? 1 : 0) }
      history.append(Dictionary(uniqueKeysWithValues: zip(ids, labels)))
      for part in 0..<3 {
        let members = ids.indices.filter { $0 % 3 == part }
        for (shard, drift) in [whole, other].enumerated() {
          let own = sharded ? members.filter { ids[$0] % 2 == 0 ? shard == 0 : shard == 1 } : shard == 0 ? members : []
          guard shard == 0 || sharded else { continue }
          try add(own.map { labels[$0] }, ids: own.map { ids[$0] }, round: 10 * round, to: drift)
        }
      }
    }
    if sharded { try whole.merge(other) }
    #expect(try load(whole.save()).save() == whole.save())
    func usable(_ label: Int?) -> Int? { label.flatMap { (0..<4).contains($0) ? $0 : nil } }
    for round in 1..<5 {
      let (now, before, beforeThat) = (history[round], history[round - 1], round > 1 ? history[round - 2] : [:])
      let report = try whole.report(round: round)
      let both = now.keys.filter { before[$0] != nil }
      let used = both.filter { usable(now[$0]) != nil && usable(before[$0]) != nil }
      let flipped = used.filter { now[$0] != before[$0] }
      let three = used.filter { usable(beforeThat[$0]) != nil }
      let swung = three.filter { now[$0] == beforeThat[$0] && now[$0] != before[$0] }
      #expect(report.sampleCount == used.count && report.nonfiniteCount == both.count - used.count)
      #expect(report.unmatchedCount == now.count + before.count - 2 * both.count && report.round == 10 * round)
      #expect(report.flipRate == Double(flipped.count) / Double(used.count))
      #expect(report.oscillationSampleCount == three.count)
      #expect(round == 1 || report.oscillationRate == Double(swung.count) / Double(three.count))
      let shares = (0..<4).map { label in Double(used.count { now[$0] == label }) / Double(used.count) }
      #expect(abs(report.classPriorDistance - shares.reduce(0) { $0 + abs($1 - 0.25) / 2 }) < 1e-12)
      #expect(report.leastClassShare == shares.min())
    }
  }

  @Test func refusalsChangeNothing() throws {
    let drift = try LabelDrift()
    try add([0, 1, 2], ids: [5, 6, 7], round: 3, to: drift)
    let bytes = drift.save()
    #expect(status { try add([0, 1], ids: [8, 8], round: 3, to: drift) } == .invalidArgument)
    #expect(status { try add([9, 1], ids: [8, 5], round: 3, to: drift) } == .invalidArgument)
    #expect(status { try add([0], ids: [8], round: 2, to: drift) } == .invalidArgument)
    #expect(status { try add([0], ids: [8, 9], round: 4, to: drift) } == .shape)
    #expect(status { try add([0, 1], ids: [8, 8], round: 4, to: drift) } == .invalidArgument)
    #expect(status { try withView([0.5, 0.5], [1, 2]) { try drift.add(round: 4, predictions: $0) } } == .dtype)
    #expect(drift.save() == bytes)
    try add([1, 1, 2], ids: [5, 6, 7], round: 4, to: drift)
    #expect(drift.report().flipRate == 1.0 / 3)
  }

  @Test func wrongShapesSayWhatIsAllowed() throws {
    let drift = try LabelDrift()
    let column: [Int64] = [1, 2]
    var message = ""
    do {
      try column.withUnsafeBytes {
        try drift.add(round: 0, predictions: try TensorView($0.baseAddress, .int64, shape: [2, 1]))
      }
    } catch let error as TrimtabError { message = error.message }
    #expect(message.contains("int64 of rank 2") && message.contains("[n] integers"))
    #expect(status { try withView([1, 0], [2]) { try drift.add(round: 0, predictions: $0) } } == .dtype)
    #expect(status { try withView([1], []) { try drift.add(round: 0, predictions: $0) } } == .shape)
    #expect(status { try withView([], [3, 0]) { try drift.add(round: 0, predictions: $0) } } == .shape)
    #expect(status { try withView([1, 0], [1, 2]) { try drift.add(round: -1, predictions: $0) } } == .invalidArgument)
    var options = DriftOptions()
    options.classCount = 3
    let three = try LabelDrift(options: options)
    #expect(status { try withView([1, 0], [1, 2]) { try three.add(round: 0, predictions: $0) } } == .invalidArgument)
  }

  @Test func unusableRowsAreLeftOut() throws {
    let p: [Double] = [1, 0, .nan, 1, -1, 2, 0, 0, .infinity, 0, 0, 1]
    let q: [Double] = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    let report = try withView(p, [6, 2]) { before in
      try withView(q, [6, 2]) { try pseudoLabelDrift(before: before, after: $0) }
    }
    #expect(report.sampleCount == 2 && report.nonfiniteCount == 4 && report.flipRate == 0.5)
    let blind = try withView([.nan, 1], [1, 2]) { view in try pseudoLabelDrift(before: view, after: view) }
    #expect(blind.outcome == .nonfinite && blind.verdict == .unknown)
    let none = try withView([], [0, 2]) { view in try pseudoLabelDrift(before: view, after: view) }
    #expect(none.outcome == .insufficient)
    let one = try withView([1, 1], [2, 1]) { view in try pseudoLabelDrift(before: view, after: view) }
    #expect(one.outcome == .degenerate && one.verdict == .unknown)
    let flags: [Bool] = [true, false]
    try flags.withUnsafeBytes {
      let view = try TensorView($0.baseAddress, .bool, shape: [2])
      #expect(try pseudoLabelDrift(before: view, after: view).classCount == 2)
    }
  }

  @Test func idsCountOnWithinARound() throws {
    let (whole, parts) = (try LabelDrift(), try LabelDrift())
    for round in 0..<2 {
      try add([0, 1, 2, 3 - round], round: round, to: whole)
      try add([0, 1], round: round, to: parts)
      try add([2, 3 - round], round: round, to: parts)
    }
    #expect(whole.save() == parts.save() && whole.report().flipRate == 0.25)
  }

  @Test func stateRoundTripIsBitForBit() throws {
    var deviates = Deviates()
    var options = DriftOptions()
    options.classPrior = [0.2, 0.3, 0.5]
    let drift = try LabelDrift(options: options)
    #expect(try load(drift.save()).save() == drift.save())
    for round in 0..<4 {
      var rows = (0..<300).map { _ in exp(2 * deviates.normal()) }
      rows[deviates.below(300)] = .nan
      try withView(rows, [100, 3]) { try drift.add(round: round, predictions: $0) }
    }
    let bytes = drift.save()
    let loaded = try load(bytes)
    #expect(loaded.save() == bytes && loaded.report() == drift.report())
    for stream in [drift, loaded] {
      try withView((0..<300).map { Double($0 % 7) + 1 }, [100, 3]) { try stream.add(round: 9, predictions: $0) }
    }
    #expect(loaded.save() == drift.save())
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x40
      #expect(throws: TrimtabError.self) { try load(changed) }
    }
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: TrimtabError.self) { try load(Array(bytes[..<length])) }
    }
  }

  /// Payloads that a checksum vouches for: whatever word is changed, nothing traps, and what loads saves as the same
  /// bytes.
  @Test func arbitraryPayloadsNeverTrap() throws {
    let drift = try LabelDrift()
    for round in 0..<3 { try add([0, 1, 2, round], ids: [4, -9, 1 << 60, 7], round: round, to: drift) }
    let bytes = drift.save()
    var refused = 0
    for word in stride(from: 32, to: bytes.count, by: 8) {
      for value: UInt64 in [0, 1, 2, 3, 1 << 24, 1 << 33, 1 << 62, .max, 0x7FF8 << 48, 0xFFFF_FFFF] {
        var payload = bytes
        payload.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: word, as: UInt64.self) }
        let changed = savedBytes(kind: .labelDrift, version: 1) { writer in
          payload.withUnsafeBytes {
            writer.write($0.baseAddress!.assumingMemoryBound(to: UInt8.self) + 32, count: payload.count - 32)
          }
        }
        guard let loaded = try? load(changed) else {
          refused += 1
          continue
        }
        _ = loaded.report()
        #expect(loaded.save() == changed, "word at \(word) set to \(value)")
        try? add([0, 1, 2, 3], ids: [4, -9, 1 << 60, 7], round: 1 << 62, to: loaded)
        #expect((try? load(loaded.save())) != nil, "word at \(word) set to \(value)")
      }
    }
    #expect(refused > 100)
  }

  /// Random bytes under a good checksum, of streams of every kind.
  @Test(arguments: 0..<4) func whatLoadsCouldHaveBeenSaved(stream: Int) throws {
    var deviates = Deviates("whatLoadsCouldHaveBeenSaved(\(stream))")
    var options = DriftOptions()
    if stream == 1 { options.classCount = 5 }
    if stream == 3 { options.classPrior = [0.2, 0.3, 0.5] }
    let drift = try LabelDrift(options: options)
    for round in 0..<4 {
      let ids = (0..<12).filter { _ in deviates.below(5) > 0 }
      if stream < 2 {
        try add(ids.map { _ in deviates.below(4) - 1 + deviates.below(2) }, ids: ids, round: 3 * round, to: drift)
      } else {
        let rows = ids.flatMap { _ in (0..<3).map { _ in deviates.below(9) == 0 ? .nan : exp(4 * deviates.normal()) } }
        try withLabels(ids) { names in
          try withView(rows, [ids.count, 3]) { try drift.add(round: 3 * round, ids: names, predictions: $0) }
        }
      }
    }
    let bytes = drift.save()
    #expect(try load(bytes).save() == bytes)
    var loaded = 0
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0...deviates.below(3) {
        let place = 32 + deviates.below(bytes.count - 32)
        changed[place] = deviates.below(2) == 0 ? UInt8(deviates.below(256)) : changed[place] ^ 1
      }
      let forged = savedBytes(kind: .labelDrift, version: 1) { writer in
        changed.withUnsafeBytes { buffer in
          guard let base = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
          writer.write(base + 32, count: buffer.count - 32)
        }
      }
      guard let copy = try? load(forged) else { continue }
      loaded += 1
      #expect(copy.save() == forged)
      if stream < 2 { try? add([0, 1, 2], ids: [2, 40, 7], round: 1 << 40, to: copy) }
      #expect((try? load(copy.save())) != nil)
    }
    #expect(loaded > 0)
  }

  @Test func shardsMustFit() throws {
    let (first, second) = (try LabelDrift(), try LabelDrift())
    try add([0, 1], ids: [1, 2], round: 0, to: first)
    try add([0, 1], ids: [2, 3], round: 0, to: second)
    let bytes = first.save()
    #expect(status { try first.merge(second) } == .mismatch)
    let third = try LabelDrift()
    try add([0, 7], ids: [3, 4], round: 1, to: third)
    #expect(status { try first.merge(third) } == .mismatch)
    #expect(status { try first.merge(first) } == .mismatch)
    #expect(first.save() == bytes)
    let empty = try LabelDrift()
    try empty.merge(first)
    #expect(empty.save() == bytes)
    try first.merge(try LabelDrift())
    #expect(first.save() == bytes)
  }
}
