extension Cause {
  /// The causes of samples that are not what they should be.
  var generativeWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .exposureBias:
      (
        "exposure_bias", "Errors pile up when the model continues its own outputs instead of true prefixes.",
        "Train on states with noise, or on the model's own outputs (scheduled sampling, DAgger).",
        "Add noise of a twentieth of the data's scale to the training inputs: the excess of the accumulated error falls."
      )
    case .posteriorCollapse:
      (
        "posterior_collapse", "Latent dimensions hold the prior whatever goes in: the decoder does without them.",
        "Lower beta or the decoder's variance, anneal the divergence's weight in cycles, or give each dimension free bits.",
        "Train with a tenth of beta: dimensions become active."
      )
    case .modeCollapse:
      (
        "mode_collapse", "The samples leave parts of the data uncovered.",
        "See that the codes vary; let a discriminator keep up (a lower rate for the generator) or show it whole batches.",
        "Compare the coverage of held-out real samples of the same count: it is what the samples' should be."
      )
    case .blurredSamples:
      (
        "blurred_samples", "The samples lie where there are few data, or none.",
        "Train longer or give the model more capacity; lower a decoder's variance; take more sampling steps.",
        "Look at the density of held-out real samples of the same count: it is near 1."
      )
    case .tooFewSteps:
      (
        "too_few_steps", "The sampler takes too few steps: the samples are worse than the model.",
        "Take more function evaluations, up to the least that reaches the quality of many, or a sampler of higher order.",
        "Double the steps: the distance falls."
      )
    case .fewerSamplesThanNeighbours:
      (
        "fewer_samples_than_neighbours",
        "There are fewer samples than neighbours and two: a ball to the k-th neighbour has no meaning.",
        "Give more samples of each side, or ask for fewer neighbours.",
        "Count the finite samples of each side: k + 2 or more are needed."
      )
    default: ("none", "", "", "")
    }
  }
}
