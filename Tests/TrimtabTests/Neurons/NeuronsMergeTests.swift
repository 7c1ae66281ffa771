import Foundation
import Testing

@testable import Trimtab

@Suite struct NeuronsMergeTests {
  private func load(_ bytes: [UInt8]) throws -> Activity { try bytes.withUnsafeBytes { try Activity.load($0) } }

  @Test(arguments: [1, 3, 7, 8, 13, 15, 16, 131, 1030]) func anySplitGivesTheSame(units: Int) throws {
    var deviates = Deviates("anySplitGivesTheSame(\(units))")
    let rows = units > 1000 ? 60 : 2500
    var values = (0..<rows * units).map { _ in deviates.normal() - 1.5 }
    for _ in 0..<20 { values[deviates.below(values.count)] = .nan }
    let whole = try Activity()
    try withView(values, [rows, units]) { try whole.add($0) }
    let cut = 1 + deviates.below(rows - 1)
    let merged = try Activity()
    let part = try Activity()
    try withView(Array(values[..<(cut * units)]), [cut, units]) { try merged.add($0) }
    try withView(Array(values[(cut * units)...]), [rows - cut, units]) { try part.add($0) }
    try merged.merge(part)
    for unit in 0..<units {
      let own = stride(from: unit, to: values.count, by: units).map { values[$0] }.filter { $0.isFinite }
      for record in [whole.record(unit), merged.record(unit)] {
        #expect(record.finiteCount == own.count && record.activeCount == own.count { $0 > 0 })
        #expect(record.maximum == own.max() && record.minimum == own.min())
        let mean = own.reduce(0, +) / Double(own.count)
        #expect(abs(record.mean - mean) < 1e-12)
        let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs(record.squares - squares) <= 1e-11 * squares)
        let output = own.reduce(0) { $0 + max($1, 0) } / Double(own.count)
        #expect(abs(record.meanOutput - output) < 1e-12)
      }
    }
    #expect(merged.report().deadCount == whole.report().deadCount && merged.sampleCount == rows)
  }

  @Test func mergingWithNothing() throws {
    let empty = try Activity()
    let activity = try Activity()
    try withView([1, -1, 2, -2], [2, 2]) { try activity.add($0) }
    let bytes = activity.save()
    try activity.merge(empty)
    #expect(activity.save() == bytes)
    try empty.merge(activity)
    #expect(empty.save() == bytes)
    let other = try Activity()
    try withView([1, 2, 3], [1, 3]) { try other.add($0) }
    #expect(throws: TrimtabError.self) { try activity.merge(other) }
    var options = ActivityOptions()
    options.activation = .gelu
    #expect(throws: TrimtabError.self) { try activity.merge(try Activity(options: options)) }
    #expect(activity.save() == bytes)
  }

  @Test func stateRoundTripIsBitForBit() throws {
    var deviates = Deviates()
    var options = ActivityOptions()
    options.activation = .tanh
    options.confidence = 0.9
    let activity = try Activity(options: options)
    #expect(try load(activity.save()).save() == activity.save())
    try withView((0..<700).map { _ in deviates.normal() * 12 }, [100, 7]) { try activity.add($0) }
    let bytes = activity.save()
    let loaded = try load(bytes)
    #expect(loaded.save() == bytes && loaded.report() == activity.report() && loaded.options == options)
    try withView((0..<7).map(Double.init), [1, 7]) {
      try loaded.add($0)
      try activity.add($0)
    }
    #expect(loaded.save() == activity.save())
  }

  @Test func corruptStatesAreRefused() throws {
    let activity = try Activity()
    try withView([1, -1, 2, -2], [2, 2]) { try activity.add($0) }
    let bytes = activity.save()
    for length in 0..<bytes.count { #expect(throws: TrimtabError.self) { try load(Array(bytes[..<length])) } }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x10
      #expect(throws: TrimtabError.self) { try load(changed) }
    }
  }

  /// Payloads that a checksum vouches for but no data gives.
  @Test func impossibleStatesAreRefused() throws {
    let activity = try Activity()
    try withView([1, -1, 2, -2], [2, 2]) { try activity.add($0) }
    let bytes = activity.save()
    let words = stride(from: 32, to: bytes.count, by: 8).map { offset in
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }
    var refused = 0
    let invalid: UInt64 = Double.nan.bitPattern
    let negative: UInt64 = (-5.0).bitPattern
    let changes: [(Int, UInt64)] = [
      (0, 8), (1, 99), (10, invalid), (12, UInt64.max), (14, 3), (14, 1 << 60), (15, 3), (17, 3), (19, 3),
      (21, negative), (23, invalid), (25, negative), (27, negative),
    ]
    for (word, value) in changes {
      let changed = savedBytes(kind: .neurons, version: 1) { writer in
        for (index, old) in words.enumerated() { writer.write(index == word ? value : old) }
      }
      #expect(throws: TrimtabError.self, "word \(word)") { try load(changed) }
      refused += 1
    }
    #expect(refused == 13)
  }

  @Test func revivalCountsBothWays() throws {
    // Before: units 0 and 1 dead. After: 1 and 2 dead.
    let rows = 1000
    func audit(_ dead: Set<Int>, _ level: Double) throws -> Activity {
      let activity = try Activity()
      let values = (0..<rows * 4).map { (index: Int) -> Double in
        let swing: Double = index / 4 % 2 == 0 ? 0 : 1
        return dead.contains(index % 4) ? level - swing : swing - 0.5
      }
      try withView(values, [rows, 4]) { try activity.add($0) }
      return activity
    }
    var died = [UInt8](repeating: 9, count: 4)
    let report = try compare(before: try audit([0, 1], -1), after: try audit([1, 2], -1), newlyDead: &died)
    #expect(report.deadBefore == 2 && report.deadAfter == 2 && report.revived == 1 && report.newlyDead == 1)
    #expect(report.revivalFraction == 0.5 && report.newDeathFraction == 0.5 && report.persistence == 0.5)
    #expect(died == [0, 0, 1, 0])
    #expect(report.outcome == .ok && report.verdict == .warning && report.cause == .negativeBias)
    let thrown = try compare(before: try audit([], -1), after: try audit([0, 1, 2], -9))
    #expect(thrown.verdict == .critical && thrown.cause == .learningRateTooHigh && thrown.revivalFraction == 0)
    let calm = try compare(before: try audit([0], -1), after: try audit([0], -1))
    #expect(calm.verdict == .healthy && calm.persistence == 1 && calm.cause == .none)
    #expect(throws: TrimtabError.self) { try compare(before: try Activity(), after: try audit([], -1)) }
    #expect(try compare(before: try Activity(), after: try Activity()).outcome == .insufficient)
  }
}
