import ArgumentParser
import Trimtab
import TrimtabFormats

/// `trimtab game`: do simultaneous steps of a game stay at a stationary point?
struct Game: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Do simultaneous gradient steps of a game stay at a stationary point?",
    discussion: """
      The file holds a square matrix: the Jacobian dv/dx at the point, where the players step x <- x + STEP v(x). The game \
      leaves the point along an eigenvalue mu with |1 + STEP mu| above 1. The Dirac-GAN's is 0,-0.5 and 0.5,-g for a gradient \
      penalty (R1) of g.
      """)

  @Argument(help: "A square matrix of up to 1024 rows.") var jacobian: String
  @Option(parsing: .unconditional, help: "The learning rate.") var step: Double
  @OptionGroup var common: CommonFlags

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    settings.csv.header = common.csvHeader == .automatic ? .absent : common.csvHeader.header
    let examiner = Examiner(settings: settings)
    let game = examiner.examineGame(jacobian, step: step)
    try common.report(
      examiner.examination, headline: game.map { PlainText.Headline(text: $0.summary(step)) },
      lines: game?.lines ?? [], more: game?.fields ?? [:])
  }
}

/// The eigenvalues of a game's field, and how steps go along each.
struct GameEigenvalues {
  let report: GameReport
  /// The greatest modulus first.
  let values: [(real: Double, imaginary: Double, modulus: Double)]

  init(_ jacobian: TensorView, step: Double) throws {
    report = try gameStability(jacobian, step: step)
    let count = jacobian.shape[0]
    guard report.outcome == .ok else {
      values = []
      return
    }
    var (matrix, real, imaginary) = (try jacobian.numbers(), [Double](repeating: 0, count: count), [Double]())
    imaginary = real
    guard generalEigenvalues(&matrix, order: count, real: &real, imaginary: &imaginary) else {
      values = []
      return
    }
    values = zip(real, imaginary).map { x, y in
      (x, y, ((1 + step * x) * (1 + step * x) + step * y * step * y).squareRoot())
    }.sorted { $0.modulus > $1.modulus }
  }

  /// The step below which all steps stay: the least -2 Re mu / |mu|^2; 0 where an eigenvalue has no negative real part.
  var stableStep: Double {
    values.map { $0.real < 0 ? -2 * $0.real / ($0.real * $0.real + $0.imaginary * $0.imaginary) : 0 }.min() ?? .nan
  }

  var stableStepWords: String {
    stableStep > 0
      ? "steps below \(figure(stableStep)) stay"
      : "no step stays: the greatest real part, \(figure(report.greatestReal)), is not below 0"
  }

  func summary(_ step: Double) -> String {
    "steps of \(figure(step)) stay at the point: the greatest |1 + step mu| is \(figure(report.greatestModulus))"
  }

  var lines: [String] {
    guard !values.isEmpty else { return [] }
    let rows = values.prefix(12).map { [GameEigenvalues.complex($0.real, $0.imaginary), fine($0.modulus)] }
    let more = values.count > 12 ? ["   and \(values.count - 12) more (--json lists all)"] : []
    return aligned([["eigenvalue", "|1 + step mu|"]] + rows).map { "   \($0)" } + more + [stableStepWords]
  }

  var fields: [String: JSONValue] {
    [
      "eigenvalues": .array(
        values.map {
          .object(["real": .number($0.real), "imaginary": .number($0.imaginary), "modulus": .number($0.modulus)])
        }), "stable_step": .number(stableStep),
    ]
  }

  static func complex(_ real: Double, _ imaginary: Double) -> String {
    imaginary == 0 ? figure(real) : "\(figure(real)) \(imaginary < 0 ? "-" : "+") \(figure(abs(imaginary)))i"
  }
}

/// A modulus: what parts it from 1 is what counts.
private func fine(_ modulus: Double) -> String {
  let excess = modulus - 1
  return abs(excess) < 1e-2 && excess != 0 ? "1 \(excess < 0 ? "-" : "+") \(figure(abs(excess)))" : figure(modulus)
}

extension Examiner {
  func examineGame(_ path: String, step: Double) -> GameEigenvalues? {
    guard let source = tensor(path, for: .game, as: "Jacobian") else { return nil }
    var game: GameEigenvalues?
    attempt(source, .game) {
      guard step > 0, step.isFinite else { throw ProbeError("--step: found \(figure(step)), allowed above 0") }
      let found = try withView(source) {
        try GameEigenvalues($0, step: step)
      }
      judge(found, step, source)
      game = found
    }
    return game
  }

  private func judge(_ game: GameEigenvalues, _ step: Double, _ source: TensorSource) {
    let report = game.report
    let place = GameEigenvalues.complex(report.real, report.imaginary)
    add(
      Reading(
        diagnosis: .game, file: source.path, tensor: source.name, verdict: report.verdict,
        headline: report.outcome == .ok
          ? "greatest |1 + step mu| \(fine(report.greatestModulus)) at mu = \(place)" : report.outcome.words,
        reportKind: "game", report: reportFields(report)))
    if report.outcome != .ok { skip(source, .game, report.outcome.words) }
    guard report.verdict >= .notice else { return }
    var finding = Finding(
      .game, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what:
        "every step of \(figure(step)) multiplies the distance from the point by \(fine(report.greatestModulus)) along "
        + "mu = \(place)",
      measurement: ("greatest_modulus", report.greatestModulus), threshold: report.threshold)
    finding.evidence.append(game.stableStepWords)
    add(finding)
  }
}
