/// Any model, as a function of a whole batch: from rows x features to rows x outputs, both row-major.
///
/// It throws to end the call. The same batch has to give the same outputs: dropout and noise are to be frozen.
public typealias BatchFunction = (
  _ inputs: UnsafePointer<Double>, _ rows: Int, _ features: Int, _ outputs: UnsafeMutablePointer<Double>,
  _ outputsPerRow: Int
) throws(TrimtabError) -> Void

/// A batch function with memory for its outputs.
final class BatchProbe {
  let rows: Int
  let features: Int
  let outputsPerRow: Int
  /// rows x features
  let inputs: Storage<Double>
  let outputs: Storage<Double>
  private let function: BatchFunction

  init(_ function: @escaping BatchFunction, _ rows: Int, _ features: Int, _ outputsPerRow: Int) throws(TrimtabError) {
    self.rows = rows
    self.features = features
    self.outputsPerRow = outputsPerRow
    self.function = function
    inputs = try Storage(count: try BatchProbe.product(rows, features), for: "inputs")
    outputs = try Storage(count: try BatchProbe.product(rows, outputsPerRow), for: "outputs")
  }

  var outputCount: Int { outputs.count }

  /// Computes the outputs of the inputs, which the function cannot change for later.
  ///
  /// - Returns: whether they are all finite.
  func run() throws(TrimtabError) -> Bool {
    outputs.pointer.update(repeating: .nan, count: outputs.count)
    try function(UnsafePointer(inputs.pointer), rows, features, outputs.pointer, outputsPerRow)
    for place in 0..<outputs.count where !outputs.pointer[place].isFinite { return false }
    return true
  }

  static func product(_ a: Int, _ b: Int) throws(TrimtabError) -> Int {
    let (count, overflow) = a.multipliedReportingOverflow(by: b)
    guard !overflow else { throw TrimtabError(.overflow, "inputs: found a shape whose product leaves 64 bits") }
    return count
  }
}
