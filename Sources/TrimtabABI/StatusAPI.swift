internal import CPlatform
public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_status_name(_ status: trimtab_status) -> UnsafePointer<CChar>! {
  if status == 0 { return cString("TRIMTAB_OK") }
  guard let known = Status(rawValue: status) else { return cString("TRIMTAB_STATUS_UNKNOWN") }
  switch known {
  case .nullArgument: return cString("TRIMTAB_ERROR_NULL_ARGUMENT")
  case .invalidArgument: return cString("TRIMTAB_ERROR_INVALID_ARGUMENT")
  case .shape: return cString("TRIMTAB_ERROR_SHAPE")
  case .dtype: return cString("TRIMTAB_ERROR_DTYPE")
  case .device: return cString("TRIMTAB_ERROR_DEVICE")
  case .overflow: return cString("TRIMTAB_ERROR_OVERFLOW")
  case .structSize: return cString("TRIMTAB_ERROR_STRUCT_SIZE")
  case .capacity: return cString("TRIMTAB_ERROR_CAPACITY")
  case .mismatch: return cString("TRIMTAB_ERROR_MISMATCH")
  case .stateCorrupt: return cString("TRIMTAB_ERROR_STATE_CORRUPT")
  case .stateKind: return cString("TRIMTAB_ERROR_STATE_KIND")
  case .stateVersion: return cString("TRIMTAB_ERROR_STATE_VERSION")
  case .outOfMemory: return cString("TRIMTAB_ERROR_OUT_OF_MEMORY")
  case .file: return cString("TRIMTAB_ERROR_FILE")
  case .callback: return cString("TRIMTAB_ERROR_CALLBACK")
  case .internal: return cString("TRIMTAB_ERROR_INTERNAL")
  }
}

@c @implementation public func trimtab_last_error() -> UnsafePointer<CChar>! { trimtab_platform_error() }

@c @implementation public func trimtab_version_number() -> UInt32 { UInt32(TRIMTAB_VERSION_NUMBER) }

@c @implementation public func trimtab_abi_version() -> UInt32 { UInt32(TRIMTAB_ABI_VERSION) }

@c @implementation public func trimtab_version_string() -> UnsafePointer<CChar>! { cString("0.1.0") }

@c @implementation public func trimtab_kernel_level() -> UnsafePointer<CChar>! { cString(kernelLevel) }

@c @implementation public func trimtab_outcome_name(_ outcome: trimtab_outcome) -> UnsafePointer<CChar>! {
  cString(Outcome(rawValue: outcome)?.key ?? "unknown")
}

@c @implementation public func trimtab_verdict_name(_ verdict: trimtab_verdict) -> UnsafePointer<CChar>! {
  cString(Verdict(rawValue: verdict)?.key ?? "unknown")
}

@c @implementation public func trimtab_cause_name(_ cause: trimtab_cause) -> UnsafePointer<CChar>! {
  cString(Cause(rawValue: cause)?.key ?? "unknown")
}

@c @implementation public func trimtab_cause_text(_ cause: trimtab_cause) -> UnsafePointer<CChar>! {
  cString(Cause(rawValue: cause)?.text ?? "")
}

@c @implementation public func trimtab_cure_text(_ cause: trimtab_cause) -> UnsafePointer<CChar>! {
  cString(Cause(rawValue: cause)?.cure ?? "")
}

@c @implementation public func trimtab_check_text(_ cause: trimtab_cause) -> UnsafePointer<CChar>! {
  cString(Cause(rawValue: cause)?.check ?? "")
}
