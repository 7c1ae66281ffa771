/// What a finding is about. The values are pinned.
public enum Rule: Int32, BitwiseCopyable, Sendable, CaseIterable {
  case nonfinite = 0
  case gradientSpike = 1
  case vanishingGradient = 2
  case explodingGradient = 3
  case zeroGradient = 4
  case missingGradient = 5
  case unchangedParameter = 6
  case updateRatio = 7
  case deadUnits = 8
  case dormantUnits = 9
  case saturatedUnits = 10
  case allZero = 11
  case clipFraction = 12
  case noiseScale = 13
  case spectralNorm = 14
  case rankCollapse = 15
  case logitGrowth = 16
  case attentionEntropy = 17
  case widthSlope = 18
  case underflow = 19
  case overflow = 20
  case activationScale = 21
  case lossSpike = 22
  case lossDivergence = 23
  case lossPlateau = 24
  case lossOscillation = 25
  case overfitting = 26
  case guardian = 27
  case weightJump = 28
  case poorInitialisation = 29
  case tensorVariance = 30
  case overtraining = 31
  case stalled = 32
  case staleGradient = 33
  case outputActivation = 34
  case lossKind = 35
  case summedLoss = 36
  case broadcastLoss = 37
  case targetScale = 38
  case gradientAscent = 39
  case repeatedBatch = 40
  case batchStatistics = 41
  case evaluationMode = 42
  case weightDecay = 43
  case dropout = 44
  case optimizerEpsilon = 45
  case optimizerState = 46
  case learning = 47
  case weightStart = 48

  static let count = 49

  /// Of a mask of rules.
  var bit: UInt64 { 1 << UInt64(rawValue) }

  public var key: StaticText {
    switch self {
    case .nonfinite: "nonfinite"
    case .gradientSpike: "gradient_spike"
    case .vanishingGradient: "vanishing_gradient"
    case .explodingGradient: "exploding_gradient"
    case .zeroGradient: "zero_gradient"
    case .missingGradient: "missing_gradient"
    case .unchangedParameter: "unchanged_parameter"
    case .updateRatio: "update_ratio"
    case .deadUnits: "dead_units"
    case .dormantUnits: "dormant_units"
    case .saturatedUnits: "saturated_units"
    case .allZero: "all_zero"
    case .clipFraction: "clip_fraction"
    case .noiseScale: "noise_scale"
    case .spectralNorm: "spectral_norm"
    case .rankCollapse: "rank_collapse"
    case .logitGrowth: "logit_growth"
    case .attentionEntropy: "attention_entropy"
    case .widthSlope: "width_slope"
    case .underflow: "underflow"
    case .overflow: "overflow"
    case .activationScale: "activation_scale"
    case .lossSpike: "loss_spike"
    case .lossDivergence: "loss_divergence"
    case .lossPlateau: "loss_plateau"
    case .lossOscillation: "loss_oscillation"
    case .overfitting: "overfitting"
    case .guardian: "guard"
    case .weightJump: "weight_jump"
    case .poorInitialisation: "poor_initialisation"
    case .tensorVariance: "tensor_variance"
    case .overtraining: "overtraining"
    case .stalled: "stalled"
    case .staleGradient: "stale_gradient"
    case .outputActivation: "output_activation"
    case .lossKind: "loss_kind"
    case .summedLoss: "summed_loss"
    case .broadcastLoss: "broadcast_loss"
    case .targetScale: "target_scale"
    case .gradientAscent: "gradient_ascent"
    case .repeatedBatch: "repeated_batch"
    case .batchStatistics: "batch_statistics"
    case .evaluationMode: "evaluation_mode"
    case .weightDecay: "weight_decay"
    case .dropout: "dropout"
    case .optimizerEpsilon: "optimizer_epsilon"
    case .optimizerState: "optimizer_state"
    case .learning: "learning"
    case .weightStart: "weight_start"
    }
  }
}

/// A rule's switches.
public struct RuleSettings: BitwiseCopyable, Sendable, Equatable {
  public var isEnabled: Bool
  /// Looks in a row before it speaks.
  public var patience: Int
  public var warning: Double
  public var critical: Double

  public init(isEnabled: Bool = true, patience: Int = 1, warning: Double = 0, critical: Double = 0) {
    self.isEnabled = isEnabled
    self.patience = patience
    self.warning = warning
    self.critical = critical
  }

  func check() throws(TrimtabError) {
    guard patience >= 1 else {
      throw TrimtabError(.invalidArgument, "options.patience: found %, allowed 1 or more", patience)
    }
    guard !warning.isNaN, !critical.isNaN else {
      throw TrimtabError(.invalidArgument, "options.warning: found NaN in warning or critical, allowed numbers")
    }
  }
}

extension Rule {
  /// The switches that a preset starts with. Source: definitions 1, 2 and 11.
  func settings(_ preset: MonitorOptions.Preset) -> RuleSettings {
    preset == .sagemaker ? sagemaker : trimtab
  }

  private var trimtab: RuleSettings {
    switch self {
    case .vanishingGradient: RuleSettings(patience: 3, warning: 1e-7, critical: 0.3)
    case .explodingGradient: RuleSettings(patience: 3, warning: 0.1, critical: 0.3)
    case .zeroGradient: RuleSettings(patience: 10)
    case .missingGradient: RuleSettings(patience: 10)
    case .unchangedParameter: RuleSettings(patience: 3)
    case .updateRatio: RuleSettings(patience: 3, warning: 1e-5, critical: 0.1)
    // Healthy ReLU nets on digits have up to 16 % of a layer dead: the diagnostic's 10 % would cry wolf on a run.
    case .deadUnits: RuleSettings(patience: 1, warning: 0.30, critical: 0.50)
    case .dormantUnits: RuleSettings(isEnabled: false, patience: 3, warning: 0.50, critical: 0.95)
    case .saturatedUnits: RuleSettings(patience: 1, warning: 0.10, critical: 0.50)
    case .allZero: RuleSettings(patience: 3)
    case .clipFraction: RuleSettings(patience: 1, warning: 0.5, critical: 1.1)
    case .noiseScale: RuleSettings(patience: 3, warning: 100, critical: .infinity)
    case .spectralNorm: RuleSettings(patience: 3, warning: 10, critical: 100)
    case .rankCollapse: RuleSettings(patience: 3, warning: 1.05, critical: 2)
    case .logitGrowth: RuleSettings(patience: 1, warning: 50, critical: 5000)
    case .attentionEntropy: RuleSettings(patience: 3, warning: 0.1, critical: 0.01)
    case .widthSlope: RuleSettings(patience: 1, warning: 0.3, critical: 0.8)
    case .underflow: RuleSettings(patience: 3, warning: 0.5, critical: 0.95)
    case .overflow: RuleSettings(patience: 1, warning: 0.25, critical: 1)
    case .activationScale: RuleSettings(patience: 3, warning: 0.3, critical: 1)
    case .lossDivergence: RuleSettings(patience: 1, warning: 2, critical: 4)
    case .lossPlateau: RuleSettings(isEnabled: false, patience: 1000, warning: 1e-4)
    case .lossOscillation: RuleSettings(patience: 1, warning: 0.8)
    case .overfitting: RuleSettings(patience: 5, warning: 0.1, critical: 1)
    case .weightJump: RuleSettings(patience: 1, warning: 10, critical: 100)
    case .poorInitialisation: RuleSettings(isEnabled: false, patience: 5, warning: 10, critical: 1e-3)
    case .tensorVariance: RuleSettings(isEnabled: false, warning: 0, critical: .infinity)
    case .overtraining: RuleSettings(isEnabled: false, patience: 5, warning: 0.01, critical: 10)
    case .stalled: RuleSettings(isEnabled: false, warning: 1800)
    case .staleGradient: RuleSettings(patience: 3)
    default: RuleSettings(patience: 1)
    }
  }

  /// The published rules with their published thresholds; the rest is off. UnchangedTensor's three steps are two
  /// comparisons; TensorVariance publishes no bounds, and is off until it has some.
  private var sagemaker: RuleSettings {
    switch self {
    case .nonfinite: RuleSettings()
    case .vanishingGradient: RuleSettings(warning: 1e-7, critical: .infinity)
    case .updateRatio: RuleSettings(warning: 1e-8, critical: 10)
    case .deadUnits, .saturatedUnits: RuleSettings(warning: 0.5, critical: 0.5)
    case .unchangedParameter: RuleSettings(patience: 2)
    case .allZero: RuleSettings()
    case .lossPlateau: RuleSettings(patience: 10, warning: 1e-3, critical: 0.05)
    case .poorInitialisation, .overtraining, .stalled:
      RuleSettings(patience: trimtab.patience, warning: trimtab.warning, critical: trimtab.critical)
    case .tensorVariance: trimtab
    case .overfitting: RuleSettings(patience: 1, warning: 0.1, critical: .infinity)
    default: RuleSettings(isEnabled: false)
    }
  }
}
