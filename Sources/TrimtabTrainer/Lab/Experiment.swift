public import Trimtab

/// One arm of an experiment: a way of training, and what it is there for.
public struct Arm: Sendable {
  public enum Role: Int32, Sendable {
    /// The instability shows.
    case broken = 0
    /// The cure is at work.
    case cured = 1
    /// What the two are held against.
    case reference = 2
  }

  public let name: StaticText
  public let role: Role

  init(_ role: Role, _ name: StaticText) {
    self.role = role
    self.name = name
  }
}

/// How an experiment's curves are drawn.
public struct PlotAxes: Sendable {
  public let horizontal: StaticText
  public let vertical: StaticText
  public var isHorizontalLogarithmic = false
  public var isVerticalLogarithmic = false

  init(_ horizontal: StaticText, _ vertical: StaticText, logarithmic: (Bool, Bool) = (false, false)) {
    self.horizontal = horizontal
    self.vertical = vertical
    (isHorizontalLogarithmic, isVerticalLogarithmic) = logarithmic
  }
}

/// An instability that is made to show, seen by its diagnostic, and cured.
///
/// `run` is one seed of it: it trains every arm on the trial's numbers, and tells the trial what it measured and what was
/// to be expected. The same seed gives the same numbers. Since: 0.4.
public struct Experiment: Sendable {
  /// As the command takes it.
  public let name: StaticText
  public let title: StaticText
  /// The section of the definitions that it reproduces.
  public let section: Int
  public let arms: [Arm]
  public let axes: PlotAxes
  let run: @Sendable (Trial) throws(TrimtabError) -> Void

  init(
    _ name: StaticText, _ title: StaticText, section: Int, axes: PlotAxes, arms: [Arm],
    run: @escaping @Sendable (Trial) throws(TrimtabError) -> Void
  ) {
    self.name = name
    self.title = title
    self.section = section
    self.axes = axes
    self.arms = arms
    self.run = run
  }

  /// All experiments, in the order of the definitions.
  public static var all: [Experiment] {
    [
      .dyingReLU, .edgeOfStability, .smoothActivations, .graphNormalisation, .whitening, .batchNormLeakage,
      .coarseToFine, .progressiveDigits, .digitResolution, .superResolution, .diracGAN, .selfTraining, .fewLabels,
      .exposureBias, .posteriorCollapse, .annealedPosterior, .modeCollapse, .ganCollapse, .diffusionCost,
      .generativeFamilies, .odeSurrogate,
    ]
  }

  /// The experiment of a name; nil if there is none.
  public static func named(_ name: UnsafeBufferPointer<UInt8>) -> Experiment? {
    for experiment in all where isSame(experiment.name, name) { return experiment }
    return nil
  }
}

/// Whether a text is made of these bytes.
func isSame(_ text: StaticText, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  guard text.count == bytes.count else { return false }
  for place in bytes.indices where text.firstByte[place] != bytes[place] { return false }
  return true
}

func isSame(_ text: StaticText, _ other: StaticText) -> Bool {
  isSame(text, UnsafeBufferPointer(start: other.firstByte, count: other.count))
}
