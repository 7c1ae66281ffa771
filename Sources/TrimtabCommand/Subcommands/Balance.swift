import ArgumentParser
import Trimtab
import TrimtabFormats

/// `trimtab balance`: do the two parts of a loss pull alike?
struct Balance: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Do a pixel loss and an adversarial one pull alike, and are outputs blurred?",
    discussion: """
      Two arrays of as many elements: the gradients of the two losses at the generator's last layer, without their weights; \
      each a file, or FILE:KEY. With --minibatches the first axis counts minibatches. With --blur two arrays of images, \
      outputs and references.
      """)

  @Argument(help: "The pixel loss's gradient.") var pixel: String
  @Argument(help: "The adversarial loss's gradient.") var adversarial: String
  @Flag(help: "The first axis of both counts minibatches.") var minibatches = false
  @Option(parsing: .unconditional, help: "The weight of the pixel loss.") var pixelWeight = 1.0
  @Option(parsing: .unconditional, help: "The weight of the adversarial loss.") var adversarialWeight = 1.0
  @Option(parsing: .unconditional, help: "Ratio below which the adversarial part is too weak.") var leastRatio = 0.1
  @Option(parsing: .unconditional, help: "Ratio above which it is too strong.") var greatestRatio = 2.0
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Outputs and references, (images, height, width) or with channels after, to be compared.", valueName: "file"))
  var blur: [String] = []
  @Option(parsing: .unconditional, help: "From black to white, for the PSNR.") var range = 1.0
  @OptionGroup var common: CommonFlags

  func validate() throws {
    guard blur.isEmpty || blur.count == 2 else {
      throw ValidationError("--blur: found \(counted(blur.count, "array")), allowed outputs and references")
    }
  }

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    var options = BalanceOptions()
    options.pixelWeight = pixelWeight
    options.adversarialWeight = adversarialWeight
    options.leastRatio = leastRatio
    options.greatestRatio = greatestRatio
    let examiner = Examiner(settings: settings)
    examiner.examineBalance(pixel, adversarial, hasMinibatches: minibatches, options)
    if blur.count == 2 { examiner.examineBlur(blur[0], blur[1], range: range) }
    try common.report(examiner.examination)
  }
}

extension Examiner {
  func examineBalance(_ pixel: String, _ adversarial: String, hasMinibatches: Bool, _ options: BalanceOptions) {
    guard let first = tensor(pixel, for: .balance, as: "gradient of the pixel loss"),
      let second = tensor(adversarial, for: .balance, as: "gradient of the adversarial loss")
    else { return }
    attempt(first, .balance) {
      let balance = try GradientBalance(options: options)
      try withView(first) { a in
        try withView(second) { b in
          guard hasMinibatches, a.rank > 0, b.rank > 0, a.shape[0] == b.shape[0] else {
            return try balance.add(pixel: a, adversarial: b)
          }
          for index in 0..<a.shape[0] { try balance.add(pixel: a.part(index), adversarial: b.part(index)) }
        }
      }
      judgeBalance(balance.report(), first, second)
    }
  }

  private func judgeBalance(_ report: BalanceReport, _ first: TensorSource, _ second: TensorSource) {
    add(
      Reading(
        diagnosis: .balance, file: second.path, tensor: second.name, verdict: report.verdict,
        headline: "adversarial over pixel gradient \(figure(report.ratio)), mean cosine \(figure(report.meanCosine)), "
          + "adaptive weight \(figure(report.adaptiveWeight))",
        reportKind: "gradient_balance", report: reportFields(report)))
    if report.outcome != .ok { skip(first, .balance, report.outcome.words) }
    guard report.verdict >= .notice else { return }
    add(
      Finding(
        .balance, verdict: report.verdict, cause: report.cause, file: second.path, tensor: second.name,
        what: "the adversarial gradient is \(figure(report.ratio)) times the pixel loss's",
        measurement: ("ratio", report.ratio), threshold: report.threshold))
  }

  func examineBlur(_ outputs: String, _ references: String, range: Double) {
    guard let first = tensor(outputs, for: .blur, as: "outputs"),
      let second = tensor(references, for: .blur, as: "references")
    else { return }
    attempt(first, .blur) {
      let report = try withView(first) { a in
        try withView(second) { b in try Trimtab.blur(a, b, range: range) }
      }
      add(
        Reading(
          diagnosis: .blur, file: first.path, tensor: first.name, verdict: report.verdict,
          headline: "Laplacian's variance \(figure(report.ratio)) of the references', PSNR "
            + "\(figure(report.peakSignalToNoise)) dB",
          reportKind: "blur", report: reportFields(report)))
      if report.outcome != .ok { skip(first, .blur, report.outcome.words) }
      guard report.verdict >= .notice else { return }
      add(
        Finding(
          .blur, verdict: report.verdict, cause: report.cause, file: first.path, tensor: first.name,
          what: "the Laplacian's variance is \(percent(report.ratio)) of the references'",
          measurement: ("ratio", report.ratio), threshold: report.threshold))
    }
  }
}
