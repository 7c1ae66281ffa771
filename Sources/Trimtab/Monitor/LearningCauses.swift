extension Cause {
  /// The causes that the course of learning names.
  var learningWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .unrelatedTargets:
      (
        "unrelated_targets", "What the net could learn of the inputs does not tell the targets.",
        "Look whether inputs and targets were shuffled or sorted apart, and whether the inputs hold what tells the target.",
        "Show a validation loss: it stays at that of a guess. Look at ten samples beside their targets."
      )
    case .targetMismatch:
      (
        "target_mismatch", "The net learns its training data at once and is wrong on all other data: targets differ.",
        "Look how the targets of training and of validation are made: classes off by one, another order, another scale.",
        "Evaluate on training samples by the path of the validation: the loss is as bad there."
      )
    case .constantInitialisation:
      (
        "constant_initialisation", "The weights start at one value, so that all units of a layer stay the same.",
        "Start the weights at random: He for ReLU, Xavier for tanh.",
        "Compare two rows of the weight after some steps: they are the same."
      )
    default: ("none", "", "", "")
    }
  }
}
