/// Room for a block of samples on its way into the moments.
final class SampleBlock {
  static let largestCapacity = 192
  let capacity: Int
  private let features: Int
  private let width: Int
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
