public import Trimtab

/// Noise on the states that a model is trained from, so that it learns to find its way back: a cure of exposure bias.
///
/// Each number gets a normal number times a deviation that rises in a line over the first steps and then stays: a model
/// that is far off still has nothing to find its way back to. The targets stay those of the noiseless states' successors
/// where the true map is not at hand, else the map's answer to the noisy state, as DAgger asks its expert. Definitions
/// 9.1; Ross, Gordon & Bagnell 2011; Sanchez-Gonzalez et al. 2020. Since 0.4.
public struct StateNoise: Sendable, Equatable {
  public var deviation = 0.05
  /// Steps over which it rises; 0: none.
  public var rampSteps = 0
  public var seed: UInt64 = 0

  public init() {}

  /// - Throws: `invalidArgument`, naming the option.
  public func validate() throws(TrimtabError) {
    guard deviation >= 0, deviation < .infinity else {
      throw TrimtabError(.invalidArgument, "options.deviation: found %, allowed 0 or more", deviation)
    }
    guard rampSteps >= 0 else {
      throw TrimtabError(.invalidArgument, "options.ramp_steps: found %, allowed 0 or more", rampSteps)
    }
  }

  /// At a step counted from 0.
  public func deviation(at step: Int) -> Double {
    rampSteps > 0 ? deviation * min(1, Double(max(step, 0)) / Double(rampSteps)) : deviation
  }

  /// Writes states with noise; the same step and seed give the same noise.
  ///
  /// - Parameters:
  ///   - states: any shape; read before it is written, so that `output` may be the same memory.
  ///   - step: 0 or more.
  ///   - output: of the shape of `states`.
  /// - Throws: `shape`, `dtype`, `invalidArgument`, `outOfMemory`. Complexity: O(elements).
  public func apply(to states: TensorView, step: Int, into output: MutableTensorView) throws(TrimtabError) {
    try validate()
    guard step >= 0 else { throw TrimtabError(.invalidArgument, "step: found %, allowed 0 or more", step) }
    guard states.elementType != .bool else {
      throw TrimtabError(.dtype, "states: found bool, allowed floating point or integers")
    }
    guard states.rank == output.view.rank else {
      throw TrimtabError(.shape, "output: found rank %, allowed % as of states", output.view.rank, states.rank)
    }
    for axis in 0..<states.rank where states.shape[axis] != output.view.shape[axis] {
      throw TrimtabError(
        .shape, "output: found extent % on axis %, allowed % as of states", output.view.shape[axis], axis,
        states.shape[axis])
    }
    let numbers = RandomNumbers(seed: seed, stream: 1 << 41 | UInt64(step))
    let deviation = deviation(at: step)
    let noisy = try Storage<Double>(count: states.count, for: "states")
    states.copy(from: 0, count: states.count, to: noisy.pointer)
    for index in 0..<states.count { noisy.pointer[index] += deviation * numbers.normal(at: UInt64(index)) }
    output.copy(from: noisy.pointer, count: states.count, to: 0)
  }
}
