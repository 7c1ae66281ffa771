/// Errors step by step under true prefixes and under the model's own outputs: does a model trained on true prefixes find
/// its way on its own?
///
/// Per step of a sequence four numbers are kept, so that batches, workers and ranks add up. Errors are whatever measures
/// a step and is 0 for none: squared errors, Kullback-Leibler divergences. For a stochastic model pointwise errors say
/// little, since a sample that is right may differ from the one at hand: give divergences or energy distances of each
/// step instead. Definitions 9.1; Arora et al. 2022. Since 0.4.
public final class ExposureBias {
  /// What is kept of one step.
  struct Step: BitwiseCopyable {
    var teacherCount = 0
    var teacherSum = 0.0
    var freeCount = 0
    var freeSum = 0.0
  }

  /// More steps than any sequence has.
  static let greatestLength = 1 << 28

  public let options: ExposureOptions
  private(set) var steps: Storage<Step>?
  var sequenceCount = 0
  var nonfiniteCount = 0
  var divergedCount = 0
  /// From 1; 0 for none.
  var firstDivergence = 0

  /// - Throws: `invalidArgument`.
  public init(options: ExposureOptions = ExposureOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
  }

  /// Steps of the longest sequence.
  public var lengthCount: Int { steps?.count ?? 0 }

  func step(_ index: Int) -> Step {
    guard let steps, index >= 0, index < steps.count else { return Step() }
    return steps.pointer[index]
  }

  /// Adds sequences. On failure nothing has changed.
  ///
  /// - Parameters:
  ///   - teacher: [n, T], the error of each step whose prefix was true (teacher forcing).
  ///   - free: [n, T], the same sequences' under the model's own outputs. A NaN, an Inf or more than
  ///     `divergenceError` is a divergence: from there on its sequence is left out.
  ///   - lengths: [n] whole numbers from 0 to T, the steps of each sequence; nil: all have T. What stands beyond is not
  ///     read.
  /// - Throws: `shape`, `dtype`, `invalidArgument` (a negative error, a length outside), `outOfMemory`.
  /// - Complexity: O(n T).
  public func add(teacher: TensorView, free: TensorView, lengths: TensorView? = nil) throws(TrimtabError) {
    try check(teacher, free, lengths)
    let (rows, columns) = (teacher.shape[0], teacher.shape[1])
    let target = try grown(to: columns)
    let room = try Storage<Double>(count: 2 &* columns, for: "errors")
    let (forced, own) = (room.pointer, room.pointer + columns)
    // All is looked at before anything is added.
    for row in 0..<rows {
      let length = lengths?.integer(at: row) ?? columns
      guard length >= 0, length <= columns else {
        throw TrimtabError(.invalidArgument, "lengths: found %, allowed 0 to %", length, columns)
      }
      teacher.copy(from: row &* columns, count: columns, to: forced)
      free.copy(from: row &* columns, count: columns, to: own)
      for column in 0..<length where forced[column] < 0 || own[column] < 0 {
        let name: StaticText = forced[column] < 0 ? "teacher" : "free_running"
        throw TrimtabError(
          .invalidArgument, "%: found %, allowed errors of 0 or more", name, min(forced[column], own[column]))
      }
    }
    steps = target
    for row in 0..<rows {
      teacher.copy(from: row &* columns, count: columns, to: forced)
      free.copy(from: row &* columns, count: columns, to: own)
      addSequence(forced, own, min(lengths?.integer(at: row) ?? columns, columns), target)
    }
    sequenceCount = tally(sequenceCount, rows)
  }

  private func check(_ teacher: TensorView, _ free: TensorView, _ lengths: TensorView?) throws(TrimtabError) {
    guard teacher.rank == 2, teacher.shape[1] <= ExposureBias.greatestLength else {
      throw TrimtabError(
        .shape, "teacher: found rank % and % steps, allowed [sequences, steps], 0 to % steps", teacher.rank,
        teacher.shape[1], ExposureBias.greatestLength)
    }
    guard free.rank == 2, free.shape[0] == teacher.shape[0], free.shape[1] == teacher.shape[1] else {
      throw TrimtabError(
        .shape, "free_running: found rank % and % elements, allowed the shape of teacher, % x %", free.rank, free.count,
        teacher.shape[0], teacher.shape[1])
    }
    try requireNumbers(teacher, "teacher")
    try requireNumbers(free, "free_running")
    guard let lengths else { return }
    guard lengths.rank == 1, lengths.shape[0] == teacher.shape[0] else {
      throw TrimtabError(
        .shape, "lengths: found rank % and % lengths, allowed rank 1 and %", lengths.rank, lengths.count,
        teacher.shape[0])
    }
    guard !lengths.elementType.isFloatingPoint else {
      throw TrimtabError(.dtype, "lengths: found %, allowed integers", lengths.elementType.name)
    }
  }

  /// The steps with room for `length`: a copy where they have to grow.
  private func grown(to length: Int) throws(TrimtabError) -> Storage<Step> {
    if let steps, steps.count >= length { return steps }
    let larger = try Storage<Step>(count: length, for: "errors by step")
    if let steps { larger.pointer.update(from: steps.pointer, count: steps.count) }
    return larger
  }

  private func addSequence(
    _ teacher: UnsafeMutablePointer<Double>, _ free: UnsafeMutablePointer<Double>, _ length: Int,
    _ target: Storage<Step>
  ) {
    var isAlive = true
    for column in 0..<length {
      if teacher[column].isFinite {
        target.pointer[column].teacherCount = tally(target.pointer[column].teacherCount, 1)
        target.pointer[column].teacherSum = finiteSum(target.pointer[column].teacherSum, teacher[column])
      } else {
        nonfiniteCount = tally(nonfiniteCount, 1)
      }
      guard isAlive else { continue }
      if free[column].isFinite && free[column] <= options.divergenceError {
        target.pointer[column].freeCount = tally(target.pointer[column].freeCount, 1)
        target.pointer[column].freeSum = finiteSum(target.pointer[column].freeSum, free[column])
      } else {
        isAlive = false
        divergedCount = tally(divergedCount, 1)
        firstDivergence = firstDivergence == 0 ? column &+ 1 : min(firstDivergence, column &+ 1)
      }
    }
  }

  /// Adds other sequences. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (options), `outOfMemory`.
  public func merge(_ other: ExposureBias) throws(TrimtabError) {
    guard options == other.options else {
      throw TrimtabError(.mismatch, "other: found other options than in exposure, allowed the same")
    }
    let target = try grown(to: other.lengthCount)
    for index in 0..<other.lengthCount {
      let theirs = other.step(index)
      target.pointer[index].teacherCount = tally(target.pointer[index].teacherCount, theirs.teacherCount)
      target.pointer[index].teacherSum = finiteSum(target.pointer[index].teacherSum, theirs.teacherSum)
      target.pointer[index].freeCount = tally(target.pointer[index].freeCount, theirs.freeCount)
      target.pointer[index].freeSum = finiteSum(target.pointer[index].freeSum, theirs.freeSum)
    }
    steps = target
    sequenceCount = tally(sequenceCount, other.sequenceCount)
    nonfiniteCount = tally(nonfiniteCount, other.nonfiniteCount)
    divergedCount = tally(divergedCount, other.divergedCount)
    if other.firstDivergence > 0 {
      firstDivergence = firstDivergence == 0 ? other.firstDivergence : min(firstDivergence, other.firstDivergence)
    }
  }

  init(options: ExposureOptions, steps: Storage<Step>?) {
    self.options = options
    self.steps = steps
  }
}

/// Errors and samples are numbers: a truth value is none.
func requireNumbers(_ view: TensorView, _ name: StaticText) throws(TrimtabError) {
  guard view.elementType != .bool else {
    throw TrimtabError(.dtype, "%: found bool, allowed floating point or integers", name)
  }
}

/// Whether a model trained on true prefixes finds its way under its own outputs: `ExposureBias` used once.
///
/// - Throws: as `ExposureBias.add`. Definitions 9.1; Arora et al. 2022. Since 0.4.
public func exposureBias(
  teacher: TensorView, free: TensorView, lengths: TensorView? = nil, options: ExposureOptions = ExposureOptions()
) throws(TrimtabError) -> ExposureReport {
  let exposure = try ExposureBias(options: options)
  try exposure.add(teacher: teacher, free: free, lengths: lengths)
  return exposure.report()
}
