/// Samples as points, those with NaN or Inf left out.
final class PointSet {
  private(set) var count = 0
  /// Numbers of a point.
  let width: Int
  private(set) var nonfiniteCount = 0
  private let storage: Storage<Double>

  /// - Parameter samples: [n, ...], or [n] for points of one number.
  /// - Throws: `shape`, `dtype`, `outOfMemory`.
  init(_ samples: TensorView, _ name: StaticText) throws(TrimtabError) {
    guard samples.rank >= 1 else {
      throw TrimtabError(.shape, "%: found rank 0, allowed [samples, ...]", name)
    }
    try requireNumbers(samples, name)
    let rows = samples.shape[0]
    var width = 1
    for axis in 1..<max(samples.rank, 1) { width = width &* samples.shape[axis] }
    self.width = samples.count == 0 ? 0 : width
    storage = try Storage(count: samples.count, for: "samples")
    guard samples.count > 0 else { return }
    for row in 0..<rows {
      let target = storage.pointer + count &* width
      samples.copy(from: row &* width, count: width, to: target)
      if kernels.matrix.allFinite(target, width) { count = count &+ 1 } else { nonfiniteCount = nonfiniteCount &+ 1 }
    }
  }

  func point(_ index: Int) -> UnsafeMutablePointer<Double> { storage.pointer + index &* width }

  /// The squared distance of two points.
  @inline(__always)
  func squaredDistance(_ index: Int, _ other: UnsafeMutablePointer<Double>) -> Double {
    Trimtab.squaredDistance(point(index), other, width)
  }

  /// Per point the squared distance of its k-th nearest neighbour, itself left out; +Inf with k others or fewer.
  ///
  /// Complexity: O(n^2 (d + k)) with n k numbers of memory.
  func squaredRadii(_ k: Int) throws(TrimtabError) -> Storage<Double> {
    let (room, overflow) = count.multipliedReportingOverflow(by: k)
    guard !overflow else {
      throw TrimtabError(.outOfMemory, "options.neighbours: found %, more memory than can be had", k)
    }
    let nearest = try Storage<Double>(count: room, for: "nearest neighbours")
    let radii = try Storage<Double>(count: count, for: "radii")
    nearest.pointer.update(repeating: .infinity, count: room)
    for index in 0..<count {
      let own = point(index)
      for other in 0..<index {
        let distance = squaredDistance(other, own)
        insert(distance, nearest.pointer + index &* k, k)
        insert(distance, nearest.pointer + other &* k, k)
      }
    }
    for index in 0..<count { radii.pointer[index] = nearest.pointer[index &* k &+ k &- 1] }
    return radii
  }

  /// Keeps the k least, ascending.
  @inline(__always)
  private func insert(_ distance: Double, _ list: UnsafeMutablePointer<Double>, _ k: Int) {
    guard distance < list[k &- 1] else { return }
    var place = k &- 1
    while place > 0, list[place &- 1] > distance {
      list[place] = list[place &- 1]
      place = place &- 1
    }
    list[place] = distance
  }
}

/// |a - b|^2.
@inline(__always)
func squaredDistance(_ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ width: Int) -> Double {
  var index = 0
  var sum = 0.0
  if width >= 8 {
    var lanes = SIMD8<Double>.zero
    while index &+ 8 <= width {
      let step =
        UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Double>.self)
        - UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Double>.self)
      lanes += step * step
      index = index &+ 8
    }
    sum = lanes.sum()
  }
  while index < width {
    let step = a[index] - b[index]
    sum += step * step
    index = index &+ 1
  }
  return sum
}
