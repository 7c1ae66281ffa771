/// The points at which WGAN-GP holds the gradient's length to 1: u real + (1 - u) fake, u uniform in (0, 1) for each sample.
///
/// - Parameters:
///   - real, fake: [n, ...] of one shape
///   - output: float32 or float64 of that shape; may be the memory of either
///   - step: 0 or more; the same step and seed give the same u
/// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`; nothing is written then.
///
/// Complexity: O(elements). Source: Gulrajani et al. 2017. Since: 0.4.
public func interpolate(
  real: TensorView, fake: TensorView, step: Int, seed: UInt64 = 0, into output: MutableTensorView
) throws(TrimtabError) {
  guard step >= 0 else { throw TrimtabError(.invalidArgument, "step: found %, allowed 0 or more", step) }
  guard real.rank >= 1 else { throw TrimtabError(.shape, "real: found rank 0, allowed [samples, ...]") }
  try requireNumbers(real, "real")
  try requireNumbers(fake, "fake")
  try requireShape(fake, as: real, "fake")
  try requireShape(output.view, as: real, "output")
  guard real.count > 0 else { return }
  let width = real.count / real.shape[0]
  let room = try Storage<Double>(count: 2 &* width, for: "samples")
  let (own, other) = (room.pointer, room.pointer + width)
  let numbers = RandomNumbers(seed: seed, stream: UInt64(step))
  for row in 0..<real.shape[0] {
    real.copy(from: row &* width, count: width, to: own)
    fake.copy(from: row &* width, count: width, to: other)
    let share = numbers.uniform(at: UInt64(row))
    for column in 0..<width { own[column] = share * own[column] + (1 - share) * other[column] }
    output.copy(from: own, count: width, to: row &* width)
  }
}

private func requireShape(_ view: TensorView, as real: TensorView, _ name: StaticText) throws(TrimtabError) {
  guard view.rank == real.rank else {
    throw TrimtabError(.shape, "%: found rank %, allowed % as in real", name, view.rank, real.rank)
  }
  for axis in 0..<real.rank where view.shape[axis] != real.shape[axis] {
    throw TrimtabError(
      .shape, "%: found extent % on axis %, allowed % as in real", name, view.shape[axis], axis, real.shape[axis])
  }
}
