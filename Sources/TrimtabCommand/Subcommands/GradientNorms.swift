import ArgumentParser
import Trimtab
import TrimtabFormats

/// `trimtab gradients`: norms, depth and NaN of gradients.
struct GradientNorms: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "gradients",
    abstract: "Do gradients vanish, explode, or hold NaN?",
    discussion:
      "Arrays of a file are the tensors of one step, the layer next to the input first; keys step_0000/NAME are steps.")

  @Argument(help: "Files and folders.") var paths: [String]
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Gradients") var gradients: GradientFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    gradients.apply(to: &settings)
    let examiner = Examiner(settings: settings)
    examiner.examineAll(paths) { source, _ in
      source.elementType.isFloatingPoint
        ? Recognition(kind: .gradients, reason: "told by the subcommand")
        : Recognition(kind: .other, reason: "not of floating point")
    }
    try common.report(examiner.examination)
  }
}
