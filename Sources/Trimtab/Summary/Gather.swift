/// Elements that are gathered before they go to the kernel.
let gatherLength = 1024

private typealias Words4 = (SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>, SIMD64<UInt8>)
private typealias Words16 = (Words4, Words4, Words4, Words4)
private typealias Words64 = (Words16, Words16, Words16, Words16)

/// Room on the stack for `gatherLength` elements of eight bytes.
struct Gathered {
  private var bytes: (Words64, Words64)

  init() {
    let four: Words4 = (.zero, .zero, .zero, .zero)
    let sixteen: Words16 = (four, four, four, four)
    let sixtyFour: Words64 = (sixteen, sixteen, sixteen, sixteen)
    bytes = (sixtyFour, sixtyFour)
  }
}

/// Copies `count` elements that stand `step` elements apart.
func gather(
  _ source: UnsafeRawPointer, step: Int, count: Int, byteCount: Int, to target: UnsafeMutableRawPointer
) {
  if step == 1 {
    target.copyMemory(from: source, byteCount: count &* byteCount)
    return
  }
  switch byteCount {
  case 8: gather(UInt64.self, source, step, count, target)
  case 4: gather(UInt32.self, source, step, count, target)
  case 2: gather(UInt16.self, source, step, count, target)
  default: gather(UInt8.self, source, step, count, target)
  }
}

@inline(__always)
private func gather<Pattern: BitwiseCopyable>(
  _ type: Pattern.Type, _ source: UnsafeRawPointer, _ step: Int, _ count: Int, _ target: UnsafeMutableRawPointer
) {
  let size = MemoryLayout<Pattern>.size
  var index = 0
  while index < count {
    let value = source.loadUnaligned(fromByteOffset: index &* step &* size, as: Pattern.self)
    target.storeBytes(of: value, toByteOffset: index &* size, as: Pattern.self)
    index &+= 1
  }
}
