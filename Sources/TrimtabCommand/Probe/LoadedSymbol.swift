#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The address of a function of a shared library, which is loaded and stays.
///
/// - Parameter library: a path; a name without a slash is looked for in the current folder.
/// - Throws: `ProbeError` for a library or a symbol that is not there.
func loadedSymbol(_ name: String, of library: String) throws -> UnsafeMutableRawPointer {
  guard let handle = dlopen(library.contains("/") ? library : "./\(library)", RTLD_NOW | RTLD_LOCAL) else {
    throw ProbeError("\(library): cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "no reason given")")
  }
  guard let symbol = dlsym(handle, name) else { throw ProbeError("--symbol: found no '\(name)' in \(library)") }
  return symbol
}
