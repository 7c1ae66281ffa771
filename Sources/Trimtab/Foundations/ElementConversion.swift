extension TensorView {
  /// Copies elements `start ..< start + count` of the row-major logical order as float64. Integers beyond 2^53 are
  /// rounded.
  ///
  /// The caller keeps the range inside `0 ..< self.count`; what lies outside is not written. Contiguous stretches are
  /// widened where they
  /// stand, others gathered first.
  public func copy(from start: Int, count wanted: Int, to destination: UnsafeMutablePointer<Double>) {
    guard let base, start >= 0, start < count else { return }
    let wanted = min(wanted, count &- start)
    if isCompact {
      kernels.widen(elementType.rawValue, base + start &* elementType.byteCount, wanted, destination)
    } else if rank > 0 {
      copyStrided(base, from: start, count: wanted, to: destination)
    }
  }

  private func copyStrided(
    _ base: UnsafeRawPointer, from start: Int, count wanted: Int, to destination: UnsafeMutablePointer<Double>
  ) {
    let last = rank &- 1
    let step = strides[last]
    let byteCount = elementType.byteCount
    var position = unravel(start)
    var written = 0
    var gathered = Gathered()
    withUnsafeMutableBytes(of: &gathered) { buffer in
      guard let buffer = buffer.baseAddress else { return }
      var filled = 0
      func flush() {
        kernels.widen(elementType.rawValue, buffer, filled, destination + (written &- filled))
        filled = 0
      }
      while written < wanted {
        let run = min(wanted &- written, shape[last] &- position[last])
        let source = base + offset(of: position) &* byteCount
        if step == 1 && run >= shortRun {
          if filled > 0 { flush() }
          kernels.widen(elementType.rawValue, source, run, destination + written)
          written = written &+ run
          position[last] = position[last] &+ run
        } else {
          let taken = min(run, gatherLength &- filled)
          gather(source, step: step, count: taken, byteCount: byteCount, to: buffer + filled &* byteCount)
          filled = filled &+ taken
          written = written &+ taken
          position[last] = position[last] &+ taken
          if filled == gatherLength { flush() }
        }
        carry(&position)
      }
      if filled > 0 { flush() }
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
}

/// Contiguous elements below which gathering costs less than a call to the kernel.
private let shortRun = 64

extension Float {
  /// From the bits of an IEEE half; exact.
  init(float16Bits bits: UInt16) {
    let magnitude = UInt32(bits & 0x7FFF) << 13
    let sign = UInt32(bits & 0x8000) << 16
    if magnitude >= 0x0F80_0000 {
      self = Float(bitPattern: sign | magnitude | 0x7F80_0000)
    } else if magnitude >= 0x0080_0000 {
      self = Float(bitPattern: sign | (magnitude &+ 0x3800_0000))
    } else {
      let value = Float(bitPattern: magnitude &+ 0x3880_0000) - 0x1p-14
      self = Float(bitPattern: sign | value.bitPattern)
    }
  }
}
