import ArgumentParser
import Trimtab

/// The thresholds of conditioning; each is the option of the same name in the C header.
struct ConditioningFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "Condition number of a covariance that is a warning.")
  var warningConditionNumber = 1e3
  @Option(parsing: .unconditional, help: "Condition number of a covariance that is critical.")
  var criticalConditionNumber = 1e6
  @Option(
    parsing: .unconditional,
    help: "How many times the condition number of white noise of the same shape a finding needs.")
  var nullFactor = 10.0
  @Option(parsing: .unconditional, help: "Features that a covariance may have.") var maximumFeatures = 8192

  func apply(to options: inout ConditioningOptions) {
    options.warningConditionNumber = warningConditionNumber
    options.criticalConditionNumber = criticalConditionNumber
    options.nullFactor = nullFactor
    options.maximumFeatures = maximumFeatures
  }
}

enum NormName: String, ExpressibleByArgument, CaseIterable {
  case two, one, infinity, frobenius

  var norm: MatrixNorm {
    switch self {
    case .two: .two
    case .one: .one
    case .infinity: .infinity
    case .frobenius: .frobenius
    }
  }
}

enum MethodName: String, ExpressibleByArgument, CaseIterable {
  case automatic, exact, estimate

  var method: MatrixMethod {
    switch self {
    case .automatic: .automatic
    case .exact: .exact
    case .estimate: .estimate
    }
  }
}

/// The thresholds for a matrix as it is.
struct MatrixFlags: ParsableArguments {
  @Option(help: "Norm of a matrix' condition number: two, one, infinity or frobenius.") var matrixNorm = NormName.two
  @Option(help: "How it is computed: automatic, exact or estimate.") var matrixMethod = MethodName.automatic
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Condition number of a matrix that is critical; 0: where it is singular in its own precision, and in check, where trained "
        + "weights are, beyond 1 / epsilon of float32 (of float64 for that)."))
  var matrixCriticalConditionNumber = 0.0
  @Option(parsing: .unconditional, help: "How closely a condition number must be pinned to be believed.")
  var relativeTolerance = 1e-6
  @Option(parsing: .unconditional, help: "What the work on a matrix may take, in elements of float64.")
  var maximumElements = 67_108_864

  func apply(to options: inout MatrixOptions) {
    options.norm = matrixNorm.norm
    options.method = matrixMethod.method
    options.criticalConditionNumber = matrixCriticalConditionNumber
    options.relativeTolerance = relativeTolerance
    options.maximumElements = maximumElements
  }
}

enum ActivationName: String, ExpressibleByArgument, CaseIterable {
  case relu
  case leakyRelu = "leaky_relu"
  case elu, silu, gelu, tanh, sigmoid, identity

  var activation: Activation {
    switch self {
    case .relu: .relu
    case .leakyRelu: .leakyRelu
    case .elu: .elu
    case .silu: .silu
    case .gelu: .gelu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .identity: .identity
    }
  }
}

/// The thresholds of neurons.
struct ActivityFlags: ParsableArguments {
  @Option(
    help: "The activation after the pre-activations: relu, leaky_relu, elu, silu, gelu, tanh, sigmoid or identity.")
  var activation = ActivationName.relu
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The axis of the units; -1 is the last, 1 the channels of [batch, channel, height, width]. Without it: the channels where "
        + "there are four axes or more, otherwise the last.")) var unitAxis: Int?
  @Option(parsing: .unconditional, help: "The slope below zero of leaky_relu.") var leak = 0.01
  @Option(parsing: .unconditional, help: "Active fraction below which a unit is inactive.") var inactiveFraction = 0.01
  @Option(parsing: .unconditional, help: "Score at or below which a unit is dormant.") var dormantThreshold = 0.025
  @Option(
    parsing: .unconditional, help: "Pre-activation below which a unit is saturated; 0 and 0: the activation's own.")
  var saturationLow = 0.0
  @Option(parsing: .unconditional, help: "Pre-activation above which a unit is saturated.") var saturationHigh = 0.0
  @Option(parsing: .unconditional, help: "Share of saturated samples that makes a unit saturated.")
  var saturatedFraction = 0.99
  @Option(parsing: .unconditional, help: "Share of dead or saturated units that is a warning.")
  var layerWarningFraction = 0.10
  @Option(parsing: .unconditional, help: "Share of dead or saturated units that is critical.")
  var layerCriticalFraction = 0.50
  @Option(parsing: .unconditional, help: "Confidence that is wanted before a unit is called dead.") var confidence =
    0.95
  @Option(parsing: .unconditional, help: "A unit that is active this rarely is as good as dead.")
  var leastActiveFraction = 0.003

  func apply(to options: inout ActivityOptions) {
    options.activation = activation.activation
    options.unitAxis = unitAxis ?? -1
    options.leak = leak
    options.inactiveFraction = inactiveFraction
    options.dormantThreshold = dormantThreshold
    options.saturationLow = saturationLow
    options.saturationHigh = saturationHigh
    options.saturatedFraction = saturatedFraction
    options.layerWarningFraction = layerWarningFraction
    options.layerCriticalFraction = layerCriticalFraction
    options.confidence = confidence
    options.leastActiveFraction = leastActiveFraction
  }
}

/// Shares of classes as the command takes them: numbers with commas between.
struct ClassPrior: ExpressibleByArgument {
  let shares: [Double]

  init?(argument: String) {
    let cells = argument.split(separator: ",", omittingEmptySubsequences: false)
    shares = cells.compactMap { Double($0.filter { $0 != " " }) }
    guard shares.count == cells.count else { return nil }
  }
}

/// The thresholds of pseudo-label drift.
struct DriftFlags: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Classes; 0: as many as the predictions show. Of a training log: classes or vocabulary, whose logarithm is the loss of a fresh start; 0: not known."
  ) var classCount = 0
  @Option(parsing: .unconditional, help: "Greatest probability from which on a sample is confident.")
  var confidenceGate = 0.95
  @Option(parsing: .unconditional, help: "Flip rate a round that is a warning.") var warningFlipRate = 0.05
  @Option(parsing: .unconditional, help: "Flip rate a round that is critical.") var criticalFlipRate = 0.20
  @Option(parsing: .unconditional, help: "Share of flips that go back beyond which it is oscillation.")
  var oscillationShare = 0.5
  @Option(parsing: .unconditional, help: "Flip rate below which oscillation is not judged.") var oscillationFlipRate =
    0.02
  @Option(parsing: .unconditional, help: "Distance of the class shares that is a warning.") var classDistance = 0.2
  @Option(
    parsing: .unconditional,
    help: "Share of the samples in one class that is a collapse, where no prior is given; 1: not judged.")
  var collapseShare = 0.99
  @Option(
    help: ArgumentHelp(
      "The true share of each class, summing to 1, with commas between: 0.5,0.3,0.2. Without it the prior is not judged.",
      valueName: "shares")) var classPrior: ClassPrior?

  func apply(to options: inout DriftOptions) {
    options.classCount = classCount
    options.confidenceGate = confidenceGate
    options.warningFlipRate = warningFlipRate
    options.criticalFlipRate = criticalFlipRate
    options.oscillationShare = oscillationShare
    options.oscillationFlipRate = oscillationFlipRate
    options.classDistance = classDistance
    options.collapseShare = collapseShare
    options.classPrior = classPrior?.shares
  }
}

/// The thresholds of gradients.
struct GradientFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "Global norm that the clip factor brings gradients to.") var maximumNorm = 1.0
  @Option(parsing: .unconditional, help: "Mean magnitude below which a gradient has vanished.")
  var vanishingMeanMagnitude = 1e-7
  @Option(parsing: .unconditional, help: "Decades of root mean square a layer that are a warning.")
  var warningDepthSlope = 0.1
  @Option(parsing: .unconditional, help: "Decades of root mean square a layer that are critical.")
  var criticalDepthSlope = 0.3
  @Option(parsing: .unconditional, help: "Decades from first to last layer below which a slope is no finding.")
  var leastDepthSpan = 2.0
  @Option(parsing: .unconditional, help: "Layers below which there is no slope.") var leastDepth = 3
  @Option(parsing: .unconditional, help: "How many times the maximum norm is an explosion at any one step.")
  var explodingNormFactor = 1e6
  @Option(
    parsing: .unconditional,
    help: "How many times the norm of the first half of the steps, at the last one, is an explosion.")
  var growthFactor = 1e3

  func validate() throws {
    guard growthFactor >= 1 else { throw ValidationError("--growth-factor: found \(growthFactor), allowed 1 or more") }
  }

  func apply(to settings: inout Settings) {
    settings.gradientGrowthFactor = growthFactor
    apply(to: &settings.gradients)
  }

  private func apply(to options: inout GradientOptions) {
    options.explodingNormFactor = explodingNormFactor
    options.maximumNorm = maximumNorm
    options.vanishingMeanMagnitude = vanishingMeanMagnitude
    options.warningDepthSlope = warningDepthSlope
    options.criticalDepthSlope = criticalDepthSlope
    options.leastDepthSpan = leastDepthSpan
    options.leastDepth = leastDepth
  }
}
