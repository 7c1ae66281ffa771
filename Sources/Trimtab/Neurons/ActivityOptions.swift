/// What makes a unit dead, dormant or saturated, and how many such units make a layer a finding.
public struct ActivityOptions: Sendable, Equatable {
  public var activation: Activation = .relu
  /// -1: the last axis; else the axis whose entries are the units, such as 1 for [batch, channel, height, width].
  public var unitAxis = -1
  /// For `leakyRelu`.
  public var leak = 0.01
  /// A unit is inactive below this active fraction. Source: SageMaker Debugger's DeadRelu (1 percent, strictly below).
  public var inactiveFraction = 0.01
  /// A unit is dormant at or below this score. Source: Sokar et al. 2023.
  public var dormantThreshold = 0.025
  /// 0 and 0: the activation's own bounds.
  public var saturationLow = 0.0
  public var saturationHigh = 0.0
  /// A unit is saturated if at least this share of its samples is.
  public var saturatedFraction = 0.99
  /// Of the units dead, or saturated: above it a warning.
  public var layerWarningFraction = 0.10
  /// Above it critical. Source: SageMaker Debugger's DeadRelu (50 percent, strictly above).
  public var layerCriticalFraction = 0.50
  /// Wanted before a unit is called dead.
  public var confidence = 0.95
  /// A unit that fires this rarely is as good as dead.
  public var leastActiveFraction = 0.003

  public init() {}

  /// Samples after which a unit that fires on `leastActiveFraction` of them has been seen to fire with the wanted
  /// confidence: ln(1 - confidence) / ln(1 - leastActiveFraction), rounded up; 998 with the defaults.
  public var neededSamples: Double {
    guard leastActiveFraction < 1 else { return 1 }
    return (logarithm(1 - confidence) / logarithm(1 - leastActiveFraction)).rounded(.up)
  }

  /// The bounds that hold: the options' own unless both are 0.
  var saturationBounds: (low: Double, high: Double) {
    saturationLow == 0 && saturationHigh == 0 ? activation.saturationBounds : (saturationLow, saturationHigh)
  }

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard unitAxis >= -1 && unitAxis < Extents.capacity else {
      throw TrimtabError(
        .invalidArgument, "options.unit_axis: found %, allowed -1 (the last axis) to %", unitAxis, Extents.capacity - 1)
    }
    guard leak.isFinite else { throw ActivityOptions.outside("leak", leak, "a finite number") }
    try ActivityOptions.checkShare("inactive_fraction", inactiveFraction)
    guard dormantThreshold >= 0 && dormantThreshold < .infinity else {
      throw ActivityOptions.outside("dormant_threshold", dormantThreshold, "0 or more")
    }
    guard saturationLow < saturationHigh || (saturationLow == 0 && saturationHigh == 0) else {
      throw ActivityOptions.outside("saturation_low", saturationLow, "less than saturation_high, or 0 and 0")
    }
    try ActivityOptions.checkShare("saturated_fraction", saturatedFraction)
    try ActivityOptions.checkShare("layer_warning_fraction", layerWarningFraction)
    try ActivityOptions.checkShare("layer_critical_fraction", layerCriticalFraction)
    guard layerWarningFraction <= layerCriticalFraction else {
      throw TrimtabError(
        .invalidArgument, "options.layer_warning_fraction: found %, allowed at most layer_critical_fraction, %",
        layerWarningFraction, layerCriticalFraction)
    }
    guard confidence > 0 && confidence < 1 else {
      throw ActivityOptions.outside("confidence", confidence, "above 0 and below 1")
    }
    guard leastActiveFraction > 0 && leastActiveFraction <= 1 else {
      throw ActivityOptions.outside("least_active_fraction", leastActiveFraction, "above 0 and at most 1")
    }
  }

  private static func checkShare(_ name: StaticText, _ value: Double) throws(TrimtabError) {
    guard value >= 0 && value <= 1 else { throw outside(name, value, "0 to 1") }
  }

  private static func outside(_ name: StaticText, _ found: Double, _ allowed: StaticText) -> TrimtabError {
    TrimtabError(.invalidArgument, "options.%: found %, allowed %", name, found, allowed)
  }
}
