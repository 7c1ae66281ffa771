/// Room for a block of samples on its way into the moments.
final class SampleBlock {
  static let largestCapacity = 192
  let capacity: Int
  private let features: Int
  let width: Int
  private let values: Storage<Double>
  private let packed: Storage<Double>
  private let sums: Storage<Double>

  init(features: Int, rows: Int) throws(TrimtabError) {
    capacity = min(max(rows, 1), SampleBlock.largestCapacity)
    self.features = features
    width = Matrix.padded(features)
    values = try Storage(count: capacity &* width, for: "a block of samples")
    packed = try Storage(count: (capacity &+ 1) &* width, for: "a block of samples")
    sums = try Storage(count: capacity &* 9, for: "a block of samples")
  }

  /// Row-major, `width` apart.
  var rows: UnsafeMutablePointer<Double> { values.pointer }
  var panels: UnsafeMutablePointer<Double> { packed.pointer }
  var squares: UnsafeMutablePointer<Double> { sums.pointer }
  var lanes: UnsafeMutablePointer<Double> { sums.pointer + capacity }

  /// Copies samples start ..< start + count, moves the finite rows to the front and returns how many there are.
  func fill(_ samples: TensorView, _ start: Int, _ count: Int) -> Int {
    if width == features {
      samples.copy(from: start &* features, count: count &* features, to: values.pointer)
    } else {
      for row in 0..<count {
        samples.copy(from: (start &+ row) &* features, count: features, to: values.pointer + row &* width)
      }
    }
    if kernels.matrix.allFinite(values.pointer, count &* width) { return count }
    var kept = 0
    for row in 0..<count {
      let source = values.pointer + row &* width
      guard kernels.matrix.allFinite(source, features) else { continue }
      if kept != row { (values.pointer + kept &* width).update(from: source, count: width) }
      kept = kept &+ 1
    }
    return kept
  }
}

/// Rows of float32 or float64 samples side by side in memory, a multiple of sixteen to a row.
struct SampleRows {
  let base: UnsafeRawPointer
  let isSingle: Bool
  /// Elements from one row to the next.
  let stride: Int
  /// Whether NaN and Inf were taken out already.
  let isFinite: Bool

  init(_ block: SampleBlock) {
    base = UnsafeRawPointer(block.rows)
    isSingle = false
    stride = block.width
    isFinite = true
  }

  /// The caller's memory from row `start` on, or nil where it must be copied to have this form.
  init?(_ samples: TensorView, _ start: Int, _ features: Int) {
    guard let memory = samples.base, samples.rank == 2, samples.strides[1] == 1, features & 15 == 0, features > 0 else {
      return nil
    }
    switch samples.elementType {
    case .float32: isSingle = true
    case .float64: isSingle = false
    default: return nil
    }
    stride = samples.strides[0]
    base = memory + start &* stride &* samples.elementType.byteCount
    isFinite = false
  }

  /// Of the first row.
  func element(_ index: Int) -> Double {
    isSingle
      ? Double(base.loadUnaligned(fromByteOffset: index &* 4, as: Float.self))
      : base.loadUnaligned(fromByteOffset: index &* 8, as: Double.self)
  }
}
