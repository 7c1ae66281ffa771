/// The likely cause behind a verdict, with its cure and a way to check it.
public enum Cause: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case none = 0
  case featureScale = 100
  case featureCorrelation = 101
  case constantFeature = 102
  case tooFewSamples = 103
  case redundantFeature = 104
  case rankDeficient = 110
  case zeroStructure = 111
  case learningRateTooHigh = 200
  case unscaledInput = 201
  case negativeBias = 202
  case saturation = 203
  case dormantUnits = 204
  case silentInput = 205
  case unstableTargets = 300
  case targetOscillation = 301
  case classCollapse = 302
  case emptyGate = 303
  case nonfiniteGradient = 400
  case vanishingGradient = 401
  case explodingGradient = 402
  case zeroGradient = 403
  case tinyGradient = 404
  case nonfiniteActivation = 500
  case nonfiniteLoss = 501
  case nonfiniteWeight = 502
  case rangeOverflow = 503
  case rangeUnderflow = 504
  case smallInitialisation = 510
  case largeInitialisation = 511
  case learningRateTooLow = 512
  case frozenParameter = 520
  case missingGradient = 521
  case missingOptimizerStep = 522
  case weightsLost = 523
  case gradientNotCleared = 524
  case badBatch = 530
  case divergence = 531
  case plateau = 532
  case oscillation = 533
  case overfitting = 534
  case clippingRules = 535
  case noiseDominated = 536
  case logitGrowth = 540
  case attentionCollapse = 541
  case widthScaling = 542
  case rankCollapse = 543
  case skippedTooOften = 550
  case stalled = 551
  case nodeScale = 570
  case perFeatureScale = 571
  case nodeAndFeatureScale = 572
  case outlierScale = 573
  case noOverlap = 574
  case batchDependence = 580
  case batchShortcut = 581
  case batchBlinding = 582
  case unfrozenFunction = 583
  case noAdversarialSignal = 584
  case noPixelSignal = 585
  case weakAdversary = 586
  case strongAdversary = 587
  case blurredOutput = 588
  case unstableGame = 589
  case exposureBias = 590
  case posteriorCollapse = 591
  case modeCollapse = 592
  case blurredSamples = 593
  case tooFewSteps = 594
  case fewerSamplesThanNeighbours = 595
  case nonsmoothField = 600
  case discontinuousField = 601
  case limitedSmoothness = 602
  case rejectedSteps = 603
  case stepUnderflow = 604
  case nonfiniteField = 605
  case evaluationLimit = 606
  case weightsLostAtResume = 620
  case optimizerStateLost = 621
  case scheduleRestarted = 622
  case hiddenNonfinite = 623
  case missingSteps = 624
  case repeatedSteps = 625
  case backwardSteps = 626
  case lossScaleCollapse = 627
  case levelShift = 628
  case upwardDrift = 629
  case constantLoss = 630
  case nothingLearnt = 631
  case lossEnds = 632
  case outputActivation = 640
  case wrongLoss = 641
  case summedLoss = 642
  case broadcastLoss = 643
  case unscaledTarget = 644
  case gradientAscent = 645
  case repeatedBatch = 646
  case batchOfOne = 647
  case evaluationMode = 648
  case weightDecayTooStrong = 649
  case dropoutTooStrong = 650
  case optimizerEpsilon = 651
  case unrelatedTargets = 660
  case targetMismatch = 661
  case constantInitialisation = 662

  /// The stable key of the cause.
  public var key: StaticText { words.key }
  /// What it is, in a sentence.
  public var text: StaticText { words.text }
  /// What cures it.
  public var cure: StaticText { words.cure }
  /// How to check that this is the cause.
  public var check: StaticText { words.check }

  private typealias Words = (key: StaticText, text: StaticText, cure: StaticText, check: StaticText)

  private var words: Words {
    switch rawValue {
    case 100..<200: conditioningWords
    case 200..<300: neuronWords
    case 300..<400: driftWords
    case 400..<500: gradientWords
    case 500..<570: runWords
    case 570..<580: comparisonWords
    case 580..<590: adversarialWords
    case 590..<600: generativeWords
    case 600..<610: smoothnessWords
    case 620..<640: logWords
    case 640..<660: setUpWords
    case 660..<670: learningWords
    default: ("none", "", "", "")
    }
  }

  private var conditioningWords: Words {
    switch self {
    case .featureScale:
      (
        "feature_scale", "The features live on very different scales.",
        "Standardise each feature to zero mean and unit variance.",
        "The condition number of the correlation matrix is what standardising leaves: it should be far smaller."
      )
    case .featureCorrelation:
      (
        "feature_correlation", "Some features are nearly linear functions of others.",
        "Whiten the features (ZCA), or drop the redundant ones.",
        "Standardise first: if the condition number stays high, correlation is the cause and not scale."
      )
    case .constantFeature:
      (
        "constant_feature", "Some features never vary.", "Drop the constant features.",
        "Look at the listed features: each has one value over all samples."
      )
    case .tooFewSamples:
      (
        "too_few_samples", "There are no more samples than features, so the covariance is singular by construction.",
        "Collect more samples, or use the shrunk covariance (Ledoit-Wolf).",
        "The rank equals the number of samples less one."
      )
    case .redundantFeature:
      (
        "redundant_feature",
        "Some features are exact linear functions of others, such as duplicates or a one-hot code.",
        "Drop one of the duplicates; a one-hot code needs no cure.",
        "Fit each listed feature on the others: nothing is left over."
      )
    case .rankDeficient:
      (
        "rank_deficient", "The matrix is singular in the precision of its own elements.",
        "Look for duplicated rows or columns; a weight decay or an orthogonal start keeps the rank up.",
        "Compare the rank with the smaller side of the matrix."
      )
    case .zeroStructure:
      (
        "zero_structure",
        "Whole rows or columns are exactly zero: structure, such as a fixed basis, padding or pruning.",
        "None needed if the zeros are meant.", "Look whether the layer was pruned or built with these zeros."
      )
    default: ("none", "", "", "")
    }
  }

  private var neuronWords: Words {
    switch self {
    case .learningRateTooHigh:
      (
        "learning_rate_too_high", "A step that was too large threw weights far off, or units far below zero.",
        "Lower the learning rate (by 10 to start), or warm it up; restart from before the units died.",
        "Repeat the first steps with a tenth of the learning rate: the units stay alive."
      )
    case .unscaledInput:
      (
        "unscaled_input", "The inputs are far from unit scale and drive the units to one side.",
        "Standardise the inputs.", "Look at the scale of the inputs: it is far from 1."
      )
    case .negativeBias:
      (
        "negative_bias", "The units sit below zero on every sample, close enough to come back.",
        "Start the biases at zero or above, or use a leaky activation with a schedule.",
        "Look at the biases of the dead units: they are negative."
      )
    case .saturation:
      (
        "saturation", "The units are stuck at the ends of a bounded activation, where the gradient vanishes.",
        "Lower the scale of the weights or inputs, normalise before the activation, or lower the learning rate.",
        "Look at the scale of the pre-activations: it is far above 1."
      )
    case .dormantUnits:
      (
        "dormant_units", "The units' outputs are tiny beside those of their layer.",
        "Recycle the dormant units, or lower the learning rate.",
        "Remove the units: the layer's output barely changes."
      )
    case .silentInput:
      (
        "silent_input", "Nothing arrives at the units: their pre-activations are exactly 0 on every sample.",
        "Revive the layer before if it is dead; else start weights and biases away from zero, and look for a mask.",
        "Look at the layer before: its outputs, or these units' weights, are all zero."
      )
    default: ("none", "", "", "")
    }
  }

  private var driftWords: Words {
    switch self {
    case .unstableTargets:
      (
        "unstable_targets", "Pseudo-labels change between rounds, so training chases a moving target.",
        "Use an averaged (EMA) teacher, lower the learning rate, or train on confident samples only.",
        "Compare the flip rate of the confident samples with that of all samples."
      )
    case .targetOscillation:
      (
        "target_oscillation", "Pseudo-labels swing back and forth between the same classes.",
        "Lower the learning rate or use an averaged (EMA) teacher; a consistency term alone makes it worse.",
        "Halve the learning rate: the oscillation falls."
      )
    case .classCollapse:
      (
        "class_collapse", "The predicted classes leave the class balance they should have.",
        "Align the predicted class shares with the prior, or raise the gate of the growing class.",
        "Compare the class shares of the first and the latest round."
      )
    case .emptyGate:
      (
        "empty_gate", "No sample passes the confidence gate, so nothing is learnt from unlabelled data.",
        "Lower the gate, or train longer on the labelled data first.", "Look at the greatest probabilities."
      )
    default: ("none", "", "", "")
    }
  }

  private var gradientWords: Words {
    switch self {
    case .nonfiniteGradient:
      (
        "nonfinite_gradient", "A gradient holds NaN or Inf.",
        "Skip this step; then look for an overflow, a division by zero or a logarithm of zero where it first appears.",
        "Repeat the step on the same batch in float64: if the value is finite, it was an overflow."
      )
    case .vanishingGradient:
      (
        "vanishing_gradient", "Gradients shrink towards the first layers.",
        "Use He or Xavier initialisation, normalisation or residual connections, or a non-saturating activation.",
        "Compare the gradients' root mean square layer by layer: its logarithm falls along a line."
      )
    case .explodingGradient:
      (
        "exploding_gradient", "Gradients are far too large, over all or growing towards the first layers.",
        "Clip the global norm and lower the learning rate; normalise, or lower the gain of the initialisation.",
        "Follow the global norm over the steps, and the root mean square layer by layer: one of them soars."
      )
    case .zeroGradient:
      (
        "zero_gradient", "Whole tensors have a gradient of exactly zero.",
        "If they stay zero: look whether the units behind them are dead, frozen, or not part of the loss.",
        "Repeat after a few steps: beside weights that start at zero it passes. Count the dead units that follow."
      )
    case .tinyGradient:
      (
        "tiny_gradient", "The gradients of some tensors, or of all, are all but zero.",
        "If some: look for saturated units, a shut gate or a branch scaled down. If all: the loss may be scaled down.",
        "Compare the tensors' mean magnitudes, and how far the loss still is from its best."
      )
    default: ("none", "", "", "")
    }
  }
}
