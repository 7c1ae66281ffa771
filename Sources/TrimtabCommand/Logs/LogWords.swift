import Trimtab

/// A finding of the log doctor in words.
struct LogWords {
  let source: LogFinding
  let report: LogReport
  let path: String

  var finding: Finding {
    var made = Finding(
      .log, verdict: source.verdict, cause: source.cause, file: path, tensor: "", what: sentence,
      measurement: measurement, threshold: hasThreshold ? source.threshold : nil)
    made.evidence = evidence
    made.firstIndex = source.firstStep
    made.rule = source.check.key.description
    return made
  }

  private var quantity: String { words(source.quantity.key.description) }
  private var first: Int { source.firstStep }
  private var value: String { figure(source.value) }
  private var baseline: String { figure(source.baseline) }
  private var size: String { figure(source.size) }
  private var times: String { source.count > 1 ? ", the highest of \(source.count)" : "" }
  private var range: String {
    source.lastStep > first ? "steps \(first) to \(source.lastStep)" : "step \(first)"
  }

  private var sentence: String {
    switch source.check {
    case .hiddenNonfinite: hiddenSentence
    case .nonfinite: nonfiniteSentence
    case .resume: resumeSentence
    case .lossScale:
      "the loss scale is halved \(source.count) times from step \(first) on, from \(baseline) to \(value)"
    case .divergence:
      "the loss leaves its best of \(baseline) at step \(first) and reaches \(value) at step \(source.worstStep)"
    case .jump: jumpSentence
    case .drift:
      "the loss drifts up from step \(first) on: from \(baseline) to \(value) at step \(source.worstStep), by \(size)"
    case .gradientGrowth:
      "the gradient norm grows \(size)-fold from step \(first) on, from \(baseline) to \(value)"
    case .gradientVanishing:
      "the gradient norm comes down from \(baseline) to \(value)"
    case .spike:
      "the loss leaps to \(value) at step \(source.worstStep), from \(baseline)\(times)\(among)"
    case .gradientSpike:
      "the gradient norm leaps to \(value) at step \(source.worstStep), \(size) times what it was\(times)\(among)"
    case .oscillation:
      source.baseline > 1
        ? "the loss goes up and down every \(baseline) rows, \(range): by \(value) either way"
        : "the loss goes up and down from step to step, \(range): it turns at \(percent(source.value)) of them"
    case .overfitting:
      "the validation loss was best at step \(first) with \(baseline) and is \(value) now"
        + (report.loss.count > 0 ? ", while the training loss fell" : "; the training loss is not in the log")
    case .plateau:
      source.cause == .constantLoss
        ? "the loss is \(value) in every row"
        : "the loss never left its start: \(baseline) at first, \(value) at the end"
    case .gradientClipping:
      "the gradient norm is \(value) in \(percent(source.size)) of the rows, its greatest value: the limit of the clip"
    case .backwardSteps where source.verdict == .warning:
      "the newest row stands first: the steps go back from row to row, so that the course of the run was not judged"
    case .backwardSteps:
      "the steps go back \(counted(source.count, "time")), by \(value) at the most, first at step \(first)"
    case .repeatedSteps:
      "\(counted(source.count, "row")) repeat the step before, \(value) of them with the same loss, first step \(first)"
    case .missingSteps:
      "\(counted(Int(min(source.size, 1e15)), "row")) missing in \(counted(source.count, "gap")), the first after step \(first)"
    }
  }

  private var among: String { source.count > 1 ? " between steps \(first) and \(source.lastStep)" : "" }

  private var hiddenSentence: String {
    let rows = "\(counted(source.count, "row")) from step \(first)\(source.isStanding ? " to the end" : " on")"
    return source.value == 0
      ? "the loss is exactly 0 in \(rows), after \(baseline): so a trainer writes NaN that it filters"
      : "the loss is not that of the step in \(rows): it is the mean of those before, or their last, to the last digit"
  }

  private var nonfiniteSentence: String {
    if source.cause == .lossEnds {
      return "the loss is missing from step \(first) on, in \(counted(source.count, "row")) to the end of the log"
    }
    let end = source.isStanding ? "to the end of the log" : "and recovered"
    return source.count == 1 && !source.isStanding
      ? "the \(quantity) is \(value) at step \(first), and recovered"
      : "the \(quantity) is not finite in \(counted(source.count, "row")), first at step \(first), \(end)"
  }

  private var resumeSentence: String {
    let place = "the loss goes from \(baseline) to \(value) at step \(source.worstStep)"
    switch source.cause {
    case .weightsLostAtResume: return "\(place): the run was resumed without its weights, at step \(first)"
    case .scheduleRestarted: return "\(place): the learning rate began anew at step \(first)"
    default: return "\(place): the run lost part of its state when it was resumed, at step \(first)"
    }
  }

  private var jumpSentence: String {
    let rise = "from \(baseline) to \(value), by \(size)"
    if source.isStanding { return "the loss jumps at step \(first) \(rise), and stays up" }
    let more = source.count > 1 ? "; \(source.count) such rises in all" : ""
    return "the loss rises at step \(first) \(rise), and comes back by step \(source.lastStep)\(more)"
  }

  private var measurement: (name: String, value: Double) {
    switch source.check {
    case .nonfinite, .hiddenNonfinite: ("row_count", Double(source.count))
    case .gradientGrowth, .gradientSpike: ("ratio", source.size)
    case .gradientClipping: ("share", source.size)
    case .oscillation: source.baseline > 1 ? ("share", source.size) : ("turning_rate", source.value)
    case .backwardSteps, .repeatedSteps, .missingSteps: ("row_count", source.size)
    default: (source.quantity.key.description, source.value)
    }
  }

  private var hasThreshold: Bool {
    switch source.check {
    case .nonfinite, .hiddenNonfinite, .backwardSteps, .repeatedSteps, .missingSteps, .plateau, .gradientSpike: false
    default: true
    }
  }

  private var evidence: [String] {
    var evidence: [String] = []
    let isLevel = [.jump, .drift, .spike, .resume, .divergence].contains(source.check)
    if isLevel, source.noise > 0 {
      evidence.append(
        "\(figure(source.size / source.noise)) times the loss's noise there, which is \(figure(source.noise))")
    }
    if source.check == .drift, source.isStanding { evidence.append("it has not come back by the end of the log") }
    if source.confidence < 0.999 { evidence.append("confidence \(figure(source.confidence))") }
    return evidence
  }
}
