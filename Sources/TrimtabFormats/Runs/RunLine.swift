/// What one line of a run log or of a flight record says.
enum RunLine {
  case header(RunHeader)
  case step(RunStep)
  case finding(RunFinding)
  case restored(Int)
  case closing(RunClosing)
  /// Sound JSON of a kind that this version does not know.
  case other
}

public enum RunKind: String, Sendable { case log, record }

struct RunHeader {
  var kind = RunKind.log
  var version = 0
  /// More entries were registered within a run.
  var isContinued = false
  var entryCount = 0
}

/// One step as it is written; nil for what was not observed in it.
public struct RunStep: Sendable, Equatable {
  public var number = 0
  public var loss: Double?
  public var validationLoss: Double?
  public var learningRate: Double?
  public var lossScale: Double?
  public var gradientNorm: Double?
  /// "proceed", "clip", "skip", "roll_back", "stop", or a word of a newer version.
  public var action = ""
  public var clipFactor: Double?
  public var verdict = ""
  /// What the action is for.
  public var rule: String?
  public var name: String?

  public init(number: Int) { self.number = number }
}

/// A finding as it is written; fields as in `trimtab_finding`.
public struct RunFinding: Sendable, Equatable {
  /// The number of one whose own line is missing, so that only its step tells of it.
  public static let cut = -1

  public var number = 0
  public var rule = ""
  public var verdict = ""
  public var cause = ""
  /// Empty: the run as a whole.
  public var name = ""
  public var quantity: String?
  public var firstStep = 0
  public var lastStep = 0
  public var count = 1
  public var index = -1
  public var value = Double.nan
  public var threshold = Double.nan
  public var confidence = Double.nan
  /// Nil where the log does not say.
  public var isStanding: Bool?
  public var before: [Double] = []
}

/// The last line of a run that was ended in order.
public struct RunClosing: Sendable, Equatable {
  public var lastStep = 0
  public var stepCount = 0
  public var findingCount = 0
  /// Lines and records that could not be written.
  public var lostCount = 0
  /// errno of the last failure to write; 0 for none.
  public var failure = 0
  public var costFraction = Double.nan
  public var coverage: [RunCoverage] = []
  /// Entries that were never looked at, the first sixteen.
  public var neverSeen: [String] = []
}

/// How much of a quantity was looked at, over all entries that it was looked at in.
public struct RunCoverage: Sendable, Equatable {
  public var quantity = ""
  public var entryCount = 0
  public var lookCount = 0
  public var leftOutCount = 0
  public var interval = 1
}

/// What a step of a flight record says of one entry.
public struct SeenEntry: Sendable, Equatable {
  public var name = ""
  public var gradientRMS: Double?
  public var weightRMS: Double?
  public var rms: Double?
  public var greatestMagnitude: Double?
  public var nonfiniteCount = 0
}
