import ArgumentParser
import Trimtab
import TrimtabFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum WhiteningName: String, ExpressibleByArgument, CaseIterable {
  case zca, pca, cholesky

  var method: WhiteningMethod {
    switch self {
    case .zca: .zca
    case .pca: .pca
    case .cholesky: .cholesky
    }
  }
}

enum OutputType: String, ExpressibleByArgument, CaseIterable {
  case float32, float64

  var elementType: ElementType { self == .float32 ? .float32 : .float64 }
}

/// `trimtab whiten`: the cure for correlated features.
struct Whiten: Subcommand {
  static let configuration = CommandConfiguration(
    abstract: "Whitens samples: zero mean, unit variance, no correlation.",
    discussion: "Reads the samples twice, a block at a time. Rows that hold NaN or Inf come out as NaN.")

  @Argument(help: ArgumentHelp("Samples: rows are samples, columns are features.", valueName: "in")) var input: String
  @Argument(help: ArgumentHelp("The .npy file to write.", valueName: "out")) var output: String
  @Option(help: "zca (closest to the input), pca or cholesky.") var method = WhiteningName.zca
  @Option(parsing: .unconditional, help: "Added to each eigenvalue, as a share of their mean.") var regularisation = 0.0
  @Option(help: "The key of the samples, where the file holds several arrays.") var tensor: String?
  @Option(help: "The element type to write: float32 or float64.") var outputType = OutputType.float64
  @OptionGroup var common: CommonFlags
  @OptionGroup(title: "Conditioning") var conditioning: ConditioningFlags

  func validate() throws {
    guard TensorFile.format(ofName: output) == .npy else {
      throw ValidationError("<out>: found '\(output)', allowed a name that ends in .npy")
    }
  }

  func run() throws {
    var settings = Settings()
    common.apply(to: &settings)
    conditioning.apply(to: &settings.conditioning)
    let examiner = Examiner(settings: settings)
    do {
      guard !isSameFile(input, output) else {
        throw FormatError(output, "is the input itself, allowed another file: it is read twice")
      }
      let source = try chosen(try TensorFile(path: input, csv: settings.csv))
      let covariance = try examiner.streamedCovariance(source)
      let after = try write(source, covariance, settings, examiner.progress)
      examiner.progress.finish()
      try report(source, try covariance.report(), try after.report())
    } catch let error as FormatError {
      fail(error.description)
    } catch let error as TrimtabError {
      fail("\(input): \(error.message)")
    }
  }

  private func chosen(_ file: TensorFile) throws -> TensorSource {
    let found = tensor.map { name in file.tensors.filter { $0.name == name } } ?? file.tensors
    guard let source = found.first, found.count == 1 else {
      let names = file.tensors.map(\.name).filter { !$0.isEmpty }
      let choice =
        names.isEmpty
        ? "the file's only array has no name: leave --tensor out"
        : "choose with --tensor among \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? " …" : "")"
      let what = tensor.map { "found no array named '\($0)'" } ?? "found \(found.count) arrays to whiten, allowed one"
      throw FormatError(input, "\(what): \(choice)")
    }
    guard source.shape.count == 2 else {
      throw FormatError(input, tensor: source.name, "found rank \(source.shape.count), allowed 2: samples and features")
    }
    return source
  }

  /// The second pass; returns the covariance of what was written.
  private func write(
    _ source: TensorSource, _ covariance: Covariance, _ settings: Settings, _ progress: Progress
  ) throws -> Covariance {
    var options = WhiteningOptions()
    options.method = method.method
    options.regularisation = regularisation
    let whitener = try Whitener(fitting: covariance, options: options)
    let after = try Covariance(options: settings.conditioning)
    let rows = covariance.sampleCount + covariance.nonfiniteSampleCount
    let columns = source.shape[1]
    let type = outputType.elementType
    let writer = try NpyWriter(path: output, elementType: type, shape: [rows, columns])
    var done = 0
    try source.forEachRowBlock(memoryLimit: settings.memoryLimit(source)) { block in
      let byteCount = block.count * type.byteCount
      let storage = try Storage<UInt8>(count: byteCount, for: "whitened rows")
      let view = try TensorView(UnsafeRawPointer(storage.pointer), type, shape: [block.shape[0], columns])
      try withExtendedLifetime(storage) {
        try whitener.apply(to: block, into: MutableTensorView(writing: view))
        try after.add(view)
        try writer.append(UnsafeRawBufferPointer(start: storage.pointer, count: byteCount))
      }
      done += block.shape[0]
      progress.update("writing \(output)", done: done, total: rows)
    }
    try writer.finish()
    return after
  }

  private func report(_ source: TensorSource, _ before: ConditioningReport, _ after: ConditioningReport) throws {
    guard common.json else {
      return Terminal.write(
        "\(output): \(source.location) whitened (\(method.rawValue)), "
          + "\(before.sampleCount + before.nonfiniteSampleCount)×\(before.featureCount) \(outputType.rawValue)\n"
          + "   condition number \(figure(before.conditionNumberOnSupport)) before, "
          + "\(figure(after.conditionNumberOnSupport)) after, rank \(before.rank) of \(before.featureCount)\n")
    }
    let document = JSONValue.object([
      "schema": .integer(1), "version": .text(commandVersion), "input": .text(source.location), "output": .text(output),
      "method": .text(method.rawValue), "regularisation": .number(regularisation), "exit_status": .integer(0),
      "before": reportFields(before), "after": reportFields(after),
    ])
    Terminal.write(encoded(document) + "\n")
  }

  private func fail(_ message: String) -> Never {
    if common.json {
      let document = JSONValue.object([
        "schema": .integer(1), "version": .text(commandVersion), "input": .text(input), "output": .text(output),
        "error": .text(message), "exit_status": .integer(2),
      ])
      Terminal.write(encoded(document) + "\n")
    }
    Terminal.writeError("trimtab: \(message)\n")
    TrimtabCommand.exit(withError: ExitCode(2))
  }
}

/// Whether two paths lead to one file, through links too.
private func isSameFile(_ one: String, _ other: String) -> Bool {
  var first = stat()
  var second = stat()
  guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino
}
