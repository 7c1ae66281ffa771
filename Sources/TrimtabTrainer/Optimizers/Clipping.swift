public import Trimtab

/// How gradients are kept from being too great.
public enum ClippingMethod: Int32, Sendable {
  case none = 0
  /// All by the same factor, so that their common norm is at most a fixed one.
  case globalNorm = 1
  /// All by the same factor, to what the norm's own past allows, and to the fixed norm where that is above 0. Source:
  /// ZClip.
  case adaptive = 2
  /// Each to 1.05 of its own moving norm; over the first 100 steps all to the fixed norm. Source: AdaGC.
  case perTensor = 3
}

/// Turns the squared norms of a step's gradients into the factor for each, by the rules of the monitor.
///
/// A factor is min(1, limit / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. A norm that is not finite leaves
/// its gradients as they are: what becomes of such a step is not clipping's to say. Since: 0.3.
public final class GradientClipping {
  public let method: ClippingMethod
  public let maximumNorm: Double
  /// The factor for all of them in the last step; 1 for `perTensor` once each has its own.
  public private(set) var globalFactor = 1.0
  private var adaptive: AdaptiveClipping
  private let tensors: Storage<TensorClipping>
  private let tensorCount: Int

  /// - Parameters:
  ///   - maximumNorm: finite and above 0; 0 for none where the method is `adaptive`.
  ///   - warmUp: steps in which `adaptive` only learns, at least 1.
  ///   - tensors: how many gradients there are.
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(
    _ method: ClippingMethod, maximumNorm: Double = 1, warmUp: Int = 25, tensors count: Int
  ) throws(TrimtabError) {
    let mayBeZero = method == .none || method == .adaptive
    guard maximumNorm > 0 || (mayBeZero && maximumNorm == 0), maximumNorm < .infinity else {
      throw TrimtabError(
        .invalidArgument,
        "options.maximum_norm: found %, allowed finite above 0 (0: no limit, with adaptive clipping)",
        maximumNorm)
    }
    guard warmUp >= 1 else {
      throw TrimtabError(.invalidArgument, "clipping.warm_up: found %, allowed 1 or more", warmUp)
    }
    self.method = method
    self.maximumNorm = maximumNorm
    tensorCount = count
    adaptive = AdaptiveClipping(warmUp: warmUp)
    tensors = try Storage(count: method == .perTensor ? count : min(count, 0), for: "clipping")
    for index in 0..<tensors.count { tensors.pointer[index] = TensorClipping() }
  }

  /// Judges the gradients of one step.
  ///
  /// - Parameters:
  ///   - squares: the squared norm of each gradient.
  ///   - factors: filled with what each is to be multiplied by.
  /// - Returns: the norm of all of them.
  public func judge(_ squares: UnsafePointer<Double>, factors: UnsafeMutablePointer<Double>) -> Double {
    var total = 0.0
    for index in 0..<tensorCount { total += squares[index] }
    let norm = total.squareRoot()
    var limit = maximumNorm
    if method == .adaptive {
      let own = adaptive.limit(norm)
      limit = maximumNorm > 0 ? min(own, maximumNorm) : own
      adaptive.add(min(norm, limit), isClipped: norm > own)
    }
    globalFactor = method == .none || !norm.isFinite ? 1 : min(1, limit / (norm + 1e-6))
    factors.update(repeating: globalFactor, count: tensorCount)
    for index in 0..<tensors.count {
      tensors.pointer[index].add(squares[index].squareRoot(), globalFactor: globalFactor)
      factors[index] = tensors.pointer[index].factor
    }
    return norm
  }

  /// Writes what it has learnt.
  public func write(to writer: inout StateWriter) {
    writer.write(&adaptive, count: 1)
    writer.write(tensors.pointer, count: tensors.count)
  }

  /// Takes up what was written by one of the same method and as many gradients. Errors: `stateCorrupt`.
  public func read(from reader: inout StateReader) throws(TrimtabError) {
    try reader.read(into: &adaptive, count: 1)
    try reader.read(into: tensors.pointer, count: tensors.count)
  }
}

/// The sum of the squares of contiguous elements; Inf or NaN where they, or for float64 their squares, are.
public func squaredNorm(_ elements: UnsafeRawPointer, count: Int, precision: Precision) -> Double {
  if precision == .float32 { return kernels.squareSum(elements, count) }
  let numbers = elements.assumingMemoryBound(to: Double.self)
  return kernels.dotProduct(numbers, numbers, count)
}
