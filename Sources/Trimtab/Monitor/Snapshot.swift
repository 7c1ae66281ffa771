/// Copies of parameters and optimizer state: one that is known to be good, and one that still has to prove itself.
///
/// A copy becomes the good one after as many healthy steps as were asked for; a step that is not healthy drops it. All
/// memory is had at the first copy.
final class Snapshot {
  private struct Part: BitwiseCopyable {
    var start = 0
    var byteCount = 0
    var elementType = ElementType.float32
    var rank = 0
    var shape = Extents()
  }

  private let parts: Storage<Part>
  private var good: Storage<UInt8>
  private var candidate: Storage<UInt8>
  /// The step after which the good copy was taken; nil while there is none.
  private(set) var goodStep: Int?
  private var candidateStep: Int?
  private var missingSteps = 0

  typealias Tensors = (Int) throws(TrimtabError) -> TensorView

  /// - Throws: `overflow`, `outOfMemory`, and what `tensor` throws.
  init(_ count: Int, _ tensor: Tensors) throws(TrimtabError) {
    parts = try Storage(count: count, for: "snapshot")
    var total = 0
    for place in 0..<count {
      let view = try tensor(place)
      let (bytes, overflow) = view.count.multipliedReportingOverflow(by: view.elementType.byteCount)
      let (end, overflowEnd) = total.addingReportingOverflow(bytes)
      guard !overflow, !overflowEnd else {
        throw TrimtabError(.overflow, "tensors[%]: found more bytes than 64 bits can count", place)
      }
      parts.pointer[place] = Part(
        start: total, byteCount: bytes, elementType: view.elementType, rank: view.rank, shape: view.shape)
      total = end
    }
    good = try Storage(count: total, for: "snapshot")
    candidate = try Storage(count: total, for: "snapshot")
  }

  /// Takes a copy, if none is waiting to prove itself.
  func keep(_ count: Int, step: Int, healthySteps: Int, _ tensor: Tensors) throws(TrimtabError) {
    guard candidateStep == nil else { return }
    try check(count, tensor)
    for place in 0..<count {
      let part = parts.pointer[place]
      try tensor(place).copyBytes(with: candidate.pointer + part.start, isWriting: false)
    }
    candidateStep = step
    missingSteps = healthySteps
    if missingSteps <= 0 { promote() }
  }

  /// Writes the good copy back. Returns its step.
  func restore(_ count: Int, _ tensor: Tensors) throws(TrimtabError) -> Int {
    guard let goodStep else { throw Snapshot.missing }
    try check(count, tensor)
    for place in 0..<count {
      let part = parts.pointer[place]
      try tensor(place).copyBytes(with: good.pointer + part.start, isWriting: true)
    }
    candidateStep = nil
    return goodStep
  }

  static var missing: TrimtabError {
    TrimtabError(.invalidArgument, "monitor: found no good snapshot, allowed after one was kept and proved good")
  }

  func note(isHealthy: Bool) {
    guard candidateStep != nil else { return }
    if !isHealthy {
      candidateStep = nil
    } else {
      missingSteps = missingSteps &- 1
      if missingSteps <= 0 { promote() }
    }
  }

  private func promote() {
    swap(&good, &candidate)
    goodStep = candidateStep
    candidateStep = nil
  }

  private func check(_ count: Int, _ tensor: Tensors) throws(TrimtabError) {
    guard count == parts.count else {
      throw TrimtabError(.invalidArgument, "count: found %, allowed % as at first", count, parts.count)
    }
    for place in 0..<count {
      let view = try tensor(place)
      let part = parts.pointer[place]
      guard view.elementType == part.elementType else {
        throw TrimtabError(
          .dtype, "tensors[%]: found %, allowed % as at first", place, view.elementType.name, part.elementType.name)
      }
      guard view.rank == part.rank else {
        throw TrimtabError(.shape, "tensors[%]: found rank %, allowed % as at first", place, view.rank, part.rank)
      }
      for axis in 0..<view.rank where view.shape[axis] != part.shape[axis] {
        throw TrimtabError(
          .shape,
          "tensors[%]: found % on axis %, allowed % as at first", place, view.shape[axis], axis, part.shape[axis])
      }
    }
  }
}

extension TensorView {
  /// Copies the elements, in logical order, to memory or from it.
  func copyBytes(with memory: UnsafeMutablePointer<UInt8>, isWriting: Bool) {
    guard count > 0, let base else { return }
    let size = elementType.byteCount
    let target = UnsafeMutableRawPointer(mutating: base)
    let memory = UnsafeMutableRawPointer(memory)
    func move(_ offset: Int, _ place: Int, _ bytes: Int) {
      if isWriting {
        (target + offset).copyMemory(from: memory + place, byteCount: bytes)
      } else {
        (memory + place).copyMemory(from: base + offset, byteCount: bytes)
      }
    }
    if isCompact { return move(0, 0, count &* size) }
    var position = Extents()
    var offset = 0
    for place in 0..<count {
      move(offset &* size, place &* size, size)
      var axis = rank &- 1
      while axis >= 0 {
        position[axis] = position[axis] &+ 1
        offset = offset &+ strides[axis]
        if position[axis] < shape[axis] { break }
        offset = offset &- shape[axis] &* strides[axis]
        position[axis] = 0
        axis = axis &- 1
      }
    }
  }
}

extension Monitor {
  /// Copies parameters and optimizer state as they are after the last step. The copy becomes the good one, which
  /// `restore` writes back, after `healthySteps` further steps that were healthy; while one waits for that, nothing is
  /// copied, and a step that is not healthy drops it.
  ///
  /// - Throws: `invalidArgument` (a step is open, another number of tensors than at first), `shape`, `dtype` (not as at
  ///   first), `overflow`, `outOfMemory`.
  public func keep(
    _ count: Int, healthySteps: Int, _ tensor: (Int) throws(TrimtabError) -> TensorView
  ) throws(TrimtabError) {
    guard !isOpen else { throw TrimtabError(.invalidArgument, "monitor: found an open step, allowed between steps") }
    guard count > 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 1 or more", count) }
    guard healthySteps >= 0 else {
      throw TrimtabError(.invalidArgument, "healthy_steps: found %, allowed 0 or more", healthySteps)
    }
    if snapshot == nil { snapshot = try Snapshot(count, tensor) }
    try snapshot?.keep(count, step: step, healthySteps: healthySteps, tensor)
  }

  /// Writes the last good copy back, and goes on from its step as `restored(to:)` does.
  ///
  /// - Returns: the step after which the copy was taken.
  public func restore(
    _ count: Int, _ tensor: (Int) throws(TrimtabError) -> TensorView
  ) throws(TrimtabError) -> Int {
    guard !isOpen else { throw TrimtabError(.invalidArgument, "monitor: found an open step, allowed between steps") }
    guard let snapshot else { throw Snapshot.missing }
    let step = try snapshot.restore(count, tensor)
    try restored(to: step)
    return step
  }

  /// A step that was taken, and of which no series says that it stands out.
  func isHealthy(_ decision: Decision) -> Bool {
    decision.action <= .clip && !isStanding(.gradientSpike, run) && !isStanding(.lossSpike, run)
      && !series.isDiverged
  }
}
