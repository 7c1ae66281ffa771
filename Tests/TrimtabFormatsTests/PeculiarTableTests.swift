import Testing
import Trimtab

@testable import TrimtabFormats

/// Tables that are not quite what one would write.
@Suite struct PeculiarTableLogTests {
  let scratch = Scratch()

  @Test func takesWordsForNoValueWhereNothingWasWritten() throws {
    // At the front there is no loss yet; in every other row there is none to write.
    let early = try LogSample(scratch, "step,loss\n0,None\n1,2.5\n2,2.25\n3,2\n")
    #expect(same(early.losses, [nil, 2.5, 2.25, 2]))
    let sparse = try LogSample(
      scratch, "step,loss\n" + (0..<40).map { "\($0),\($0 % 2 == 0 ? "2.5" : "NA")\n" }.joined())
    #expect(same(sparse.losses, (0..<40).map { $0 % 2 == 0 ? 2.5 : nil }))
    let evaluated = try LogSample(scratch, "step,loss,val_loss\n0,2.5,\n1,2.25,\n2,None,2.5\n3,2,\n4,None,\n")
    #expect(same(evaluated.losses, [2.5, 2.25, nil, 2, .nan]))
  }

  @Test func readsCommasBetweenThousandsWhereStepsGoOnByThem() throws {
    let cell = { (step: Int) in step < 1000 ? "\(step)" : "\(step / 1000),\(String(step % 1000 + 1000).dropFirst())" }
    let steps = Array(stride(from: 0, to: 30000, by: 10))
    for (mark, quote) in [(",", "\""), (";", "")] {
      let sample = try LogSample(
        scratch, "step\(mark)loss\n" + steps.map { "\(quote)\(cell($0))\(quote)\(mark)2.5\n" }.joined())
      #expect(sample.steps == steps && sample.reading.isSound)
      #expect(sample.reading.notes == ["steps have commas between their thousands"])
    }
  }

  @Test func readsRowsWithoutTheirLastCell() throws {
    let sample = try LogSample(
      scratch, "step,loss,lr\n1,2.5317\n2,2.5210,0.1\n3,2.5\n4\n5,2.4917\n6,2.4871,0.1\n")
    // The loss of step 3 is cut off, and 4 says nothing.
    #expect(sample.steps == [1, 2, 5, 6] && sample.losses == [2.5317, 2.5210, 2.4917, 2.4871])
    #expect(sample.rows.map(\.learningRate) == [nil, 0.1, nil, 0.1])
    #expect(sample.reading.shortRowCount == 2 && sample.reading.firstShortLine == 2)
    #expect(sample.reading.damages.map(\.line) == [4, 5] && sample.reading.unreadCount == 2)
    // Between spaces nobody can tell which cell is missing.
    let spaced = try LogSample(scratch, "step lr loss\n1 0.1 2.5\n2 2.5\n3 0.1 2.5\n")
    #expect(spaced.steps == [1, 3] && spaced.reading.damagedCount == 1)
  }

  @Test func countsWhatCannotBeRead() throws {
    let sample = try LogSample(scratch, "step,loss,lr\n1,2.5,0.1\nx,2.5,0.1\n3,y,z\n4,2.5,0.1,9\n5,2.5,w\n")
    #expect(sample.reading.unreadCount == 3 && sample.reading.tellingCount == 5)
    #expect(
      sample.reading.firstUnread
        == LogReading.Damage(
          line: 3, reason: "found \"x\" in step, allowed whole numbers below 2^53, without separators"))
  }

  @Test(arguments: ["0.5", "1e-3", "9223372036854775807", "1e30"])
  func countsRowsWhereStepsAreNone(step: String) throws {
    let sample = try LogSample(scratch, "step,loss\n" + (0..<9).map { "\(step)\($0 % 3),2.5\n" }.joined())
    #expect(sample.steps == Array(0..<9) && !sample.log.hasSteps && sample.column("step") == nil)
    #expect(sample.log.notes.first?.hasPrefix("the numbers in 'step' are not whole") == true)
    #expect(sample.reading.isSound)
  }

  @Test func readsUTF16() throws {
    let text = "step,loss,note\n" + (0..<30000).map { "\($0),2.5,é\u{1F600}\n" }.joined()
    for isBig in [false, true] {
      var bytes: [UInt8] = isBig ? [0xfe, 0xff] : [0xff, 0xfe]
      for unit in text.utf16 {
        let (low, high) = (UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8))
        bytes += isBig ? [high, low] : [low, high]
      }
      let sample = try LogSample(scratch, bytes)
      #expect(sample.steps == Array(0..<30000) && sample.reading.isSound)
    }
    for bytes in [[0xff, 0xfe], [0xff], [0xff, 0xfe, 0x41], [0xff, 0xfe, 0x00, 0xd8]] as [[UInt8]] {
      #expect(!TrainingLog.recognise(path: scratch.write("log", bytes)))
    }
  }

  @Test func takesTheFirstOfTwoColumnsOfOneName() throws {
    let sample = try LogSample(scratch, "step,loss,loss\n1,2.5,7\n2,2.25,7\n")
    #expect(sample.losses == [2.5, 2.25] && sample.log.notes == ["2 columns are called 'loss': the first is read"])
  }

  @Test func doesNotTakeAColumnThatIsNearlyEmpty() throws {
    let text = "step,loss,train_loss\n" + (0..<40).map { "\($0),\($0 == 7 ? "9" : ""),2.5\n" }.joined()
    #expect(try LogSample(scratch, text).column("loss") == "train_loss")
  }

  @Test func doesNotTakeDecimalCommasForACellMore() throws {
    let sample = try LogSample(scratch, "step,loss\n" + (0..<9).map { "\($0),2,5\($0)\n" }.joined())
    #expect(sample.rows.isEmpty && sample.reading.unreadCount == 9 && sample.reading.tellingCount == 9)
    #expect(sample.reading.firstUnread?.reason == "3 cells where the header has 2")
    let grouped = try LogSample(scratch, "step,loss\n" + (0..<9).map { "\($0),2,50\($0).25\n" }.joined())
    #expect(grouped.rows.isEmpty && grouped.reading.unreadCount == 9)
  }

  @Test func readsStepsOfATotalAndTablesWithALine() throws {
    let sample = try LogSample(
      scratch, "| step | loss |\n|------|-----:|\n| 1/3 | 2.5 |\n| 2/3 | 2.25 |\n| 4/3 | 2 |\n")
    #expect(sample.steps == [1, 2] && sample.reading.withoutStepCount == 1)
    #expect(sample.reading.textColumns.first?.firstText == "4/3" && sample.reading.damagedCount == 0)
    let epochs = try LogSample(scratch, "  Epoch  box_loss  size\n  1/9  2.5  640\n  2/9  2.25  640\n")
    #expect(epochs.steps == [1, 2] && epochs.losses == [2.5, 2.25])
  }

  @Test func readsAroundZeroBytes() throws {
    let zeros = String(repeating: "\0", count: 300)
    let sample = try LogSample(scratch, "step,loss\n1,2.5\n\(zeros)2,2.25\n\(zeros)\n3,2\n4,2\(zeros)")
    #expect(sample.steps == [1, 2, 3, 4] && sample.losses == [2.5, 2.25, 2, 2])
    let lines = try LogSample(scratch, "{\"step\": 1, \"loss\": 2}\n\(zeros)\n{\"step\": 2, \"loss\": 2}\n")
    #expect(lines.steps == [1, 2])
  }
}
