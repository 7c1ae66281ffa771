extension Cause {
  /// The causes that lie in how a program was set up: its loss, its mode, its optimizer.
  var setUpWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .outputActivation:
      (
        "output_activation", "What stands behind the last layer does not fit the loss, or cannot reach the targets.",
        "Hand the loss what it expects: logits to cross entropy, a plain linear output to a regression.",
        "Take the activation off the last layer: the loss falls below where it stood."
      )
    case .wrongLoss:
      (
        "wrong_loss", "The loss does not fit what the targets are.",
        "Use cross entropy of logits for classes, binary cross entropy for labels of 0 and 1, squared error for numbers.",
        "Compare the range and the number of different targets with what the loss is for."
      )
    case .summedLoss:
      (
        "summed_loss", "The loss is a sum over the batch: steps grow with the batch size.",
        "Take the mean, or divide the learning rate by the batch size.",
        "Halve the batch: the loss and the gradient norm halve too."
      )
    case .broadcastLoss:
      (
        "broadcast_loss", "Outputs and targets were broadcast: each output is held against the targets of all samples.",
        "Give both the same shape, such as targets[:, None] or outputs.squeeze(-1).",
        "Look at the shape of outputs - targets: it is a square."
      )
    case .unscaledTarget:
      (
        "unscaled_target", "The targets are far from unit scale, and the outputs do not come near them.",
        "Standardise the targets to zero mean and unit variance, and undo it on the outputs.",
        "Compare mean and deviation of targets and outputs."
      )
    case .gradientAscent:
      (
        "gradient_ascent", "The negative of the loss is minimised: the loss itself climbs.",
        "Turn the sign of the loss, or of the gradients, round.",
        "Follow the loss itself over a few steps on one batch: it rises."
      )
    case .repeatedBatch:
      (
        "repeated_batch", "Every step gets the same batch.",
        "Look at the data loader: an iterator made anew at each step, or a batch taken once before the loop.",
        "Compare the inputs of two steps: they are the same."
      )
    default: conditionWords
    }
  }

  private var conditionWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .batchOfOne:
      (
        "batch_of_one", "A batch normalisation takes its statistics from too few values.",
        "Use larger batches, or a normalisation that does not look at the batch (group, layer).",
        "Evaluate one batch in both modes: the losses are far apart."
      )
    case .evaluationMode:
      (
        "evaluation_mode", "Training and evaluation are mixed up: the model is in the other's mode.",
        "Call model.train() before training steps and model.eval() before evaluation.",
        "Look at model.training in both places."
      )
    case .weightDecayTooStrong:
      (
        "weight_decay_too_strong", "Weight decay pulls the weights to zero faster than they learn.",
        "Lower the weight decay (by 100 to start).", "Compare weight_decay * |w| with the gradient's norm."
      )
    case .dropoutTooStrong:
      (
        "dropout_too_strong", "Dropout leaves too little of a layer to learn from.",
        "Lower the dropout probability to 0.5 or less.", "Train with dropout off: the loss falls far lower."
      )
    case .optimizerEpsilon:
      (
        "optimizer_epsilon", "The optimizer's epsilon does not fit the gradients or the type that holds it.",
        "Use 1e-8 in float32; with weights in float16 keep the optimizer's state in float32.",
        "Compare epsilon with the gradients' root mean square, and cast it to the weights' type: it is not 0."
      )
    default: ("none", "", "", "")
    }
  }
}
