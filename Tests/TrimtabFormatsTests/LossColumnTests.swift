import Testing
import Trimtab

@testable import TrimtabFormats

/// Which column is read as the loss.
@Suite struct LossColumnLogTests {
  let scratch = Scratch()

  private func table(_ header: String, _ row: (Int) -> String) -> String {
    header + "\n" + (0..<20).map { row($0) + "\n" }.joined()
  }

  @Test(arguments: [
    ("step,d_loss,g_loss", "d_loss"), ("Step,loss_G,loss_D", "loss_G"), ("step,lossG,lossD", "lossG"),
    ("timestep,policy_loss,value_loss", "value_loss"), ("epoch,mse,val_mse", "mse"), ("step,rmse,r2", "rmse"),
    ("step,train_bpb,mfu", "train_bpb"), ("iteration,objective,time", "objective"),
    ("iter,train_err,seed", "train_err"),
    ("step,cost,accuracy", "cost"), ("step,neg_elbo,kl_loss", "kl_loss"), ("step,CE,acc", "CE"),
    ("step,mean_squared_error,x", "mean_squared_error"), ("step,aux_loss,d_loss", "d_loss"),
    ("step,policy_loss,loss", "loss"), ("step,bits_per_byte,lr", "bits_per_byte"), ("Unnamed: 0,loss,lr", "loss"),
    ("total_timesteps,train/policy_gradient_loss,ep_rew_mean", "train/policy_gradient_loss"),
  ])
  func readsWhatStandsForALoss(header: String, name: String) throws {
    let sample = try LogSample(scratch, table(header) { "\($0),2.5,2.25" })
    #expect(sample.column("loss") == name && sample.rows.count == 20, "\(header) \(sample.log.columns)")
  }

  @Test func saysWhichOfSeveralWasTaken() throws {
    let sample = try LogSample(scratch, table("step,d_loss,g_loss") { "\($0),2.5,2.25" })
    #expect(sample.log.notes == ["loss is 'd_loss', not 'g_loss'"])
    let other = try TrainingLog(path: sample.log.path, loss: "g_loss")
    #expect(other.columns.map(\.name) == ["step", "g_loss"] && other.notes == ["loss is 'g_loss', not 'd_loss'"])
  }

  @Test(arguments: [
    "[Epoch 0/9] [Batch %/50] [D loss: 2.5] [G loss: 7]", "[0/9][%/50]\tLoss_D: 2.5\tLoss_G: 7\tD(x): 0.5 x",
    "step % discriminator loss 2.5, generator loss 7 x", "Iter: %, D_loss: 2.5, G_loss: 7 x",
    "step % mse: 2.5 psnr: 7 x",
  ])
  func keepsPrintedTermsApart(line: String) throws {
    let sample = try LogSample(
      scratch, (0..<20).map { line.replacing("%", with: "\($0)") + "\n" }.joined())
    #expect(sample.losses == [Double?](repeating: 2.5, count: 20), "\(sample.log.columns)")
    #expect(sample.steps == Array(0..<20))
  }

  @Test func countsThroughPairsOfEpochAndBatch() throws {
    let text = (0..<20).map { "[\($0 / 5)/4][\($0 % 5)/5]\tLoss_D: 2.5\tLoss_G: 7 x\n" }.joined()
    #expect(try LogSample(scratch, text).steps == Array(0..<20))
  }

  @Test func readsPerplexitiesAsLogarithms() throws {
    let cells = ["1", "2.718281828459045", "inf", "nan", "0", "-1"]
    for text in [
      table("step,train_ppl,val_perplexity") { "\($0),\(cells[$0 % 6]),1" },
      (0..<20).map { "{\"step\": \($0), \"train_ppl\": \"\(cells[$0 % 6])\", \"val_perplexity\": 1}\n" }.joined(),
      (0..<20).map { "step \($0) train_ppl \(cells[$0 % 6]) val_perplexity: 1 x\n" }.joined(),
    ] {
      let sample = try LogSample(scratch, text)
      #expect(same(Array(sample.losses.prefix(6)), [0, 1, .infinity, .nan, -.infinity, .nan]), "\(sample.losses)")
      #expect(sample.rows.allSatisfy { $0.validationLoss == 0 })
      #expect(sample.log.notes.contains("loss is the logarithm of 'train_ppl'"))
    }
  }

  @Test(arguments: ["epoch,accuracy,val_accuracy", "step,elbo,time", "step,reward,fps", "iteration,ep_rew_mean,score"])
  func takesWhatRisesForNoLoss(header: String) throws {
    let sample = try LogSample(scratch, table(header) { "\($0),0.5,0.25" })
    #expect(sample.column("loss") == nil && !sample.log.risingColumns.isEmpty)
    #expect(sample.rows.allSatisfy { $0.loss == nil && $0.validationLoss == nil })
    let name = try #require(sample.log.risingColumns.first)
    #expect(try TrainingLog(path: sample.log.path, loss: name).columns.contains { $0 == ("loss", name) })
  }

  @Test(arguments: [
    "cost,age,income", "step,cost,age,income", "mse,x,y", "it,error,b,c", "weight_loss,step,height", "id,err,obj",
    "accuracy,x,y", "step,accuracy,price",
  ])
  func aDataSetStaysOne(header: String) throws {
    let text = table(header) { row in
      (0..<4).map { "\((row * (7 + $0)) % 11)" }.prefix(header.split(separator: ",").count).joined(separator: ",")
    }
    let path = scratch.write("log", Array(text.utf8))
    #expect(!TrainingLog.recognise(path: path), "\(header)")
    let name = String(header.split(separator: ",")[0])
    #expect(TrainingLog.recognise(path: path, loss: name))
    let told = try TrainingLog(path: path, loss: name)
    #expect(told.columns.contains { $0 == ("loss", name) })
  }

  @Test func saysWhichNamesThereAre() throws {
    let path = scratch.write("log", Array(table("step,loss,other") { "\($0),1,2" }.utf8))
    let error = #expect(throws: FormatError.self) { try TrainingLog(path: path, loss: "lost") }
    #expect(error?.message == "the loss: found no column 'lost', allowed loss, other")
  }

  @Test func aTornLineHasNoSayInWhichColumnIsWhich() throws {
    let rows = (0..<50).map { "{\"step\": \($0), \"train\": {\"loss\": 2.5, \"lr\": 0.1}}" }
    let torn = rows[7].dropLast(8)
    var inner = rows
    inner[7] = String(torn)
    for text in [rows.joined(separator: "\n") + "\n" + torn, inner.joined(separator: "\n") + "\n"] {
      let sample = try LogSample(scratch, text)
      #expect(sample.column("loss") == "train/loss" && sample.log.notes.isEmpty)
      #expect(sample.rows.count >= 49 && sample.rows.allSatisfy { $0.loss == 2.5 && $0.learningRate == 0.1 })
    }
    let list = try LogSample(scratch, "[" + inner.joined(separator: ",\n") + "]")
    #expect(list.column("loss") == "train/loss")
  }

  @Test func theUsersNameIsFoundInEveryFormat() throws {
    let lines = (0..<9).map { "{\"step\": \($0), \"loss\": 1, \"other\": \($0).5}\n" }.joined()
    let printed = (0..<9).map { "step \($0) loss 1 other: \($0).5 x\n" }.joined()
    let events =
      EventFile.header
      + (0..<9).flatMap {
        EventFile.event($0, [EventFile.simple("loss", 1), EventFile.simple("other", Float($0) + 0.5)])
      }
    for bytes in [Array(lines.utf8), Array(printed.utf8), events] {
      let log = try TrainingLog(path: scratch.write("log", bytes), loss: "other")
      var losses: [Double?] = []
      _ = try log.forEachRow { losses.append($0.loss) }
      #expect(losses == (0..<9).map { Double($0) + 0.5 }, "\(log.format)")
    }
  }
}
