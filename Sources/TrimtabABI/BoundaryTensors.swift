internal import CTrimtab
internal import Trimtab

/// A view of the caller's tensor, everything about it checked.
func view(
  of pointer: UnsafePointer<trimtab_tensor>?, _ name: StaticText = "tensor", leastRank: Int = 0
) throws(TrimtabError) -> TensorView {
  let tensor = UnsafeRawPointer(try required(pointer, name)).loadUnaligned(as: trimtab_tensor.self)
  let device = tensor.device.device_type
  guard device == 1 || device == 3 || device == 11 else {
    throw TrimtabError(
      .device, "%: found device type %, allowed 1 (host memory), 3 or 11 (pinned host memory)", name, device)
  }
  guard tensor.ndim >= leastRank && tensor.ndim <= Extents.capacity else {
    throw TrimtabError(.shape, "%: found rank %, allowed % to %", name, tensor.ndim, leastRank, Extents.capacity)
  }
  let rank = Int(tensor.ndim)
  let elementType = try elementType(of: tensor.dtype, name)
  guard rank == 0 || tensor.shape != nil else {
    throw TrimtabError(.nullArgument, "%: found NULL shape for rank %, allowed only for rank 0", name, rank)
  }
  return try TensorView(
    base: try offset(tensor.data, by: tensor.byte_offset, name), elementType: elementType, rank: rank,
    shape: extents(tensor.shape, rank) ?? Extents(), strides: extents(tensor.strides, rank), name: name)
}

/// The view with index `index` of an array of tensors, checked; its error says which one it was.
func view(
  at index: Int, of tensors: UnsafePointer<trimtab_tensor>, _ name: StaticText
) throws(TrimtabError) -> TensorView {
  do throws(TrimtabError) {
    return try view(of: tensors + index, name)
  } catch {
    throw error.at("%[%]", name, index)
  }
}

private func offset(
  _ data: UnsafeMutableRawPointer?, by byteOffset: UInt64, _ name: StaticText
) throws(TrimtabError) -> UnsafeRawPointer? {
  guard let data else { return nil }
  let (_, overflow) = UInt(bitPattern: data).addingReportingOverflow(UInt(byteOffset))
  guard byteOffset <= UInt64(Int.max), !overflow else {
    throw TrimtabError(.overflow, "%: found byte_offset %, which leaves the address space", name, byteOffset)
  }
  return UnsafeRawPointer(data) + Int(byteOffset)
}

private func extents(_ values: UnsafeMutablePointer<Int64>?, _ rank: Int) -> Extents? {
  guard let values else { return nil }
  var extents = Extents()
  for axis in 0..<rank {
    extents[axis] = Int(UnsafeRawPointer(values).loadUnaligned(fromByteOffset: axis &* 8, as: Int64.self))
  }
  return extents
}

private func elementType(of dtype: trimtab_dtype, _ name: StaticText) throws(TrimtabError) -> ElementType {
  guard dtype.lanes == 1 else {
    throw TrimtabError(.dtype, "%: found % lanes, allowed 1", name, dtype.lanes)
  }
  switch (dtype.code, dtype.bits) {
  case (0, 8): return .int8
  case (0, 16): return .int16
  case (0, 32): return .int32
  case (0, 64): return .int64
  case (1, 8): return .uint8
  case (1, 16): return .uint16
  case (1, 32): return .uint32
  case (1, 64): return .uint64
  case (2, 16): return .float16
  case (2, 32): return .float32
  case (2, 64): return .float64
  case (4, 16): return .bfloat16
  case (6, 8): return .bool
  case (10, 8): return .float8e4m3fn
  case (12, 8): return .float8e5m2
  default:
    throw TrimtabError(
      .dtype,
      "%: found dtype code % with % bits, allowed int and uint 8 to 64, float 16 to 64, bfloat16, bool, float8 e4m3fn and e5m2",
      name, dtype.code, dtype.bits
    )
  }
}
