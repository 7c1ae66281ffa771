import ArgumentParser
import Trimtab

/// `trimtab condition`: samples, or a matrix as it is.
struct Condition: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Is the data, or a matrix, too ill-conditioned to learn from?",
    discussion:
      "Rows are samples and columns are features, whatever the names say; with --matrix each array is a matrix as it is."
  )

  @Argument(help: "Files and folders.") var paths: [String]
  @Flag(help: "Take each array for a matrix as it is, and not for samples.") var matrix = false
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Conditioning") var conditioning: ConditioningFlags
  @OptionGroup(title: "Matrices") var matrices: MatrixFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    conditioning.apply(to: &settings.conditioning)
    matrices.apply(to: &settings.matrix)
    let examiner = Examiner(settings: settings)
    let kind: TensorKind = matrix ? .weights : .samples
    examiner.examineAll(paths) { _, _ in Recognition(kind: kind, reason: "told by the subcommand") }
    try common.report(
      examiner.examination, lines: examiner.advice.map { adviceLine($0.location, $0.found) },
      more: ["advice": .array(examiner.advice.map { adviceFields($0.location, $0.found) })])
  }

  /// Steps before and after the two cures.
  private func adviceLine(_ location: String, _ advice: ConditioningAdvice) -> String {
    "\(location): gradient descent to \(figure(advice.tolerance)) takes \(figure(advice.steps)) steps as the data are, "
      + "\(figure(advice.stepsStandardised)) standardised, \(figure(advice.stepsWhitened)) whitened; advice: "
      + advice.advice.key.description
  }

  private func adviceFields(_ location: String, _ advice: ConditioningAdvice) -> JSONValue {
    guard case .object(var fields) = reportFields(advice) else { return .null }
    fields["location"] = .text(location)
    return .object(fields)
  }
}
