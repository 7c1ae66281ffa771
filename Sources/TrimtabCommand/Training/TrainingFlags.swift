import ArgumentParser
import TrimtabTrainer

/// - Throws: a `ValidationError` that names the option, what was found and what is allowed.
func need(_ holds: Bool, _ name: String, _ found: some Any, _ allowed: String) throws {
  if !holds { throw ValidationError("--\(name): found \(found), allowed \(allowed)") }
}

/// An option that takes a share below 1.
private func needShare(_ name: String, _ share: Double?) throws {
  if let share { try need(share >= 0 && share < 1, name, share, "0 to below 1") }
}

enum OptimizerName: String, ExpressibleByArgument, CaseIterable {
  case sgd, momentum, nesterov, adam, adamw, rmsprop

  var kind: OptimizerOptions.Kind {
    switch self {
    case .sgd: .sgd
    case .momentum: .heavyBall
    case .nesterov: .nesterov
    case .adam: .adam
    case .adamw: .adamW
    case .rmsprop: .rmsProp
    }
  }
}

/// How weights follow their gradients.
struct OptimizerFlags: ParsableArguments {
  @Option(help: "sgd, momentum, nesterov, adam, adamw or rmsprop.") var optimizer = OptimizerName.adam
  @Option(parsing: .unconditional, help: "The learning rate, at its peak.") var rate = 1e-3
  @Option(parsing: .unconditional, help: "Of momentum and nesterov; 0.9 without it.") var momentum: Double?
  @Option(parsing: .unconditional, help: "Of adam and adamw: what stays of the mean of gradients; 0.9 without it.")
  var beta1: Double?
  @Option(parsing: .unconditional, help: "Of adam and adamw: what stays of the mean of squares; 0.999 without it.")
  var beta2: Double?
  @Option(parsing: .unconditional, help: "Of rmsprop: what stays of the mean of squares; 0.99 without it.")
  var smoothing: Double?
  @Option(
    parsing: .unconditional, help: "Of adam, adamw and rmsprop: beside the root that is divided by; 1e-8 without it.")
  var epsilon: Double?
  @Option(parsing: .unconditional, help: "Weight decay; of adamw beside the gradient, of others added to it.")
  var weightDecay = 0.0
  @Option(
    parsing: .unconditional,
    help: "What stays of a moving average of the weights, which is then what is scored and written; 0: none is kept.")
  var averageDecay = 0.0

  func validate() throws {
    try need(rate > 0 && rate.isFinite, "rate", rate, "above 0")
    for (name, value, kinds) in [
      ("momentum", momentum, [.momentum, .nesterov]), ("beta1", beta1, [.adam, .adamw]),
      ("beta2", beta2, [.adam, .adamw]), ("smoothing", smoothing, [.rmsprop]),
      ("epsilon", epsilon, [.adam, .adamw, .rmsprop]),
    ] as [(String, Double?, [OptimizerName])] where value != nil {
      let allowed = "with --optimizer \(kinds.map(\.rawValue).joined(separator: " or "))"
      try need(kinds.contains(optimizer), name, "it with --optimizer \(optimizer.rawValue)", allowed)
    }
    try needShare("momentum", momentum)
    try needShare("beta1", beta1)
    try needShare("beta2", beta2)
    try needShare("smoothing", smoothing)
    if let epsilon { try need(epsilon > 0 && epsilon.isFinite, "epsilon", epsilon, "above 0") }
    try need(weightDecay >= 0 && weightDecay.isFinite, "weight-decay", weightDecay, "0 or more")
    try needShare("average-decay", averageDecay)
  }

  func apply(to options: inout TrainerOptions) {
    var chosen = OptimizerOptions(optimizer.kind, learningRate: rate)
    chosen.momentum = momentum ?? chosen.momentum
    chosen.beta1 = beta1 ?? chosen.beta1
    chosen.beta2 = beta2 ?? chosen.beta2
    chosen.smoothing = smoothing ?? chosen.smoothing
    chosen.epsilon = epsilon ?? chosen.epsilon
    chosen.weightDecay = weightDecay
    options.optimizer = chosen
    options.averageDecay = averageDecay
  }
}

enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
  case constant, cosine, step, exponential

  var kind: Schedule.Kind {
    switch self {
    case .constant: .constant
    case .cosine: .cosine
    case .step: .step
    case .exponential: .exponential
    }
  }
}

/// The learning rate's course.
struct ScheduleFlags: ParsableArguments {
  @Option(help: "The learning rate's course: constant, cosine (over all steps), step or exponential.")
  var schedule = ScheduleName.constant
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Steps in which the rate rises in a line to its peak.", valueName: "steps")) var warmUp = 0
  @Option(parsing: .unconditional, help: "The share of the rate at which cosine ends; 0 without it.") var minimumFactor:
    Double?
  @Option(parsing: .unconditional, help: "What step and exponential multiply the rate by; 0.1 and 0.999 without it.")
  var decay: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Steps after which step multiplies the rate.", valueName: "steps"))
  var stepSize: Int?

  func validate() throws {
    try need((0...1 << 40).contains(warmUp), "warm-up", warmUp, "0 to \(1 << 40) steps")
    for (name, isGiven, kinds) in [
      ("minimum-factor", minimumFactor != nil, [.cosine]), ("decay", decay != nil, [.step, .exponential]),
      ("step-size", stepSize != nil, [.step]),
    ] as [(String, Bool, [ScheduleName])] where isGiven {
      let allowed = "with --schedule \(kinds.map(\.rawValue).joined(separator: " or "))"
      try need(kinds.contains(schedule), name, "it with --schedule \(schedule.rawValue)", allowed)
    }
    if let minimumFactor {
      try need(minimumFactor >= 0 && minimumFactor <= 1, "minimum-factor", minimumFactor, "0 to 1")
    }
    if let decay { try need(decay > 0 && decay <= 1, "decay", decay, "above 0, at most 1") }
    if let stepSize { try need((1...1 << 40).contains(stepSize), "step-size", stepSize, "1 to \(1 << 40) steps") }
    try need(schedule != .step || stepSize != nil, "step-size", "none with --schedule step", "1 to \(1 << 40) steps")
  }

  /// The steps of the whole run are set when they are known.
  func apply(to options: inout TrainerOptions) {
    options.schedule.kind = schedule.kind
    options.schedule.warmUpSteps = warmUp
    options.schedule.minimum = minimumFactor ?? 0
    options.schedule.gamma = decay ?? (schedule == .step ? 0.1 : 0.999)
    options.schedule.interval = stepSize ?? 1
  }
}

enum ClippingName: String, ExpressibleByArgument, CaseIterable {
  case none, fixed, adaptive
  case perTensor = "per-tensor"

  var method: ClippingMethod {
    switch self {
    case .none: .none
    case .fixed: .globalNorm
    case .adaptive: .adaptive
    case .perTensor: .perTensor
    }
  }
}

/// How gradients are kept from being too great.
struct ClippingFlags: ParsableArguments {
  @Option(
    help: "How gradients are clipped: none, fixed (their common norm), adaptive (ZClip) or per-tensor (AdaGC).")
  var clipping = ClippingName.none
  @Option(parsing: .unconditional, help: "The norm that gradients are clipped to, of adaptive at most; 1 without it.")
  var maximumNorm: Double?

  func validate() throws {
    guard let maximumNorm else { return }
    try need(
      clipping != .none, "maximum-norm", "it with --clipping none", "with --clipping fixed, adaptive or per-tensor")
    try need(maximumNorm > 0 && maximumNorm.isFinite, "maximum-norm", maximumNorm, "above 0")
  }

  func apply(to options: inout TrainerOptions) {
    options.clipping = clipping.method
    // Adaptive clipping has its own limit.
    options.maximumNorm = maximumNorm ?? (clipping == .adaptive ? 0 : 1)
  }
}
