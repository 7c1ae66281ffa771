internal import Trimtab

/// The runs of elements that an operation over up to three broadcast arrays goes through, with as few and as long ones
/// as their strides allow. Made anew for each operation, in memory that stays.
final class Sweep {
  /// Of the innermost axis.
  private(set) var length = 1
  private(set) var steps: (a: Int, b: Int, c: Int) = (0, 0, 0)
  private var rank = 0
  /// Eight numbers each: extents, strides of the arrays, position.
  private let memory: Storage<Int>

  init() throws(TrimtabError) { memory = try Storage(count: 56, for: "tape") }

  private var extents: UnsafeMutablePointer<Int> { memory.pointer }
  private var position: UnsafeMutablePointer<Int> { memory.pointer + 8 }
  private func strides(_ array: Int) -> UnsafeMutablePointer<Int> { memory.pointer + (16 &+ 8 &* array) }

  /// - Parameters:
  ///   - target: the shape that is gone through
  ///   - a, b, c: of the arrays; each broadcasts to it
  func prepare(_ target: Shape, _ a: Shape, _ b: Shape, _ c: Shape) {
    let work = memory.pointer + 40
    for array in 0..<3 { (array == 0 ? a : array == 1 ? b : c).strides(in: target, to: strides(array)) }
    for axis in 0..<target.rank { work[axis] = target.extent(axis) }
    rank = 0
    for axis in 0..<target.rank where work[axis] != 1 {
      let extent = work[axis]
      var joins = rank > 0
      for array in 0..<3 {
        let own = strides(array)
        if joins, own[rank &- 1] != own[axis] &* extent { joins = false }
      }
      if joins {
        extents[rank &- 1] = extents[rank &- 1] &* extent
      } else {
        extents[rank] = extent
        rank = rank &+ 1
      }
      for array in 0..<3 { strides(array)[rank &- 1] = strides(array)[axis] }
    }
    length = 1
    steps = (0, 0, 0)
    if rank > 0 {
      rank = rank &- 1
      length = extents[rank]
      steps = (strides(0)[rank], strides(1)[rank], strides(2)[rank])
    }
    position.update(repeating: 0, count: 8)
  }

  /// The offsets of the three arrays at the start of the next run; nil after the last.
  func next(after now: (Int, Int, Int)) -> (Int, Int, Int)? {
    var (x, y, z) = now
    var axis = rank &- 1
    while axis >= 0 {
      position[axis] = position[axis] &+ 1
      x = x &+ strides(0)[axis]
      y = y &+ strides(1)[axis]
      z = z &+ strides(2)[axis]
      if position[axis] < extents[axis] { return (x, y, z) }
      position[axis] = 0
      x = x &- strides(0)[axis] &* extents[axis]
      y = y &- strides(1)[axis] &* extents[axis]
      z = z &- strides(2)[axis] &* extents[axis]
      axis = axis &- 1
    }
    return nil
  }
}
