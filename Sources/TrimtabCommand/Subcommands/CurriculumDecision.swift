import ArgumentParser
import Trimtab
import TrimtabFormats

/// `trimtab curriculum`: does a coarse-to-fine training stay, grow, or fade?
struct CurriculumDecision: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "curriculum",
    abstract: "Does a coarse-to-fine training stay, grow to the next resolution, or fade it in?",
    discussion: """
      A table of audits, a row each, in order: resolution, overlap (as trimtab overlap finds it, nan where it is not known), \
      and, if there are, the loss and the images shown since the audit before. A .csv names the columns, or they stand in this \
      order. Without losses they are taken to stand still, without images the fade is counted in audits.
      """)

  @Argument(help: "The table.") var audits: String
  @Option(help: ArgumentHelp("All resolutions, the coarsest first, as 4,8,16.", valueName: "list")) var resolutions:
    NumberList
  @Option(parsing: .unconditional, help: "Overlap from which on an audit speaks for growing.") var growOverlap = 0.5
  @Option(parsing: .unconditional, help: "Overlap below which nothing grows.") var leastOverlap = 0.2
  @Option(parsing: .unconditional, help: "Audits in a row that have to speak for it.") var patience = 2
  @Option(parsing: .unconditional, help: "Images over which a new level fades in; 0: as many as the one before took.")
  var fadeImages = 0
  @Option(
    parsing: .unconditional, help: "Share of the loss by which it may fall from audit to audit and yet stand still.")
  var plateauFall = 0.05
  @OptionGroup var common: CommonFlags

  func validate() throws {
    guard zip(resolutions.numbers, resolutions.numbers.dropFirst()).allSatisfy(<) else {
      throw ValidationError("--resolutions: found some that do not ascend, allowed the coarsest first")
    }
    guard plateauFall >= 0, plateauFall < 1 else {
      throw ValidationError("--plateau-fall: found \(plateauFall), allowed 0 to below 1")
    }
  }

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    var options = CurriculumOptions()
    options.growOverlap = growOverlap
    options.leastOverlap = leastOverlap
    options.patience = patience
    options.fadeImages = fadeImages
    let examiner = Examiner(settings: settings)
    let course = examiner.examineCurriculum(
      audits, resolutions: resolutions.numbers, plateauFall: plateauFall, options)
    try common.report(
      examiner.examination, headline: course?.headline, lines: course?.lines ?? [], more: course?.fields ?? [:])
  }
}
