import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct JSONLogTests {
  let scratch = Scratch()

  @Test(arguments: [
    "{\"step\": 1, \"loss\": 2.5, \"lr\": 0.1}\n{\"step\": 2, \"loss\": 2.25, \"lr\": 0.1}\n",
    "[{\"step\": 1, \"loss\": 2.5, \"lr\": 0.1},\n {\"step\": 2, \"loss\": 2.25, \"lr\": 0.1}]",
    "{\n  \"step\": 1,\n  \"loss\": 2.5,\n  \"lr\": 0.1\n}\n{\n  \"step\": 2,\n  \"loss\": 2.25,\n  \"lr\": 0.1\n}\n",
    "{\"train\": {\"loss\": 2.5, \"lr\": 0.1}, \"step\": 1}\r\n{\"train\": {\"loss\": 2.25, \"lr\": 0.1}, \"step\": 2}",
    "{\"num_updates\": \"1\", \"update\": 0.1, \"loss\": \"2.5\", \"lr\": \"0.1\"}\n"
      + "{\"num_updates\": \"2\", \"update\": 0.2, \"loss\": \"2.25\", \"lr\": \"0.1\"}\n",
    "\u{FEFF}{\"_step\": 1, \"a\": [1, NaN, {\"loss\": 3}], \"train/loss\": 2.5, \"lr-Adam\": 0.1}\n"
      + "{\"_step\": 2, \"text\": \"loss }{ \\\" \", \"train/loss\": 2.25, \"lr-Adam\": 0.1}\n",
  ])
  func readsTheSameRows(text: String) throws {
    let sample = try LogSample(scratch, text)
    #expect(
      sample.rows == [LogRow(step: 1, loss: 2.5, learningRate: 0.1), LogRow(step: 2, loss: 2.25, learningRate: 0.1)])
    #expect(sample.log.format == .jsonLines && sample.reading.isSound)
    let zipped = try LogSample(scratch, SampleFile.deflated(Array(text.utf8), window: 31), name: "log.gz")
    #expect(zipped.rows == sample.rows)
  }

  @Test func readsNaNHoweverItIsSpelled() throws {
    let cells = ["NaN", "\"NaN\"", "\"nan\"", "Infinity", "-Infinity", "\"inf\"", "null", "1e400", "true"]
    let text = cells.enumerated().map { "{\"step\": \($0), \"loss\": \($1)}\n" }.joined()
    let sample = try LogSample(scratch, text + "{\"step\": 9, \"loss\": 1}\n")
    #expect(same(sample.losses, [.nan, .nan, .nan, .infinity, -.infinity, .infinity, nil, .infinity, nil, 1]))
    #expect(sample.reading.isSound)
  }

  @Test func readsComposer() throws {
    let sample = try LogSample(
      scratch,
      """
      {"time/batch": 1, "time/epoch": 0, "loss/train/total": 2.5, "lr-DecoupledAdamW/group0": 0.5, "l2_norm/grad/global": 1.25}
      {"time/batch": 2, "time/epoch": 0, "loss/train/total": 2.25, "lr-DecoupledAdamW/group0": 0.5, "l2_norm/grad/global": 1}
      {"time/batch": 2, "time/epoch": 0, "metrics/eval/LanguageCrossEntropy": 2.125}

      """)
    #expect(
      sample.rows == [
        LogRow(step: 1, loss: 2.5, gradientNorm: 1.25, learningRate: 0.5),
        LogRow(step: 2, loss: 2.25, gradientNorm: 1, learningRate: 0.5), LogRow(step: 2, validationLoss: 2.125),
      ])
  }

  @Test func adoptsColumnsThatComeLate() throws {
    let early = (0..<20000).map { "{\"step\": \($0), \"loss\": 2.5}\n" }.joined()
    let sample = try LogSample(scratch, early + "{\"step\": 20000, \"eval_loss\": 2.25}\n")
    #expect(sample.column("validation_loss") == nil)
    #expect(sample.rows.last == LogRow(step: 20000, validationLoss: 2.25))
    #expect(sample.reading.columns.last?.name == "eval_loss")
  }

  @Test func keepsGoingOverDamage() throws {
    let text = """
      {"step": 1, "loss": 2.5}
      Saving a checkpoint
      {"step": 2, "lo{"step": 3, "loss": 2.25}
      {"step": 4, "loss": 2.25}{"step": 5, "loss": 2}
      {"step": 6, "loss": "abc"}
      {"step": "seven", "loss": 2}
      {"loss": 2}
      {"split": "val", "step": 8, "loss": 1.5}
      {"step": 9, "loss": 1.
      """
    let sample = try LogSample(scratch, text)
    #expect(sample.steps == [1, 3, 4, 5, 6, 8])
    #expect(same(sample.losses, [2.5, 2.25, 2.25, 2, nil, nil]))
    #expect(sample.rows[5].validationLoss == 1.5)
    #expect(sample.reading.damages == [LogReading.Damage(line: 3, reason: "no JSON object")])
    #expect(sample.reading.passedOverCount == 1 && sample.reading.withoutStepCount == 2)
    #expect(sample.reading.tornLine == 9)
    #expect(sample.reading.textColumns.map(\.name) == ["loss", "step"])
  }

  static let state = """
    {
      "best_metric": null, "epoch": 3.0, "global_step": 30, "is_local_process_zero": true,
      "log_history": [
        {"epoch": 0.1, "grad_norm": 1.5, "learning_rate": 5e-05, "loss": 2.5, "step": 10},
        {"epoch": 0.1, "eval_loss": 2.375, "eval_runtime": 1.5, "step": 10},
        {
          "epoch": 0.2, "grad_norm": NaN, "learning_rate": 4e-05,
          "loss": 0.0, "step": 20
        },
        {"epoch": 0.3, "step": 30, "total_flos": 1e15, "train_loss": 2.25, "train_runtime": 22.0}
      ],
      "max_steps": 30, "stateful_callbacks": {"a": {"args": {"loss": 3, "step": 5}}}, "trial_params": null
    }
    """

  @Test func readsTheStateOfATrainer() throws {
    let sample = try LogSample(scratch, JSONLogTests.state, name: "trainer_state.json")
    #expect(sample.log.format == .trainerState)
    #expect(sample.steps == [10, 10, 20])
    #expect(same(sample.losses, [2.5, nil, 0]))
    #expect(same(sample.rows.map(\.validationLoss), [nil, 2.375, nil]))
    #expect(same(sample.rows.map(\.gradientNorm), [1.5, nil, .nan]))
    #expect(same(sample.rows.map(\.learningRate), [5e-5, nil, 4e-5]))
    #expect(sample.reading.isSound)
    let flat = String(JSONLogTests.state.filter { $0 != "\n" })
    #expect(try LogSample(scratch, flat).rows.count == 3)
  }

  @Test func readsTheStateOfATrainerUpToWhereItBreaksOff() throws {
    let bytes = Array(JSONLogTests.state.utf8.prefix(250))
    let sample = try LogSample(scratch, bytes)
    #expect(sample.log.format == .trainerState && sample.steps == [10] && sample.reading.tornLine == 5)
    let damaged = JSONLogTests.state.replacing("\"eval_loss\": 2.375,", with: "\"eval_loss: 2.375,")
    #expect(try LogSample(scratch, damaged).steps == [10, 20])
  }

  @Test(arguments: [
    "{\"trimtab_log\":1,\"loss\":1}\n{\"step\":1,\"loss\":2.5,\"action\":\"proceed\"}\n",
    "{\"a\": 1}\n{\"a\": 2}\n", "{\"model\": \"x\", \"layers\": 12}", "[1, 2, 3]", "[", "{", "{}", "[{}]", "{\"loss\"",
    "{\n  \"epoch\": 3.0,\n  \"eval_loss\": 2.5,\n  \"train_loss\": 2.25\n}\n",
    "{\"step\": 1}\n{\"step\": 2}\n", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\", \"label\": 0}\n",
    "{\"dtype\": \"F32\", \"shape\": [2, 2], \"data_offsets\": [0, 16]}",
  ])
  func isNoLog(text: String) { #expect(!TrainingLog.recognise(path: scratch.write("a.jsonl", Array(text.utf8)))) }

  @Test func survivesDeepNesting() throws {
    let deep = String(repeating: "{\"a\":", count: 100_000)
    let sample = try LogSample(
      scratch, "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"loss\": 2}\n" + deep + "\n{\"step\": 3, \"loss\": 2}\n")
    #expect(sample.steps == [1, 2, 3] && sample.reading.damagedCount == 1)
  }
}
