/// The words that names of columns are made of, each with what it adds to the rank of a name.
enum ColumnWords {
  static let training: [String: Int] = ["train": 1, "training": 1, "trainer": 1, "tr": 2, "trn": 2]
  static let validation: [String: Int] = [
    "val": 0, "valid": 0, "validation": 0, "eval": 0, "evaluation": 1, "dev": 1, "heldout": 1, "holdout": 1, "test": 3,
    "testing": 3, "validating": 0,
  ]
  /// Folders that loggers put names into.
  static let groups: [String: Int] = [
    "metrics": 0, "metric": 0, "logs": 0, "log": 0, "scalars": 0, "scalar": 0, "stats": 0, "summary": 0, "perf": 0,
    "optim": 0, "optimizer": 0, "model": 0, "global": 0,
  ]
  static let loss: Set<String> = ["loss", "losses", "nll", "xent", "crossentropy"]
  static let lossModifiers: [String: Int] = [
    "step": -5, "batch": -5, "iter": -5, "iteration": -5, "current": -1, "cur": -1, "last": -1, "total": 1, "lm": 1,
    "ce": 1, "nll": 1, "xent": 1, "cross": 1, "entropy": 0, "crossentropy": 1, "language": 0, "overall": 1, "main": 1,
    "value": 1, "inner": 1, "reduced": 1, "avg": 8, "mean": 8, "average": 8, "ema": 9, "smooth": 9, "smoothed": 9,
    "running": 9, "interval": 8, "window": 8, "set": 0, "final": 15, "epoch": 20,
  ]
  static let step: [String: Int] = [
    "step": 1, "iteration": 2, "iter": 2, "update": 6, "it": 4, "steps": 6, "iters": 6, "iterations": 6, "updates": 3,
    "batch": 8, "batches": 9, "timestep": 7, "timesteps": 7, "frame": 12, "frames": 12,
  ]
  static let stepModifiers: [String: Int] = [
    "global": -1, "trainer": 0, "train": 0, "training": 0, "optimizer": 0, "optim": 0, "current": 0, "cur": 0,
    "env": 1, "idx": 0, "index": 0, "number": 0, "no": 0, "id": 0, "n": 1, "num": 1, "gradient": 0,
  ]
  static let gradient: Set<String> = ["grad", "gradient", "gradients", "grads"]
  static let normModifiers: [String: Int] = [
    "global": 0, "total": 0, "overall": 0, "full": 0, "all": 0, "l2": 0, "l": 0, "2": 0, "0": 0, "step": 0,
    "before": -4,
    "pre": -4, "preclip": -4, "unclipped": -4, "raw": -4, "clip": 0, "clipping": 0, "after": 8, "post": 8,
    "clipped": 8, "postclip": 8, "avg": 4, "mean": 4, "average": 4, "epoch": 10, "value": 0,
  ]
  static let rateModifiers: [String: Int] = [
    "current": 0, "cur": 0, "last": 0, "scheduler": 1, "group": 1, "param": 1, "pg": 1, "base": 3, "step": 0,
    "adam": 1, "adamw": 1, "sgd": 1, "w": 0, "lion": 1, "muon": 1, "decoupled": 1, "epoch": 5, "value": 0,
  ]
  static let scaleModifiers: [String: Int] = ["dynamic": 0, "fp16": 0, "amp": 0, "current": 0, "cur": 0, "step": 0]
  /// A column of such a name tells which part of the data a row is about.
  static let phase: Set<String> = ["phase", "split", "mode", "stage", "set", "subset", "type", "tag", "kind", "prefix"]
  /// What is logged beside a loss: such a column says nothing against a training log.
  static let companions: Set<String> = [
    "accuracy", "acc", "top1", "top5", "time", "timestamp", "runtime", "elapsed", "date", "datetime", "wall", "tokens",
    "token", "tps", "mfu", "flops", "tflops", "ppl", "perplexity", "bpb", "throughput", "speed", "memory", "mem", "gpu",
    "samples", "seconds", "sec", "eta", "f1", "auc", "mse", "mae", "rmse", "momentum", "beta", "run", "seed", "train",
    "val", "eval", "hellaswag", "auroc", "auprc", "reward", "rewards", "rew", "return", "returns", "elbo",
    "likelihood", "iou", "miou", "map", "bleu", "rouge", "psnr", "ssim", "r2", "recall", "precision", "success",
    "score", "dice", "fps", "episode", "episodes",
  ]

  // What follows is about sentences that programs print.

  /// Before a name they make it another thing: "best loss", "time per step".
  static let vetoes: Set<String> = [
    "per", "time", "each", "max", "min", "maximum", "minimum", "total", "num", "number", "of", "warmup", "best", "save",
    "every", "next", "remaining", "skipped", "nan", "lowest", "target", "previous", "old", "aux", "auxiliary", "kl",
    "delta", "std", "param", "weight", "eval", "log", "logging", "save", "end", "start", "resume", "resuming",
  ]
  /// Between a name and its number they say nothing.
  static let fillers: Set<String> = [
    "is", "was", "equals", "tensor", "array", "np.float64", "np.float32", "np.float16", "np.int64", "np.int32",
  ]
  /// A name does not reach over them.
  static let bounds: Set<String> = ["at", "after", "on", "for", "in", "by", "to", "from", "and", "with", "over"]
}
