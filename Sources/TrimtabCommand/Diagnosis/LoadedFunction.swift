import Trimtab

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A function of a batch in a shared library, as `trimtab_batch_function` of leakage.h says it: it runs in this process.
struct LoadedFunction {
  typealias Signature =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<Double>?, Int64, Int64, UnsafeMutablePointer<Double>?, Int64
    ) -> Int32

  private let call: Signature

  /// What is wrong with the library or the symbol.
  struct Failure: Error { let message: String }

  /// - Parameter path: a path; a name without a slash is looked for in the current folder.
  init(_ path: String, symbol: String) throws(Failure) {
    guard let library = dlopen(path.contains("/") ? path : "./" + path, RTLD_NOW | RTLD_LOCAL) else {
      throw Failure(message: "\(path): cannot be loaded (\(LoadedFunction.lastError))")
    }
    guard let address = dlsym(library, symbol) else {
      throw Failure(message: "\(path): found no function \(symbol) (\(LoadedFunction.lastError))")
    }
    call = unsafeBitCast(address, to: Signature.self)
  }

  private static var lastError: String { dlerror().map { String(cString: $0) } ?? "no reason given" }

  func run(
    _ inputs: UnsafePointer<Double>, _ rows: Int, _ features: Int, _ outputs: UnsafeMutablePointer<Double>, _ width: Int
  ) throws(TrimtabError) {
    let status = call(nil, inputs, Int64(rows), Int64(features), outputs, Int64(width))
    guard status == 0 else {
      throw TrimtabError(.callback, "function: found it to return %, allowed 0 to go on", Int(status))
    }
  }
}
