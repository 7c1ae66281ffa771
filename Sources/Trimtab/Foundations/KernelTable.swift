internal import CPlatform
public import Kernels

#if TRIMTAB_DISPATCH
  internal import KernelsV3
  internal import KernelsV4
#endif

/// The kernels for this machine, chosen once.
public let kernels: KernelFunctions = {
  #if TRIMTAB_DISPATCH
    switch trimtab_platform_cpu_level() {
    case 4: return KernelsV4.kernelFunctions()
    case 3: return KernelsV3.kernelFunctions()
    default: return Kernels.kernelFunctions()
    }
  #else
    return Kernels.kernelFunctions()
  #endif
}()

/// The instruction set that the kernels use: "baseline", "x86-64-v3" or "x86-64-v4".
public var kernelLevel: StaticText {
  #if TRIMTAB_DISPATCH
    switch trimtab_platform_cpu_level() {
    case 4: return "x86-64-v4"
    case 3: return "x86-64-v3"
    default: return "baseline"
    }
  #else
    return "baseline"
  #endif
}
