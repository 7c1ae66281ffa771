import ArgumentParser
import Trimtab

/// `trimtab scale`: which axis of a graph net's features to normalise.
struct FeatureScales: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Which axis to normalise before a graph net: nodes, features, or both?",
    discussion: "Rows are nodes and columns are features. Zeros, NaN and Inf do not count.")

  @Argument(help: "Files and folders.") var paths: [String]
  @OptionGroup var common: CommonFlags
  @Option(parsing: .unconditional, help: "Deviation of log scale from which on an axis needs normalising.")
  var leastDeviation = 0.5
  @Option(parsing: .unconditional, help: "From which on it is critical.") var criticalDeviation = 1.0
  @Option(
    parsing: .unconditional, help: "How many times the other axis' deviation makes an axis the only one to normalise.")
  var dominance = 2.0
  @Option(parsing: .unconditional, help: "Share of the greatest magnitude up to which entries are left out.")
  var floorShare = 1e-12
  @Option(parsing: .unconditional, help: "Robust z of an outlier.") var outlierScore = 6.0

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    settings.scale.leastDeviation = leastDeviation
    settings.scale.criticalDeviation = criticalDeviation
    settings.scale.dominance = dominance
    settings.scale.floorShare = floorShare
    settings.scale.outlierScore = outlierScore
    let examiner = Examiner(settings: settings)
    examiner.examineScales(paths)
    try common.report(examiner.examination)
  }
}
