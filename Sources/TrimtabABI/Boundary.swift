// The boundary between C and the engine. Every public function of this module is one line of the header: it checks
// pointers and struct
// sizes, makes views, calls the engine, and translates the outcome. It holds no arithmetic.
//
// - Every pointer arrives as an optional and is checked. Outputs are written only after the engine has succeeded.
// - A handle is an unmanaged reference to an engine object; _destroy releases it.
// - An engine error becomes its status; its message becomes the thread's last error.
internal import CPlatform
internal import CTrimtab
internal import Trimtab

/// Runs `body`; a thrown error becomes the thread's last error and its status.
func boundary(_ body: () throws(TrimtabError) -> Void) -> trimtab_status {
  do throws(TrimtabError) {
    try body()
    return 0
  } catch {
    return fail(error)
  }
}

/// Nothing is begun while Swift's own objects live on the reserve.
@inline(never)
func requireMemory() throws(TrimtabError) {
  guard trimtab_platform_is_short() == 0 else {
    throw TrimtabError(.outOfMemory, "memory: found none for new objects, allowed once some was freed")
  }
}

@inline(never)
private func fail(_ error: TrimtabError) -> trimtab_status {
  error.withText { text, length in
    trimtab_platform_set_error(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self), Int64(length))
  }
  return error.status.rawValue
}

/// A required pointer, or `nullArgument`. Every call that makes objects has one, so this is also where memory is asked for.
func required<Pointer>(_ pointer: Pointer?, _ name: StaticText) throws(TrimtabError) -> Pointer {
  try requireMemory()
  guard let pointer else { throw TrimtabError(.nullArgument, "%: found NULL, allowed a valid pointer", name) }
  return pointer
}

/// A static string as C sees it; Swift keeps a zero byte after it.
func cString(_ text: StaticText) -> UnsafePointer<CChar>! {
  UnsafeRawPointer(text.firstByte).assumingMemoryBound(to: CChar.self)
}
