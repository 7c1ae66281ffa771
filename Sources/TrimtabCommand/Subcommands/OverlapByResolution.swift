import ArgumentParser
import Trimtab

/// Numbers with a sign between: 2,4,8 or 8x8.
struct NumberList: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    let cells = argument.split(separator: argument.contains("x") ? "x" : ",", omittingEmptySubsequences: false)
    numbers = cells.compactMap { Int($0) }
    guard numbers.count == cells.count, !numbers.isEmpty, numbers.allSatisfy({ $0 >= 1 }) else { return nil }
  }
}

/// `trimtab overlap`: do two distributions overlap, and at which resolution?
struct OverlapByResolution: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Do generated samples overlap the real ones, and at which resolution?",
    discussion: """
      Two files, each with one array of samples: [samples, numbers], or [samples, height, width] and [samples, height, width, \
      channels]. A classifier that is fitted to one half has to tell those of the other half apart. Coarse to fine begins at \
      a resolution where they overlap.
      """)

  @Argument(help: ArgumentHelp("Real samples.", valueName: "real")) var real: String
  @Argument(help: ArgumentHelp("Generated samples.", valueName: "fake")) var fake: String
  @OptionGroup var common: CommonFlags
  @Option(
    help: ArgumentHelp("Resolutions to look at, as 2,4,8; without it the samples as they are.", valueName: "list"))
  var resolutions: NumberList?
  @Option(help: ArgumentHelp("The shape of a sample whose numbers stand in one row, as 8x8.", valueName: "shape"))
  var shape: NumberList?
  @Flag(help: "The numbers are features already: no squares and energies of octaves beside them.") var given = false
  @Option(parsing: .unconditional, help: "Share of the samples on which the classifier is tested.") var testShare = 0.5
  @Option(parsing: .unconditional, help: "Of the split and the directions, 0 or more.") var seed: UInt64 = 0
  @Option(parsing: .unconditional, help: "Overlap below which the generator's signal is taken to vanish.")
  var warningOverlap = 0.1

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    settings.overlap.features = given ? .given : .standard
    settings.overlap.testShare = testShare
    settings.overlap.seed = seed
    settings.overlap.warningOverlap = warningOverlap
    let examiner = Examiner(settings: settings)
    examiner.examineOverlap(real, fake, resolutions: resolutions?.numbers ?? [0], shape: shape?.numbers)
    try common.report(examiner.examination)
  }
}
