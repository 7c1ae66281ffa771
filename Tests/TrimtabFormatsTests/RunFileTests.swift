import Foundation
import Testing
import Trimtab

@testable import TrimtabFormats

/// Logs and records that the library wrote, whole and damaged.
@Suite struct RunFileTests {
  /// How the lines of a file lie: offsets of their first byte and of the byte after their line feed.
  func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for place in bytes.indices where bytes[place] == 10 {
      lines.append(start..<(place + 1))
      start = place + 1
    }
    return lines
  }

  /// The number of a step's line; nil for other lines.
  func step(_ line: ArraySlice<UInt8>) -> Int? {
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasPrefix("{\"step\":") else { return nil }
    return Int(text.dropFirst(8).prefix { $0.isNumber })
  }

  @Test func readsALogThatTheLibraryWrote() throws {
    let written = try WrittenRun()
    let file = try RunFile(path: written.log)
    #expect(file.kind == .log && file.version == 1 && file.damage == LineDamage() && file.unknownLineCount == 0)
    #expect(file.runs.count == 1)
    let run = try #require(file.runs.first)
    #expect(run.hasHeader && run.entryCount == 3 && run.stepCount == 100 && run.firstStep == 1 && run.lastStep == 100)
    #expect(run.loss.count == 100 && run.loss.nonfiniteSteps == [80] && run.loss.nonfiniteCount == 1)
    #expect(run.loss.first?.value == 2 && run.loss.least?.step == 100 && run.loss.last?.value == 0.02)
    #expect(run.learningRate.least?.value == 0.1 && run.learningRate.greatest?.value == 0.1)
    #expect(run.actions.totals.count == 1 && run.actions.ranges == run.actions.totals)
    let skip = try #require(run.actions.ranges.first)
    #expect(skip.action == "skip" && skip.rule == "nonfinite" && skip.firstStep == 80 && skip.count == 1)
    let finding = try #require(run.findings.first)
    #expect(finding.rule == "nonfinite" && finding.verdict == "critical" && finding.firstStep == 80)
    #expect(finding.before.count == 4 && finding.isStanding == false)
    #expect(run.closing?.stepCount == 100 && run.closing?.lastStep == 100 && run.closing?.neverSeen == ["größe"])
    #expect(run.closing?.coverage.first?.lookCount == 200 && run.closing?.coverage.first?.leftOutCount == 0)
  }

  @Test func readsARecordThatTheLibraryWrote() throws {
    let written = try WrittenRun()
    let file = try RunFile(path: written.record)
    let run = try #require(file.runs.first)
    #expect(file.kind == .record && run.stepCount == 64 && run.firstStep == 37 && run.lastStep == 100)
    #expect(run.closing != nil && run.findings.count >= 1)
    let name = "layer \"0\".weight"
    let steps = try RunFile.recordedSteps(path: written.record, names: [name], last: 30)
    #expect(steps.map(\.step.number) == Array(71...100))
    #expect(steps.allSatisfy { $0.seen.count == 1 && $0.seen[0].name == name })
    #expect(steps[9].step.number == 80 && steps[9].seen[0].nonfiniteCount == 1 && steps[8].seen[0].nonfiniteCount == 0)
  }

  @Test func aHeaderIsANewRun() throws {
    let written = try WrittenRun(steps: 1...40, bad: nil)
    try written.write(41...60, bad: nil)
    try written.write(1...10, bad: 5)
    let file = try RunFile(path: written.log)
    #expect(file.runs.map(\.firstStep) == [1, 41, 1] && file.runs.map(\.stepCount) == [40, 20, 10])
    #expect(file.runs.map(\.findings.count) == [0, 0, 1])
    #expect(file.runs.allSatisfy { $0.closing != nil } && file.damage.count == 0)
  }

  /// Cut anywhere, a record and a log still give every line that is whole.
  @Test func everyTruncationGivesAllWholeLines() throws {
    let written = try WrittenRun(steps: 1...10, bad: 6)
    for path in [written.log, written.record] {
      let bytes = try written.bytes(path)
      let lines = lines(bytes)
      for length in 1...bytes.count {
        let cut = try written.file("cut.jsonl", Array(bytes[..<length]))
        let whole = lines.filter { $0.upperBound - 1 <= length && $0.count > 1 }
        let steps = whole.filter { step(bytes[$0]) != nil }.count
        guard !whole.isEmpty else {
          #expect(throws: FormatError.self) { try RunFile(path: cut) }
          continue
        }
        let file = try RunFile(path: cut)
        guard file.runs.reduce(0, { $0 + $1.stepCount }) == steps, file.damage.count == 0 else {
          Issue.record("cut at \(length): \(file.runs.map(\.stepCount)), wanted \(steps); \(file.damage)")
          return
        }
        let isTorn = !whole.contains { length == $0.upperBound || length == $0.upperBound - 1 }
        #expect((file.damage.tornLine != nil) == isTorn, "cut at \(length)")
      }
    }
  }

  /// Bytes flipped at random: every line that no flip touched is read, none twice, and nothing traps.
  @Test func everyUntouchedLineIsRead() throws {
    var random = PrintedSeed()
    let written = try WrittenRun(steps: 1...60, bad: 40)
    for path in [written.log, written.record] {
      let bytes = try written.bytes(path)
      let lines = lines(bytes)
      for round in 0..<150 {
        var damaged = bytes
        var touched: Set<Int> = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          let count = round % 3 == 0 ? Int.random(in: 1...600, using: &random) : 1
          for offset in place..<min(place + count, bytes.count) {
            damaged[offset] = round % 3 == 0 ? 0 : UInt8.random(in: 0...255, using: &random)
            for (number, line) in lines.enumerated() where line.contains(offset) { touched.insert(number) }
          }
        }
        // A step line whose line feed alone is gone, and the line behind it, are intact.
        let expected = lines.enumerated().compactMap { touched.contains($0) ? nil : step(bytes[$1]) }
        let copy = try written.file("flipped.jsonl", damaged)
        let file = try RunFile(path: copy)
        let found = file.runs.reduce(0) { $0 + $1.stepCount }
        #expect(found >= expected.count && found <= lines.count, "round \(round): \(found) of \(expected.count)")
        let kept = try RunFile.recordedSteps(path: copy, names: [], last: 1000).map(\.step.number)
        #expect(Set(expected).isSubset(of: kept), "round \(round): \(Set(expected).subtracting(kept))")
      }
    }
  }

  @Test func readsWholeEntriesOnDamagedLines() throws {
    let written = try WrittenRun(steps: 1...20, bad: nil)
    var text = String(decoding: try written.bytes(written.log), as: UTF8.self)
    // A torn line with a whole one behind it; a line feed that became another byte; zero bytes before a line.
    text = text.replacingOccurrences(of: "{\"step\":5,", with: "{\"step\":4,\"lo{\"step\":5,")
    text = text.replacingOccurrences(of: "}\n{\"step\":9,", with: "}\u{B}{\"step\":9,")
    text = text.replacingOccurrences(of: "{\"step\":12,", with: String(repeating: "\0", count: 5000) + "{\"step\":12,")
    let file = try RunFile(path: try written.file("mended.jsonl", Array(text.utf8)))
    let run = try #require(file.runs.first)
    #expect(file.runs.count == 1 && run.stepCount == 20 && run.loss.last?.step == 20)
    #expect(file.damage.count == 3 && file.damage.salvagedCount == 4 && file.damage.tornLine == nil)
    #expect(file.damage.firstLines.count == 3)
  }

  @Test func passesOverWhatItDoesNotKnow() throws {
    let long = String(repeating: "x", count: 1 << 20)
    let written = try WrittenRun(steps: 1...2, bad: nil)
    let path = try written.file(
      "newer.jsonl",
      Array(
        """
        {"trimtab_log":7,"library":"9.9","entries":{"a":0,"b":99},"more":[[[{}]]]}
        {"step":1,"loss":1,"action":"ponder","novelty":{"deep":[1,2,{"x":null}]},"verdict":"pensive","p":"\(long)"}
        {"weather":"fair"}

        {"step":2,"loss":"nan","action":"proceed","verdict":"healthy","clip_factor":"wrong type","name":7}
        {"finding":0,"rule":"gravity","verdict":"grave","cause":"mass","first_step":2,"value":"inf","before":"none"}
        {"step":9223372036854775807,"action":"skip"}
        {"step":-9223372036854775808,"action":"skip"}
        {"step":1e300,"action":"skip"}
        """.utf8) + [10, 0xff, 0xfe, 10] + Array("{\"step\":4,\"action\":\"\u{1F600}\"}".utf8))
    let file = try RunFile(path: path)
    let run = try #require(file.runs.first)
    #expect(file.version == 7 && run.entryCount == 2 && run.stepCount == 5 && run.lastStep == 4)
    #expect(file.unknownLineCount == 2 && file.damage.count == 1 && file.damage.firstLines == [10])
    #expect(run.findings.first?.rule == "gravity" && run.findings.first?.value == .infinity)
    #expect(run.actions.totals.map(\.action) == ["ponder", "skip", "😀"] && run.closing == nil)
  }

  @Test func refusesWhatIsNoLog() throws {
    let written = try WrittenRun(steps: 1...2, bad: nil)
    let foreign = String(repeating: "{\"loss\":1,\"step\":2}\n", count: 5000)
    for (name, bytes) in [
      ("empty.jsonl", []), ("zero.jsonl", [UInt8](repeating: 0, count: 100_000)),
      ("foreign.jsonl", Array(foreign.utf8)),
      ("feeds.jsonl", [UInt8](repeating: 10, count: 1000)),
    ] as [(String, [UInt8])] {
      let path = try written.file(name, bytes)
      #expect(throws: FormatError.self, "\(name)") { try RunFile(path: path) }
    }
    let renamed = try written.file("run.log", try written.bytes(written.log))
    #expect(RunFile.isOne(written.log) && RunFile.isOne(renamed))
    let other = try written.file("other.log", [1, 2, 3])
    #expect(!RunFile.isOne(other))
  }

  /// Runs, ranges and findings without end stay within their bounds.
  @Test func keepsItsBounds() throws {
    let written = try WrittenRun(steps: 1...2, bad: nil)
    var text = ""
    for number in 0..<10_000 {
      text += "{\"step\":\(number),\"action\":\"\(number % 2 == 0 ? "skip" : "proceed")\",\"rule\":\"r\(number)\"}\n"
      text += "{\"finding\":\(number),\"rule\":\"r\",\"verdict\":\"notice\",\"first_step\":1}\n"
    }
    for _ in 0..<400 { text += "{\"trimtab_log\":1,\"entries\":{}}\n{\"step\":1,\"action\":\"proceed\"}\n" }
    let file = try RunFile(path: try written.file("endless.jsonl", Array(text.utf8)))
    #expect(file.runs.count == RunFile.greatestRunCount && file.leftOutRunCount == 401 - RunFile.greatestRunCount)
    let run = try #require(file.runs.first)
    #expect(run.stepCount == 10_000 && run.findings.count == RunFile.greatestFindingCount)
    #expect(run.leftOutFindingCount == 10_000 - RunFile.greatestFindingCount)
    #expect(run.actions.totals.count == ActionCourse.greatestKindCount)
    #expect(run.actions.ranges.count == ActionCourse.greatestRangeCount)
    #expect(run.actions.leftOutCount == 5000 - ActionCourse.greatestRangeCount)
  }
}
