/// How far a consistency term holds predictions to those of the round before.
public enum ConsistencyForm: Int32, BitwiseCopyable, Sendable {
  /// KL(p_before || p_after), nats.
  case kullbackLeibler = 0
  /// The sum over classes of (p_after - p_before)^2.
  case squared = 1
}

/// A consistency term over a batch.
public struct Consistency: Sendable {
  /// `insufficient` without a sample, `nonfinite` without a usable one.
  public var outcome = Outcome.insufficient
  /// The mean over usable samples; NaN without one.
  public var loss = Double.nan
  public var sampleCount = 0
  /// Samples left out: NaN, Inf, negative or all-zero probabilities in either round.
  public var nonfiniteCount = 0
}

/// The consistency term between two rounds of predictions, and its gradient for the logits of the later one.
///
/// With q = p_before held fixed and p = p_after = softmax(z), over n usable samples:
///
/// | form | loss | gradient for z |
/// |---|---|---|
/// | kullbackLeibler | mean sum_c q_c ln(q_c / max(p_c, 1e-12)) | (p - q) / n |
/// | squared | mean sum_c (p_c - q_c)^2 | 2 p_c ((p_c - q_c) - sum_k p_k (p_k - q_k)) / n |
///
/// Times a weight of 3 to 10 it is added to the loss. It makes drift smaller and accuracy no greater; and it adds
/// curvature: where the learning rate is too high already it makes labels swing more, not less (definitions 8): there the
/// cures are a lower rate or an averaged teacher.
///
/// - Parameters:
///   - before, after: [n, classes] floating-point probabilities; rows are normalised
///   - gradient: [n, classes] to write to, or nil; 0 for samples that are left out
/// - Throws: `shape`, `dtype`, `invalidArgument` (logits), `outOfMemory`; nothing is written then.
/// - Complexity: O(n classes). Since: 0.4.
public func consistency(
  before: TensorView, after: TensorView, form: ConsistencyForm = .kullbackLeibler, gradient: MutableTensorView? = nil
) throws(TrimtabError) -> Consistency {
  let (earlier, later) = (try probabilities(before, "before"), try probabilities(after, "after"))
  guard earlier.count == later.count, earlier.classCount == later.classCount else {
    throw TrimtabError(
      .shape, "after: found % x %, allowed % x % as before", later.count, later.classCount, earlier.count,
      earlier.classCount)
  }
  let classes = later.classCount
  if let target = gradient?.view {
    guard target.rank == 2, target.shape[0] == later.count, target.shape[1] == classes else {
      throw TrimtabError(
        .shape, "gradient: found rank % and % elements, allowed % x %", target.rank, target.count, later.count, classes)
    }
  }
  let rows = try Storage<Double>(count: 3 &* classes, for: "consistency")
  let (q, p, slope) = (rows.pointer, rows.pointer + classes, rows.pointer + 2 &* classes)
  var found = Consistency()
  found.sampleCount = later.count
  var usable = 0
  for index in 0..<later.count
  where earlier.probabilities(index, into: q).label >= 0 && later.probabilities(index, into: p).label >= 0 {
    usable = usable &+ 1
  }
  found.nonfiniteCount = later.count &- usable
  var total = 0.0
  for index in 0..<later.count {
    let isUsable =
      earlier.probabilities(index, into: q).label >= 0 && later.probabilities(index, into: p).label >= 0
    if isUsable {
      total += form.term(q, p, slope, classes, share: 1 / Double(max(usable, 1)))
    } else {
      for c in 0..<classes { slope[c] = 0 }
    }
    gradient?.copy(from: slope, count: classes, to: index &* classes)
  }
  guard usable > 0 else {
    if later.count > 0 { found.outcome = .nonfinite }
    return found
  }
  found.outcome = .ok
  found.loss = total / Double(usable)
  return found
}

extension ConsistencyForm {
  /// One sample's term; its gradient, times `share`, goes to `slope`.
  fileprivate func term(
    _ q: UnsafePointer<Double>, _ p: UnsafePointer<Double>, _ slope: UnsafeMutablePointer<Double>, _ classes: Int,
    share: Double
  ) -> Double {
    var (term, pull) = (0.0, 0.0)
    for c in 0..<classes {
      if self == .kullbackLeibler {
        if q[c] > 0 { term += q[c] * logarithm(q[c] / max(p[c], 1e-12)) }
        slope[c] = share * (p[c] - q[c])
      } else {
        term += (p[c] - q[c]) * (p[c] - q[c])
        pull += p[c] * (p[c] - q[c])
      }
    }
    if self == .squared { for c in 0..<classes { slope[c] = 2 * share * p[c] * (p[c] - q[c] - pull) } }
    return self == .kullbackLeibler ? max(term, 0) : term
  }
}

private func probabilities(_ view: TensorView, _ name: StaticText) throws(TrimtabError) -> Predictions {
  guard view.rank == 2, view.elementType.isFloatingPoint else {
    throw TrimtabError(
      view.rank == 2 ? .dtype : .shape, "%: found % of rank %, allowed [n, classes] floating point", name,
      view.elementType.name, view.rank)
  }
  return try Predictions(view, options: DriftOptions(), name: name)
}
