import ArgumentParser
import Trimtab

/// What the log doctor may be told; each but the loss is the option of the same name in the C header.
struct LogFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column that is read as the loss; without it the likeliest name. A file with such a column is a log.",
      valueName: "name")) var loss: String?
  @Option(
    parsing: .unconditional,
    help: "Standard deviations of the loss around its level that a lasting rise takes to be a warning, 1 to 1e6.")
  var riseSize = 3.0
  @Option(
    parsing: .unconditional, help: "Rows after which a high spike that has not come back is a warning, 1 or more.")
  var recoveryRows = 100

  func apply(to settings: inout Settings) {
    settings.logLoss = loss
    settings.log.riseSize = riseSize
    settings.log.recoveryRows = recoveryRows
  }

  func validate() throws {
    if let loss, loss.isEmpty { throw ValidationError("--loss: found an empty name, allowed the name of a column") }
    guard riseSize >= 1, riseSize <= 1e6 else {
      throw ValidationError("--rise-size: found \(riseSize), allowed 1 to 1e6")
    }
    guard recoveryRows >= 1, recoveryRows <= 1 << 40 else {
      throw ValidationError("--recovery-rows: found \(recoveryRows), allowed 1 to \(1 << 40)")
    }
  }
}
