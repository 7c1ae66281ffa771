import Trimtab

/// A function of a batch in a shared library, as `trimtab_batch_function` of leakage.h says it: it runs in this process.
final class LoadedFunction {
  typealias Signature =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<Double>?, Int64, Int64, UnsafeMutablePointer<Double>?, Int64
    ) -> Int32

  private let call: Signature
  private let trace: ProbeTrace?
  private(set) var callCount = 0
  /// What it returned last.
  private(set) var status: Int32 = 0

  /// - Throws: `ProbeError` for a library or a symbol that is not there.
  init(_ path: String, symbol: String, trace: ProbeTrace?) throws {
    call = unsafeBitCast(try loadedSymbol(symbol, of: path), to: Signature.self)
    self.trace = trace
  }

  func run(
    _ inputs: UnsafePointer<Double>, _ rows: Int, _ features: Int, _ outputs: UnsafeMutablePointer<Double>, _ width: Int
  ) throws(TrimtabError) {
    var size = Double(rows)
    trace?.enter(&size)
    callCount += 1
    status = call(nil, inputs, Int64(rows), Int64(features), outputs, Int64(width))
    guard status == 0 else {
      throw TrimtabError(.callback, "the function returned %, allowed 0 to go on", Int(status))
    }
  }

  /// What the numbers of a traced call say.
  static func words(_ size: [Double]) -> String { "on a batch of \(counted(Int(size.first ?? 0), "row"))" }
}
