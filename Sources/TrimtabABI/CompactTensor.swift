internal import CTrimtab
internal import Trimtab

/// A tensor in host memory without strides, recognised at a glance: what a call over many small tensors mostly meets.
/// Whatever is not sure to
/// be one is nil and goes through `view(of:)`, which says what is wrong.
struct CompactTensor {
  let base: UnsafeRawPointer
  let count: Int
  let elementType: ElementType

  init?(_ pointer: UnsafePointer<trimtab_tensor>) {
    let tensor = UnsafeRawPointer(pointer).loadUnaligned(as: trimtab_tensor.self)
    guard tensor.device.device_type == 1, tensor.strides == nil, tensor.byte_offset == 0, tensor.ndim >= 1,
      tensor.ndim <= 8,
      tensor.dtype.lanes == 1, let data = tensor.data, let shape = tensor.shape,
      let elementType = CompactTensor.floatType(tensor.dtype)
    else { return nil }
    var count = 1
    for axis in 0..<Int(tensor.ndim) {
      let extent = Int(UnsafeRawPointer(shape).loadUnaligned(fromByteOffset: axis &* 8, as: Int64.self))
      // Below 2^20 each and 2^40 together no product here leaves 64 bits.
      guard extent > 0, extent < 1 << 20, count < 1 << 40 else { return nil }
      count = count &* extent
    }
    base = UnsafeRawPointer(data)
    self.count = count
    self.elementType = elementType
  }

  @inline(__always)
  private static func floatType(_ dtype: trimtab_dtype) -> ElementType? {
    switch (dtype.code, dtype.bits) {
    case (2, 32): .float32
    case (2, 64): .float64
    case (2, 16): .float16
    case (4, 16): .bfloat16
    default: nil
    }
  }
}
