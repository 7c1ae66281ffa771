import ArgumentParser

/// `trimtab neurons`: dead, dormant and saturated units.
struct Neurons: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Which neurons are dead, dormant or saturated?",
    discussion:
      "Takes pre-activations: one layer an array, rows are samples, the last axis the units, of four axes the second (channels). Leave out the last layer."
  )

  @Argument(help: "Files and folders.") var paths: [String]
  @Option(help: ArgumentHelp("An earlier audit of the same layers on the same samples.", valueName: "file"))
  var before: String?
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Neurons") var activity: ActivityFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    activity.apply(to: &settings.activity)
    settings.isUnitAxisTold = activity.unitAxis != nil
    let examiner = Examiner(settings: settings)
    if let before { examiner.audit(before, for: paths, isTold: true) }
    examiner.examineAll(paths) { _, _ in Recognition(kind: .preactivations, reason: "told by the subcommand") }
    try common.report(examiner.examination)
  }
}
