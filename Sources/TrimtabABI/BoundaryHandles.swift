internal import CPlatform
internal import CTrimtab
internal import Trimtab

/// A handle for an engine object; `release` takes it back.
func retain<Object: AnyObject>(_ object: Object) -> OpaquePointer {
  OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

/// The engine object behind a handle.
func object<Object: AnyObject>(
  _ handle: OpaquePointer?, as type: Object.Type, _ name: StaticText
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
    throw TrimtabError(.capacity, "buffer: found capacity %, allowed at least %", capacity, counter.length)
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
  guard length >= 0 else { throw TrimtabError(.invalidArgument, "length: found %, allowed 0 or more", length) }
  return UnsafeRawBufferPointer(start: buffer, count: Int(length))
}

/// Runs `body` on the monitor behind a handle, if there is one; the debug build also if no other thread is in it.
@inline(never)
func boundary(_ handle: OpaquePointer?, _ body: (Monitor) throws(TrimtabError) -> Void) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let handle = try required(handle, "monitor")
    let monitor = try living(handle)
    #if TRIMTAB_DEBUG
      let busy = field(1, of: handle)
      guard trimtab_platform_exchange(busy, 1) == 0 else {
        throw TrimtabError(
          .invalidArgument, "monitor: found another thread in it, allowed one thread at a time")
      }
      defer { _ = trimtab_platform_exchange(busy, 0) }
    #endif
    try body(monitor)
  }
}

/// The monitor behind a handle that lives.
func living(_ handle: OpaquePointer) throws(TrimtabError) -> Monitor {
  try requireMemory()
  guard isLiving(handle) else {
    throw TrimtabError(.invalidArgument, "monitor: found one that was destroyed, allowed one that lives")
  }
  return Unmanaged<Monitor>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

/// Whether a monitor is still there, as far as its memory says so.
func isLiving(_ handle: OpaquePointer) -> Bool { field(0, of: handle).pointee == Monitor.livingMagic }

/// A field of a monitor: they follow the object's header of two words.
private func field(_ index: Int, of handle: OpaquePointer) -> UnsafeMutablePointer<UInt64> {
  let first = UnsafeMutableRawPointer(handle) + 2 * MemoryLayout<UInt>.stride
  return first.assumingMemoryBound(to: UInt64.self) + index
}
