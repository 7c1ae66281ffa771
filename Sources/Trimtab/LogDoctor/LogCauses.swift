extension Cause {
  /// The causes that a log of a run shows.
  var logWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .weightsLostAtResume:
      (
        "weights_lost_at_resume", "The run was resumed without its weights: the loss is that of a fresh start.",
        "Stop, and resume from the checkpoint again; look whether its weights are loaded at all, and by which names.",
        "Evaluate the checkpoint before the first step: its loss should be that before the restart."
      )
    case .optimizerStateLost:
      (
        "optimizer_state_lost",
        "The run goes on without all of its state: the moments of the optimizer, most often, begin anew.",
        "Save and load the optimizer's state with the weights; without it, warm the learning rate up again.",
        "Look at the optimizer's moments and step counter after loading: they begin at zero if they were lost."
      )
    case .scheduleRestarted:
      (
        "schedule_restarted", "The learning rate was raised again after it had come down.",
        "None needed if that is meant; else load the schedule's state with the checkpoint.",
        "Compare the learning rate before and after."
      )
    case .hiddenNonfinite:
      (
        "hidden_nonfinite",
        "The trainer writes another number where the loss is NaN or Inf, so that the log looks finite.",
        "Switch that off (logging_nan_inf_filter=False in Hugging Face's Trainer), and go back to before its first step.",
        "Log the loss of each step as it is, or look at the weights for NaN."
      )
    case .missingSteps:
      (
        "missing_steps", "Rows are missing from the log: lines were lost, or steps were not logged.",
        "None needed if the run did take those steps; look at how the log was written.",
        "Look whether the loss goes on after the gap where it was."
      )
    case .repeatedSteps:
      (
        "repeated_steps", "Steps stand in the log more than once: it was appended to, or written by several processes.",
        "Write the log from one process; keep the last row of a step.",
        "Compare the rows of a step: equal ones are copies, others are two runs."
      )
    case .backwardSteps:
      (
        "backward_steps",
        "The steps go back: a restart from a checkpoint, another run appended, or the newest row first.",
        "Sort the rows by step if the newest stands first; none needed where the loss goes on as before.",
        "Compare the loss after it with that at the same step before."
      )
    case .lossScaleCollapse:
      (
        "loss_scale_collapse", "Gradients overflow at every loss scale, so that it was halved again and again.",
        "Go back to before the first halving; use bfloat16, or look for NaN in the data or the forward pass.",
        "Repeat the step in float32: if the gradient is not finite there either, the range is not the cause."
      )
    case .levelShift:
      (
        "level_shift",
        "The loss rose at once: the data, the batch or the settings changed, or a step did harm.",
        "Look at what changed at that step; if nothing was meant to, go back to before it.",
        "Evaluate the checkpoints before and after on the same data."
      )
    case .upwardDrift:
      (
        "upward_drift", "The loss rises slowly: the run is becoming unstable, or the data grow harder.",
        "Go back to before the rise and lower the learning rate; look at the norms of weights and gradients.",
        "Evaluate the checkpoints before and after on the same data: if the loss is higher, it is not the data."
      )
    case .constantLoss:
      (
        "constant_loss", "The loss is the same number throughout: nothing is learnt, or not the loss is logged.",
        "Look that the optimizer's step is called, and that the value logged is that of the step.",
        "Compare any weight bit by bit before and after a step."
      )
    case .nothingLearnt:
      (
        "nothing_learnt", "The loss never left its start: the steps are too small, or nothing can be learnt from this.",
        "Raise the learning rate by 10; look that the gradients arrive and that inputs and labels belong together.",
        "Train on one batch: its loss must fall."
      )
    case .lossEnds:
      (
        "loss_ends", "The loss is missing to the end: NaN is an empty cell as pandas writes it, and null in some JSON.",
        "If it became NaN there, go back to before that step; write NaN as it is (na_rep='nan' in pandas).",
        "Print the loss of the first of these steps."
      )
    default: ("none", "", "", "")
    }
  }
}
