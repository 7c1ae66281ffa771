/// When a progressive training grows. Since: 0.4.
public struct CurriculumOptions: Sendable, Equatable {
  /// Resolutions there are, the coarsest first.
  public var levelCount = 1
  /// Overlap from which on an audit speaks for growing.
  public var growOverlap = 0.5
  /// Overlap below which nothing grows, whatever `growOverlap` says.
  public var leastOverlap = 0.2
  /// Audits in a row that have to speak for it.
  public var patience = 2
  /// Images over which a new level fades in; 0: as many as the level before it took.
  public var fadeImages = 0

  public init() {}

  func check() throws(TrimtabError) {
    guard levelCount >= 1, levelCount <= 64 else {
      throw TrimtabError(.invalidArgument, "options.level_count: found %, allowed 1 to 64", levelCount)
    }
    guard growOverlap >= 0, growOverlap <= 1 else {
      throw TrimtabError(.invalidArgument, "options.grow_overlap: found %, allowed 0 to 1", growOverlap)
    }
    guard leastOverlap >= 0, leastOverlap <= 1 else {
      throw TrimtabError(.invalidArgument, "options.least_overlap: found %, allowed 0 to 1", leastOverlap)
    }
    guard patience >= 1, patience <= 1 << 30 else {
      throw TrimtabError(.invalidArgument, "options.patience: found %, allowed 1 to %", patience, 1 << 30)
    }
    guard fadeImages >= 0 else {
      throw TrimtabError(.invalidArgument, "options.fade_images: found %, allowed 0 or more", fadeImages)
    }
  }
}

/// What a curriculum says after an audit. Fields as in `trimtab_curriculum_report`. Since: 0.4.
public struct CurriculumReport: Sendable, Equatable {
  public enum Decision: Int32, Sendable {
    /// Go on as before.
    case stay = 0
    /// The next level begins: `level` is the new one, `fadeWeight` 0.
    case grow = 1
    /// The new level fades in.
    case fade = 2
  }

  public var decision = Decision.stay
  /// Index of the resolution.
  public var level = 0
  public var levelCount = 0
  /// Of the new level's output; the level before it, upsampled, has the rest. 1 where nothing fades.
  public var fadeWeight = 1.0
  /// Audits in a row that speak for growing.
  public var goodAuditCount = 0
  public var auditCount = 0
  /// Images seen at this level since it began to fade in.
  public var imageCount = 0
  /// Whether the last level is reached and faded in.
  public var isComplete = false

  public init() {}
}

/// Says after each audit whether a coarse-to-fine training stays, grows to the next resolution, or fades it in.
///
/// It grows once `patience` audits in a row have found an overlap of `growOverlap` or more (and never one below
/// `leastOverlap`) while the loss stands still; the new level then fades in linearly. Source: Karras et al. 2018 for the
/// fade; definitions 6. Since: 0.4.
public final class Curriculum {
  public static let stateVersion: UInt32 = 1
  public let options: CurriculumOptions
  private var state = CurriculumReport()
  private var fadeLength = 0

  /// - Throws: `invalidArgument` naming the option.
  public init(options: CurriculumOptions) throws(TrimtabError) {
    try options.check()
    self.options = options
    state.levelCount = options.levelCount
    state.isComplete = options.levelCount == 1
  }

  /// Takes an audit at the present resolution.
  ///
  /// - Parameters:
  ///   - images: shown since the last audit, 1 or more
  ///   - overlap: at this resolution, 0 to 1; NaN where it could not be told, which speaks against growing
  ///   - isPlateau: whether the loss stands still
  /// - Throws: `invalidArgument`. Then nothing has changed.
  public func audit(images: Int, overlap: Double, isPlateau: Bool) throws(TrimtabError) -> CurriculumReport {
    guard images >= 1 else { throw TrimtabError(.invalidArgument, "images: found %, allowed 1 or more", images) }
    guard overlap.isNaN || (overlap >= 0 && overlap <= 1) else {
      throw TrimtabError(.invalidArgument, "overlap: found %, allowed 0 to 1, or NaN for one that is unknown", overlap)
    }
    state.auditCount = state.auditCount &+ 1
    let (total, overflow) = state.imageCount.addingReportingOverflow(images)
    state.imageCount = overflow ? Int.max : total
    state.decision = .stay
    if state.fadeWeight < 1 {
      state.fadeWeight = min(1, Double(state.imageCount) / Double(max(fadeLength, 1)))
      // From here on images count for this level's own time.
      if state.fadeWeight == 1 { state.imageCount = 0 } else { state.decision = .fade }
    } else {
      let isGood = overlap >= options.growOverlap && overlap >= options.leastOverlap && isPlateau
      state.goodAuditCount = isGood ? state.goodAuditCount &+ 1 : 0
      if state.goodAuditCount >= options.patience, state.level &+ 1 < options.levelCount { grow() }
    }
    state.isComplete = state.level &+ 1 == options.levelCount && state.fadeWeight == 1
    return state
  }

  private func grow() {
    fadeLength = options.fadeImages > 0 ? options.fadeImages : state.imageCount
    state.decision = .grow
    state.level = state.level &+ 1
    state.goodAuditCount = 0
    state.imageCount = 0
    state.fadeWeight = 0
  }

  /// What the last audit said.
  public func report() -> CurriculumReport { state }

  /// Writes the state's payload.
  public func write(to writer: inout StateWriter) {
    writer.write(options.levelCount)
    writer.write(options.growOverlap)
    writer.write(options.leastOverlap)
    writer.write(options.patience)
    writer.write(options.fadeImages)
    writer.write(Int(state.decision.rawValue))
    for number in [state.level, state.goodAuditCount, state.auditCount, state.imageCount, fadeLength] {
      writer.write(number)
    }
    writer.write(state.fadeWeight)
  }

  /// - Throws: `stateCorrupt`, `stateKind`, `stateVersion`.
  public static func load(_ bytes: UnsafeRawBufferPointer) throws(TrimtabError) -> Curriculum {
    var reader = try StateReader(bytes, kind: .curriculum, newestVersion: stateVersion)
    var options = CurriculumOptions()
    options.levelCount = try reader.readInt()
    options.growOverlap = try reader.readDouble()
    options.leastOverlap = try reader.readDouble()
    options.patience = try reader.readInt()
    options.fadeImages = try reader.readInt()
    guard (try? options.check()) != nil else { throw StateReader.corrupt }
    let curriculum = try Curriculum(options: options)
    let decision = CurriculumReport.Decision(rawValue: Int32(try reader.readCount(0...2)))
    curriculum.state.decision = decision ?? .stay
    curriculum.state.level = try reader.readCount(0...(options.levelCount &- 1))
    curriculum.state.goodAuditCount = try reader.readCount(0...Int.max)
    curriculum.state.auditCount = try reader.readCount(0...Int.max)
    curriculum.state.imageCount = try reader.readCount(0...Int.max)
    curriculum.fadeLength = try reader.readCount(0...Int.max)
    let weight = try reader.readDouble()
    guard weight >= 0, weight <= 1 else { throw StateReader.corrupt }
    curriculum.state.fadeWeight = weight
    curriculum.state.isComplete = curriculum.state.level &+ 1 == options.levelCount && weight == 1
    try reader.finish()
    return curriculum
  }
}
