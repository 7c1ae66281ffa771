internal import CPlatform
public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_last_error() -> UnsafePointer<CChar>! { trimtab_platform_error() }

@c @implementation public func trimtab_version_number() -> UInt32 { UInt32(TRIMTAB_VERSION_NUMBER) }

@c @implementation public func trimtab_abi_version() -> UInt32 { UInt32(TRIMTAB_ABI_VERSION) }

@c @implementation public func trimtab_version_string() -> UnsafePointer<CChar>! { cString("0.1.0") }

@c @implementation public func trimtab_kernel_level() -> UnsafePointer<CChar>! { cString(kernelLevel) }

/// A static string as C sees it; Swift keeps a zero byte after it.
func cString(_ text: StaticString) -> UnsafePointer<CChar>! {
  UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
