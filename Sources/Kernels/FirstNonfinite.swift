/// The index of the first NaN or infinity of a run of floating-point elements, or -1.
func firstNonfinite(_ type: UInt8, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  switch type {
  case 0: first(base, count, UInt64.self) { $0 & 0x7FFF_FFFF_FFFF_FFFF >= 0x7FF0_0000_0000_0000 }
  case 1: first(base, count, UInt32.self) { $0 & 0x7FFF_FFFF >= 0x7F80_0000 }
  case 2: first(base, count, UInt16.self) { $0 & 0x7FFF >= 0x7C00 }
  case 3: first(base, count, UInt16.self) { $0 & 0x7FFF >= 0x7F80 }
  case 4: first(base, count, UInt8.self) { $0 & 0x7F == 0x7F }
  case 5: first(base, count, UInt8.self) { $0 & 0x7F >= 0x7C }
  default: -1
  }
}

@inline(__always)
private func first<Pattern: BitwiseCopyable>(
  _ base: UnsafeRawPointer, _ count: Int, _ type: Pattern.Type, _ isNonfinite: (Pattern) -> Bool
) -> Int {
  var index = 0
  while index < count {
    if isNonfinite(base.loadUnaligned(fromByteOffset: index &* MemoryLayout<Pattern>.size, as: Pattern.self)) {
      return index
    }
    index &+= 1
  }
  return -1
}
