import Testing
import Trimtab

@testable import TrimtabFormats

@Suite struct TextLogTests {
  let scratch = Scratch()

  @Test func readsNanoGPT() throws {
    let sample = try LogSample(
      scratch,
      """
      tokens per iteration will be: 491,520
      number of parameters: 123.59M
      num decayed parameter tensors: 50, with 124,354,560 parameters
      step 0: train loss 10.9876, val loss 10.9901
      iter 0: loss 10.9875, time 33511.34ms, mfu -100.00%
      iter 10: loss 9.5, time 330.01ms, mfu 3.00%
      iter 20: loss nan, time 330.01ms, mfu 3.00%
      step 20: train loss 2.1, val loss 2.25
      saving checkpoint to out-gpt2

      """)
    #expect(sample.log.format == .text && sample.steps == [0, 0, 10, 20, 20])
    #expect(same(sample.losses, [nil, 10.9875, 9.5, .nan, nil]))
    #expect(same(sample.rows.map(\.validationLoss), [10.9901, nil, nil, nil, 2.25]))
    #expect(sample.reading.isSound && sample.reading.passedOverCount == 4)
    #expect(sample.log.notes == ["loss is 'loss', not 'train loss'"])
  }

  @Test func readsLlmC() throws {
    let printed = try LogSample(
      scratch,
      """
      | learning rate (LR)    | 6.000000e-04                                       |
      | max_steps             | -1                                                 |
      val loss 11.009802
      step     1/19560 | loss 11.009783 (+nanz)| norm 15.3762 (+nanz)| lr 8.57e-07 | 1212.13 ms | 55.1% bf16 MFU | 432535 tok/s
      step   130/19560 | loss 7.1 (-1.20z)| norm 1.25 (+0.31z)| lr 1.71e-04 | 1212.13 ms | 55.1% bf16 MFU | 432535 tok/s
      val loss 7.125
      step   131/19560 | loss -nan (+nanz)| norm inf (+nanz)| lr 1.71e-04 | 1212.13 ms | 55.1% bf16 MFU | 432535 tok/s

      """)
    #expect(printed.steps == [1, 130, 130, 131])
    #expect(same(printed.losses, [11.009783, 7.1, nil, .nan]))
    #expect(same(printed.rows.map(\.gradientNorm), [15.3762, 1.25, nil, .infinity]))
    #expect(same(printed.rows.map(\.learningRate), [8.57e-7, 1.71e-4, nil, 1.71e-4]))
    #expect(printed.rows[2].validationLoss == 7.125)
    let log = try LogSample(
      scratch,
      "s:0 tel:11.0098\ns:1 trl:11.0098 lr:0.000001 norm:15.38\ns:2 trl:10.9598 lr:0.000002 norm:15.24\ns:250 eval:0.2465\n"
    )
    #expect(
      log.rows == [
        LogRow(step: 0, validationLoss: 11.0098),
        LogRow(step: 1, loss: 11.0098, gradientNorm: 15.38, learningRate: 1e-6),
        LogRow(step: 2, loss: 10.9598, gradientNorm: 15.24, learningRate: 2e-6),
      ])
  }

  @Test func readsMegatron() throws {
    let line =
      " iteration      100/     500 | consumed samples:          800 | elapsed time per iteration (ms): 800.1 | "
      + "learning rate: 1.000E-04 | global batch size:     8 | lm loss: 1.25E+00 | loss scale: 64.0 | grad norm: 1.5 | "
      + "number of skipped iterations:   0 | number of nan iterations:   0 |\n"
    let sample = try LogSample(
      scratch,
      line + line.replacing("  100/", with: "  200/")
        + " validation loss at iteration 200 | lm loss value: 2.300000E+00 | lm loss PPL: 9.97E+00 |\n")
    let row = LogRow(step: 100, loss: 1.25, gradientNorm: 1.5, learningRate: 1e-4, lossScale: 64)
    var next = row
    next.step = 200
    #expect(sample.rows == [row, next, LogRow(step: 200, validationLoss: 2.3)])
  }

  @Test func readsPrintedDictionaries() throws {
    let sample = try LogSample(
      scratch,
      """
      {'loss': 2.125, 'grad_norm': 1.5, 'learning_rate': 4.9e-05, 'epoch': 0.01}
      {'loss': 2.0, 'grad_norm': nan, 'learning_rate': 4.8e-05, 'epoch': 0.02}
      {'eval_loss': 1.875, 'eval_runtime': 1.2, 'epoch': 0.02}
      {'train_runtime': 22.1, 'train_loss': 2.05, 'epoch': 0.02}

      """)
    #expect(!sample.log.hasSteps && sample.steps == [0, 1, 2])
    #expect(same(sample.losses, [2.125, 2, nil]) && same(sample.rows.map(\.gradientNorm), [1.5, .nan, nil]))
    #expect(sample.rows[2].validationLoss == 1.875)
  }

  @Test func readsProgressBars() throws {
    let bar = { (epoch: Int, done: Int, loss: String) in
      "Epoch \(epoch):  10%|█▏        | \(done)/50 [00:01<00:09,  4.93it/s, v_num=0, loss=\(loss)]\r"
    }
    let text =
      "Epoch 0:   0%|          | 0/50 [00:00<?, ?it/s]\r" + bar(0, 5, "2.5") + bar(0, 5, "2.375") + bar(0, 10, "2.25")
      + "\n"
      + bar(1, 5, "2") + bar(1, 10, "nan") + "\n"
    let sample = try LogSample(scratch, text)
    #expect(sample.steps == [5, 10, 55, 60])
    #expect(same(sample.losses, [2.375, 2.25, 2, .nan]))
    #expect(sample.reading.repeatedProgressCount == 1 && sample.reading.rowCount == 4)
    let keras = try LogSample(
      scratch,
      """
      Epoch 1/3
       50/100 [==============>...............] - ETA: 3s - loss: 0.75 - accuracy: 0.5
      100/100 [==============================] - 7s 66ms/step - loss: 0.5 - accuracy: 0.6 - val_loss: 0.625
      Epoch 2/3
      \u{1b}[1m 50/100\u{1b}[0m \u{1b}[32m━━━━\u{1b}[0m\u{1b}[37m━━━━\u{1b}[0m \u{1b}[1m3s\u{1b}[0m 66ms/step - accuracy: 0.5 - loss: 0.25

      """)
    #expect(keras.steps == [50, 100, 150] && same(keras.losses, [0.75, 0.5, 0.25]))
    #expect(keras.rows[1].validationLoss == 0.625)
  }

  @Test func countsEpochsOfWhichOnlyTheEndIsLogged() throws {
    let sample = try LogSample(
      scratch,
      """
      Epoch 0: 100%|██████████| 10/10 [00:01<00:00,  9.9it/s, loss=2.5, v_num=1]
      Validation DataLoader 0: 100%|██████████| 5/5 [00:00<00:00, 50.1it/s]
      Epoch 1: 100%|██████████| 10/10 [00:01<00:00,  9.9it/s, loss=2.25, v_num=1, val_loss=2.125]

      """)
    #expect(sample.rows == [LogRow(step: 10, loss: 2.5), LogRow(step: 20, loss: 2.25, validationLoss: 2.125)])
  }

  @Test func readsFairseq() throws {
    let sample = try LogSample(
      scratch,
      """
      2023-01-01 10:00:00 | INFO | train_inner | epoch 001:    100 / 1000 loss=5.5, nll_loss=4.1, ppl=17.1, num_updates=100, lr=1.25e-05, gnorm=1.25, loss_scale=128, wall=35
      2023-01-01 10:00:10 | INFO | train_inner | {"epoch": 1, "update": 0.2, "loss": "5.25", "nll_loss": "4", "num_updates": "200", "lr": "2.5e-05", "gnorm": "1.5", "loss_scale": "64"}
      2023-01-01 10:01:00 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 5.125 | nll_loss 4.8 | ppl 28 | num_updates 200 | best_loss 5

      """)
    #expect(
      sample.rows == [
        LogRow(step: 100, loss: 5.5, gradientNorm: 1.25, learningRate: 1.25e-5, lossScale: 128),
        LogRow(step: 200, loss: 5.25, gradientNorm: 1.5, learningRate: 2.5e-5, lossScale: 64),
        LogRow(step: 200, validationLoss: 5.125),
      ])
  }

  @Test(arguments: [
    "step=1 loss=2.5\nstep=2 loss=2.25\n", "Epoch 3, Step 1, Loss: 2.5000\nEpoch 3, Step 2, Loss: 2.2500\n",
    "[2024-01-01 12:00:00,123] INFO train.py:12 - step: 1 - loss: 2.5\n[2024-01-01 12:00:00,123] INFO train.py:12 - step: 2 - loss: 2.25\n",
    "Epoch [1/5], Step [1/600], Loss: 2.5\nEpoch [1/5], Step [2/600], Loss: 2.25\n",
    "iter 1 | loss: tensor(2.5000, grad_fn=<NllLossBackward0>)\niter 2 | loss: tensor(2.2500, grad_fn=<x>)\n",
    "{'step': 1, 'loss': np.float64(2.5)}\n{'step': 2, 'loss': np.float64(2.25)}\n",
    "step 1: loss (avg): 2.5\nstep 2: loss (avg): 2.25\n", "step 1: Loss (train) = 2.5\nstep 2: Loss (train) = 2.25\n",
    "\u{1b}[31mstep:  1  \u{1b}[32mloss:  2.5000  \u{1b}[34mtps: 1,200\n\u{1b}[31mstep:  2  \u{1b}[32mloss:  2.2500  \u{1b}[34mtps: 1,200\n",
    "Iteration 1: training loss = 2,5\nIteration 2: training loss = 2,25\n",
    "global step 1\nloss: 2.5\n\nglobal step 2\nloss: 2.25\n",
    "time per step: 5, step 1, best loss 1, loss -> 2.5\ntime per step: 5, step 2, best loss 1, loss -> 2.25\n",
    "12:00:01 rank 0: Iter 1/100 (1%) Loss is 2.5 (avg 3)\r\n12:00:02 rank 0: Iter 2/100 (2%) Loss is 2.25 (avg 3)\r\n",
  ])
  func readsTheSameRows(text: String) throws {
    let sample = try LogSample(scratch, text)
    #expect(sample.rows == [LogRow(step: 1, loss: 2.5), LogRow(step: 2, loss: 2.25)])
    #expect(sample.log.format == .text && sample.log.hasSteps)
  }

  @Test func readsWhatStandsInBrackets() throws {
    let nan = try LogSample(
      scratch, "step 1: loss: tensor(2.5)\nstep 2: loss: tensor(nan, device='cuda:0')\nstep 3: loss: 2\n")
    #expect(nan.rows.map(\.step) == [1, 2, 3])
    #expect(nan.rows[1].loss?.isNaN == true)
    let both = try LogSample(
      scratch, "step 1: loss (train): 2.5 loss (val): 3.5\nstep 2: loss (train): 2.25 loss (val): 3.25\n")
    #expect(both.rows.compactMap(\.loss) == [2.5, 2.25])
    #expect(both.rows.compactMap(\.validationLoss) == [3.5, 3.25])
  }

  @Test func readsNaNHoweverItIsSpelled() throws {
    let cells = [
      "nan", "NaN", "NAN", "-nan", "nan(ind)", "-nan(ind)", "1.#QNAN", "-1.#IND", "inf", "-inf", "Infinity", "1.#INF",
    ]
    let text = cells.enumerated().map { "step \($0) loss: \($1) lr: 0.5\n" }.joined()
    let sample = try LogSample(scratch, text)
    let expected = [Double?](repeating: .nan, count: 8) + [.infinity, -.infinity, .infinity, .infinity]
    #expect(same(sample.losses, expected) && sample.rows.allSatisfy { $0.learningRate == 0.5 })
  }

  @Test func tellsHeldOutDataApart() throws {
    let sample = try LogSample(
      scratch,
      """
      Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.500000
      Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.250000

      Test set: Average loss: 0.0500, Accuracy: 9800/10000 (98%)

      Train Epoch: 2 [0/60000 (0%)]\tLoss: 0.250000

      """)
    #expect(sample.steps == [0, 640, 640, 60000])
    #expect(same(sample.losses, [2.5, 2.25, nil, 0.25]) && sample.rows[2].validationLoss == 0.05)
  }

  @Test func doesNotTrustANumberThatTheEndMayCut() throws {
    let sample = try LogSample(scratch, "step 1 loss 2.5\nstep 2 loss 2.5\nstep 3 loss 2.")
    #expect(sample.steps == [1, 2] && sample.reading.tornLine == 3)
  }

  @Test func findsALogBehindALongPreamble() throws {
    let preamble = (0..<20000).map { "module \($0): Linear(in=12, out=\($0))\n" }.joined()
    #expect(try LogSample(scratch, preamble + "step 1 loss 2.5\nstep 2 loss 2.25\n").steps == [1, 2])
  }

  @Test(arguments: [
    "The loss was 0.5. Then we trained for 3 epochs.\nUse step 1 first.\nloss = criterion(x)\n", "a\nb\n", "loss 5\n",
    "for step in range(10):\n  loss = 0.5\n", "step 1\nstep 2\nstep 3\n", "learning rate 0.1\nlearning rate 0.2\n",
    "weight loss 5 kg\nweight loss 6 kg\n",
  ])
  func isNoLog(text: String) { #expect(!TrainingLog.recognise(path: scratch.write("a.txt", Array(text.utf8)))) }
}
