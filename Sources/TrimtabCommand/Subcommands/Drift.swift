import ArgumentParser

/// `trimtab drift`: pseudo-labels over rounds.
struct Drift: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Do pseudo-labels hold still?",
    discussion: """
      One file with the rounds under the keys round_00, round_01, … (and the samples' names under ids), or several files, each a \
      round, in the order of the arguments. A round is labels [n] or probabilities [n, classes]. One \
      array [rounds, n, classes] whose rows sum to 1 holds them all.
      """)

  @Argument(help: "Files.") var paths: [String]
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Pseudo-labels") var drift: DriftFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    drift.apply(to: &settings.drift)
    let examiner = Examiner(settings: settings)
    examiner.examineRounds(paths)
    try common.report(examiner.examination)
  }
}
