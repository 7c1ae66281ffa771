/// A whole saved state as bytes, for Swift programs; `write` puts the payload and is called twice.
func savedBytes(kind: StateKind, version: UInt32, _ write: (inout StateWriter) -> Void) -> [UInt8] {
  var counter = StateWriter()
  write(&counter)
  var bytes = [UInt8](repeating: 0, count: counter.length)
  bytes.withUnsafeMutableBytes { buffer in
    var writer = StateWriter(into: buffer)
    write(&writer)
    _ = writer.finish(kind: kind, version: version)
  }
  return bytes
}
