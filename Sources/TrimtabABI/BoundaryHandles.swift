internal import CTrimtab
internal import Trimtab

/// A handle for an engine object; `release` takes it back.
func retain<Object: AnyObject>(_ object: Object) -> OpaquePointer {
  OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

/// The engine object behind a handle.
func object<Object: AnyObject>(
  _ handle: OpaquePointer?, as type: Object.Type, _ name: StaticString
) throws(TrimtabError) -> Object {
  Unmanaged<Object>.fromOpaque(UnsafeRawPointer(try required(handle, name))).takeUnretainedValue()
}

/// Gives a handle back; nil does nothing.
func release<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
  guard let handle else { return }
  Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
}

/// The common body of the _save functions: says what is needed, then writes if it fits.
func save(
  kind: StateKind, version: UInt32, into buffer: UnsafeMutableRawPointer?, capacity: Int64,
  needed: UnsafeMutablePointer<Int64>?, _ write: (inout StateWriter) -> Void
) throws(TrimtabError) {
  let needed = try required(needed, "needed")
  var counter = StateWriter()
  write(&counter)
  needed.pointee = Int64(counter.length)
  guard let buffer, capacity >= Int64(counter.length) else {
    throw TrimtabError(.capacity, "buffer: found capacity \(capacity), allowed at least \(counter.length)")
  }
  var writer = StateWriter(into: UnsafeMutableRawBufferPointer(start: buffer, count: counter.length))
  write(&writer)
  guard writer.finish(kind: kind, version: version) else {
    throw TrimtabError(.internal, "buffer: the state's size changed while it was written")
  }
}

/// The bytes that a _load function was given.
func stateBytes(_ buffer: UnsafeRawPointer?, _ length: Int64) throws(TrimtabError) -> UnsafeRawBufferPointer {
  let buffer = try required(buffer, "buffer")
  guard length >= 0 else { throw TrimtabError(.invalidArgument, "length: found \(length), allowed 0 or more") }
  return UnsafeRawBufferPointer(start: buffer, count: Int(length))
}
