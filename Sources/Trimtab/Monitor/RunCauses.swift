extension Cause {
  /// The causes that only watching a run can name.
  var runWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .nonfiniteActivation:
      (
        "nonfinite_activation", "A layer's forward pass gave NaN or Inf from finite layers before it.",
        "Look at the named layer for a division by zero, a logarithm or a root of a value at or below 0, or at its input.",
        "Repeat the step on the same batch in float64, and look at the input of the named layer."
      )
    case .nonfiniteLoss:
      (
        "nonfinite_loss", "The loss is NaN or Inf, and nothing else that was looked at in this step was.",
        "Compute the loss from logits in one function (log-softmax), and look for NaN in the targets.",
        "Look at the targets of this batch, and at the logits' greatest magnitude."
      )
    case .nonfiniteWeight:
      (
        "nonfinite_weight", "A weight is NaN or Inf before the step: an earlier step poisoned it.",
        "Restore the last good snapshot; leave out steps whose gradients are not finite.",
        "Look for the first step whose gradient was not finite."
      )
    case .rangeOverflow:
      (
        "range_overflow", "Values reached the end of their type's range.",
        "Use bfloat16, or lower the loss scale or the activations' scale (normalisation, a smaller initialisation).",
        "Repeat the step in float32: it is finite there."
      )
    case .rangeUnderflow:
      (
        "range_underflow", "Gradients or updates are too small for their type, and are lost.",
        "Scale the loss up (a gradient scaler), or use bfloat16; keep weights that are updated in float32.",
        "Repeat the step in float32: far fewer gradients are zero, and the weights change."
      )
    case .smallInitialisation:
      (
        "small_initialisation", "The weights start too small for the depth, so signal and gradient die out on the way.",
        "Use He or Xavier initialisation, or normalisation layers.",
        "rms(w) times the root of the fan-in should be about 1 (Xavier) to 1.4 (He)."
      )
    case .largeInitialisation:
      (
        "large_initialisation", "The weights start too large for the depth, so signal and gradient grow on the way.",
        "Use He or Xavier initialisation, or normalisation layers.",
        "rms(w) times the root of the fan-in should be about 1 (Xavier) to 1.4 (He)."
      )
    case .learningRateTooLow:
      (
        "learning_rate_too_low", "The steps are so small that the weights hardly change.",
        "Raise the learning rate.", "rms(change) / rms(weight) of one step is about 1e-3 in most healthy runs."
      )
    default: parameterWords
    }
  }

  private var parameterWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .frozenParameter:
      (
        "frozen_parameter", "A parameter that is meant to train does not change while others do.",
        "Look whether it is handed to the optimizer, requires a gradient, and is part of the loss.",
        "Compare it bit by bit before and after a step."
      )
    case .missingGradient:
      (
        "missing_gradient", "A parameter that is meant to train never got a gradient.",
        "Look for a detach, a branch that is not used, or a parameter that requires no gradient.",
        "Look whether its gradient is None after the backward pass."
      )
    case .missingOptimizerStep:
      (
        "missing_optimizer_step", "No parameter changes at all.",
        "Call the optimizer's step, and look that its learning rate is above 0 and that it holds this model's parameters.",
        "Compare any weight bit by bit before and after a step."
      )
    case .weightsLost:
      (
        "weights_lost", "The weights changed at once far more than at any step before.",
        "Look whether weights or optimizer state were lost or overwritten, such as at a restart.",
        "Compare the weights with the last checkpoint."
      )
    case .gradientNotCleared:
      (
        "gradient_not_cleared", "Gradients of earlier steps are still in those of this one.",
        "Call the optimizer's zero_grad before each step's backward pass.",
        "Look at any gradient just before the backward pass: it is not zero."
      )
    case .badBatch:
      (
        "bad_batch", "One step stands far out from those before it, as after a bad batch.",
        "Leave this step out; look at the batch (scale, labels, empty or repeated samples).",
        "Repeat the step on the same weights with another batch: it does not leap."
      )
    case .divergence:
      (
        "divergence", "The loss has left its best value for good.",
        "Go back to the last good snapshot, and lower the learning rate or warm it up.",
        "Repeat from the snapshot with half the learning rate: it does not diverge."
      )
    case .plateau:
      (
        "plateau", "The loss no longer falls.", "Lower the learning rate, or end the run.",
        "Compare the validation loss: if it still falls, go on."
      )
    case .oscillation:
      (
        "oscillation", "The loss goes up and down from step to step.", "Lower the learning rate or the momentum.",
        "Halve the learning rate: the changes of sign fall to about two in three."
      )
    case .overfitting:
      (
        "overfitting", "The validation loss rises while the training loss falls.",
        "Stop here, or add data, augmentation, weight decay or dropout.",
        "Compare with the best validation loss so far: keep that snapshot."
      )
    default: watchWords
    }
  }

  private var watchWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .clippingRules:
      (
        "clipping_rules", "Most steps are clipped, so the clip and not the learning rate sets the step.",
        "Raise the limit, or lower the learning rate.", "Compare the gradient norm's median with the limit."
      )
    case .noiseDominated:
      (
        "noise_dominated", "The gradient is mostly noise at this batch size.",
        "Use larger batches, or accumulate more.",
        "The noise scale is far above the batch size."
      )
    case .logitGrowth:
      (
        "logit_growth", "Attention logits grow until the softmax saturates.",
        "Scale the logits by 1/sqrt(d), and normalise queries and keys (QK-norm); or lower the learning rate.",
        "Look at the greatest logit over steps: it grows steadily."
      )
    case .attentionCollapse:
      (
        "attention_collapse", "An attention head looks at next to nothing but one key.",
        "Normalise queries and keys (QK-norm), lower the learning rate, or warm it up.",
        "Its entropy over ln(keys) is near 0, and was not at the start."
      )
    case .widthScaling:
      (
        "width_scaling", "Activations grow with the width of the layers.",
        "Scale initialisation and learning rate with the width (muP).",
        "Compare mean |x| over nets of several widths after a few steps."
      )
    case .rankCollapse:
      (
        "rank_collapse", "A weight has come down to about one direction.",
        "Lower the learning rate or the weight decay; look for dead units around it.",
        "Its stable rank is about 1."
      )
    case .skippedTooOften:
      (
        "skipped_too_often", "Skipping steps does not help: too many in a row would have poisoned the weights.",
        "Go back to the last good snapshot, lower the learning rate, and look at the data from there on.",
        "Look at the first finding: what went wrong first is the cause."
      )
    case .stalled:
      (
        "stalled", "Nothing was heard of the run for long.",
        "Look at the data loader, at other ranks and at the file system.",
        "Take a stack trace of the process while it stands."
      )
    default: ("none", "", "", "")
    }
  }
}
