/// Whether a report's measurements could be taken.
public enum Outcome: Int32, Sendable {
  case ok = 0
  case insufficient = 1
  case degenerate = 2
  case nonfinite = 3

  public var key: StaticText {
    switch self {
    case .ok: "ok"
    case .insufficient: "insufficient"
    case .degenerate: "degenerate"
    case .nonfinite: "nonfinite"
    }
  }
}

/// What the measurements mean.
public enum Verdict: Int32, BitwiseCopyable, Sendable, Comparable {
  case unknown = -1
  case healthy = 0
  case notice = 1
  case warning = 2
  case critical = 3

  public static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }

  public var key: StaticText {
    switch self {
    case .unknown: "unknown"
    case .healthy: "healthy"
    case .notice: "notice"
    case .warning: "warning"
    case .critical: "critical"
    }
  }
}
