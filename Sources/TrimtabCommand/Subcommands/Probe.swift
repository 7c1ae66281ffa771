import ArgumentParser
import Trimtab

/// `trimtab probe`: how smooth a C function in a shared library is.
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Is a C function smooth, and what will an adaptive ODE solver pay for it?",
    discussion: """
      Calls any function of a shared library on random segments of a domain, in a process of its own: one that crashes \
      or never returns is said to. The signature reads as C does:

        f64(f64 x)                                       a number of a number
        void(const f64* x[3], f64* force[3])             an array in, one out
        i32(f64 t, const f32* y[2], f32* dy[2], void*)   a status, and t bound by --set t=0

      Numbers: f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 (double, float, int). A pointer is in (const), out or inout; without a \
      word the first is in where nothing else is, the others out. Without [count] it has as many as the domain has ranges. \
      void* is NULL.

      Exit status: 0 healthy; 1 a finding at or above --fail-on; 2 it could not be probed.
      """)

  @Argument(help: "The shared library.") var library: String
  @Option(help: "The function.") var symbol: String
  @Option(help: "Its signature, such as 'void(const f64* x[3], f64* force[3])'.") var signature: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The box: one range an input, or one for all.", valueName: "lo:hi,lo:hi,…")) var domain: String
  @Option(help: ArgumentHelp("A value for an argument that is not swept. May be repeated.", valueName: "name=value"))
  var set: [String] = []
  @Option(parsing: .unconditional, help: "The relative tolerance of the solver.") var tolerance = 1e-6
  @Option(parsing: .unconditional, help: "Segments to probe.") var segments = 32
  @Option(
    parsing: .unconditional,
    help: "The finest step is 2^-FINEST of a segment: what changes within less is taken for a jump.")
  var finest = 9
  @Option(parsing: .unconditional, help: "Chooses the segments, 0 or more.") var seed: UInt64 = 0
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where kinks are looked for from; else the low corner.", valueName: "x,y,…")) var from: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("And where to; else the high corner.", valueName: "x,y,…")) var to:
    String?
  @Option(parsing: .unconditional, help: "Windows that kinks are looked for in: two in one count as one.")
  var resolution = 4096
  @Option(parsing: .unconditional, help: "Seconds that it may take.") var timeLimit = 60.0
  @Option(help: "The least verdict that makes the exit status 1.") var failOn = FailLevel.warning
  @Flag(help: "Print JSON: the same numbers, stable keys.") var json = false
  @Flag(help: .hidden) var inChild = false

  func run() throws {
    do {
      let plan = try ProbePlan(ProbeSignature(signature), domain: ProbeRange.list(domain), constants: constants())
      try ProbeChild.check(timeLimit: timeLimit)
      if inChild { probe(plan) }
      try ProbeChild.watch(symbol, timeLimit: timeLimit, count: plan.inputNames.count)
    } catch let error as ProbeError {
      fail(error.message)
    } catch let error as TrimtabError {
      fail("\(symbol): \(error.message)")
    }
  }

  private func constants() throws -> [String: Double] {
    var found: [String: Double] = [:]
    for text in set {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = Double(parts[1]) else {
        throw ProbeError("--set: found '\(text)', allowed name=number")
      }
      found[String(parts[0])] = value
    }
    return found
  }

  private func probe(_ plan: ProbePlan) -> Never {
    let trace = ProbeTrace(file: ProbeTrace.descriptor, count: plan.inputNames.count)
    ProbeChild.answer(trace) {
      do {
        let found = try result(plan, trace)
        let status = found.exitStatus(failOn: failOn.verdict)
        return (json ? found.json(exitStatus: status) : found.text(), status)
      } catch {
        let message = (error as? ProbeError)?.message ?? (error as? TrimtabError).map { "\(symbol): \($0.message)" }
        Terminal.writeError("trimtab: \(message ?? "\(error)")\n")
        return (json ? JSONText.failure(message ?? "\(error)") : "", 2)
      }
    }
  }

  private func result(_ plan: ProbePlan, _ trace: ProbeTrace?) throws -> ProbeResult {
    let count = plan.inputNames.count
    let start = try from.map { try ProbeRange.point($0, "--from", count: count) } ?? plan.low
    let end = try to.map { try ProbeRange.point($0, "--to", count: count) } ?? plan.high
    let foreign = try ForeignFunction(library: library, symbol: symbol, plan: plan)
    let function: PointFunction = { (x, values) throws(TrimtabError) in
      trace?.enter(x)
      try foreign.call(x, values)
    }
    var options = SmoothnessOptions()
    options.segments = segments
    options.finest = finest
    options.solverSegments = min(options.solverSegments, max(segments, 0))
    options.seed = seed
    options.tolerance = tolerance
    options.rounding = plan.rounding
    let report = try smoothness(
      of: function, inputCount: count, outputCount: plan.outputCount, low: plan.low, high: plan.high, options: options)
    let (found, search) = try kinks(
      of: function, inputCount: count, outputCount: plan.outputCount, from: start, to: end, resolution: resolution,
      rounding: plan.rounding)
    return ProbeResult(
      library: library, symbol: symbol, signature: signature, plan: plan, report: report,
      kinks: (0..<found.count).compactMap { found.at($0)?.pointee }, search: search, start: start, end: end)
  }

  private func fail(_ message: String) -> Never {
    if json { Terminal.write(JSONText.failure(message)) }
    Terminal.writeError("trimtab: \(message)\n")
    TrimtabCommand.exit(withError: ExitCode(2))
  }
}
