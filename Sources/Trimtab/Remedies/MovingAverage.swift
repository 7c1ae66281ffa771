/// Moves an average of weights towards the weights: a += (1 - decay) (w - a), element by element.
///
/// What an averaged (EMA) teacher is made of: start with a copy of the student's weights, call this after each step, and
/// take pseudo-labels from the average. Computed in float64, kept in the average's own precision.
///
/// - Parameters:
///   - average: float32 or float64, any strides without overlap; written to on success alone
///   - current: of the same shape, any floating-point type
///   - decay: 0 to below 1; 1 / (1 - decay) steps are averaged over
/// - Throws: `shape`, `dtype`, `invalidArgument` (the decay; NaN or Inf in `current`, which would stay in the average).
/// - Complexity: O(n). Source: Polyak & Juditsky 1992; Tarvainen & Valpola 2017, Mean teachers. Since: 0.4.
public func updateAverage(
  _ average: MutableTensorView, towards current: TensorView, decay: Double
) throws(TrimtabError) {
  guard decay >= 0, decay < 1 else {
    throw TrimtabError(.invalidArgument, "decay: found %, allowed 0 to below 1", decay)
  }
  guard current.elementType.isFloatingPoint else {
    throw TrimtabError(.dtype, "current: found %, allowed floating point", current.elementType.name)
  }
  guard average.view.rank == current.rank else {
    throw TrimtabError(.shape, "current: found rank %, allowed % as the average", current.rank, average.view.rank)
  }
  for axis in 0..<current.rank where current.shape[axis] != average.view.shape[axis] {
    throw TrimtabError(
      .shape, "current: found extent % on axis %, allowed % as the average", current.shape[axis], axis,
      average.view.shape[axis])
  }
  let block = 256
  let values = try Storage<Double>(count: 2 &* block, for: "average")
  let (old, new) = (values.pointer, values.pointer + block)
  for start in stride(from: 0, to: current.count, by: block) {
    let count = min(block, current.count &- start)
    current.copy(from: start, count: count, to: new)
    for index in 0..<count where !new[index].isFinite {
      throw TrimtabError(
        .invalidArgument, "current: found NaN or Inf at index %, allowed finite numbers", start &+ index)
    }
  }
  for start in stride(from: 0, to: current.count, by: block) {
    let count = min(block, current.count &- start)
    current.copy(from: start, count: count, to: new)
    average.view.copy(from: start, count: count, to: old)
    for index in 0..<count { old[index] += (1 - decay) * (new[index] - old[index]) }
    average.copy(from: old, count: count, to: start)
  }
}
