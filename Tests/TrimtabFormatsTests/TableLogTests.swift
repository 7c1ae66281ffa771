import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct TableLogTests {
  let scratch = Scratch()

  @Test(arguments: [
    "step,loss,lr\n1,2.5,0.1\n2,2.25,0.1\n", "step,loss,lr\r\n1,2.5,0.1\r\n2,2.25,0.1\r\n",
    "step\tloss\tlr\n1\t2.5\t0.1\n2\t2.25\t0.1\n", "Step;Loss;LR\n1;2,5;0,1\n2;2,25;0,1\n",
    "step loss lr\n1 2.5 0.1\n2 2.25 0.1\n", "  step   loss     lr\n     1    2.5    0.1\n     2   2.25    0.1\n",
    "\u{FEFF}step,loss,lr\n1,2.5,0.1\n2,2.25,0.1", "# step loss lr\n1 2.5 0.1\n2 2.25 0.1\n",
    "# made by hand\nstep,loss,lr\n# a comment\n1,2.5,0.1\n\n2,2.25,0.1\n",
    "sep=;\nstep;loss;lr\n1;2.5;0.1\n2;2.25;0.1\n",
    "step,loss,lr\r1,2.5,0.1\r2,2.25,0.1\r",
    "\"step\",\"loss\",\"lr\"\n\"1\",\"2.5\",\"0.1\"\n\"2\",\"2,25\",\"0.1\"\n",
    "loss,lr,step,note\n2.5,0.1,1,\"a, b\"\n2.25,0.1,2,\n", ",step,loss,lr\n0,1,2.5,0.1\n1,2,2.25,0.1\n",
    "step loss lr\n0 1 2.5 0.1\n1 2 2.25 0.1\n", "step,loss,lr\n1,2.5,0.1,\n2,2.25,0.1,\n",
    "step | loss | lr\n1 | 2.5 | 0.1\n2 | 2.25 | 0.1\n",
  ])
  func readsTheSameRows(text: String) throws {
    let sample = try LogSample(scratch, text)
    #expect(
      sample.rows == [LogRow(step: 1, loss: 2.5, learningRate: 0.1), LogRow(step: 2, loss: 2.25, learningRate: 0.1)])
    #expect(sample.reading.isSound && sample.reading.rowCount == 2 && sample.log.hasSteps)
    #expect(sample.log.format == .csv)
    let zipped = try LogSample(scratch, SampleFile.deflated(Array(text.utf8), window: 31), name: "log.gz")
    #expect(zipped.rows == sample.rows)
  }

  @Test func readsNaNHoweverItIsSpelled() throws {
    let spellings = [
      "nan", "NaN", "NAN", "-nan", "+nan", "nan(ind)", "-nan(ind)", "NaN(0x8000)", "1.#QNAN", "-1.#IND", "1.#QNAN00",
      " nan ",
    ]
    let infinities = ["inf", "Inf", "Infinity", "+inf", "1.#INF", "1.#INF00"]
    let words = ["NULL", "None", "null", "NA", "n/a", "#N/A", "<NA>", "#NUM!", "#DIV/0!"]
    let missing = ["", "-", "?"]
    let cells = spellings + infinities + ["-inf", "-Infinity", "-1.#INF"] + words + missing
    let text = "step,loss\n" + cells.enumerated().map { "\($0),\($1)\n" }.joined()
    let sample = try LogSample(scratch, text)
    let expected: [Double?] =
      spellings.map { _ in .nan } + infinities.map { _ in .infinity } + [-.infinity, -.infinity, -.infinity]
      + words.map { _ in .nan } + missing.map { _ in nil }
    #expect(same(sample.losses, expected))
    #expect(sample.reading.textColumns.isEmpty)
  }

  @Test func tellsTextInNumberFields() throws {
    let sample = try LogSample(scratch, "step,loss\n1,2.5\n2,abc\n3,0x10\nfour,2\n4,2.25\n1.5,1\n5,\"1,234.5\"\n")
    #expect(same(sample.losses, [2.5, nil, nil, 2.25, nil]))
    #expect(sample.steps == [1, 2, 3, 4, 5])
    #expect(sample.reading.withoutStepCount == 2)
    let loss = try #require(sample.reading.textColumns.first { $0.name == "loss" })
    #expect(loss.count == 3 && loss.firstLine == 3 && loss.firstText == "abc")
    let step = try #require(sample.reading.textColumns.first { $0.name == "step" })
    #expect(step.count == 2 && step.firstLine == 5 && step.firstText == "four")
  }

  @Test func doesNotGuessAtThousands() throws {
    let sample = try LogSample(scratch, "step;loss\n1.000;2,5\n1,000;2,5\n1001;2,5\n")
    // 1.000 is the number one; 1,000 may be one or a thousand.
    #expect(sample.steps == [1, 1001])
    #expect(sample.reading.textColumns.first?.firstText == "1,000")
    #expect(sample.reading.notes == ["decimal commas"])
    #expect(sample.log.notes == ["cells are separated by semicolons"])
  }

  @Test func keepsGoingOverDamage() throws {
    let sample = try LogSample(
      scratch, "step,loss,lr\n1,2.5,0.1\n2,2.5\n3,2.5,0.1,7\n4,2.53,2.5,0.1\n5,\"2.5,0.1\n6,2.5,0.1\n7,2.5,0.1\n8,2.")
    #expect(sample.steps == [1, 2, 6, 7])
    #expect(sample.reading.damagedCount == 3 && sample.reading.damages.map(\.line) == [4, 5, 6])
    #expect(sample.reading.damages[0].reason == "4 cells where the header has 3")
    #expect(sample.reading.damages[2].reason == "a quote is opened and never closed")
    #expect(sample.reading.tornLine == 9)
  }

  @Test func doesNotTrustACellThatTheEndMayCut() throws {
    let sample = try LogSample(scratch, "step,loss\n1,10.9875\n2,10.9812\n3,10")
    #expect(sample.steps == [1, 2] && sample.reading.tornLine == 4)
    let whole = try LogSample(scratch, "step,loss\n1,10.9875\n2,10.9812\n3,10.981")
    #expect(whole.steps == [1, 2, 3] && whole.reading.tornLine == nil)
  }

  @Test func takesHeadersOfRestarts() throws {
    let sample = try LogSample(
      scratch, "step,loss\n1,2.5\n2,2.25\nstep,loss\n2,2.25\nstep,lr,loss\n3,0.1,2\n4,0.1,1.5\n")
    #expect(sample.steps == [1, 2, 2, 3, 4])
    #expect(same(sample.losses, [2.5, 2.25, 2.25, 2, 1.5]))
    #expect(sample.rows.last?.learningRate == 0.1)
    #expect(sample.reading.repeatedHeaderCount == 2 && sample.reading.repeatedHeaderLines == [4, 6])
    #expect(sample.reading.isSound)
    #expect(sample.reading.columns.map(\.quantity) == ["step", "loss", "learning_rate"])
  }

  @Test func readsLightningsSparseCells() throws {
    let text = """
      epoch,step,train_loss_epoch,train_loss_step,val_loss
      0,49,,2.5,
      0,99,,2.25,
      0,99,,,2.125
      0,99,2.375,,
      1,149,,2,

      """
    let sample = try LogSample(scratch, text)
    #expect(sample.log.format == .lightning)
    #expect(sample.column("loss") == "train_loss_step" && sample.column("validation_loss") == "val_loss")
    #expect(sample.steps == [49, 99, 99, 99, 149])
    #expect(same(sample.losses, [2.5, 2.25, nil, nil, 2]))
    #expect(sample.rows[2].validationLoss == 2.125)
    #expect(sample.log.notes.contains("loss is 'train_loss_step', not 'train_loss_epoch'"))
  }

  @Test func countsThroughEpochs() throws {
    let text = "epoch,batch,loss\n" + (0..<3).flatMap { epoch in (0..<4).map { "\(epoch),\($0 * 10),2\n" } }.joined()
    #expect(try LogSample(scratch, text).steps == (0..<12).map { $0 * 10 })
    let restarted = "epoch,batch,loss\n0,1,2\n0,2,2\n1,1,2\n1,2,2\n0,1,2\n0,2,2\n1,1,2\n"
    #expect(try LogSample(scratch, restarted).steps == [1, 2, 3, 4, 1, 2, 3])
    // Steps that only fall back are the log's own affair.
    #expect(
      try LogSample(scratch, "epoch,step,loss\n0,100,2\n0,200,2\n1,150,2\n1,160,2\n").steps == [100, 200, 150, 160])
  }

  @Test func takesEpochsForStepsWhereTheyRise() throws {
    let epochs = try LogSample(scratch, "epoch,train_loss,val_loss,lr\n1,2.5,2.6,0.1\n2,2.25,2.4,0.1\n")
    #expect(epochs.steps == [1, 2] && epochs.column("step") == "epoch" && epochs.log.notes == ["steps are epochs"])
    let rows = try LogSample(scratch, "epoch,loss,lr\n1,2.5,0.1\n1,2.25,0.1\n2,2,0.1\n")
    #expect(rows.steps == [0, 1, 2] && !rows.log.hasSteps)
  }

  @Test func tellsPartsOfTheDataApart() throws {
    let sample = try LogSample(scratch, "epoch,phase,loss\n0,train,2.5\n0,val,2.25\n1,train,2\n1,val,2.125\n")
    #expect(same(sample.losses, [2.5, nil, 2, nil]))
    #expect(same(sample.rows.map(\.validationLoss), [nil, 2.25, nil, 2.125]))
  }

  @Test func takesSparseNaNForMissing() throws {
    let text = "step,loss,val_loss\n1,2.5,nan\n2,2.5,2.5\n3,2.5,nan\n4,2.5,2.5\n5,nan,nan\n"
    let sample = try LogSample(scratch, text)
    #expect(same(sample.rows.map(\.validationLoss), [nil, 2.5, nil, 2.5, nil]))
    #expect(sample.rows[4].loss?.isNaN == true)
    #expect(sample.log.notes == ["NaN in 'val_loss' stands for no value"])
  }

  @Test func takesNaNInEvaluationsForNoLoss() throws {
    let text = "step,loss,val_loss\n1,2.5,nan\n2,nan,2.5\n3,2.5,nan\n4,nan,2.25\n5,nan,nan\n"
    let sample = try LogSample(scratch, text)
    #expect(same(sample.losses, [2.5, nil, 2.5, nil, .nan]))
    #expect(sample.log.notes.contains("a loss of NaN beside a validation loss stands for no value"))
    // A loss that is logged beside the validation loss is NaN where it says so.
    let other = try LogSample(scratch, "step,loss,val_loss\n1,2.5,2.5\n2,nan,2.5\n3,nan,2.5\n4,2.5,2.5\n")
    #expect(same(other.losses, [2.5, .nan, .nan, 2.5]))
  }

  @Test func readsWhatWeightsAndBiasesExports() throws {
    let sample = try LogSample(
      scratch,
      "\"Step\",\"my-run 5 - train/loss\",\"my-run 5 - train/loss__MIN\",\"my-run 5 - train/loss__MAX\"\n"
        + "\"1\",\"2.5\",\"2.4\",\"2.6\"\n")
    #expect(sample.rows == [LogRow(step: 1, loss: 2.5)])
  }

  @Test func keepsTheRowsBeforeACorruption() throws {
    let text = "step,loss\n" + (0..<60000).map { "\($0),\(Double(($0 &* 7919) % 10007) / 997)\n" }.joined()
    var bytes = SampleFile.deflated(Array(text.utf8), window: 31)
    bytes[bytes.count - 6] ^= 1
    let sample = try LogSample(scratch, bytes)
    #expect(sample.rows.count == 60000 && sample.reading.failure?.message.contains("corrupt") == true)
  }

  @Test func keepsTheRowsBeforeATruncation() throws {
    let text = "step,loss\n" + (0..<60000).map { "\($0),\(Double(($0 &* 7919) % 10007) / 997)\n" }.joined()
    let bytes = SampleFile.deflated(Array(text.utf8), window: 31)
    let sample = try LogSample(scratch, Array(bytes.prefix(bytes.count / 2)))
    #expect(sample.reading.failure?.message.contains("truncated") == true)
    #expect(sample.rows.count > 10000 && sample.steps == Array(0..<sample.rows.count))
  }

  @Test func readsAMillionColumns() throws {
    let count = 1_000_000
    let names = "step,loss," + (0..<count).map { "f\($0)" }.joined(separator: ",") + ",lr\n"
    let cells = String(repeating: ",0.5", count: count) + ",0.1\n"
    let sample = try LogSample(scratch, names + (0..<3).map { "\($0),2.5" + cells }.joined())
    #expect(sample.rows == (0..<3).map { LogRow(step: $0, loss: 2.5, learningRate: 0.1) })
    #expect(sample.log.unusedColumnCount == count && sample.log.unusedColumns.count == 256)
  }

  @Test func readsAHeaderAlone() throws {
    let sample = try LogSample(scratch, "step,loss\n")
    #expect(sample.rows.isEmpty && sample.reading.isSound)
    #expect(try LogSample(scratch, "step,loss").rows.isEmpty)
  }

  @Test(arguments: [
    "", "\n\n", "a,b\n1,2\n", "1,2\n3,4\n", "age,bmi,charges\n1,2,3\n", "id,cat1,cont1,loss\n1,a,0.5,2.5\n2,b,0.25,3\n",
    "label,probability\n1,0.5\n", "alcohol,malic_acid,ash\n1,2,3\n", "step,value\n1,2\n", "epoch\n1\n",
    "norm,scale\n1,2\n",
    "step,loss\nthe,loss\nis,here\nno,number\n", "name,text\nstep 1,the loss was 5\n", "\0\0\0\0\0\0\0\0loss,step\n",
  ])
  func isNoLog(text: String) {
    let path = scratch.write("a.csv", Array(text.utf8))
    #expect(!TrainingLog.recognise(path: path))
    #expect(throws: FormatError.self) { try TrainingLog(path: path) }
  }

  @Test func handsOnWhatTheCallerThrows() throws {
    struct Enough: Error {}
    let log = try TrainingLog(path: scratch.write("log", Array("step,loss\n1,2\n2,2\n3,2\n".utf8)))
    var count = 0
    #expect(throws: Enough.self) {
      try log.forEachRow { _ in
        count += 1
        if count == 2 { throw Enough() }
      }
    }
    #expect(count == 2)
  }
}
