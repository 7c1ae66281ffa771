import Testing

@testable import TrimtabFormats

@Suite struct ColumnNameTests {
  static let names: [(LoggedQuantity, [String])] = [
    (
      .loss,
      [
        "loss", "Loss", "LOSS", "train_loss", "train/loss", "Train Loss", "training_loss", "trainLoss", "lm loss",
        "loss_train",
        "nll", "Loss/train", "train_loss_step", "train_loss_epoch", "loss (nats)", "loss/train/total",
        "train/CrossEntropyLoss",
        "loss_metrics/global_avg_loss", "cross_entropy", "trl", "total_loss", "train.loss", "train-loss",
      ]
    ),
    (
      .validationLoss,
      [
        "val_loss", "valid_loss", "validation_loss", "validation/loss", "eval_loss", "eval/loss", "dev_loss",
        "test_loss",
        "val loss", "Validation Loss", "loss_val", "Loss/test", "valLoss", "tel", "metrics/eval/LanguageCrossEntropy",
      ]
    ),
    (
      .step,
      [
        "step", "Step", "iter", "iteration", "Iteration", "global_step", "trainer/global_step", "train/global_step",
        "batch", "it",
        "update", "num_updates", "_step", "globalStep", "train_step", "batch_idx",
      ]
    ),
    (
      .gradientNorm,
      [
        "grad_norm", "gradient_norm", "grad norm", "gnorm", "train/grad_norm", "global_grad_norm", "total_norm", "norm",
        "l2_norm/grad/global", "grad_2.0_norm_total", "optim/total_grad_norm", "GradNorm", "grad_norm_before_clip",
      ]
    ),
    (
      .learningRate,
      [
        "lr", "LR", "learning_rate", "learning rate", "train/learning_rate", "lr-Adam", "lr-AdamW/pg1",
        "lr-DecoupledAdamW/group0",
        "optim/learning_rate_group0", "learningRate", "lr/group_0",
      ]
    ),
    (.lossScale, ["loss_scale", "loss scale", "scale", "grad_scale", "train/loss_scale", "scaler"]),
    (.epoch, ["epoch", "Epoch", "train/epoch"]),
  ]

  @Test(arguments: names)
  func tellsWhatANameSays(quantity: LoggedQuantity, names: [String]) {
    for name in names { #expect(ColumnName.match(name)?.quantity == quantity, "\(name)") }
  }

  @Test(arguments: [
    "perplexity", "ppl", "train_perplexity", "accuracy", "loss_rpn_cls", "d_loss", "aux_loss", "kl_loss", "best_loss",
    "min_loss",
    "step_time", "time_per_iter", "batch_size", "max_steps", "total_steps", "steps_per_second", "epochs_trained",
    "param_norm",
    "max_grad_norm", "weight_norm", "lr_decay", "max_lr", "warmup_lr", "normal", "loss_ratio", "scale_factor",
    "weight_loss", "",
    "train_val_loss", "time", "_timestamp", "iterations_done_by_whom", "glossary", "blossom", "item", "title",
    "stepwise",
  ])
  func isNone(name: String) { #expect(ColumnName.match(name) == nil) }

  @Test(arguments: [
    ["train_loss_step", "train_loss", "train_loss_epoch"], ["loss", "avg_loss"], ["train_loss", "train_loss_smoothed"],
    ["trainer/global_step", "_step"], ["global_step", "batch"],
    ["grad_norm_before_clip", "grad_norm", "grad_norm_clipped"],
    ["lr-AdamW/pg1", "lr-AdamW/pg2"], ["val_loss", "test_loss"], ["grad_norm", "norm"], ["loss_scale", "scale"],
  ])
  func prefersThePreciseName(names: [String]) {
    let ranks = names.map { ColumnName.match($0)?.rank ?? .max }
    #expect(ranks == ranks.sorted() && Set(ranks).count == ranks.count, "\(names) \(ranks)")
  }
}
