import ArgumentParser
import Trimtab

/// `trimtab generative`: where generative models fail.
struct Generative: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Where generative models fail: exposure bias, posterior collapse, mode collapse, sampling cost.",
    discussion: "Each file holds one array; name one of several as file.npz:key.",
    subcommands: [Coverage.self, Posterior.self, Exposure.self, Cost.self])

  /// Runs a diagnostic and prints what came of it.
  private static func examine(
    _ common: CommonFlags, _ paths: [(path: String, role: String)], _ body: ([TensorView]) throws -> GenerativeResult
  ) throws {
    var settings = Settings()
    common.apply(to: &settings)
    let examiner = Examiner(settings: settings)
    examiner.examineGenerative(paths, body)
    try common.report(examiner.examination)
  }

  struct Coverage: Subcommand {
    static let configuration = CommandConfiguration(abstract: "Do samples of a model cover the data?")

    @Argument(help: ArgumentHelp("The data: rows are points.", valueName: "real")) var real: String
    @Argument(help: ArgumentHelp("The model's samples.", valueName: "fake")) var fake: String
    @Option(help: ArgumentHelp("Known modes: rows are centres.", valueName: "file")) var modes: String?
    @Option(parsing: .unconditional, help: "The standard deviation of a known mode.") var modeDeviation = 0.0
    @Option(parsing: .unconditional, help: "Which neighbour's distance is a point's radius.") var neighbours = 5
    @Option(parsing: .unconditional, help: "Bins of the two-sample test; 0: none.") var binCount = 100
    @Option(
      parsing: .unconditional, help: "Of the coverage that the data's own law would have, below which it is a collapse."
    )
    var leastCoverage = 0.8
    @Option(parsing: .unconditional, help: "The density below which samples are blurred.") var leastDensity = 0.6
    @OptionGroup var common: CommonFlags

    func run() throws {
      var options = CoverageOptions()
      options.neighbours = neighbours
      options.binCount = binCount
      options.leastCoverage = leastCoverage
      options.leastDensity = leastDensity
      options.modeDeviation = modeDeviation
      try Generative.examine(common, [(real, "data"), (fake, "samples")] + (modes.map { [($0, "modes")] } ?? [])) {
        views in
        GenerativeResult(
          try sampleCoverage(
            real: views[0], fake: views[1], modes: views.count > 2 ? views[2] : nil, options: options))
      }
    }
  }

  struct Posterior: Subcommand {
    static let configuration = CommandConfiguration(abstract: "Which latent dimensions hold anything of the sample?")

    @Argument(help: ArgumentHelp("Posterior means [samples, dimensions].", valueName: "means")) var means: String
    @Argument(help: ArgumentHelp("Logarithms of their variances.", valueName: "log-variances")) var logVariances: String
    @Option(help: ArgumentHelp("A draw from each posterior, for the mutual information.", valueName: "file"))
    var draws: String?
    @Option(parsing: .unconditional, help: "A dimension is active if its posterior mean varies more than this.")
    var activeVariance = 0.01
    @Option(parsing: .unconditional, help: "How many dimensions the data support; 0: unknown.")
    var expectedActiveCount = 0
    @OptionGroup var common: CommonFlags

    func run() throws {
      var options = PosteriorOptions()
      options.activeVariance = activeVariance
      options.expectedActiveCount = expectedActiveCount
      try Generative.examine(
        common,
        [(means, "posterior means"), (logVariances, "log variances")]
          + (draws.map { [($0, "draws")] } ?? [])
      ) { views in
        GenerativeResult(
          try posteriorCollapse(
            means: views[0], logVariances: views[1], draws: views.count > 2 ? views[2] : nil, options: options))
      }
    }
  }

  struct Exposure: Subcommand {
    static let configuration = CommandConfiguration(abstract: "Do errors pile up under a model's own outputs?")

    @Argument(help: ArgumentHelp("Errors [sequences, steps] of steps with true prefixes.", valueName: "teacher"))
    var teacher: String
    @Argument(help: ArgumentHelp("Errors of the same sequences under the model's own outputs.", valueName: "free"))
    var free: String
    @Option(help: ArgumentHelp("The steps of each sequence.", valueName: "file")) var lengths: String?
    @Option(
      parsing: .unconditional,
      help: "Of the accumulated error beyond what single steps explain, over what they explain.")
    var warningExcess = 0.5
    @Option(parsing: .unconditional, help: "The same, that is critical.") var criticalExcess = 5.0
    @OptionGroup var common: CommonFlags

    func run() throws {
      var options = ExposureOptions()
      options.warningExcess = warningExcess
      options.criticalExcess = criticalExcess
      try Generative.examine(
        common,
        [(teacher, "errors with true prefixes"), (free, "errors under its own outputs")]
          + (lengths.map { [($0, "lengths")] } ?? [])
      ) { views in
        GenerativeResult(
          try exposureBias(
            teacher: views[0], free: views[1], lengths: views.count > 2 ? views[2] : nil, options: options))
      }
    }
  }

  struct Cost: Subcommand {
    static let configuration = CommandConfiguration(
      abstract: "How few steps of a sampler are as good as many?",
      discussion: "The curve has two columns: function evaluations, and the distance of the samples from the data.")

    @Argument(help: ArgumentHelp("The curve [points, 2].", valueName: "curve")) var curve: String
    @Option(parsing: .unconditional, help: "As good as many steps is at most this many times as far off.") var factor =
      1.5
    @Option(parsing: .unconditional, help: "The distance of two samples of the data from each other.") var noiseFloor =
      0.0
    @Option(parsing: .unconditional, help: "The evaluations that are in use, one of the curve's.")
    var evaluationsInUse = 0
    @OptionGroup var common: CommonFlags

    func run() throws {
      var options = SamplingCostOptions()
      options.factor = factor
      options.noiseFloor = noiseFloor
      options.evaluationsInUse = evaluationsInUse
      try Generative.examine(common, [(curve, "evaluations and distances")]) { views in
        GenerativeResult(
          try samplingCost(
            evaluations: try views[0].column(0), distances: try views[0].column(1), options: options))
      }
    }
  }
}

extension TensorView {
  /// A column of a matrix of two.
  fileprivate func column(_ index: Int) throws(TrimtabError) -> TensorView {
    guard rank == 2, shape[1] == 2 else {
      throw TrimtabError(.shape, "curve: found rank % and % columns, allowed [points, 2]", rank, shape[1])
    }
    var (extents, steps) = (Extents(), Extents())
    (extents[0], steps[0]) = (shape[0], strides[0])
    return try TensorView(
      base: base.map { $0 + index * strides[1] * elementType.byteCount }, elementType: elementType, rank: 1,
      shape: extents, strides: steps)
  }
}
