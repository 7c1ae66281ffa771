extension TensorView {
  /// Copies elements `start ..< start + count` of the row-major logical order as float64. Integers beyond 2^53 are rounded.
  ///
  /// The caller keeps the range inside `0 ..< self.count`; what lies outside is not written.
  func copy(from start: Int, count wanted: Int, to destination: UnsafeMutablePointer<Double>) {
    guard let base, start >= 0, start < count else { return }
    let wanted = min(wanted, count &- start)
    var position = unravel(start)
    var written = 0
    let last = max(rank &- 1, 0)
    let step = rank == 0 ? 1 : strides[last]
    while written < wanted {
      let run = rank == 0 ? 1 : min(wanted &- written, shape[last] &- position[last])
      convert(base + offset(of: position) &* elementType.byteCount, step, run, destination + written)
      written = written &+ run
      position[last] = position[last] &+ run
      carry(&position)
    }
  }

  private func unravel(_ index: Int) -> Extents {
    var rest = index
    var position = Extents()
    for axis in stride(from: rank &- 1, through: 0, by: -1) where shape[axis] > 0 {
      position[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return position
  }

  private func offset(of position: Extents) -> Int {
    var offset = 0
    for axis in 0..<rank { offset = offset &+ position[axis] &* strides[axis] }
    return offset
  }

  private func carry(_ position: inout Extents) {
    var axis = rank &- 1
    while axis > 0 && position[axis] >= shape[axis] {
      position[axis] = 0
      axis = axis &- 1
      position[axis] = position[axis] &+ 1
    }
  }

  private func convert(_ source: UnsafeRawPointer, _ step: Int, _ count: Int, _ destination: UnsafeMutablePointer<Double>) {
    func each<Element: BitwiseCopyable>(_ type: Element.Type, _ value: (Element) -> Double) {
      let bytes = step &* MemoryLayout<Element>.size
      var address = source
      for index in 0..<count {
        destination[index] = value(address.loadUnaligned(as: Element.self))
        if index &+ 1 < count { address += bytes }
      }
    }
    switch elementType {
    case .float64: each(Double.self) { $0 }
    case .float32: each(Float.self) { Double($0) }
    case .float16: each(UInt16.self) { Double(Float(float16Bits: $0)) }
    case .bfloat16: each(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float8e4m3fn: each(UInt8.self) { Double(Float(float8e4m3fnBits: $0)) }
    case .float8e5m2: each(UInt8.self) { Double(Float(float16Bits: UInt16($0) << 8)) }
    case .int8: each(Int8.self) { Double($0) }
    case .int16: each(Int16.self) { Double($0) }
    case .int32: each(Int32.self) { Double($0) }
    case .int64: each(Int64.self) { Double($0) }
    case .uint8: each(UInt8.self) { Double($0) }
    case .uint16: each(UInt16.self) { Double($0) }
    case .uint32: each(UInt32.self) { Double($0) }
    case .uint64: each(UInt64.self) { Double($0) }
    case .bool: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }
}

extension Float {
  /// From the bits of an IEEE half; exact.
  init(float16Bits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF)
    if magnitude >= 0x7C00 {
      self = Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
    } else if magnitude >= 0x400 {
      self = Float(bitPattern: sign | ((magnitude << 13) &+ 0x3800_0000))
    } else {
      let value = Float(magnitude) * 0x1p-24
      self = sign == 0 ? value : -value
    }
  }

  /// From the bits of a float8 e4m3fn: bias 7, no infinity, magnitude 0x7f is NaN; exact.
  init(float8e4m3fnBits bits: UInt8) {
    let magnitude = UInt32(bits & 0x7F)
    let value: Float
    if magnitude == 0x7F {
      value = .nan
    } else if magnitude >= 8 {
      value = Float(bitPattern: (magnitude << 20) &+ 0x3C00_0000)
    } else {
      value = Float(magnitude) * 0x1p-9
    }
    self = bits & 0x80 == 0 ? value : -value
  }
}
