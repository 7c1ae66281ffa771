import Foundation
import Testing

/// What `trimtab check` says of training logs that it can read only in part, or must be told of.
@Suite struct TrainingLogInputTests {
  private func check(_ text: String, _ more: [String] = []) throws -> CommandRun {
    let made = try MadeFiles()
    try Data(text.utf8).write(to: URL(fileURLWithPath: made.path("run.csv")))
    return try CommandRun(["check", made.path("run.csv")] + more)
  }

  private func table(_ header: String, _ row: (Int) -> String) -> String {
    header + "\n" + (0..<200).map { row($0) + "\n" }.joined()
  }

  @Test func whatCannotBeReadIsNotHealthy() throws {
    let run = try check(table("step,loss") { "\($0 < 90 ? "" : "s")\($0),\(3 - 0.001 * Double($0))" })
    #expect(run.status == 2 && run.output.hasPrefix("UNKNOWN: "))
    #expect(
      run.errors.contains(
        "110 of 200 lines could not be read, first line 92: found \"s90\" in step, allowed whole numbers"))
    let half = try check(table("step,loss") { $0 < 150 ? "\($0),\(3 - 0.001 * Double($0))" : "\($0),x" })
    // A loss that has no value to the end is a finding of its own.
    #expect(half.status == 1 && half.output.contains("the loss is missing from step 150 on"))
    #expect(half.output.contains("50 cells of loss hold text, such as \"x\" on line 152"))
    #expect(half.output.contains("text_cell_count = 50"))
  }

  @Test func alossThatIsNoneEndsWithTwo() throws {
    let run = try check(table("epoch,accuracy,val_accuracy") { "\($0),0.5,0.5" })
    #expect(run.status == 2 && run.output.hasPrefix("UNKNOWN: nothing could be judged"))
    #expect(run.output.contains("no loss in the log: found accuracy, val_accuracy, of which more is better;"))
    #expect(!run.output.contains("feature_scale"))
  }

  @Test func textThatIsNoLogIsToldSo() throws {
    let made = try MadeFiles()
    try Data("epoch 1, error 2\nepoch 2, error 1\n".utf8).write(to: URL(fileURLWithPath: made.path("run.txt")))
    let run = try CommandRun(["check", made.path("run.txt")])
    #expect(run.status == 2 && run.errors.contains("; found no loss beside a step or another quantity of a run"))
    let told = try CommandRun(["check", made.path("run.txt"), "--loss", "error"])
    #expect(told.output.contains("loss: error"), "\(told.output)")
  }

  @Test func theLossIsTold() throws {
    let text = table("step,d_loss,g_loss") { "\($0),1,\(3 - 0.001 * Double($0))" }
    #expect(try check(text).output.contains("note: loss is 'd_loss', not 'g_loss'"))
    #expect(try check(text, ["--loss", "g_loss"]).output.contains("loss: g_loss"))
    let data = try check(table("age,height") { "\($0 % 7),\($0 % 5)" }, ["--loss", "loss"])
    #expect(data.status != 0 && data.errors.contains("--loss: found no column 'loss': not read as a training log"))
    let wrong = try check(text, ["--loss", "x_loss"])
    #expect(wrong.status == 2 && wrong.errors.contains("found no column 'x_loss', allowed d_loss, g_loss"))
  }

  @Test(arguments: [
    (["--rise-size", "0.5"], "--rise-size: found 0.5, allowed 1 to 1e6"),
    (["--rise-size", "nan"], "--rise-size: found nan, allowed 1 to 1e6"),
    (["--recovery-rows", "0"], "--recovery-rows: found 0, allowed 1 to 1099511627776"),
    (["--class-count", "-1"], "--class-count: found -1, allowed 0 to 1099511627776"),
    (["--loss", ""], "--loss: found an empty name, allowed the name of a column"),
  ])
  func flagsSayWhatIsAllowed(flags: [String], message: String) throws {
    let run = try check(table("step,loss") { "\($0),2.5" }, flags)
    #expect(run.status == 2 && run.errors.contains(message), "\(run.errors)")
  }

  @Test func flagsReachTheDoctor() throws {
    // A rise of six times the noise is a warning, of thirty no more than that asked for.
    let text = table("step,loss") { row in
      "\(row),\((row < 100 ? 2 : 2.6) + 0.1 * Double((row * 37) % 19 - 9) / 9)"
    }
    #expect(try check(text).status == 1)
    #expect(try check(text, ["--rise-size", "1000"]).status == 0)
  }

  @Test func eventFilesHaveRecords() throws {
    let made = try MadeFiles()
    let encoded =
      "SAAAAAAAAAD+kkidCfJ+xUXVwtpBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2ZpbGVfd3JpdGVyr"
      + "xdwUiAAAAAAAAAAKe2pUAnphcVF1cLaQRAKKhMKEQoKdHJhaW4vbG9zcxUAACBAhPZ6XzIAAAAAAAAAJBlW7AlzhsVF1cLaQRAUKiUKIwoKdHJh"
      + "aW4vbG9zc0IICAEqBAAAEEBKCwoJCgdzY2FsYXJzJX8/7DYAAAAAAAAAT1eM7wm2hsVF1cLaQRAeKikKJwoKdHJhaW4vbG9zc0IMCAIyCAAAAAA"
      + "AAPh/SgsKCQoHc2NhbGFyc/NwFOMYAAAAAAAAAKN/SyIJ3IbFRdXC2kEQHioLCgkKAmxyFQAAAD9nhxT6PgAAAAAAAADZ0kDnCU+HxUXVwtpBEB"
      + "4qMQovChFub3RlL3RleHRfc3VtbWFyeUIQCAcSBBICCAFCBmxvc3MgNUoICgYKBHRleHR6CAQ0"
    var bytes = try #require(Data(base64Encoded: encoded))
    // A loss and a rate of one step are one step.
    try bytes.write(to: URL(fileURLWithPath: made.path("events.out.tfevents.1")))
    let whole = try CommandRun(["check", made.path("events.out.tfevents.1")])
    #expect(whole.output.contains("in 3 steps in 1 file") && whole.output.contains("10 to 30, 4 records"))
    bytes[110] ^= 1
    try bytes.write(to: URL(fileURLWithPath: made.path("events.out.tfevents.1")))
    let damaged = try CommandRun(["check", made.path("events.out.tfevents.1")])
    #expect(damaged.output.contains("1 record cannot be read: 2 (the checksum does not fit)"), "\(damaged.output)")
    #expect(damaged.output.contains("damaged_record_count = 1") && !damaged.output.contains(" line"))
  }
}
