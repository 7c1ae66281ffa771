extension Cause {
  /// The causes of a discriminator, and of a loss that has two parts.
  var adversarialWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .batchDependence:
      (
        "batch_dependence", "The output for a sample depends on the other samples of the batch.",
        "None where it is meant (a batch norm, a deviation over the batch, attention over it); LayerNorm and InstanceNorm have none.",
        "Run a sample alone and in a batch, in the mode of training: the outputs differ."
      )
    case .batchShortcut:
      (
        "batch_shortcut", "The judgement comes from the batch's company and not from the sample.",
        "Use LayerNorm or InstanceNorm in the discriminator in place of batch norm, or batches of real and of fake samples alone.",
        "Swap the samples with those of other batches: the accuracy falls."
      )
    case .batchBlinding:
      (
        "batch_blinding",
        "A norm over the batch takes out what the samples of a batch have in common, which tells real from fake.",
        "Use LayerNorm or InstanceNorm in the discriminator, or mix real and fake samples in a batch.",
        "Add one number to all samples of a batch: the outputs stay."
      )
    case .unfrozenFunction:
      (
        "unfrozen_function",
        "Two runs of the same batch give different outputs, which is as large as what was to be measured.",
        "Freeze dropout and noise: set the same seed before every run, or leave them out.",
        "Run one batch twice and compare."
      )
    case .noAdversarialSignal:
      (
        "no_adversarial_signal", "The adversarial part of the loss has no gradient at the generator's last layer.",
        "Use the non-saturating loss; weaken the discriminator (fewer steps, R1, spectral norm), or look for a detached tensor.",
        "Look at the discriminator's output on fakes: it is saturated, or does not depend on them."
      )
    case .noPixelSignal:
      (
        "no_pixel_signal", "The pixel part of the loss has no gradient at the generator's last layer.",
        "Look whether the pixel loss is part of the graph, and its weight.",
        "Look at the pixel loss: it does not change with the output."
      )
    case .weakAdversary:
      (
        "weak_adversary",
        "The adversarial gradient is far below the pixel loss's: the generator learns the mean, which is blurred.",
        "Raise the adversarial weight, or set it from the two gradients' norms at every step (the adaptive weight).",
        "Compare the variance of the Laplacian of outputs and references: it is far lower."
      )
    case .strongAdversary:
      (
        "strong_adversary", "The adversarial gradient is far above the pixel loss's: nothing holds the generator.",
        "Lower the adversarial weight, or set it from the two gradients' norms at every step; R1 alone delays, and does not cure.",
        "Follow the outputs' deviation: it grows without bound."
      )
    case .blurredOutput:
      (
        "blurred_output", "The outputs have less fine structure than the references.",
        "Give the adversarial or a perceptual loss more weight, or judge by PSNR alone where sharpness is not wanted.",
        "Look at an output beside its reference, and at the ratio of their Laplacians' variances."
      )
    case .unstableGame:
      (
        "unstable_game", "An eigenvalue of the update lies outside the unit circle: the two players spiral apart.",
        "Add a gradient penalty (R1) to the discriminator, lower both learning rates, or alternate the updates.",
        "Add g to the discriminator's own slope: the real parts of the eigenvalues fall below 0."
      )
    default: ("none", "", "", "")
    }
  }
}
